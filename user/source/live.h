/* SPDX-License-Identifier: BSD-2-Clause */
/* Records from the running kernel: loads and attaches BPF, polls its ring, joins fanotify. */
#ifndef MS_SOURCE_LIVE_H
#define MS_SOURCE_LIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "source/probe.h"
#include "source/source.h"

struct live;

/* What BPF can leave out by itself; zero means all. User space filters again. */
struct live_filter {
	uint32_t tgid;	  /* operations of this process only */
	uint32_t ns_inum; /* of actors in this namespace only */
};

struct live_opts {
	enum ms_backend backend; /* MS_BACKEND_NONE: best permitted */
	uint32_t ring_bytes;	 /* 0: default, 8 MiB; rounded up to a power of two */
	uint32_t storm_limit;	 /* effects of one operation sent one by one, 0: default, 4096 */
	struct live_filter filter;
};

/*
 * Probes, loads and attaches. On failure nothing stays attached, why says the cause in words, and
 * -EPERM (privilege), -EOPNOTSUPP (kernel) or another -errno is returned.
 */
int live__open(const struct live_opts *opts, struct live **ret, char *why, size_t why_size);
void live__free(struct live *l);
void live__freep(struct live **l);

enum ms_backend live__backend(const struct live *l);
uint8_t live__blind(const struct live *l); /* enum ms_blind */
const struct hook_table *live__hooks(const struct live *l);

/*
 * Hands out what has come. Returns the number of records, 0 when there were none within timeout_ms
 * (-1: waits for ever; a signal ends the wait), or -errno; -ECANCELED when fn returned > 0.
 */
int live__poll(struct live *l, int timeout_ms, record_fn fn, void *arg);
/* Whether something has come that cannot be handed out yet: poll again. */
bool live__pending(const struct live *l);
/* Number of the last effect, as in struct ms_effect.seq. */
uint64_t live__seq(const struct live *l);
/* fs.mount-max now; 0: unknown. */
uint32_t live__mount_max(void);
/* Totals so far, MS_LOSS_NR of them. */
void live__losses(const struct live *l, uint64_t *lost);

/*
 * Tells that a namespace is about to be read: the tracepoint backend marks it for fanotify, others do
 * nothing. ns_fd stays the caller's. 0 or -errno (-ENOSPC: no more marks or groups).
 */
int live__watch_ns(struct live *l, int ns_fd, uint32_t inum, uint64_t ns_id);
void live__forget_ns(struct live *l, uint32_t inum);
/* Whether mounts are told of by unique id, so that live__know_mount() is wanted. */
bool live__names_by_unique_id(const struct live *l);
/* Tells where a mount is that stood before its namespace was watched. */
void live__know_mount(struct live *l, const struct ms_effect *e);

#endif
