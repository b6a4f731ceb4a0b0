/* SPDX-License-Identifier: BSD-2-Clause */
/* Records for tests, made from what a test wants to say. */
#ifndef MS_TESTS_MAKE_REC_H
#define MS_TESTS_MAKE_REC_H

#include <stddef.h>

#include "model/world.h"
#include "mountscope/event.h"

/* What a test says of an effect; strings may be NULL. mp and root are paths: "/a/b". */
struct fx {
	unsigned kind;
	uint64_t seq;
	uint32_t ns, id, parent;
	const char *mp, *root, *fstype, *source;
	uint64_t ns_id, unique;
	uint32_t peer, master, dev, mnt_flags, sb_flags;
	unsigned flags;
};

struct rec {
	_Alignas(8) char b[UINT16_MAX + 1];
};

const struct ms_hdr *make_effect(struct rec *r, struct fx f);
const struct ms_hdr *make_snap(struct rec *r, unsigned type, struct ms_snap s,
			       const char *root_path);
const struct ms_hdr *make_ns(struct rec *r, unsigned event, uint64_t seq, uint32_t inum,
			     uint64_t ns_id, uint32_t nr_mounts);
const struct ms_hdr *make_storm(struct rec *r, uint64_t seq, uint32_t inum, uint32_t nr_mounts);

/* Apply one record and assert that it was taken. */
void apply_rec(struct world *w, const struct ms_hdr *rec);
void apply_fx(struct world *w, struct fx f);
/* A whole snapshot: n lines (LISTED, whole paths) of namespace ns, read after effect seq. */
void apply_table(struct world *w, uint32_t ns, uint64_t seq, const struct fx *lines, size_t n);
/* The same with everything that a snapshot can say, and the callback. */
void apply_snap(struct world *w, struct ms_snap s, const char *root_path, const struct fx *lines,
		size_t n, world_changed_fn changed, void *arg);

struct world *new_world(void);
/* Asserts on the whole path of a mount; want NULL: it has none. */
void assert_path(const struct world *w, uint32_t id, const char *want);

#endif
