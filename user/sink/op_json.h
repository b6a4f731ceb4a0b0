/* SPDX-License-Identifier: BSD-2-Clause */
/* A run as JSON, one object a line: meta, operations, losses as they grow, summary. */
#ifndef MS_SINK_OP_JSON_H
#define MS_SINK_OP_JSON_H

#include "sink/column.h"
#include "sink/summary.h"
#include "sink/view.h"

struct op_json {
	const struct view *view;
	struct column_set columns;
	bool effects; /* and namespaces, as arrays */
	struct strbuf scratch;
};

void op_json__done(struct op_json *t);
void op_json__meta(struct op_json *t, const struct ms_meta *meta, struct str kernel,
		   struct str host, struct strbuf *sb);
void op_json__operation(struct op_json *t, const struct operation *o, struct strbuf *sb);
void op_json__losses(struct op_json *t, const struct ms_loss *loss, struct strbuf *sb);
void op_json__summary(struct op_json *t, const struct summary *s, struct strbuf *sb);

#endif
