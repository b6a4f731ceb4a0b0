// SPDX-License-Identifier: BSD-2-Clause
/* Options as rows: parsed with getopt_long(3), explained by --help, from one table. */
#include "cmd/options.h"

#include <getopt.h>

#include "cmd/parse.h"

/* Every command has this one. */
#define HELP_LETTER 'h'

enum { FIRST_LONG = 256 }; /* getopt_long value of row 0: above every letter */

struct getopt_tables {
	struct option *longs;
	struct strbuf shorts;
};

static void getopt_tables__free(struct getopt_tables *t)
{
	free(t->longs);
	strbuf__free(&t->shorts);
}

static size_t nr_rows(const struct opt *rows)
{
	size_t n = 0;

	while (rows[n].name)
		n++;
	return n;
}

static int getopt_tables__fill(struct getopt_tables *t, const struct usage *u)
{
	const struct opt *rows = u->opts;
	size_t n = nr_rows(rows), i;

	t->longs = calloc(n + 2, sizeof(*t->longs));
	if (!t->longs)
		return -ENOMEM;
	if (u->first_operand_ends)
		strbuf__addc(&t->shorts, '+');
	strbuf__addc(&t->shorts, ':');
	strbuf__addc(&t->shorts, HELP_LETTER);
	for (i = 0; i < n; i++) {
		t->longs[i] =
			(struct option){ .name = rows[i].name,
					 .has_arg = rows[i].arg ? required_argument : no_argument,
					 .val = FIRST_LONG + (int)i };
		if (!rows[i].letter)
			continue;
		strbuf__addc(&t->shorts, rows[i].letter);
		if (rows[i].arg)
			strbuf__addc(&t->shorts, ':');
	}
	t->longs[n] = (struct option){ .name = "help", .val = HELP_LETTER };
	return t->shorts.oom ? -ENOMEM : 0;
}

static const struct opt *find_row(const struct opt *rows, int c)
{
	if (c >= FIRST_LONG)
		return &rows[c - FIRST_LONG];
	for (; rows->name; rows++)
		if (rows->letter == c)
			return rows;
	return NULL;
}

static int number_error(int err, const char *what, struct strbuf *why)
{
	strbuf__addf(why, "%s: give %s", err == -ERANGE ? "too large" : "not understood", what);
	return err;
}

static int set_number(const struct opt *o, void *at, const char *value, struct strbuf *why)
{
	uint64_t v = 0;
	int err;

	if (o->kind == OPT_DURATION) {
		err = parse__duration(value, &v);
		if (err || !v)
			return number_error(err ? err : -EINVAL,
					    "a time such as 100us, 5ms, 1.5s or 10 (seconds)", why);
	} else {
		err = parse__u64(value, o->kind == OPT_U32 ? UINT32_MAX : UINT64_MAX, &v);
		if (err || !v)
			return number_error(err ? err : -EINVAL, "a whole number from 1", why);
	}
	if (o->kind == OPT_U32)
		*(uint32_t *)at = (uint32_t)v;
	else
		*(uint64_t *)at = v;
	return 0;
}

static int set_row(const struct opt *o, void *opts, const char *value, struct strbuf *why)
{
	void *at = (char *)opts + o->offset;

	switch (o->kind) {
	case OPT_FLAG:
		*(bool *)at = true;
		return 0;
	case OPT_STRING:
		*(const char **)at = value;
		return 0;
	case OPT_CALL:
		return o->set(opts, value, why);
	default:
		return set_number(o, at, value, why);
	}
}

static int usage_error(const struct command *cmd, const char *what, const char *name)
{
	return -fail(EXIT_USAGE,
		     "cannot read the command line: %s '%s': see 'mountscope %s --help'", what,
		     name, cmd->name);
}

/* getopt_long has refused argv[optind - 1], or the letter optopt within it. */
static int refused(const struct command *cmd, char **argv, int c)
{
	const char letter[] = { '-', (char)optopt, '\0' };
	bool is_long = optopt == 0 || optopt >= FIRST_LONG;
	const char *name = is_long ? argv[optind - 1] : letter;

	if (c == ':')
		return usage_error(cmd, "a value is missing after", name);
	if (optopt >= FIRST_LONG || optopt == HELP_LETTER)
		return usage_error(cmd, "no value is taken by", name);
	return usage_error(cmd, "unknown or ambiguous option", name);
}

int options__parse(const struct command *cmd, void *opts, int argc, char **argv,
		   unsigned *ret_lifted, int *ret_first)
{
	struct getopt_tables t __cleanup(getopt_tables__free) = {};
	struct strbuf why __cleanup(strbuf__free) = {};
	const struct opt *rows = cmd->usage->opts, *row;
	unsigned lifted = 0;
	int c, err;

	err = getopt_tables__fill(&t, cmd->usage);
	if (err)
		return -fail(EXIT_FAILED, "cannot read the command line: %s", strerror(-err));
	opterr = 0;
	optind = 0;
	while ((c = getopt_long(argc, argv, strbuf__str(&t.shorts), t.longs, NULL)) != -1) {
		if (c == HELP_LETTER) {
			options__help(cmd, stdout);
			return OPTIONS_DONE;
		}
		if (c == ':' || c == '?')
			return refused(cmd, argv, c);
		row = find_row(rows, c);
		strbuf__reset(&why);
		err = set_row(row, opts, optarg, &why);
		if (err == OPTIONS_DONE)
			return err;
		if (err)
			return -fail(EXIT_USAGE, "cannot use --%s '%s': %s", row->name, optarg,
				     why.len ? why.buf : strerror(-err));
		lifted |= row->lifts;
	}
	*ret_lifted = lifted;
	*ret_first = optind;
	return 0;
}

static void print_row(const struct opt *o, FILE *out)
{
	char left[64], letter[5] = "    ";

	if (o->letter)
		(void)snprintf(letter, sizeof(letter), "-%c, ", o->letter);
	(void)snprintf(left, sizeof(left), "%s--%s%s%s", letter, o->name, o->arg ? " " : "",
		       o->arg ? o->arg : "");
	if (strlen(left) > 26)
		(void)fprintf(out, "  %s\n  %-26s", left, "");
	else
		(void)fprintf(out, "  %-26s", left);
	(void)fprintf(out, " %s\n", o->help);
}

void options__help(const struct command *cmd, FILE *out)
{
	static const struct opt help = { "help",   HELP_LETTER, NULL, "print this",
					 OPT_FLAG, 0,		NULL, 0 };
	const struct usage *u = cmd->usage;

	(void)fprintf(out, "Usage: mountscope %s [OPTION...]%s%s\n\n", cmd->name,
		      *u->operands ? " " : "", u->operands);
	(void)fprintf(out, "%s%s\n\nOptions:\n", cmd->help,
		      cmd->needs & NEEDS_ROOT ? " (needs root)" : "");
	for (const struct opt *o = u->opts; o->name; o++)
		print_row(o, out);
	print_row(&help, out);
	if (u->more)
		u->more(out);
	if (u->notes)
		(void)fprintf(out, "\n%s\n", u->notes);
	(void)fprintf(out, "\nSee mountscope-%s(1).\n", cmd->name);
}
