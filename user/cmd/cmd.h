/* SPDX-License-Identifier: BSD-2-Clause */
/* The frame that every command runs in: its row, its needs, its words on stderr and its exit status. */
#ifndef MS_CMD_CMD_H
#define MS_CMD_CMD_H

#include <stddef.h>

#include "base/util.h"

enum exit_status {
	EXIT_FINE = 0,
	EXIT_FINDINGS = 1,
	EXIT_USAGE = 2,	     /* the command line */
	EXIT_IMPOSSIBLE = 3, /* not on this kernel, or not with these privileges */
	EXIT_FAILED = 4,
};

enum needs {
	NEEDS_ROOT = 1 << 0, /* loads BPF, or reads other users' namespaces */
};

struct opt;

struct command {
	const char *name;
	/* argv: the operands only; opts: options_size bytes, zeroed, then set by the options */
	int (*run)(void *opts, int argc, char **argv);
	unsigned needs; /* enum needs */
	const char *help;
	const struct usage *usage;
};

/* What --help prints and what the runner checks before run(). */
struct usage {
	const char *operands;	/* "FILE [-- COMMAND [ARGUMENT...]]", "" none */
	const struct opt *opts; /* ended by a row without a name */
	size_t opts_size;
	int min_operands;
	int max_operands;	 /* -1: any number */
	bool first_operand_ends; /* options end there: what follows is another program's */
	const char *notes;	 /* printed as it is below the options; NULL none */
	void (*more)(FILE *out); /* prints further lists made from tables; NULL none */
};

/* Finds the command, parses, checks what it needs, runs it, and settles stdout. Returns exit status. */
int commands__run(const struct command *table, size_t n, int argc, char **argv);

/* One line on stderr, "mountscope COMMAND: ...". */
void say(const char *fmt, ...) __printf(1, 2);
/* The same, and returns status, so that a failure is one statement. */
int fail(enum exit_status status, const char *fmt, ...) __printf(2, 3);

/* The same for the end of a run of which somebody below may have said already why it failed. */
int fail_unless_said(enum exit_status status, const char *fmt, ...) __printf(2, 3);

/*
 * What is said about a failed write to stdout, once: nothing for EPIPE (the reader has enough),
 * one message otherwise. err: 0 or -errno. Returns exit status.
 */
int stdout_status(int err);

extern const struct usage trace_usage, record_usage, verify_usage, probe_usage, encap_usage,
	enter_usage;
int cmd_trace(void *opts, int argc, char **argv);
int cmd_record(void *opts, int argc, char **argv);
int cmd_verify(void *opts, int argc, char **argv);
int cmd_probe(void *opts, int argc, char **argv);
int cmd_encap(void *opts, int argc, char **argv);
int cmd_enter(void *opts, int argc, char **argv);

#endif
