// SPDX-License-Identifier: BSD-2-Clause
/* record: raw records into a file, with the facts that nobody could look up later. */
#include "base/strbuf.h"
#include "cmd/child.h"
#include "cmd/cmd.h"
#include "cmd/option_values.h"
#include "cmd/options.h"
#include "cmd/session.h"
#include "sink/words.h"

struct record_opts {
	uint64_t duration_ns;
	enum ms_backend backend;
	uint32_t buffer_mib;
};

struct recording {
	const struct record_opts *opts;
	struct session *session;
	struct child child;
	int child_err;
	uint64_t nr_records, nr_ops, nr_effects;
	uint64_t bytes;
};

static int set_backend(void *opts, const char *value, struct strbuf *why)
{
	return option__backend(&((struct record_opts *)opts)->backend, value, why);
}

#define AT(field) offsetof(struct record_opts, field)

static const struct opt record_rows[] = {
	{ "duration", 'd', "TIME", "end after this time", OPT_DURATION, AT(duration_ns), NULL, 0 },
	{ "backend", 0, "NAME", "fentry, kprobe, tracepoint or poll, instead of the best", OPT_CALL,
	  0, set_backend, 0 },
	{ "buffer", 0, "MIB", "size of the ring buffer (8)", OPT_U32, AT(buffer_mib), NULL, 0 },
	{},
};

const struct usage record_usage = {
	.operands = "FILE [-- COMMAND [ARGUMENT...]]",
	.opts = record_rows,
	.opts_size = sizeof(struct record_opts),
	.min_operands = 1,
	.max_operands = -1,
	.notes =
		"'trace --from FILE' and 'verify --from FILE' replay it, on any machine of the same\n"
		"byte order. FILE appears when the recording is complete; '-' is standard output.",
};

/* record_fn: the session writes. */
static int count_record(void *arg, const struct ms_hdr *rec, size_t size)
{
	struct recording *r = arg;

	r->nr_records++;
	r->bytes += size;
	r->nr_ops += rec->type == MS_REC_OP;
	if (rec->type == MS_REC_EFFECT && size >= sizeof(struct ms_effect))
		r->nr_effects += ((const struct ms_effect *)rec)->kind != MS_EFF_LISTED;
	return 0;
}

static int start_child(void *arg)
{
	struct recording *r = arg;

	if (r->child.argv)
		r->child_err = child__start(&r->child, r->session);
	return r->child_err;
}

static void say_done(const struct recording *r, const char *path)
{
	const struct ms_loss *loss = session__loss(r->session);
	struct strbuf sb __cleanup(strbuf__free) = {};
	uint64_t lost = 0;

	for (unsigned k = 0; k < MS_LOSS_NR; k++)
		lost += loss->lost[k];
	words__add_grouped(&sb, r->nr_ops);
	strbuf__adds(&sb, " operations, ");
	words__add_grouped(&sb, r->nr_effects);
	strbuf__adds(&sb, " effects, ");
	words__add_grouped(&sb, r->nr_records);
	strbuf__adds(&sb, " records, ");
	words__add_grouped(&sb, r->bytes);
	strbuf__adds(&sb, " bytes; lost: ");
	words__add_grouped(&sb, lost);
	say("%s: %s", strcmp(path, "-") ? path : "standard output", strbuf__str(&sb));
}

int cmd_record(void *opts, int argc, char **argv)
{
	struct recording r = { .opts = opts, .child.argv = argc > 1 ? argv + 1 : NULL };
	struct session *s __cleanup(session__freep) = NULL;
	struct session_opts so = {
		.record = argv[0],
		.live = { .backend = r.opts->backend, .ring_bytes = r.opts->buffer_mib << 20 },
		.duration_ns = r.opts->duration_ns,
		.truth = true,
		.ready = start_child,
		.arg = &r,
	};
	int status = EXIT_FAILED, err;

	if (option__check_buffer(r.opts->buffer_mib))
		return EXIT_USAGE;
	if (!strcmp(argv[0], "-") && isatty(STDOUT_FILENO))
		return fail(EXIT_USAGE,
			    "cannot write a recording to the terminal: name a file, or redirect");
	s = session__open(&so, &status);
	if (!s)
		return status;
	r.session = s;
	err = session__run(s, count_record, &r);
	child__finish(&r.child);
	if (r.child_err)
		return fail(EXIT_FAILED, "cannot run '%s': %s", r.child.argv[0],
			    strerror(-r.child_err));
	if (err < 0)
		return fail_unless_said(EXIT_FAILED, "cannot go on: %s", strerror(-err));
	say_done(&r, argv[0]);
	child__report(&r.child);
	return EXIT_FINE;
}
