/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which namespaces must be read again, and when: stale after a storm or a loss, or changed in a way
 * that the backend cannot trace.
 *
 * A namespace is read again when it has been calm, and never more often than REST times as long as
 * the last reading took: a stacked table costs seconds (docs/architecture.md).
 */
#ifndef MS_CMD_WATCH_H
#define MS_CMD_WATCH_H

#include "source/live.h"

struct watch;

int watch__new(struct live *live, struct watch **ret); /* live stays the caller's */
void watch__free(struct watch *w);

/* Looks at a record that passes, for what it says about namespaces. */
void watch__note(struct watch *w, const struct ms_hdr *rec, size_t size, uint64_t now_ns);
/* Something was lost, nobody knows where. */
void watch__doubt_all(struct watch *w, uint64_t now_ns);
/* When something is due, CLOCK_MONOTONIC; 0: nothing is. */
uint64_t watch__due(const struct watch *w);

/*
 * Reads again what is due (all: what is marked, due or not) and hands the records to fn; finds new
 * namespaces, and tells of those that ended where BPF does not. 0, -errno, or fn's value.
 */
int watch__refresh(struct watch *w, bool all, uint64_t now_ns, record_fn fn, void *arg);
/* Finds all namespaces and reads them all. snap_flags: enum ms_snap_flags. */
int watch__read_all(struct watch *w, uint16_t snap_flags, record_fn fn, void *arg);

#endif
