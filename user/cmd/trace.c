// SPDX-License-Identifier: BSD-2-Clause
/* trace: operations as they happen, or as a recording has them. */
#include "cmd/trace.h"

#include <langinfo.h>

#include "cmd/child.h"
#include "cmd/cmd.h"
#include "cmd/ns_arg.h"
#include "cmd/option_values.h"
#include "cmd/session.h"
#include "sink/op_columns.h"
#include "sink/op_json.h"
#include "sink/out.h"
#include "sink/summary.h"
#include "sink/text.h"
#include "sink/words.h"

/* What trace_record() returns to end the run: the cause is in struct trace. */
#define TRACE_STOP (-ECANCELED)

/* Namespaces of which it is said one by one that they were read again. */
#define REREAD_SAID 4

struct trace {
	struct trace_opts *opts;
	struct session *session;
	struct world *world;
	struct assembler *assembler;
	struct cgroup_map *cgroups;
	struct view view;
	struct text text;
	struct op_json json;
	struct summary summary;
	struct out out;
	struct child child;
	uint64_t nr_records;
	__u64 lost_said[MS_LOSS_NR];
	bool headed;
	int err; /* -errno of what is ours, not the session's */
	int child_err;
};

static void trace__done(struct trace *t)
{
	session__free(t->session);
	assembler__free(t->assembler);
	world__free(t->world);
	cgroup_map__free(t->cgroups);
	text__done(&t->text);
	op_json__done(&t->json);
	out__done(&t->out);
	filter__free(&t->opts->filter);
}

/* ---- records ---------------------------------------------------------------------------------- */

static void say_blind(unsigned blind)
{
	struct strbuf sb __cleanup(strbuf__free) = {};

	for (unsigned bit = 1; bit < 1u << 8; bit <<= 1) {
		if (!(blind & bit) || !blind__words(bit))
			continue;
		if (sb.len)
			strbuf__adds(&sb, "; ");
		strbuf__adds(&sb, blind__words(bit));
	}
	if (sb.len)
		say("this run does not see everything: %s ('mountscope probe' says why)", sb.buf);
}

/* Where operations are not seen, filters by what only they have let nothing through. */
static void say_useless_filters(const struct trace_opts *o, unsigned blind)
{
	const struct filter *f = &o->filter;

	if (!(blind & MS_BLIND_OPS))
		return;
	if (f->pids.n || f->comm.n || f->cgroup.n || f->actor_ns.n || f->ops || f->failed ||
	    f->min_latency_ns)
		say("nothing will be shown: this run does not see who does what, so --pid, --comm, --cgroup, --actor-ns, --op, --failed and --min-latency match nothing: leave them out, or see 'mountscope probe' for what a better backend needs");
}

static int on_meta(struct trace *t, const struct ms_hdr *rec, size_t size)
{
	const struct ms_meta *meta;
	struct str kernel, host;
	int err = decode__meta(rec, size, &meta, &kernel, &host);

	if (err)
		return err;
	view__set_meta(&t->view, meta);
	summary__meta(&t->summary, meta, kernel);
	assembler__set_blind(t->assembler, meta->blind);
	filter__resolve(&t->opts->filter, meta->host_ns_inum, meta->self_ns_inum);
	if (t->opts->json)
		op_json__meta(&t->json, meta, kernel, host, &t->out.buf);
	say_blind(meta->blind);
	say_useless_filters(t->opts, meta->blind);
	return 0;
}

/* Said when it begins, and whenever it has doubled. */
static int on_loss(struct trace *t, const struct ms_hdr *rec, size_t size)
{
	const struct ms_loss *loss;
	int err = decode__loss(rec, size, &loss);

	if (err || !memcmp(loss->lost, t->summary.lost, sizeof(loss->lost)))
		return err;
	summary__loss(&t->summary, loss);
	if (t->opts->json)
		op_json__losses(&t->json, loss, &t->out.buf);
	for (unsigned k = 0; k < MS_LOSS_NR; k++) {
		if (loss->lost[k] / 2 < t->lost_said[k] || loss->lost[k] == t->lost_said[k])
			continue;
		t->lost_said[k] = loss->lost[k];
		say("lost so far: %llu %s%s", loss->lost[k], words__loss(k),
		    k == MS_LOSS_RING ? " (--buffer makes it larger)" : "");
	}
	return 0;
}

/* A namespace that was only counted for a while, after a storm or a loss, is whole again. */
static void on_reread(struct trace *t, const struct mntns *ns)
{
	if (t->summary.reread++ < REREAD_SAID)
		say("namespace %u was read again: %u mounts", ns->inum, ns->nr_mounts);
	else if (t->summary.reread == REREAD_SAID + 1)
		say("more namespaces are read again; the summary has their number");
}

static int feed_snap_end(struct trace *t, const struct ms_hdr *rec, size_t size)
{
	uint32_t inum = size >= sizeof(struct ms_snap) ? ((const struct ms_snap *)rec)->ns_inum : 0;
	const struct mntns *ns = world__ns(t->world, inum);
	bool stale = ns && ns->stale && ns->listed;
	int err = assembler__feed(t->assembler, rec, size);

	ns = world__ns(t->world, inum);
	if (!err && stale && ns && !ns->stale)
		on_reread(t, ns);
	return err;
}

/* operation_fn */
static int on_operation(void *arg, const struct operation *o)
{
	struct trace *t = arg;
	struct str cgroup = cgroup_map__path(t->cgroups, o->op->cgroup_id);

	if (!filter__match(&t->opts->filter, o, cgroup)) {
		t->summary.filtered++;
		return 0;
	}
	summary__operation(&t->summary, o);
	if (t->opts->json) {
		op_json__operation(&t->json, o, &t->out.buf);
	} else {
		if (!t->headed && !t->opts->no_heading)
			text__heading(&t->text, &t->out.buf);
		t->headed = true;
		text__operation(&t->text, o, &t->out.buf);
	}
	return t->summary.operations == t->opts->count ? TRACE_STOP : 0;
}

/* record_fn */
static int trace_record(void *arg, const struct ms_hdr *rec, size_t size)
{
	struct trace *t = arg;
	int err = 0;

	t->nr_records++;
	summary__record(&t->summary, rec);
	switch (rec->type) {
	case MS_REC_META:
		err = on_meta(t, rec, size);
		break;
	case MS_REC_LOSS:
		err = on_loss(t, rec, size);
		break;
	case MS_REC_CGROUP:
		err = cgroup_map__apply(t->cgroups, rec, size);
		break;
	default:
		t->summary.unknown_records += rec->type > MS_REC_META || !rec->type;
		break;
	}
	if (!err && rec->type == MS_REC_SNAP_END)
		err = feed_snap_end(t, rec, size);
	else if (!err)
		err = assembler__feed(t->assembler, rec, size);
	if (err < 0 && err != TRACE_STOP)
		t->err = err;
	/* A failure of stdout is kept in out. */
	return err ? err : out__commit(&t->out) ? TRACE_STOP : 0;
}

static void trace_idle(void *arg)
{
	struct trace *t = arg;

	if (out__flush(&t->out))
		session__stop(t->session);
}

static int trace_ready(void *arg)
{
	struct trace *t = arg;

	if (!t->child.argv)
		return 0;
	t->child_err = child__start(&t->child, t->session);
	return t->child_err ? TRACE_STOP : 0;
}

/* ---- the run ---------------------------------------------------------------------------------- */

/* What BPF can leave out by itself; it is judged again when it comes. */
static void fill_live_filter(const struct filter *f, struct live_filter *live)
{
	if (f->pids.n == 1)
		live->tgid = f->pids.v[0];
	if (f->actor_ns.n == 1)
		live->ns_inum = f->actor_ns.v[0].inum;
}

static int prepare_filter(struct trace_opts *o)
{
	struct filter *f = &o->filter;
	int status;

	f->failed = o->failed;
	f->min_fanout = o->min_fanout;
	f->min_latency_ns = o->min_latency_ns;
	if (o->from) {
		status = ns_arg__check_replay(&f->ns);
		return status ? status : ns_arg__check_replay(&f->actor_ns);
	}
	status = ns_arg__resolve_live(&f->ns);
	return status ? status : ns_arg__resolve_live(&f->actor_ns);
}

static void prepare_sinks(struct trace *t)
{
	struct trace_opts *o = t->opts;
	const char *bad;
	size_t bad_len;

	t->view.cgroups = t->cgroups;
	t->view.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	t->view.color = o->color == COLOR_ALWAYS ||
			(o->color == COLOR_AUTO && isatty(STDOUT_FILENO) && !getenv("NO_COLOR"));
	if (!o->columns_given && o->json)
		column_set__all_keys(&op_columns, &o->columns);
	else if (!o->columns_given)
		(void)column_set__parse(&op_columns, op_columns.default_list, &o->columns, &bad,
					&bad_len);
	t->text = (struct text){ .view = &t->view, .columns = o->columns, .effects = o->effects };
	t->json = (struct op_json){ .view = &t->view,
				    .columns = o->columns,
				    .effects = !o->columns_given || o->effects };
	out__init(&t->out, STDOUT_FILENO);
}

static int prepare_model(struct trace *t)
{
	const struct trace_opts *o = t->opts;
	struct assemble_opts opts = {
		.keep_effects = o->effects || filter__needs_effects(&o->filter) ||
				(o->json && !o->columns_given),
	};
	int err = world__new(&t->world);

	if (!err)
		err = cgroup_map__new(&t->cgroups);
	if (!err)
		err = assembler__new(t->world, &opts, on_operation, t, &t->assembler);
	return err;
}

/* A replay only knows at its end whether it was about that namespace. */
static int check_ns_seen(const struct filter_ns_list *l, const struct world *w)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct filter_ns *ns = &l->v[i];

		if (ns->seen || (ns->inum && world__ns(w, ns->inum)))
			continue;
		return fail(EXIT_USAGE,
			    "cannot filter by namespace %u: it does not occur in this recording: without --ns the column NS shows which do",
			    ns->inum);
	}
	return 0;
}

static void print_summary(struct trace *t)
{
	struct strbuf sb __cleanup(strbuf__free) = {};

	t->summary.namespaces = world__nr_ns(t->world);
	t->summary.mounts = world__nr_mounts(t->world);
	if (t->opts->json)
		op_json__summary(&t->json, &t->summary, &t->out.buf);
	(void)out__flush(&t->out);
	if (t->opts->no_summary || t->out.err)
		return;
	summary__text(&t->summary, &sb);
	if (sb.len)
		(void)!write(STDERR_FILENO, sb.buf, sb.len);
}

/* err: of session__run(). */
static int trace_status(struct trace *t, int err)
{
	int status;

	if (t->out.err)
		return stdout_status(t->out.err);
	if (t->child_err)
		return fail(EXIT_FAILED, "cannot run '%s': %s", t->child.argv[0],
			    strerror(-t->child_err));
	if (t->err)
		return fail_unless_said(EXIT_FAILED, "cannot go on after record %llu: %s",
					(unsigned long long)t->nr_records, strerror(-t->err));
	if (err < 0 && err != TRACE_STOP)
		return fail_unless_said(EXIT_FAILED, "cannot go on: %s", strerror(-err));
	status = t->opts->from ? check_ns_seen(&t->opts->filter.ns, t->world) : EXIT_FINE;
	if (!status && t->opts->from)
		status = check_ns_seen(&t->opts->filter.actor_ns, t->world);
	child__report(&t->child);
	return status;
}

static int trace__run(struct trace *t)
{
	const struct trace_opts *o = t->opts;
	struct session_opts opts = {
		.from = o->from,
		.live = { .backend = o->backend,
			  .storm_limit = o->storm_limit,
			  .ring_bytes = o->buffer_mib << 20 },
		.duration_ns = o->duration_ns,
		.ready = trace_ready,
		.idle = trace_idle,
		.arg = t,
	};
	int status = EXIT_FAILED, err;

	fill_live_filter(&o->filter, &opts.live.filter);
	t->session = session__open(&opts, &status);
	if (!t->session)
		return status;
	err = session__run(t->session, trace_record, t);
	child__finish(&t->child);
	if (!err && assembler__end(t->assembler) == -ENOMEM)
		t->err = -ENOMEM;
	print_summary(t);
	return trace_status(t, err);
}

int cmd_trace(void *opts, int argc, char **argv)
{
	struct trace t __cleanup(trace__done) = { .opts = opts };
	int status;

	if (argc && t.opts->from)
		return fail(EXIT_USAGE,
			    "cannot run '%s': a recording is replayed: leave out one of them",
			    argv[0]);
	if (option__check_buffer(t.opts->buffer_mib))
		return EXIT_USAGE;
	t.child.argv = argc ? argv : NULL;
	status = prepare_filter(t.opts);
	if (status)
		return status;
	if (prepare_model(&t))
		return fail(EXIT_FAILED, "cannot start: %s", strerror(ENOMEM));
	prepare_sinks(&t);
	return trace__run(&t);
}
