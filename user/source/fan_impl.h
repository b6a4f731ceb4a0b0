/* SPDX-License-Identifier: BSD-2-Clause */
/* What fanotify.c (marks, events, queue) and fan_join.c (operations and their events) share. */
#ifndef MS_SOURCE_FAN_IMPL_H
#define MS_SOURCE_FAN_IMPL_H

#include <limits.h>

#include "base/util.h"
#include "mountscope/event.h"
#include "source/fanotify.h"
#include "source/statmount.h"
#include "source/whereis.h"

#define MUST_WAIT INT_MIN

struct event {
	uint64_t unique;
	uint64_t seen_ns;
	uint32_t tid;
	uint8_t attach, detach, taken;
};

struct watched_ns {
	uint32_t inum;
	uint64_t since_ns; /* CLOCK_MONOTONIC */
	uint64_t ns_id;
};

/* A mount that stood when a call ended: where its record lies in the queue. */
struct observed {
	uint64_t unique; /* 0: free */
	uint64_t op_id;
	size_t at;
};

struct direct {
	uint32_t mnt_id, peer_group;
};

struct tally {
	uint32_t inum, attached, detached;
};

struct fan {
	int fd;
	struct watched_ns *ns;
	size_t nr_ns, cap_ns;
	size_t last_hit; /* index in ns: where the last mount was found */
	struct whereis where;
	struct event *ev; /* from head to nr, in the kernel's order */
	size_t head, nr, cap;
	char *q; /* records from BPF, in order; from q_head */
	size_t q_head, q_len, q_cap;
	struct observed *obs; /* open addressing over the queue's observed records */
	size_t cap_obs;
	struct tally *tally; /* of a storm */
	size_t nr_tally, cap_tally;
	size_t *batch; /* the events of the operation that is joined, as indices into ev */
	size_t cap_batch;
	struct direct *direct; /* the mounts of it that are no copies */
	size_t nr_direct, cap_direct;
	uint64_t seq;
	uint64_t overflows, gone;
	uint64_t synthetic_ops;
	uint32_t one_by_one; /* effects of one operation; more are counted by namespace */
	char scratch[STATMOUNT_REC_MAX] __attribute__((aligned(8)));
};

/* Makes room for one more element of an array; 0 or -ENOMEM. */
int fan__room(void *array, size_t *cap, size_t n, size_t size);

static inline struct ms_hdr *queue_at(const struct fan *f, size_t off)
{
	return (struct ms_hdr *)(f->q + off);
}

static inline size_t queue_next(const struct fan *f, size_t off)
{
	return off + (((size_t)queue_at(f, off)->size + 7) & ~(size_t)7);
}

/* Where BPF's sight of a mount is, or would be. */
static inline struct observed *fan__observed(const struct fan *f, uint64_t unique)
{
	size_t i = (size_t)((unique * 0x9e3779b97f4a7c15ULL) >> 32) & (f->cap_obs - 1);

	while (f->obs[i].unique && f->obs[i].unique != unique)
		i = (i + 1) & (f->cap_obs - 1);
	return &f->obs[i];
}

/*
 * Hands out the operation that is queued at off behind its effects. 0; MUST_WAIT: its last events may
 * be another's, ask again; else fn's value.
 */
int fan__join(struct fan *f, size_t off, uint64_t now, record_fn fn, void *arg);
/* An operation made up for the events of first's thread, which no system call on mounts made. */
int fan__join_orphans(struct fan *f, const struct event *first, record_fn fn, void *arg);

#endif
