/* SPDX-License-Identifier: BSD-2-Clause */
/* Compares the mirror with a mount table as the kernel prints it. Pure. */
#ifndef MS_MODEL_VERIFY_H
#define MS_MODEL_VERIFY_H

#include "model/world.h"

enum diff_kind {
	DIFF_MISSING = 1,    /* kernel has the mount, mirror has not */
	DIFF_EXTRA = 2,	     /* mirror has it (reachable), kernel has not */
	DIFF_FIELD = 3,	     /* both, but a field differs */
	DIFF_NS_MISSING = 4, /* kernel has the namespace, mirror has not */
	DIFF_NS_EXTRA = 5,   /* mirror believes it alive, nothing on the system holds it */
};

struct diff {
	enum diff_kind kind;
	uint32_t ns_inum;
	uint32_t mnt_id;
	const char *field; /* DIFF_FIELD: "parent", "mountpoint", "root", "peer group", ... */
	const char *want;  /* the kernel's; valid during the call */
	const char *got;   /* the mirror's */
};
typedef void (*diff_fn)(void *arg, const struct diff *d);

/*
 * truth: a world that holds nothing but fresh snapshots. For every namespace in truth: mounts and
 * their parent, mountpoint (whole path), root, device, fstype, source, peer group, master, unbindable and mount
 * flags are compared. Namespaces alive in the mirror but absent from truth are DIFF_NS_EXTRA.
 * Returns the number of differences.
 */
size_t verify__compare(const struct world *mirror, const struct world *truth, diff_fn fn,
		       void *arg);

#endif
