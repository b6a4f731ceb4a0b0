/* SPDX-License-Identifier: BSD-2-Clause */
/* Columns as rows: the text table, JSON, --help and -o all come from one table of them. */
#ifndef MS_SINK_COLUMN_H
#define MS_SINK_COLUMN_H

#include "base/strbuf.h"
#include "sink/json.h"

enum value_kind {
	VALUE_NONE = 0, /* "-", null */
	VALUE_U64,
	VALUE_I64,
	VALUE_STR,
	VALUE_BOOL,
};

struct value {
	enum value_kind kind;
	union {
		uint64_t u;
		int64_t i;
		bool b;
		struct {
			const char *p;
			size_t len;
		} s;
	};
};

struct column {
	const char *name; /* as in -o and the heading */
	const char *key;  /* in JSON; NULL: only for people */
	const char *help;
	unsigned width; /* in the table, at least */
	bool right;	/* aligned */
	struct value (*get)(const void *row);
	/* How people see it, where that is not the value itself. Returns columns taken. */
	size_t (*text)(const void *row, struct strbuf *sb);
};

struct column_table {
	const struct column *v;
	size_t n;
	const char *default_list; /* "TIME,OP" */
};

#define COLUMNS_MAX 64

struct column_set {
	uint8_t v[COLUMNS_MAX]; /* indices in the table */
	size_t n;
};

/*
 * A list by comma, in any case; "+" before the list adds to the default. 0; -EINVAL: no such column,
 * *ret_bad and *ret_bad_len say which; -E2BIG: more than COLUMNS_MAX.
 */
int column_set__parse(const struct column_table *t, const char *list, struct column_set *ret,
		      const char **ret_bad, size_t *ret_bad_len);
void column_table__help(const struct column_table *t, FILE *out);

void column_set__heading(const struct column_table *t, const struct column_set *set,
			 struct strbuf *sb);
/* Escape sequence that starts the colour of a column; NULL: none. */
typedef const char *(*column_style_fn)(const struct column *c, const void *row);
/* One line, without its end; the last column is not padded. */
void column_set__line(const struct column_table *t, const struct column_set *set, const void *row,
		      bool utf8, column_style_fn style, struct strbuf *sb);
/* Members of an open JSON object. */
void column_set__json(const struct column_table *t, const struct column_set *set, const void *row,
		      struct json *j);
/* All that have a key. */
void column_set__all_keys(const struct column_table *t, struct column_set *ret);

#endif
