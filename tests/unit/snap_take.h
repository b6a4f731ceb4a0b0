/* SPDX-License-Identifier: BSD-2-Clause */
/* A receiver of snapshots that notes what came, for tests. */
#ifndef MS_TESTS_SNAP_TAKE_H
#define MS_TESTS_SNAP_TAKE_H

#include "model/world.h"
#include "source/snapshot.h"

struct got {
	unsigned begins, ends, mounts;
	int end_err, stop;
	uint16_t end_flags;
	uint64_t seq, time;
	char first[64];
	struct world *w;
};

/* record_fn; arg: struct got. Applies to got.w when that is set. */
int take(void *arg, const struct ms_hdr *rec, size_t size);
/* The entry of a namespace, or NULL. */
const struct ns_ref *ref_of(const struct ns_list *l, uint32_t inum);

#endif
