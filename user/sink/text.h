/* SPDX-License-Identifier: BSD-2-Clause */
/* Operations for people: a line each, and below it what it did. */
#ifndef MS_SINK_TEXT_H
#define MS_SINK_TEXT_H

#include "sink/column.h"
#include "sink/view.h"

struct text {
	const struct view *view;
	struct column_set columns;
	bool effects; /* a line for each */
	struct strbuf scratch;
};

void text__done(struct text *t);
void text__heading(struct text *t, struct strbuf *sb);
void text__operation(struct text *t, const struct operation *o, struct strbuf *sb);

#endif
