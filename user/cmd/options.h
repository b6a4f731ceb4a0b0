/* SPDX-License-Identifier: BSD-2-Clause */
/* Options as rows: parsed with getopt_long(3), explained by --help, from one table. */
#ifndef MS_CMD_OPTIONS_H
#define MS_CMD_OPTIONS_H

#include "base/strbuf.h"
#include "cmd/cmd.h"

enum opt_kind {
	OPT_FLAG,     /* bool */
	OPT_STRING,   /* const char *, into argv */
	OPT_U32,      /* uint32_t, not 0 */
	OPT_U64,      /* uint64_t, not 0 */
	OPT_DURATION, /* uint64_t, nanoseconds, not 0 */
	OPT_CALL,     /* set() decides */
};

struct opt {
	const char *name;
	char letter;	 /* 0: none */
	const char *arg; /* name of the argument, NULL: takes none */
	const char *help;
	enum opt_kind kind;
	size_t offset; /* in the command's options */
	/*
	 * OPT_CALL: 0; -errno with the cause and remedy in why, as in "no such column: see -o help";
	 * OPTIONS_DONE: it printed what was asked for, nothing is to be run.
	 */
	int (*set)(void *opts, const char *value, struct strbuf *why);
	unsigned lifts; /* enum needs that this option makes unnecessary */
};

#define OPTIONS_DONE 1

/*
 * Returns 0, OPTIONS_DONE, or a negative exit status after saying why. *ret_lifted: needs that are
 * none any more; *ret_first: index of the first operand in argv.
 */
int options__parse(const struct command *cmd, void *opts, int argc, char **argv,
		   unsigned *ret_lifted, int *ret_first);
void options__help(const struct command *cmd, FILE *out);

#endif
