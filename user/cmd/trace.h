/* SPDX-License-Identifier: BSD-2-Clause */
/* What trace was asked for. */
#ifndef MS_CMD_TRACE_H
#define MS_CMD_TRACE_H

#include "model/filter.h"
#include "sink/column.h"
#include "source/live.h"

enum color_when {
	COLOR_AUTO = 0,
	COLOR_ALWAYS,
	COLOR_NEVER,
};

struct trace_opts {
	struct filter filter;
	struct column_set columns;
	enum color_when color;
	enum ms_backend backend;
	const char *from;
	uint64_t duration_ns;
	uint64_t count;
	uint64_t min_latency_ns;
	uint32_t min_fanout;
	uint32_t buffer_mib;
	uint32_t storm_limit;
	bool failed;
	bool columns_given;
	bool effects;
	bool json;
	bool no_summary;
	bool no_heading;
};

#endif
