/* SPDX-License-Identifier: BSD-2-Clause */
/* What numbers and codes mean to a reader. */
#ifndef MS_SINK_WORDS_H
#define MS_SINK_WORDS_H

#include "base/strbuf.h"
#include "mountscope/event.h"

/* 98,304 */
void words__add_grouped(struct strbuf *sb, uint64_t v);
/* Three digits and a unit: 812ns 4.21us 42.1us 421us 4.21ms 4.21s, then 61s 3600s. */
void words__add_duration(struct strbuf *sb, uint64_t ns);
/* HH:MM:SS.mmm, UTC. */
void words__add_clock(struct strbuf *sb, uint64_t realtime_ns);
/* 2026-11-22T07:43:16.123456789Z */
void words__add_timestamp(struct strbuf *sb, uint64_t realtime_ns);

/* err > 0. "EBUSY"; NULL: no such number. */
const char *words__errno(int err);
/* What a failure of this operation means, e.g. EINVAL of umount: "not a mountpoint". */
const char *words__meaning(unsigned op_kind, int err);
/* What was lost, by enum ms_loss_kind, as in "12 records: ring buffer full". */
const char *words__loss(unsigned kind);

#endif
