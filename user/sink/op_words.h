/* SPDX-License-Identifier: BSD-2-Clause */
/* What an operation did, in words for people. Each add function returns the columns it takes. */
#ifndef MS_SINK_OP_WORDS_H
#define MS_SINK_OP_WORDS_H

#include "sink/view.h"

const char *op_words__kind(const struct operation *o);
/* "ok", "EBUSY"; NULL: a number without a name, or the end was not seen. */
const char *op_words__result(const struct operation *o);
/* The file system's: of the mount if it is known, else as given. */
struct str op_words__fstype(const struct operation *o);
void op_words__add_meaning(const struct operation *o, struct strbuf *sb);
size_t op_words__add_target(const struct view *v, const struct operation *o, struct strbuf *sb);
/* "+127 in 31 ns" */
size_t op_words__add_fanout(const struct view *v, const struct operation *o, struct strbuf *sb);
/* "direct 1, propagated 126" */
size_t op_words__add_causes(const struct operation *o, struct strbuf *sb);
size_t op_words__add_detail(const struct view *v, const struct operation *o, struct strbuf *sb);

#endif
