// SPDX-License-Identifier: BSD-2-Clause
/* What an operation did, in words for people. */
#include "sink/op_words.h"

#include <sys/mount.h>

#include "sink/show.h"
#include "sink/words.h"

const char *op_words__kind(const struct operation *o)
{
	/* Nobody acted: the mount table was another than the mirror's. */
	if (o->op->kind == MS_OP_UNKNOWN && o->causes[MS_CAUSE_SNAPSHOT])
		return "found";
	return op_kind__name(o->op->kind);
}

/* A recording may hold any number. */
static int error_of(const struct ms_op *op)
{
	return op->ret == INT32_MIN ? INT32_MAX : -op->ret;
}

const char *op_words__result(const struct operation *o)
{
	if (o->op->flags & MS_OPF_SYNTHETIC && !o->op->kind)
		return NULL;
	return o->op->ret < 0 ? words__errno(error_of(o->op)) : "ok";
}

struct str op_words__fstype(const struct operation *o)
{
	if (o->main && o->main->fstype.len && o->op->ret >= 0)
		return o->main->fstype;
	return o->s.fstype;
}

void op_words__add_meaning(const struct operation *o, struct strbuf *sb)
{
	if (!(o->op->flags & MS_OPF_LIMIT)) {
		strbuf__adds(sb, words__meaning(o->op->kind, error_of(o->op)));
		return;
	}
	strbuf__adds(sb, "mount limit of the namespace: ");
	words__add_grouped(sb, o->op->mounts_before);
	strbuf__adds(sb, " of ");
	words__add_grouped(sb, o->op->mount_max);
	strbuf__adds(sb, ", not disk space");
}

static size_t add_mnt_ns(uint32_t inum, struct strbuf *sb)
{
	size_t from = sb->len;

	strbuf__adds(sb, "mnt:[");
	strbuf__addu(sb, inum);
	strbuf__addc(sb, ']');
	return sb->len - from;
}

size_t op_words__add_target(const struct view *v, const struct operation *o, struct strbuf *sb)
{
	if (o->target.len)
		return show__add(sb, o->target.p, o->target.len, v->utf8);
	if (o->op->new_ns_inum)
		return add_mnt_ns(o->op->new_ns_inum, sb);
	if (o->op->kind == MS_OP_NS_TEARDOWN && o->op->ns_inum)
		return add_mnt_ns(o->op->ns_inum, sb);
	strbuf__addc(sb, '-');
	return 1;
}

/* " +127": sign may take more bytes than its one column. */
static size_t add_count(const char *sign, uint64_t n, size_t columns, struct strbuf *sb)
{
	size_t from;

	if (!n)
		return columns;
	if (columns) {
		strbuf__addc(sb, ' ');
		columns++;
	}
	strbuf__adds(sb, sign);
	from = sb->len;
	words__add_grouped(sb, n);
	return columns + 1 + sb->len - from;
}

/* The effects cannot be seen, but the kernel's count before and after can. */
static size_t add_difference(const struct ms_op *op, struct strbuf *sb)
{
	if (op->mounts_after > op->mounts_before)
		return add_count("+", op->mounts_after - op->mounts_before, 0, sb);
	return add_count("-", op->mounts_before - op->mounts_after, 0, sb);
}

/* It succeeded, and what it did is of a sort that this run does not see. */
static bool is_unseen(const struct view *v, const struct ms_op *op)
{
	if (op->ret < 0)
		return false;
	switch (op->kind) {
	case MS_OP_PROPAGATION:
	case MS_OP_REMOUNT:
	case MS_OP_MOUNT_SETATTR:
		return v->blind & (MS_BLIND_EFFECTS | MS_BLIND_PROPAGATION);
	case MS_OP_UNSHARE:
	case MS_OP_CLONE:
	case MS_OP_CLONE3:
		return v->blind & (MS_BLIND_EFFECTS | MS_BLIND_SHORT_NS);
	default:
		return false;
	}
}

size_t op_words__add_fanout(const struct view *v, const struct operation *o, struct strbuf *sb)
{
	const struct ms_op *op = o->op;
	size_t columns = 0, from;

	columns = add_count("+", o->kinds[MS_EFF_ATTACH], columns, sb);
	columns = add_count("-", o->kinds[MS_EFF_DETACH], columns, sb);
	columns = add_count("~", o->kinds[MS_EFF_MOVE], columns, sb);
	columns = add_count(v->utf8 ? "\u00b1" : "%", o->kinds[MS_EFF_PROPAGATION], columns, sb);
	columns = add_count("*", o->kinds[MS_EFF_ATTR], columns, sb);
	columns = add_count("?", (uint64_t)o->kinds[0] + o->nr_lost, columns, sb);
	if (!columns && v->blind & MS_BLIND_EFFECTS && op->mounts_after && !op->new_ns_inum)
		columns = add_difference(op, sb);
	if (!columns) {
		strbuf__addc(sb, is_unseen(v, op) ? '?' : '0');
		return 1;
	}
	if (o->nr_ns < 2)
		return columns;
	from = sb->len;
	strbuf__adds(sb, " in ");
	words__add_grouped(sb, o->nr_ns);
	strbuf__adds(sb, " ns");
	return columns + sb->len - from;
}

size_t op_words__add_causes(const struct operation *o, struct strbuf *sb)
{
	size_t from = sb->len;

	for (unsigned c = 0; c < MS_CAUSE_MAX; c++) {
		if (!o->causes[c])
			continue;
		if (sb->len > from)
			strbuf__adds(sb, ", ");
		strbuf__adds(sb, cause__name(c));
		strbuf__addc(sb, ' ');
		words__add_grouped(sb, o->causes[c]);
	}
	if (sb->len == from)
		strbuf__addc(sb, '-');
	return sb->len - from;
}

/* ---- detail: parts joined by commas ----------------------------------------------------------- */

struct parts {
	struct strbuf *sb;
	size_t columns;
};

static void add_part(struct parts *p, const char *s)
{
	if (p->columns) {
		strbuf__adds(p->sb, ", ");
		p->columns += 2;
	}
	strbuf__adds(p->sb, s);
	p->columns += strlen(s);
}

static void add_escaped(struct parts *p, const char *before, struct str s, bool utf8)
{
	add_part(p, before);
	p->columns += show__add(p->sb, s.p, s.len, utf8);
}

static const char *propagation_type(uint64_t flags)
{
	bool rec = flags & MS_REC;

	if (flags & MS_SHARED)
		return rec ? "make rshared" : "make shared";
	if (flags & MS_SLAVE)
		return rec ? "make rslave" : "make slave";
	if (flags & MS_PRIVATE)
		return rec ? "make rprivate" : "make private";
	if (flags & MS_UNBINDABLE)
		return rec ? "make runbindable" : "make unbindable";
	return NULL;
}

static void add_flags(struct parts *p, const struct ms_op *op)
{
	const char *type;

	switch (op->kind) {
	case MS_OP_UMOUNT:
		if (op->sys_flags & MNT_FORCE)
			add_part(p, "forced");
		if (op->sys_flags & MNT_DETACH)
			add_part(p, "lazy");
		if (op->sys_flags & MNT_EXPIRE)
			add_part(p, "expire");
		break;
	case MS_OP_REMOUNT:
		add_part(p, op->sys_flags & MS_BIND ? "this mount" : "whole filesystem");
		/* fall through */
	case MS_OP_MOUNT:
		if (op->sys_flags & MS_RDONLY)
			add_part(p, "read-only");
		break;
	case MS_OP_PROPAGATION:
		type = propagation_type(op->sys_flags);
		if (type)
			add_part(p, type);
		break;
	default:
		break;
	}
}

/* The rest have no source, or "none" for want of one. */
static bool has_source(unsigned kind)
{
	return kind == MS_OP_MOUNT || kind == MS_OP_BIND || kind == MS_OP_RBIND ||
	       kind == MS_OP_MOVE || kind == MS_OP_OPEN_TREE || kind == MS_OP_MOVE_MOUNT;
}

static void add_what(struct parts *p, const struct view *v, const struct operation *o)
{
	struct str fstype = op_words__fstype(o), source = o->s.source;

	/* Of copied namespaces it would be that of whatever is their root. */
	if (fstype.len && !o->op->new_ns_inum && o->op->kind != MS_OP_NS_TEARDOWN)
		add_escaped(p, "", fstype, v->utf8);
	if (!source.len || !has_source(o->op->kind))
		return;
	/* "tmpfs from tmpfs" says nothing. */
	if (source.len == fstype.len && !memcmp(source.p, fstype.p, source.len))
		return;
	if (!p->columns) {
		add_escaped(p, "from ", source, v->utf8);
		return;
	}
	strbuf__adds(p->sb, " from ");
	p->columns += 6 + show__add(p->sb, source.p, source.len, v->utf8);
}

/* What is not the operation itself but how well it was seen. */
static void add_caveats(struct parts *p, const struct operation *o)
{
	size_t from;

	if (o->counted)
		add_part(p, "storm");
	if (o->nr_lost) {
		add_part(p, "");
		from = p->sb->len;
		words__add_grouped(p->sb, o->nr_lost);
		strbuf__adds(p->sb, " effects lost");
		p->columns += p->sb->len - from;
	}
	if (o->op->flags & MS_OPF_TRUNCATED)
		add_part(p, "text cut");
	if (o->op->flags & MS_OPF_SYNTHETIC && !o->op->kind && !o->causes[MS_CAUSE_SNAPSHOT])
		add_part(p, "its end was not seen");
}

size_t op_words__add_detail(const struct view *v, const struct operation *o, struct strbuf *sb)
{
	struct parts p = { .sb = sb };
	size_t from = sb->len;

	if (o->op->ret < 0) {
		op_words__add_meaning(o, sb);
		p.columns = sb->len - from;
	} else {
		add_what(&p, v, o);
		add_flags(&p, o->op);
	}
	add_caveats(&p, o);
	return p.columns;
}
