// SPDX-License-Identifier: BSD-2-Clause
/* The columns of an operation. */
#include "sink/op_columns.h"

#include "sink/show.h"
#include "sink/op_words.h"
#include "sink/words.h"

static const struct op_row *row_of(const void *row)
{
	return row;
}

static const struct ms_op *op_of(const void *row)
{
	return row_of(row)->o->op;
}

static bool is_synthetic(const struct ms_op *op)
{
	return op->flags & MS_OPF_SYNTHETIC;
}

static struct value u64_value(uint64_t v)
{
	return (struct value){ .kind = VALUE_U64, .u = v };
}

static struct value id_value(uint64_t v)
{
	return (struct value){ .kind = v ? VALUE_U64 : VALUE_NONE, .u = v };
}

static struct value str_value(struct str s)
{
	return (struct value){ .kind = VALUE_STR, .s = { s.p, s.len } };
}

static struct value cstr_value(const char *s)
{
	return s ? str_value((struct str){ s, strlen(s) }) : (struct value){};
}

static struct value comm_value(const char *comm, size_t size)
{
	size_t len = strnlen(comm, size);

	return len ? str_value((struct str){ comm, len }) : (struct value){};
}

/* What only an operation that was seen to end has. */
#define KNOWN_U64(name, field)                                                                     \
	static struct value get_##name(const void *row)                                            \
	{                                                                                          \
		const struct ms_op *op = op_of(row);                                               \
                                                                                                   \
		return is_synthetic(op) && !op->field ? (struct value){} : u64_value(op->field);   \
	}

KNOWN_U64(pid, pid)
KNOWN_U64(ppid, ppid)
KNOWN_U64(uid, uid)
KNOWN_U64(sys_flags, sys_flags)

#define ID(name, expr)                                                                             \
	static struct value get_##name(const void *row)                                            \
	{                                                                                          \
		const struct ms_op *op = op_of(row);                                               \
                                                                                                   \
		return id_value(expr);                                                             \
	}

ID(tid, op->hdr.tid)
ID(op_id, op->hdr.op_id)
ID(ns_inum, op->ns_inum)
ID(ns_id, op->ns_id)
ID(new_ns_inum, op->new_ns_inum)
ID(new_ns_id, op->new_ns_id)
ID(cgroup_id, op->cgroup_id)
ID(mounts_before, op->mounts_before)
ID(mounts_after, op->mounts_after)
ID(mount_max, op->mount_max)

#define COUNT(name, expr)                                                                          \
	static struct value get_##name(const void *row)                                            \
	{                                                                                          \
		const struct operation *o = row_of(row)->o;                                        \
                                                                                                   \
		return u64_value(expr);                                                            \
	}

COUNT(nr_effects, operation__fanout(o))
COUNT(attached, o->kinds[MS_EFF_ATTACH])
COUNT(detached, o->kinds[MS_EFF_DETACH])
COUNT(moved, o->kinds[MS_EFF_MOVE])
COUNT(propagation, o->kinds[MS_EFF_PROPAGATION])
COUNT(attributes, o->kinds[MS_EFF_ATTR])
COUNT(other, o->kinds[0])
COUNT(counted, o->counted)
COUNT(nr_lost, o->nr_lost)
COUNT(nr_ns, o->nr_ns)

static struct value get_time(const void *row)
{
	const struct op_row *r = row_of(row);

	strbuf__reset(r->scratch);
	words__add_timestamp(r->scratch, view__realtime(r->view, r->o->op->hdr.ktime_ns));
	return cstr_value(strbuf__str(r->scratch));
}

static size_t text_time(const void *row, struct strbuf *sb)
{
	const struct op_row *r = row_of(row);

	words__add_clock(sb, view__realtime(r->view, r->o->op->hdr.ktime_ns));
	return 12;
}

static struct value get_start(const void *row)
{
	return id_value(op_of(row)->hdr.ktime_ns);
}

/* Seconds since the first record, as strace -r and ftrace count. */
static size_t text_start(const void *row, struct strbuf *sb)
{
	const struct op_row *r = row_of(row);
	uint64_t now = r->o->op->hdr.ktime_ns, us;
	size_t from = sb->len;
	char fraction[7] = ".";

	/* What was under way when tracing began may have started before. */
	us = now > r->view->start_ns ? (now - r->view->start_ns) / 1000 : 0;
	strbuf__addu(sb, us / 1000000);
	for (unsigned i = 6, rest = (unsigned)(us % 1000000); i > 0; i--, rest /= 10)
		fraction[i] = (char)('0' + rest % 10);
	strbuf__add(sb, fraction, sizeof(fraction));
	return sb->len - from;
}

static struct value get_latency(const void *row)
{
	const struct ms_op *op = op_of(row);

	if (is_synthetic(op) || op->end_ns < op->hdr.ktime_ns)
		return (struct value){};
	return u64_value(op->end_ns - op->hdr.ktime_ns);
}

static size_t text_latency(const void *row, struct strbuf *sb)
{
	struct value v = get_latency(row);
	size_t from = sb->len;

	if (v.kind == VALUE_NONE)
		strbuf__addc(sb, '-');
	else
		words__add_duration(sb, v.u);
	return sb->len - from;
}

static struct value get_comm(const void *row)
{
	return comm_value(op_of(row)->comm, sizeof(op_of(row)->comm));
}

static struct value get_pcomm(const void *row)
{
	return comm_value(op_of(row)->pcomm, sizeof(op_of(row)->pcomm));
}

/* comm/pid */
static size_t text_by(const void *row, struct strbuf *sb)
{
	const struct ms_op *op = op_of(row);
	size_t len = strnlen(op->comm, sizeof(op->comm)), from, columns;

	if (len)
		columns = show__add(sb, op->comm, len, row_of(row)->view->utf8);
	else
		columns = show__add(sb, "?", 1, true);
	if (!op->pid && !op->hdr.tid)
		return columns;
	from = sb->len;
	strbuf__addc(sb, '/');
	strbuf__addu(sb, op->pid ? op->pid : op->hdr.tid);
	return columns + sb->len - from;
}

static size_t text_ns(const void *row, struct strbuf *sb)
{
	return view__add_ns(row_of(row)->view, op_of(row)->ns_inum, sb);
}

static size_t text_new_ns(const void *row, struct strbuf *sb)
{
	return view__add_ns(row_of(row)->view, op_of(row)->new_ns_inum, sb);
}

static struct value get_cgroup(const void *row)
{
	const struct op_row *r = row_of(row);
	struct str path = cgroup_map__path(r->view->cgroups, r->o->op->cgroup_id);

	return path.len ? str_value(path) : (struct value){};
}

static struct value get_op(const void *row)
{
	return cstr_value(op_words__kind(row_of(row)->o));
}

static struct value get_target(const void *row)
{
	struct str target = row_of(row)->o->target;

	return target.len ? str_value(target) : (struct value){};
}

static size_t text_target(const void *row, struct strbuf *sb)
{
	return op_words__add_target(row_of(row)->view, row_of(row)->o, sb);
}

static struct value get_argument(const void *row)
{
	const struct operation *o = row_of(row)->o;

	return o->op->flags & MS_OPF_NO_TARGET ? (struct value){} : str_value(o->s.target);
}

static struct value get_dfd(const void *row)
{
	int dfd = op_of(row)->dfd;

	return dfd < 0 ? (struct value){} : (struct value){ .kind = VALUE_I64, .i = dfd };
}

static struct value get_source(const void *row)
{
	const struct operation *o = row_of(row)->o;

	if (o->s.source.len)
		return str_value(o->s.source);
	return o->main && o->main->source.len ? str_value(o->main->source) : (struct value){};
}

static struct value get_fstype(const void *row)
{
	struct str s = op_words__fstype(row_of(row)->o);

	return s.len ? str_value(s) : (struct value){};
}

static struct value get_result(const void *row)
{
	return cstr_value(op_words__result(row_of(row)->o));
}

static size_t text_result(const void *row, struct strbuf *sb)
{
	const struct ms_op *op = op_of(row);
	const char *s = op_words__result(row_of(row)->o);
	size_t from = sb->len;

	if (s)
		strbuf__adds(sb, s);
	else if (op->ret < 0)
		strbuf__addu(sb, -(uint64_t)(int64_t)op->ret);
	else
		strbuf__addc(sb, '-');
	return sb->len - from;
}

static struct value get_ret(const void *row)
{
	const struct ms_op *op = op_of(row);

	if (is_synthetic(op))
		return (struct value){};
	return (struct value){ .kind = VALUE_I64, .i = op->ret };
}

static struct value get_meaning(const void *row)
{
	const struct op_row *r = row_of(row);

	if (r->o->op->ret >= 0)
		return (struct value){};
	strbuf__reset(r->scratch);
	op_words__add_meaning(r->o, r->scratch);
	return cstr_value(strbuf__str(r->scratch));
}

static size_t text_fanout(const void *row, struct strbuf *sb)
{
	return op_words__add_fanout(row_of(row)->view, row_of(row)->o, sb);
}

static size_t text_causes(const void *row, struct strbuf *sb)
{
	return op_words__add_causes(row_of(row)->o, sb);
}

static size_t text_detail(const void *row, struct strbuf *sb)
{
	return op_words__add_detail(row_of(row)->view, row_of(row)->o, sb);
}

static struct value get_storm(const void *row)
{
	const struct operation *o = row_of(row)->o;

	return (struct value){ .kind = VALUE_BOOL, .b = o->counted || o->op->flags & MS_OPF_STORM };
}

static struct value get_truncated(const void *row)
{
	return (struct value){ .kind = VALUE_BOOL, .b = op_of(row)->flags & MS_OPF_TRUNCATED };
}

static struct value get_ended(const void *row)
{
	return (struct value){ .kind = VALUE_BOOL, .b = !is_synthetic(op_of(row)) };
}

static const struct column columns[] = {
	{ "TIME", "time", "when it started, UTC", 12, false, get_time, text_time },
	{ "START", "start_ns", "seconds since tracing began (JSON: CLOCK_MONOTONIC)", 10, true,
	  get_start, text_start },
	{ "LATENCY", "latency_ns", "from its start to its end", 7, true, get_latency,
	  text_latency },
	{ "BY", NULL, "command and process: COMM/PID", 20, false, NULL, text_by },
	{ "COMM", "comm", "command name of the thread", 15, false, get_comm, NULL },
	{ "PID", "pid", "process", 7, true, get_pid, NULL },
	{ "TID", "tid", "thread", 7, true, get_tid, NULL },
	{ "PPID", "ppid", "parent process", 7, true, get_ppid, NULL },
	{ "PCOMM", "pcomm", "command name of the parent", 15, false, get_pcomm, NULL },
	{ "UID", "uid", "user", 5, true, get_uid, NULL },
	{ "CGROUP", "cgroup", "cgroup path", 30, false, get_cgroup, NULL },
	{ "CGROUPID", "cgroup_id", "cgroup id", 8, true, get_cgroup_id, NULL },
	{ "NS", "ns", "mount namespace of the actor: host, or its inode number", 10, false,
	  get_ns_inum, text_ns },
	{ "NSID", "ns_id", "64-bit id of that namespace, where the kernel has one", 8, true,
	  get_ns_id, NULL },
	{ "NEWNS", "new_ns", "namespace made or entered", 10, false, get_new_ns_inum, text_new_ns },
	{ "NEWNSID", "new_ns_id", "its 64-bit id", 8, true, get_new_ns_id, NULL },
	{ "OP", "op", "operation", 13, false, get_op, NULL },
	{ "FANOUT", NULL,
	  "effects: + attached, - detached, ~ moved, ± propagation, * attributes, ? other", 14,
	  false, NULL, text_fanout },
	{ "RESULT", "result", "ok, or the name of the error", 6, false, get_result, text_result },
	{ "RET", "ret", "return value of the system call", 5, true, get_ret, NULL },
	{ "MEANING", "meaning", "what the error means", 30, false, get_meaning, NULL },
	{ "TARGET", "target", "mountpoint; of a failure the argument; or the namespace", 30, false,
	  get_target, text_target },
	{ "ARGUMENT", "argument", "target as it was given to the system call", 24, false,
	  get_argument, NULL },
	{ "DFD", "dfd", "directory descriptor that the argument is relative to", 3, true, get_dfd,
	  NULL },
	{ "SOURCE", "source", "source as given, or as the mount has it", 16, false, get_source,
	  NULL },
	{ "FSTYPE", "fstype", "filesystem type", 8, false, get_fstype, NULL },
	{ "FLAGS", "sys_flags", "flags of the system call, as a number", 8, true, get_sys_flags,
	  NULL },
	{ "DETAIL", NULL, "filesystem, source, flags, or what the error means", 20, false, NULL,
	  text_detail },
	{ "CAUSES", NULL, "effects by cause", 30, false, NULL, text_causes },
	{ "EFFECTS", "effects_total", "effects in all namespaces", 7, true, get_nr_effects, NULL },
	{ "ATTACHED", "attached", "mounts that appeared", 8, true, get_attached, NULL },
	{ "DETACHED", "detached", "mounts that went away", 8, true, get_detached, NULL },
	{ "MOVED", "moved", "mounts that have another parent or mountpoint", 5, true, get_moved,
	  NULL },
	{ "PROPAGATION", "propagation", "mounts whose propagation changed", 11, true,
	  get_propagation, NULL },
	{ "ATTRIBUTES", "attributes", "mounts whose flags changed", 10, true, get_attributes,
	  NULL },
	{ "OTHER", "other", "other effects of a storm", 5, true, get_other, NULL },
	{ "COUNTED", "effects_counted", "effects that were only counted (a storm)", 7, true,
	  get_counted, NULL },
	{ "LOST", "effects_lost", "effects that the kernel made and that did not arrive", 5, true,
	  get_nr_lost, NULL },
	{ "NSS", "namespaces_total", "namespaces in which something changed", 4, true, get_nr_ns,
	  NULL },
	{ "BEFORE", "mounts_before", "mounts of the actor's namespace before", 7, true,
	  get_mounts_before, NULL },
	{ "AFTER", "mounts_after", "and after", 7, true, get_mounts_after, NULL },
	{ "MAX", "mount_max", "fs.mount-max, when it was the reason", 7, true, get_mount_max,
	  NULL },
	{ "OPID", "op_id", "id that joins an operation with its effects", 10, true, get_op_id,
	  NULL },
	{ "STORM", "storm", "more effects than are sent one by one", 5, false, get_storm, NULL },
	{ "TRUNCATED", "truncated", "a string was longer than a record holds", 9, false,
	  get_truncated, NULL },
	{ "ENDED", "ended", "its end was seen", 5, false, get_ended, NULL },
};
_Static_assert(ARRAY_SIZE(columns) <= COLUMNS_MAX, "struct column_set");

const struct column_table op_columns = {
	.v = columns,
	.n = ARRAY_SIZE(columns),
	.default_list = "TIME,LATENCY,BY,NS,OP,FANOUT,RESULT,TARGET,DETAIL",
};

const char *op_columns__style(const struct column *c, const void *row)
{
	const struct operation *o = row_of(row)->o;

	if (c->text == text_result || c->text == text_detail)
		return o->op->ret < 0 ? "\033[31m" : NULL;
	if (c->text == text_fanout)
		return operation__fanout(o) > 1 ? "\033[1;33m" : NULL;
	if (c->text == text_time)
		return "\033[2m";
	return NULL;
}
