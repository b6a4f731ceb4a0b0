/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of mountops share: a step, its outcome, names for fds and for workers. */
#ifndef MS_TESTS_MOUNTOPS_H
#define MS_TESTS_MOUNTOPS_H

#include "mountapi.h"

enum {
	OPS_OK = 0,
	OPS_FAILED = 1,
	OPS_USAGE = 2,
	OPS_UNSUPPORTED = 77, /* as automake and bats-less scripts know it */
	OPS_ARGS_MAX = 64,
};

struct step {
	int argc; /* verb included */
	char **argv;
	const char *expect;	  /* errno name to fail with, "" for any outcome, NULL: success */
	const struct step *given; /* as it was before the verb took words out of it */
};

struct verb {
	const char *name;
	int min_args;
	int (*run)(struct step *s); /* 0 or -errno */
	const char *usage;
	bool judges; /* checks what the step expects itself, as it hands the step on */
};

extern int step_number;
extern int proc_fd;		       /* of /proc, which a change of root does not take away */
extern const struct verb call_verbs[]; /* mountops_calls.c */
extern const struct verb proc_verbs[]; /* mountops_procs.c */

/* Runs one step and checks it against what it expects: enum OPS_*. */
int step__run(struct step *s);
/* A step from words, which may start with "try" or "fail ERRNO"; NULL-terminated argv, kept. */
int step__parse(struct step *s, int argc, char **argv);

/*
 * Prints the outcome of one system call; call it with errno untouched. op is the operation's name
 * in mountscope, "-" when mountscope does not call it one. Returns ret, or -errno.
 */
int report(struct step *s, const char *op, const char *call, long ret);
const char *errno_name(int err);

/* fds by name: "@name" in steps. Returns the fd or -EBADF. */
int fd__get(const char *name);
void fd__put(const char *name, int fd);
/* A userns with ids shifted by 100,000, for idmapped mounts. */
int userns__open(void);

/* Removes a word from the arguments of a step and tells whether it was there. */
bool flag__take(struct step *s, const char *word);
/* A child process that the end of mountops kills. sock is -1 if it takes no steps. */
int worker__add(const char *name, pid_t pid, int sock);
void workers__kill(void);
void workers__forget(void);

#endif
