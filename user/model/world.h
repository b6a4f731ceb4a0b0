/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The mirror: every mount namespace with its mounts, kept by applying records in order.
 *
 * Pure: no I/O, clock or globals. Mounts are found by mount ID (unique on the machine at any one
 * time), namespaces by inum. Strings are interned: 65,535 stacked copies of one mount cost one path.
 */
#ifndef MS_MODEL_WORLD_H
#define MS_MODEL_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "mountscope/event.h"

struct world;
struct mntns;

/* One mount as last told. Owned by the world; valid until the next world__apply(). */
struct mnt {
	uint64_t unique_id; /* 0: unknown */
	uint64_t seq;	    /* of the last effect that touched it; 0: from a snapshot only */
	uint32_t id;
	uint32_t parent_id; /* may name a mount the mirror has not (hidden rootfs, outside a chroot) */
	uint32_t ns_inum;
	uint32_t peer_group;
	uint32_t master_group;
	uint32_t dev;
	uint32_t mnt_flags;
	uint32_t sb_flags;
	uint16_t flags; /* enum ms_effect_flags that still hold */
	/* Below the parent's mount root: "" or "/a/b"; with MS_EFF_ABS_PATH: as the reader sees it. */
	const char *mountpoint;
	const char *root; /* within its filesystem: "/" or "/a/b" */
	const char *fstype;
	const char *source;
	struct mntns *ns;
	struct mnt *parent;				       /* NULL: not in the mirror */
	struct mnt *first_child, *next_sibling, *prev_sibling; /* siblings in no stated order */
	struct mnt *next_in_ns, *prev_in_ns;
	struct mnt *hash_next;	      /* world's own */
	struct mnt *unique_hash_next; /* world's own */
	uint32_t generation;	      /* world's own: marks mounts seen by a snapshot */
};

struct mntns {
	uint64_t ns_id;
	uint64_t snap_seq; /* of the last good snapshot */
	uint32_t inum;
	uint32_t user_ns_inum;
	uint32_t root_mnt_id;	/* mount at which its reader's / was; 0: unknown */
	uint32_t nr_mounts;	/* the mirror's count */
	uint32_t kernel_mounts; /* the kernel's last told count, 0: never told */
	bool stale;		/* a storm or loss: counts only, wants a snapshot */
	bool dead;
	bool listed;	       /* has had a snapshot, or all of it came by effects */
	const char *root_path; /* "" or the reader's root below root_mnt_id */
	struct mnt *mounts;
	struct mntns *next; /* all namespaces, in order of appearance */
	struct mntns *hash_next;
};

int world__new(struct world **ret);
/* Makes an empty world the other way round: it takes MS_SNAP_TRUTH snapshots and nothing else. */
void world__take_truth(struct world *w);
void world__free(struct world *w);
void world__freep(struct world **w);

/*
 * Applies one record (effects, storms, namespaces, snapshots, losses; others are ignored). Idempotent:
 * effects state whole values. 0; -EBADMSG: record is malformed, world unchanged; -ENOMEM. A loss that
 * may have been of effects makes every namespace stale.
 * changed, when not NULL, is called for each mount whose state a *snapshot* found other than the
 * mirror had it (kind: MS_EFF_ATTACH, MS_EFF_DETACH, MS_EFF_MOVE, MS_EFF_PROPAGATION, MS_EFF_ATTR;
 * was: NULL for attach, of a detach is == was) at its MS_REC_SNAP_END; with it effects are made up for
 * what cannot be traced. All detaches come first, while the tree is as it was; in the other calls it is
 * as it is, and was is a copy without links to other mounts. ns->listed still tells whether the
 * namespace had been known before this snapshot. The callback must not apply records.
 */
typedef void (*world_changed_fn)(void *arg, enum ms_effect_kind kind, const struct mnt *was,
				 const struct mnt *is);
int world__apply(struct world *w, const struct ms_hdr *rec, size_t size, world_changed_fn changed,
		 void *arg);

struct mntns *world__ns(const struct world *w, uint32_t inum);	/* NULL: unknown */
struct mntns *world__first_ns(const struct world *w);		/* then ->next */
struct mnt *world__mnt(const struct world *w, uint32_t mnt_id); /* NULL: unknown */
struct mnt *world__mnt_by_unique(const struct world *w, uint64_t unique_id);
size_t world__nr_ns(const struct world *w); /* alive; the last few dead ones stay in the list */
size_t world__nr_mounts(const struct world *w);

/*
 * Full path of a mount's mountpoint as its namespace's reader sees it, like field 5 of mountinfo but
 * unescaped; appended to sb. false when it cannot be reached from the reader's root (then nothing is
 * appended) or when the tree is not sound (a loop, or deeper than the number of mounts).
 */
bool world__path(const struct mnt *m, struct strbuf *sb);

#endif
