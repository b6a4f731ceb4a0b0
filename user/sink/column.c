// SPDX-License-Identifier: BSD-2-Clause
/* Columns as rows: the text table, JSON, --help and -o all come from one table of them. */
#include "sink/column.h"

#include <strings.h>

#include "sink/show.h"

#define GAP 2u

static int find_column(const struct column_table *t, const char *name, size_t len)
{
	for (size_t i = 0; i < t->n; i++)
		if (strlen(t->v[i].name) == len && !strncasecmp(t->v[i].name, name, len))
			return (int)i;
	return -1;
}

static int parse_list(const struct column_table *t, const char *list, struct column_set *set,
		      const char **ret_bad, size_t *ret_bad_len)
{
	for (;;) {
		size_t len = strcspn(list, ",");
		int at = find_column(t, list, len);

		if (at < 0) {
			*ret_bad = list;
			*ret_bad_len = len;
			return -EINVAL;
		}
		if (set->n == COLUMNS_MAX)
			return -E2BIG;
		set->v[set->n++] = (uint8_t)at;
		if (!list[len])
			return 0;
		list += len + 1;
	}
}

int column_set__parse(const struct column_table *t, const char *list, struct column_set *ret,
		      const char **ret_bad, size_t *ret_bad_len)
{
	struct column_set set = {};
	int err = 0;

	if (*list == '+') {
		err = parse_list(t, t->default_list, &set, ret_bad, ret_bad_len);
		list++;
	}
	if (!err)
		err = parse_list(t, list, &set, ret_bad, ret_bad_len);
	if (!err)
		*ret = set;
	return err;
}

void column_table__help(const struct column_table *t, FILE *out)
{
	(void)fprintf(out, "\nColumns (-o), by default %s:\n", t->default_list);
	for (size_t i = 0; i < t->n; i++)
		(void)fprintf(out, "  %-12s %s\n", t->v[i].name, t->v[i].help);
}

static void pad(struct strbuf *sb, size_t n)
{
	static const char spaces[] = "                                ";
	const size_t most = sizeof(spaces) - 1;

	while (n) {
		size_t some = min(n, most);
		char *p = strbuf__room(sb, most); /* a copy of fixed length is the cheapest */

		if (!p)
			return;
		memcpy(p, spaces, most);
		strbuf__took(sb, some);
		n -= some;
	}
}

void column_set__heading(const struct column_table *t, const struct column_set *set,
			 struct strbuf *sb)
{
	for (size_t i = 0; i < set->n; i++) {
		const struct column *c = &t->v[set->v[i]];
		size_t len = strlen(c->name), fill = c->width > len ? c->width - len : 0;

		if (c->right)
			pad(sb, fill);
		strbuf__add(sb, c->name, len);
		if (i + 1 < set->n)
			pad(sb, (c->right ? 0 : fill) + GAP);
	}
}

static size_t add_value(const struct value *v, bool utf8, struct strbuf *sb)
{
	size_t before = sb->len;

	switch (v->kind) {
	case VALUE_STR:
		if (v->s.len)
			return show__add(sb, v->s.p, v->s.len, utf8);
		break;
	case VALUE_U64:
		strbuf__addu(sb, v->u);
		break;
	case VALUE_I64:
		if (v->i < 0)
			strbuf__addc(sb, '-');
		strbuf__addu(sb, v->i < 0 ? -(uint64_t)v->i : (uint64_t)v->i);
		break;
	case VALUE_BOOL:
		strbuf__adds(sb, v->b ? "yes" : "no");
		break;
	case VALUE_NONE:
		break;
	}
	if (sb->len == before)
		strbuf__addc(sb, '-');
	return sb->len - before;
}

static size_t add_text(const struct column *c, const void *row, bool utf8, struct strbuf *sb)
{
	struct value v;

	if (c->text)
		return c->text(row, sb);
	v = c->get(row);
	return add_value(&v, utf8, sb);
}

/* Right-aligned text is made in place and then moved by what is missing. */
static void align_right(struct strbuf *sb, size_t from, size_t n)
{
	size_t len = sb->len - from;

	pad(sb, n);
	if (sb->oom)
		return;
	memmove(sb->buf + from + n, sb->buf + from, len);
	memset(sb->buf + from, ' ', n);
}

void column_set__line(const struct column_table *t, const struct column_set *set, const void *row,
		      bool utf8, column_style_fn style, struct strbuf *sb)
{
	for (size_t i = 0; i < set->n; i++) {
		const struct column *c = &t->v[set->v[i]];
		const char *colour = style ? style(c, row) : NULL;
		size_t from = sb->len, columns, fill;

		if (colour)
			strbuf__adds(sb, colour);
		columns = add_text(c, row, utf8, sb);
		if (colour)
			strbuf__adds(sb, "\033[0m");
		fill = c->width > columns ? c->width - columns : 0;
		if (c->right && fill)
			align_right(sb, from, fill);
		if (i + 1 < set->n)
			pad(sb, (c->right ? 0 : fill) + GAP);
	}
}

static void add_json(const struct column *c, const struct value *v, struct json *j)
{
	if (v->kind == VALUE_STR) {
		json__member_str(j, c->key, v->s.p, v->s.len);
		return;
	}
	json__key(j, c->key);
	switch (v->kind) {
	case VALUE_U64:
		json__u64(j, v->u);
		break;
	case VALUE_I64:
		json__i64(j, v->i);
		break;
	case VALUE_BOOL:
		json__bool(j, v->b);
		break;
	default:
		json__null(j);
		break;
	}
}

void column_set__json(const struct column_table *t, const struct column_set *set, const void *row,
		      struct json *j)
{
	for (size_t i = 0; i < set->n; i++) {
		const struct column *c = &t->v[set->v[i]];
		struct value v;

		if (!c->key)
			continue;
		v = c->get(row);
		add_json(c, &v, j);
	}
}

void column_set__all_keys(const struct column_table *t, struct column_set *ret)
{
	*ret = (struct column_set){};
	for (size_t i = 0; i < t->n && ret->n < COLUMNS_MAX; i++)
		if (t->v[i].key)
			ret->v[ret->n++] = (uint8_t)i;
}
