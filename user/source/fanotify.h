/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Effects of the tracepoint backend: joins fanotify's mount events (6.15) with operations.
 *
 * The kernel queues all events of a system call before the call returns (mnt_notify(), called by
 * namespace_unlock(), fs/namespace.c), so when an operation's record arrives its events are there.
 * An event names thread and mount only; what the mount is comes from the record that BPF sent of it
 * (MS_EFF_OBSERVED), else from statmount(2), and of a mount that went, from the receiver's mirror.
 */
#ifndef MS_SOURCE_FANOTIFY_H
#define MS_SOURCE_FANOTIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "source/source.h"

struct fan;

/* one_by_one: effects of one operation that are told each; more are counted. 0 or -errno. */
int fan__new(uint32_t one_by_one, struct fan **ret);
void fan__free(struct fan *f);

/* Takes a copy of a record from BPF. 0 or -ENOMEM. */
int fan__record(struct fan *f, const struct ms_hdr *rec, size_t size);
/*
 * After the ring has been emptied: hands out effects, then their operation, in BPF's order; and events
 * whose operation will not come (the kernel's own), once they are old enough. Adds the number of
 * operations and other records to *ret_given. 0, -errno, or fn's non-zero value.
 */
int fan__settle(struct fan *f, record_fn fn, void *arg, int *ret_given);
/* Whether something waits to be joined. */
bool fan__pending(const struct fan *f);
/* How long a wait may be, given that it may be timeout_ms (-1: for ever). */
int fan__timeout(const struct fan *f, int timeout_ms);
void fan__losses(const struct fan *f, uint64_t *lost);

int fan__watch(struct fan *f, int ns_fd, uint32_t inum, uint64_t ns_id);
void fan__forget(struct fan *f, uint32_t inum);
uint64_t fan__seq(const struct fan *f); /* effects handed out so far */
/* Where a mount is that stood before its namespace was watched. */
void fan__know(struct fan *f, const struct ms_effect *e);

#endif
