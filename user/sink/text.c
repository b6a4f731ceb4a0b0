// SPDX-License-Identifier: BSD-2-Clause
/* Operations for people: a line each, and below it what it did. */
#include "sink/text.h"

#include "sink/show.h"
#include "sink/op_columns.h"
#include "sink/words.h"

/* Namespaces of a storm that are named without --effects. */
#define STORM_NAMED 4u

#define INDENT "    "

void text__done(struct text *t)
{
	strbuf__free(&t->scratch);
}

static void end_line(struct strbuf *sb)
{
	while (sb->len && sb->buf[sb->len - 1] == ' ')
		sb->len--;
	strbuf__addc(sb, '\n');
}

void text__heading(struct text *t, struct strbuf *sb)
{
	column_set__heading(&op_columns, &t->columns, sb);
	end_line(sb);
}

static void add_branch(const struct text *t, bool last, struct strbuf *sb)
{
	strbuf__adds(sb, INDENT);
	if (t->view->utf8)
		strbuf__adds(sb, last ? "\u2514\u2500 " : "\u251c\u2500 ");
	else
		strbuf__adds(sb, last ? "`- " : "|- ");
}

static void add_str(const struct text *t, struct str s, struct strbuf *sb)
{
	if (s.len)
		(void)show__add(sb, s.p, s.len, t->view->utf8);
	else
		strbuf__addc(sb, '?');
}

static void add_id(const char *name, uint32_t id, struct strbuf *sb)
{
	if (!id)
		return;
	strbuf__adds(sb, name);
	strbuf__addu(sb, id);
}

/* "propagated from 411 at /b in host" */
static void add_cause(const struct text *t, const struct op_effect *e, struct strbuf *sb)
{
	strbuf__adds(sb, "  ");
	strbuf__adds(sb, cause__name(e->rec->cause));
	if (!e->rec->origin_id)
		return;
	add_id(" from ", e->rec->origin_id, sb);
	if (e->origin_path.len) {
		strbuf__adds(sb, " at ");
		add_str(t, e->origin_path, sb);
	}
	if (e->origin_ns && e->origin_ns != e->rec->ns_inum) {
		strbuf__adds(sb, " in ");
		(void)view__add_ns(t->view, e->origin_ns, sb);
	}
}

static const char *effect_sign(const struct view *v, unsigned kind)
{
	switch (kind) {
	case MS_EFF_ATTACH:
		return "+ ";
	case MS_EFF_DETACH:
		return "- ";
	case MS_EFF_MOVE:
		return "~ ";
	case MS_EFF_PROPAGATION:
		return v->utf8 ? "\u00b1 " : "% ";
	default:
		return "* ";
	}
}

static void add_propagation(const struct ms_effect *rec, struct strbuf *sb)
{
	add_id("  shared:", rec->peer_group, sb);
	add_id("  master:", rec->master_group, sb);
	if (rec->flags & MS_EFF_UNBINDABLE)
		strbuf__adds(sb, "  unbindable");
	else if (!rec->peer_group && !rec->master_group && rec->kind == MS_EFF_PROPAGATION)
		strbuf__adds(sb, "  private");
}

static void add_effect(const struct text *t, const struct op_effect *e, bool last,
		       struct strbuf *sb)
{
	const struct ms_effect *rec = e->rec;

	add_branch(t, last, sb);
	strbuf__adds(sb, effect_sign(t->view, rec->kind));
	(void)view__add_ns(t->view, rec->ns_inum, sb);
	strbuf__addc(sb, ' ');
	add_str(t, e->path, sb);
	if (e->fstype.len) {
		strbuf__adds(sb, "  ");
		add_str(t, e->fstype, sb);
	}
	if (e->root.len > 1) {
		strbuf__addc(sb, '[');
		add_str(t, e->root, sb);
		strbuf__addc(sb, ']');
	}
	add_id("  id ", rec->mnt_id, sb);
	add_id(" on ", rec->parent_id, sb);
	add_propagation(rec, sb);
	if (rec->mnt_flags & MS_MNT_READONLY)
		strbuf__adds(sb, "  ro");
	add_cause(t, e, sb);
	strbuf__addc(sb, '\n');
}

/* "host +65,536 (now 98,304 mounts)" */
static void add_counted_ns(const struct text *t, const struct op_ns *ns, struct strbuf *sb)
{
	(void)view__add_ns(t->view, ns->inum, sb);
	if (ns->attached) {
		strbuf__adds(sb, " +");
		words__add_grouped(sb, ns->attached);
	}
	if (ns->detached) {
		strbuf__adds(sb, " -");
		words__add_grouped(sb, ns->detached);
	}
	if (ns->other) {
		strbuf__adds(sb, " ?");
		words__add_grouped(sb, ns->other);
	}
	if (ns->nr_mounts) {
		strbuf__adds(sb, " (now ");
		words__add_grouped(sb, ns->nr_mounts);
		strbuf__adds(sb, " mounts)");
	}
}

static void add_storm(const struct text *t, const struct operation *o, struct strbuf *sb)
{
	size_t named = 0, storms = 0;

	for (size_t i = 0; i < o->nr_ns; i++)
		storms += o->ns[i].counted != 0;
	add_branch(t, true, sb);
	strbuf__adds(sb, "storm: ");
	words__add_grouped(sb, o->counted);
	strbuf__adds(sb, " effects only counted: ");
	for (size_t i = 0; i < o->nr_ns; i++) {
		if (!o->ns[i].counted || (!t->effects && named == STORM_NAMED))
			continue;
		if (named++)
			strbuf__adds(sb, ", ");
		add_counted_ns(t, &o->ns[i], sb);
	}
	if (named < storms) {
		strbuf__adds(sb, ", and ");
		words__add_grouped(sb, storms - named);
		strbuf__adds(sb, " more namespaces");
	}
	strbuf__addc(sb, '\n');
}

/* Effects that came one by one, and were more than are kept. */
static void add_not_kept(const struct text *t, uint64_t n, bool last, struct strbuf *sb)
{
	add_branch(t, last, sb);
	words__add_grouped(sb, n);
	strbuf__adds(sb, " more effects\n");
}

static void add_effects(const struct text *t, const struct operation *o, struct strbuf *sb)
{
	uint64_t sent = o->nr_effects - o->counted;
	uint64_t more = sent > o->nr_kept ? sent - o->nr_kept : 0;

	for (size_t i = 0; i < o->nr_kept; i++)
		add_effect(t, &o->effects[i], i + 1 == o->nr_kept && !more && !o->counted, sb);
	if (more)
		add_not_kept(t, more, !o->counted, sb);
}

void text__operation(struct text *t, const struct operation *o, struct strbuf *sb)
{
	struct op_row row = { .view = t->view, .o = o, .scratch = &t->scratch };

	column_set__line(&op_columns, &t->columns, &row, t->view->utf8,
			 t->view->color ? op_columns__style : NULL, sb);
	end_line(sb);
	if (t->effects)
		add_effects(t, o, sb);
	if (o->counted)
		add_storm(t, o, sb);
}
