/* SPDX-License-Identifier: BSD-2-Clause */
/* What every sink of operations must know about the run and the reader. */
#ifndef MS_SINK_VIEW_H
#define MS_SINK_VIEW_H

#include "model/assemble.h"
#include "model/cgroup_map.h"

struct view {
	const struct cgroup_map *cgroups;
	uint64_t realtime_offset_ns; /* CLOCK_REALTIME - CLOCK_MONOTONIC */
	uint64_t start_ns;	     /* CLOCK_MONOTONIC of MS_REC_META */
	uint32_t host_ns;
	uint32_t self_ns;
	unsigned blind; /* enum ms_blind */
	bool utf8;
	bool color;
};

/* A row of the operations' table. */
struct op_row {
	const struct view *view;
	const struct operation *o;
	struct strbuf *scratch; /* for values that have to be made; one at a time */
};

void view__set_meta(struct view *v, const struct ms_meta *meta);

/* "host", or the inum. Returns columns taken. */
size_t view__add_ns(const struct view *v, uint32_t inum, struct strbuf *sb);

static inline uint64_t view__realtime(const struct view *v, uint64_t ktime_ns)
{
	return ktime_ns + v->realtime_offset_ns;
}

#endif
