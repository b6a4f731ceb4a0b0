// SPDX-License-Identifier: BSD-2-Clause
/* probe: which hooks this kernel permits, which are used, and what therefore cannot be seen. */
#include <libsmartcols.h>
#include <sys/utsname.h>

#include "base/strbuf.h"
#include "cmd/cmd.h"
#include "cmd/option_values.h"
#include "cmd/options.h"
#include "sink/json.h"
#include "sink/out.h"
#include "source/probe.h"

struct probe_opts {
	enum ms_backend backend;
	bool json;
};

static int set_backend(void *opts, const char *value, struct strbuf *why)
{
	return option__backend(&((struct probe_opts *)opts)->backend, value, why);
}

static const struct opt probe_rows[] = {
	{ "json", 'J', NULL, "as JSON", OPT_FLAG, offsetof(struct probe_opts, json), NULL, 0 },
	{ "backend", 0, "NAME", "as if this one was asked for: fentry, kprobe, tracepoint or poll",
	  OPT_CALL, 0, set_backend, 0 },
	{},
};

const struct usage probe_usage = {
	.operands = "",
	.opts = probe_rows,
	.opts_size = sizeof(struct probe_opts),
	.notes = "Loads and attaches throw-away programs to find out, and leaves nothing behind.",
};

struct probe_column {
	const char *name, *key;
	const char *(*get)(const struct hook *h);
	double width; /* hint of libsmartcols: a share, or characters */
	int flags;
};

static const char *hook_wanted(const struct hook *h)
{
	return h->name;
}

static const char *hook_used(const struct hook *h)
{
	return *h->symbol ? h->symbol : NULL;
}

static const char *hook_backend(const struct hook *h)
{
	return h->how ? backend__name(h->how) : NULL;
}

static const char *hook_gives(const struct hook *h)
{
	return h->gives;
}

static const char *hook_reason(const struct hook *h)
{
	return *h->reason ? h->reason : NULL;
}

static const struct probe_column columns[] = {
	{ "WANTED", "wanted", hook_wanted, 0, 0 },
	{ "USED", "used", hook_used, 0, 0 },
	{ "BACKEND", "backend", hook_backend, 0, 0 },
	{ "GIVES", "gives", hook_gives, 0.3, SCOLS_FL_WRAP },
	{ "REASON", "reason", hook_reason, 0.4, SCOLS_FL_WRAP },
};

static int fill_line(struct libscols_line *line, const struct hook *h)
{
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		const char *s = columns[i].get(h);

		if (scols_line_set_data(line, i, s ? s : "-"))
			return -ENOMEM;
	}
	return 0;
}

static void table_free(struct libscols_table **t)
{
	scols_unref_table(*t);
}

static int print_table(const struct hook_table *hooks)
{
	struct libscols_table *table __cleanup(table_free) = scols_new_table();

	if (!table)
		return -ENOMEM;
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		if (!scols_table_new_column(table, columns[i].name, columns[i].width,
					    columns[i].flags))
			return -ENOMEM;
	for (size_t i = 0; i < hooks->n; i++) {
		struct libscols_line *line = scols_table_new_line(table, NULL);

		if (!line || fill_line(line, &hooks->v[i]))
			return -ENOMEM;
	}
	return scols_print_table(table) ? -EIO : 0;
}

static void print_words(const struct hook_table *hooks)
{
	unsigned blind = hook_table__blind(hooks);
	struct utsname u = {};

	(void)uname(&u);
	(void)printf("\nbackend: %s on Linux %s\n", backend__name(hooks->backend), u.release);
	if (*hooks->reason)
		(void)printf("no better one: %s\n", hooks->reason);
	if (!blind)
		(void)printf("everything can be seen\n");
	for (unsigned bit = 1; bit < 1u << 8; bit <<= 1)
		if (blind & bit && blind__words(bit))
			(void)printf("not seen: %s\n", blind__words(bit));
}

static void json_hook(struct json *j, const struct hook *h)
{
	json__begin(j, '{');
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		json__member_cstr(j, columns[i].key, columns[i].get(h));
	json__end(j, '}');
}

static void print_json(const struct hook_table *hooks, struct strbuf *sb)
{
	unsigned blind = hook_table__blind(hooks);
	struct json j = { .sb = sb };
	struct utsname u = {};

	(void)uname(&u);
	json__begin(&j, '{');
	json__member_cstr(&j, "kernel", u.release);
	json__member_cstr(&j, "backend", backend__name(hooks->backend));
	json__member_cstr(&j, "reason", *hooks->reason ? hooks->reason : NULL);
	json__key(&j, "hooks");
	json__begin(&j, '[');
	for (size_t i = 0; i < hooks->n; i++)
		json_hook(&j, &hooks->v[i]);
	json__end(&j, ']');
	json__key(&j, "cannot_see");
	json__begin(&j, '[');
	for (unsigned bit = 1; bit < 1u << 8; bit <<= 1)
		if (blind & bit && blind__words(bit))
			json__cstr(&j, blind__words(bit));
	json__end(&j, ']');
	json__end(&j, '}');
	strbuf__addc(sb, '\n');
}

static int print(const struct hook_table *hooks, bool json)
{
	struct out out __cleanup(out__done) = {};
	int err;

	out__init(&out, STDOUT_FILENO);
	if (json) {
		print_json(hooks, &out.buf);
		return stdout_status(out__flush(&out));
	}
	err = print_table(hooks);
	if (err == -ENOMEM)
		return fail(EXIT_FAILED, "cannot print the table: %s", strerror(ENOMEM));
	print_words(hooks);
	return EXIT_FINE; /* a failed write is found when stdout is settled */
}

int cmd_probe(void *opts, int argc __unused, char **argv __unused)
{
	const struct probe_opts *o = opts;
	struct hook_table hooks __cleanup(hook_table__free) = {};
	int err = hook_table__probe(o->backend, &hooks);

	if (err == -ENOMEM)
		return fail(EXIT_FAILED, "cannot probe: %s", strerror(ENOMEM));
	if (err)
		return fail(EXIT_IMPOSSIBLE, "cannot use %s here: %s",
			    o->backend ? backend__name(o->backend) : "BPF",
			    *hooks.reason ? hooks.reason : strerror(-err));
	return print(&hooks, o->json);
}
