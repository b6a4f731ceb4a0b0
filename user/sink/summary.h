/* SPDX-License-Identifier: BSD-2-Clause */
/* What a run saw, in numbers: kept while it goes, told at its end. */
#ifndef MS_SINK_SUMMARY_H
#define MS_SINK_SUMMARY_H

#include "sink/view.h"

struct summary {
	uint64_t first_ns, last_ns; /* CLOCK_MONOTONIC of records */
	uint64_t operations;	    /* that were let through */
	uint64_t failed;
	uint64_t filtered;	       /* that were not */
	uint64_t kinds[MS_EFF_LISTED]; /* as in struct operation, of those let through */
	uint64_t causes[MS_CAUSE_MAX];
	uint64_t counted;
	uint64_t missing; /* effects_lost of operations */
	__u64 lost[MS_LOSS_NR];
	uint64_t reread;	   /* tables, after storms and losses */
	uint64_t unknown_records;  /* types that this version does not know */
	size_t namespaces, mounts; /* of the mirror at the end */
	unsigned blind;
	unsigned backend; /* enum ms_backend */
	char kernel[65];
};

void summary__meta(struct summary *s, const struct ms_meta *meta, struct str kernel);
/* Any record: for the time it covers. */
void summary__record(struct summary *s, const struct ms_hdr *rec);
void summary__operation(struct summary *s, const struct operation *o);
void summary__loss(struct summary *s, const struct ms_loss *loss);
uint64_t summary__nr_effects(const struct summary *s);
uint64_t summary__nr_lost(const struct summary *s);
/* Several lines. */
void summary__text(const struct summary *s, struct strbuf *sb);

#endif
