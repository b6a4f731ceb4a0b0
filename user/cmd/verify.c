// SPDX-License-Identifier: BSD-2-Clause
/* verify: is the mirror what the kernel says, in every namespace that lives? */
#include "model/verify.h"

#include <libsmartcols.h>

#include "cmd/child.h"
#include "cmd/cmd.h"
#include "cmd/option_values.h"
#include "cmd/options.h"
#include "cmd/session.h"
#include "sink/json.h"
#include "sink/out.h"
#include "sink/show.h"
#include "sink/words.h"

struct verify_opts {
	const char *from;
	uint64_t duration_ns;
	enum ms_backend backend;
	uint32_t buffer_mib;
	bool json;
};

struct verify {
	const struct verify_opts *opts;
	struct session *session;
	struct world *mirror, *truth;
	struct child child;
	struct libscols_table *table;
	struct out out;
	struct strbuf cell;
	uint64_t nr_records, nr_ops, nr_effects, nr_storms;
	bool has_truth;
	int child_err, err;
};

static int set_backend(void *opts, const char *value, struct strbuf *why)
{
	return option__backend(&((struct verify_opts *)opts)->backend, value, why);
}

#define AT(field) offsetof(struct verify_opts, field)

static const struct opt verify_rows[] = {
	{ "json", 'J', NULL, "differences and summary as JSON, one object a line", OPT_FLAG,
	  AT(json), NULL, 0 },
	{ "duration", 'd', "TIME", "follow for this time before comparing", OPT_DURATION,
	  AT(duration_ns), NULL, 0 },
	{ "from", 0, "FILE", "a recording, with what the kernel said at its end; needs no root",
	  OPT_STRING, AT(from), NULL, NEEDS_ROOT },
	{ "backend", 0, "NAME", "fentry, kprobe, tracepoint or poll, instead of the best", OPT_CALL,
	  0, set_backend, 0 },
	{ "buffer", 0, "MIB", "size of the ring buffer (8)", OPT_U32, AT(buffer_mib), NULL, 0 },
	{},
};

const struct usage verify_usage = {
	.operands = "[-- COMMAND [ARGUMENT...]]",
	.opts = verify_rows,
	.opts_size = sizeof(struct verify_opts),
	.max_operands = -1,
	.notes =
		"Follows all mounts until the command ends (the time is up, or a signal comes), then\n"
		"compares what it believes with what the kernel says. Exit status 0: equal, or every\n"
		"difference is covered by reported loss; 1: not.",
};

static void verify__done(struct verify *v)
{
	session__free(v->session);
	world__free(v->mirror);
	world__free(v->truth);
	scols_unref_table(v->table);
	strbuf__free(&v->cell);
	out__done(&v->out);
}

/* ---- following -------------------------------------------------------------------------------- */

static void count(struct verify *v, const struct ms_hdr *rec, size_t size)
{
	v->nr_records++;
	switch (rec->type) {
	case MS_REC_OP:
		v->nr_ops++;
		break;
	case MS_REC_STORM:
		v->nr_storms++;
		break;
	case MS_REC_EFFECT:
		if (size >= sizeof(struct ms_effect))
			v->nr_effects += ((const struct ms_effect *)rec)->kind != MS_EFF_LISTED;
		break;
	case MS_REC_SNAP_END:
		if (size >= sizeof(struct ms_snap) &&
		    ((const struct ms_snap *)rec)->flags & MS_SNAP_TRUTH)
			v->has_truth = true;
		break;
	default:
		break;
	}
}

/* record_fn. Each world takes the snapshots that are meant for it. */
static int verify_record(void *arg, const struct ms_hdr *rec, size_t size)
{
	struct verify *v = arg;

	count(v, rec, size);
	v->err = world__apply(v->mirror, rec, size, NULL, NULL);
	if (!v->err)
		v->err = world__apply(v->truth, rec, size, NULL, NULL);
	return v->err;
}

static int verify_ready(void *arg)
{
	struct verify *v = arg;

	if (v->child.argv)
		v->child_err = child__start(&v->child, v->session);
	return v->child_err;
}

/* ---- differences ------------------------------------------------------------------------------ */

enum { COL_NS, COL_MOUNT, COL_WHAT, COL_WANT, COL_GOT, NR_COLS };

static const char *const headings[NR_COLS] = {
	[COL_NS] = "NS",       [COL_MOUNT] = "MOUNT", [COL_WHAT] = "WHAT",
	[COL_WANT] = "KERNEL", [COL_GOT] = "MIRROR",
};

static const char *diff_name(const struct diff *d)
{
	switch (d->kind) {
	case DIFF_MISSING:
		return "missing in the mirror";
	case DIFF_EXTRA:
		return "not in the kernel";
	case DIFF_NS_MISSING:
		return "namespace missing in the mirror";
	case DIFF_NS_EXTRA:
		return "namespace nobody holds";
	case DIFF_FIELD:
		break;
	}
	return d->field ? d->field : "?";
}

static const char *diff_key(enum diff_kind kind)
{
	switch (kind) {
	case DIFF_MISSING:
		return "missing";
	case DIFF_EXTRA:
		return "extra";
	case DIFF_NS_MISSING:
		return "ns-missing";
	case DIFF_NS_EXTRA:
		return "ns-extra";
	case DIFF_FIELD:
		break;
	}
	return "field";
}

static const char *make_cell(struct verify *v, const char *s)
{
	strbuf__reset(&v->cell);
	if (!s)
		return "-";
	(void)show__add(&v->cell, s, strlen(s), true);
	return strbuf__str(&v->cell);
}

static const char *make_number(struct verify *v, uint32_t n)
{
	strbuf__reset(&v->cell);
	if (!n)
		return "-";
	strbuf__addu(&v->cell, n);
	return strbuf__str(&v->cell);
}

static int open_table(struct verify *v)
{
	v->table = scols_new_table();
	if (!v->table)
		return -ENOMEM;
	for (unsigned i = 0; i < NR_COLS; i++)
		if (!scols_table_new_column(v->table, headings[i], 0,
					    i <= COL_MOUNT ? SCOLS_FL_RIGHT : 0))
			return -ENOMEM;
	return 0;
}

static int table_diff(struct verify *v, const struct diff *d)
{
	struct libscols_line *line;
	int err = v->table ? 0 : open_table(v);

	if (err)
		return err;
	line = scols_table_new_line(v->table, NULL);
	if (!line || scols_line_set_data(line, COL_NS, make_number(v, d->ns_inum)) ||
	    scols_line_set_data(line, COL_MOUNT, make_number(v, d->mnt_id)) ||
	    scols_line_set_data(line, COL_WHAT, diff_name(d)) ||
	    scols_line_set_data(line, COL_WANT, make_cell(v, d->want)) ||
	    scols_line_set_data(line, COL_GOT, make_cell(v, d->got)))
		return -ENOMEM;
	return 0;
}

static void json_diff(struct verify *v, const struct diff *d)
{
	struct json j = { .sb = &v->out.buf };

	json__begin(&j, '{');
	json__member_cstr(&j, "type", "difference");
	json__member_cstr(&j, "kind", diff_key(d->kind));
	json__member_u64(&j, "ns", d->ns_inum);
	json__member_u64(&j, "mount_id", d->mnt_id);
	json__member_cstr(&j, "field", d->field);
	json__member_cstr(&j, "kernel", d->want);
	json__member_cstr(&j, "mirror", d->got);
	json__end(&j, '}');
	strbuf__addc(j.sb, '\n');
	(void)out__commit(&v->out);
}

/* diff_fn */
static void on_diff(void *arg, const struct diff *d)
{
	struct verify *v = arg;

	if (v->opts->json)
		json_diff(v, d);
	else if (!v->err)
		v->err = table_diff(v, d);
}

/* ---- the end ---------------------------------------------------------------------------------- */

static uint64_t nr_lost(const struct ms_loss *loss)
{
	uint64_t n = 0;

	for (unsigned k = 0; k < MS_LOSS_NR; k++)
		n += loss->lost[k];
	return n;
}

/*
 * Whether what was lost can be why mirror and kernel differ. A mount that went before it could be read is
 * in neither.
 */
static bool may_explain(const struct ms_loss *loss)
{
	return nr_lost(loss) > loss->lost[MS_LOSS_GONE];
}

static void json_summary(struct verify *v, size_t differences)
{
	const struct ms_loss *loss = session__loss(v->session);
	struct json j = { .sb = &v->out.buf };

	json__begin(&j, '{');
	json__member_cstr(&j, "type", "summary");
	json__member_u64(&j, "differences", differences);
	json__member_u64(&j, "namespaces", world__nr_ns(v->truth));
	json__member_u64(&j, "mounts", world__nr_mounts(v->truth));
	json__member_u64(&j, "operations", v->nr_ops);
	json__member_u64(&j, "effects", v->nr_effects);
	json__member_u64(&j, "storms", v->nr_storms);
	json__key(&j, "lost");
	json__begin(&j, '{');
	for (unsigned k = 0; k < MS_LOSS_NR; k++)
		json__member_u64(&j, loss__name(k), loss->lost[k]);
	json__end(&j, '}');
	json__end(&j, '}');
	strbuf__addc(j.sb, '\n');
}

static void add_tally(struct strbuf *sb, uint64_t n, const char *one, const char *many)
{
	words__add_grouped(sb, n);
	strbuf__adds(sb, n == 1 ? one : many);
}

static void text_summary(struct verify *v, size_t differences)
{
	const struct ms_loss *loss = session__loss(v->session);
	struct strbuf *sb = &v->out.buf;
	uint64_t lost = nr_lost(loss);

	add_tally(sb, world__nr_mounts(v->truth), " mount in ", " mounts in ");
	add_tally(sb, world__nr_ns(v->truth), " namespace compared after ",
		  " namespaces compared after ");
	add_tally(sb, v->nr_ops, " operation and ", " operations and ");
	add_tally(sb, v->nr_effects, " effect: ", " effects: ");
	add_tally(sb, differences, " difference, ", " differences, ");
	words__add_grouped(sb, lost);
	strbuf__adds(sb, differences && may_explain(loss) ? " lost, which may be why" : " lost");
	for (unsigned k = 0; k < MS_LOSS_NR; k++) {
		if (!loss->lost[k])
			continue;
		strbuf__adds(sb, "; ");
		words__add_grouped(sb, loss->lost[k]);
		strbuf__addc(sb, ' ');
		strbuf__adds(sb, words__loss(k));
	}
	strbuf__addc(sb, '\n');
}

static int report(struct verify *v)
{
	size_t n = verify__compare(v->mirror, v->truth, on_diff, v);
	int status = n && !may_explain(session__loss(v->session)) ? EXIT_FINDINGS : EXIT_FINE;

	if (v->err)
		return fail(EXIT_FAILED, "cannot print the differences: %s", strerror(-v->err));
	if (v->opts->json) {
		json_summary(v, n);
	} else {
		if (v->table)
			(void)scols_print_table(v->table);
		(void)fflush(stdout);
		text_summary(v, n);
	}
	if (out__flush(&v->out))
		return stdout_status(v->out.err);
	child__report(&v->child);
	return status;
}

static int verify__run(struct verify *v)
{
	const struct verify_opts *o = v->opts;
	struct session_opts so = {
		.from = o->from,
		.live = { .backend = o->backend, .ring_bytes = o->buffer_mib << 20 },
		.duration_ns = o->duration_ns,
		.truth = true,
		.ready = verify_ready,
		.arg = v,
	};
	int status = EXIT_FAILED, err;

	v->session = session__open(&so, &status);
	if (!v->session)
		return status;
	err = session__run(v->session, verify_record, v);
	child__finish(&v->child);
	if (v->child_err)
		return fail(EXIT_FAILED, "cannot run '%s': %s", v->child.argv[0],
			    strerror(-v->child_err));
	if (v->err)
		return fail_unless_said(EXIT_FAILED, "cannot go on after record %llu: %s",
					(unsigned long long)v->nr_records, strerror(-v->err));
	if (err < 0)
		return fail_unless_said(EXIT_FAILED, "cannot go on: %s", strerror(-err));
	if (!v->has_truth)
		return fail(EXIT_FAILED,
			    "nothing to compare with: %s holds no tables of the kernel at its end: it was cut off, or recorded otherwise",
			    o->from ? o->from : "this run");
	return report(v);
}

int cmd_verify(void *opts, int argc, char **argv)
{
	struct verify v __cleanup(verify__done) = { .opts = opts,
						    .child.argv = argc ? argv : NULL };
	int err;

	out__init(&v.out, STDOUT_FILENO);
	if (argc && v.opts->from)
		return fail(EXIT_USAGE,
			    "cannot run '%s': a recording is replayed: leave out one of them",
			    argv[0]);
	if (option__check_buffer(v.opts->buffer_mib))
		return EXIT_USAGE;
	err = world__new(&v.mirror);
	if (!err)
		err = world__new(&v.truth);
	if (err)
		return fail(EXIT_FAILED, "cannot start: %s", strerror(-err));
	world__take_truth(v.truth);
	return verify__run(&v);
}
