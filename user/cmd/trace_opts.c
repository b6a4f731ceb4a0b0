// SPDX-License-Identifier: BSD-2-Clause
/* The options of trace. */
#include "cmd/trace.h"

#include "cmd/option_values.h"
#include "cmd/options.h"
#include "sink/op_columns.h"

static int set_ops(void *opts, const char *value, struct strbuf *why)
{
	struct trace_opts *o = opts;
	struct str bad;
	int err = filter__add_ops(&o->filter, value, &bad);

	return err == -EINVAL
		       ? option__bad_name(why, bad, "operation", MS_OP_KIND_MAX, op_kind__name)
		       : err;
}

static int set_causes(void *opts, const char *value, struct strbuf *why)
{
	struct trace_opts *o = opts;
	struct str bad;
	int err = filter__add_causes(&o->filter, value, &bad);

	return err == -EINVAL ? option__bad_name(why, bad, "cause", MS_CAUSE_MAX, cause__name)
			      : err;
}

static int set_pids(void *opts, const char *value, struct strbuf *why)
{
	struct trace_opts *o = opts;
	struct str bad;
	int err = filter__add_pids(&o->filter, value, &bad);

	if (err == -EINVAL)
		strbuf__addf(why, "'%.*s' is no process id: give numbers, by comma", (int)bad.len,
			     bad.p);
	return err;
}

static int add_ns(struct filter_ns_list *l, const char *value, struct strbuf *why)
{
	struct str bad;
	int err = filter_ns_list__add(l, value, &bad);

	if (err == -EINVAL)
		strbuf__addf(why,
			     "'%.*s' names no namespace: give host, self, an inode number (lsns -t mnt) or pid:PID",
			     (int)bad.len, bad.p);
	return err;
}

static int set_ns(void *opts, const char *value, struct strbuf *why)
{
	return add_ns(&((struct trace_opts *)opts)->filter.ns, value, why);
}

static int set_actor_ns(void *opts, const char *value, struct strbuf *why)
{
	return add_ns(&((struct trace_opts *)opts)->filter.actor_ns, value, why);
}

#define GLOB_SETTER(name)                                                                          \
	static int set_##name(void *opts, const char *value, struct strbuf *why)                   \
	{                                                                                          \
		(void)why;                                                                         \
		return filter_globs__add(&((struct trace_opts *)opts)->filter.name, value);        \
	}

GLOB_SETTER(comm)
GLOB_SETTER(cgroup)
GLOB_SETTER(fstype)
GLOB_SETTER(path)

static int set_columns(void *opts, const char *value, struct strbuf *why)
{
	struct trace_opts *o = opts;
	const char *bad;
	size_t bad_len;
	int err;

	if (!strcmp(value, "help")) {
		column_table__help(&op_columns, stdout);
		return OPTIONS_DONE;
	}
	err = column_set__parse(&op_columns, value, &o->columns, &bad, &bad_len);
	if (err == -EINVAL)
		strbuf__addf(why, "there is no column '%.*s': '-o help' lists them", (int)bad_len,
			     bad);
	else if (err)
		strbuf__addf(why, "more than %d columns: give fewer", COLUMNS_MAX);
	o->columns_given = true;
	return err;
}

static int set_backend(void *opts, const char *value, struct strbuf *why)
{
	return option__backend(&((struct trace_opts *)opts)->backend, value, why);
}

static int set_color(void *opts, const char *value, struct strbuf *why)
{
	struct trace_opts *o = opts;

	if (!strcmp(value, "auto"))
		o->color = COLOR_AUTO;
	else if (!strcmp(value, "always"))
		o->color = COLOR_ALWAYS;
	else if (!strcmp(value, "never"))
		o->color = COLOR_NEVER;
	else {
		strbuf__adds(why, "give auto, always or never");
		return -EINVAL;
	}
	return 0;
}

#define AT(field) offsetof(struct trace_opts, field)

static const struct opt trace_rows[] = {
	{ "effects", 'e', NULL, "show each effect below its operation", OPT_FLAG, AT(effects), NULL,
	  0 },
	{ "json", 'J', NULL, "one JSON object a line, with everything", OPT_FLAG, AT(json), NULL,
	  0 },
	{ "output", 'o', "LIST", "columns; +LIST adds to the default, 'help' lists them", OPT_CALL,
	  0, set_columns, 0 },
	{ "ns", 'N', "NS", "acted from or changed: host, self, INODE, pid:PID", OPT_CALL, 0, set_ns,
	  0 },
	{ "actor-ns", 0, "NS", "acted from this namespace", OPT_CALL, 0, set_actor_ns, 0 },
	{ "pid", 'p', "PID", "by these processes", OPT_CALL, 0, set_pids, 0 },
	{ "comm", 'c', "GLOB", "by commands of this name", OPT_CALL, 0, set_comm, 0 },
	{ "cgroup", 'g', "GLOB", "from cgroups with this path", OPT_CALL, 0, set_cgroup, 0 },
	{ "op", 'O', "OP", "these operations", OPT_CALL, 0, set_ops, 0 },
	{ "cause", 0, "CAUSE", "with an effect of this cause", OPT_CALL, 0, set_causes, 0 },
	{ "fstype", 't', "GLOB", "of this filesystem type", OPT_CALL, 0, set_fstype, 0 },
	{ "path", 'P', "GLOB", "target, or mountpoint of an effect; '*' crosses '/'", OPT_CALL, 0,
	  set_path, 0 },
	{ "failed", 'x', NULL, "failed ones only", OPT_FLAG, AT(failed), NULL, 0 },
	{ "min-fanout", 0, "N", "with at least N effects", OPT_U32, AT(min_fanout), NULL, 0 },
	{ "min-latency", 0, "TIME", "that took at least this: 100us, 5ms, 1s", OPT_DURATION,
	  AT(min_latency_ns), NULL, 0 },
	{ "duration", 'd', "TIME", "end after this time", OPT_DURATION, AT(duration_ns), NULL, 0 },
	{ "count", 'n', "N", "end after N operations shown", OPT_U64, AT(count), NULL, 0 },
	{ "from", 0, "FILE", "replay a recording ('-': standard input); needs no root", OPT_STRING,
	  AT(from), NULL, NEEDS_ROOT },
	{ "backend", 0, "NAME", "fentry, kprobe, tracepoint or poll, instead of the best", OPT_CALL,
	  0, set_backend, 0 },
	{ "buffer", 0, "MIB", "size of the ring buffer (8)", OPT_U32, AT(buffer_mib), NULL, 0 },
	{ "storm-limit", 0, "N", "effects of one operation beyond which they are counted (4096)",
	  OPT_U32, AT(storm_limit), NULL, 0 },
	{ "color", 0, "WHEN", "auto, always or never", OPT_CALL, 0, set_color, 0 },
	{ "no-heading", 0, NULL, "do not print the heading", OPT_FLAG, AT(no_heading), NULL, 0 },
	{ "no-summary", 0, NULL, "do not print the summary at the end", OPT_FLAG, AT(no_summary),
	  NULL, 0 },
	{},
};

static void print_names(FILE *out, const char *heading, unsigned end, value_name_fn name)
{
	struct strbuf sb __cleanup(strbuf__free) = {};

	option__add_names(&sb, end, name);
	(void)fprintf(out, "\n%s\n  %s\n", heading, strbuf__str(&sb));
}

static void print_more(FILE *out)
{
	column_table__help(&op_columns, out);
	print_names(out, "Operations (--op):", MS_OP_KIND_MAX, op_kind__name);
	print_names(out, "Causes (--cause):", MS_CAUSE_MAX, cause__name);
}

const struct usage trace_usage = {
	.operands = "[-- COMMAND [ARGUMENT...]]",
	.opts = trace_rows,
	.opts_size = sizeof(struct trace_opts),
	.max_operands = -1,
	.notes = "Lists are separated by commas. With a COMMAND, tracing ends when it does.\n"
		 "Standard output is data, standard error is talk.",
	.more = print_more,
};
