/* SPDX-License-Identifier: BSD-2-Clause */
/* Running a command in the pinned mount namespace. */
#ifndef MS_ENCAP_ENTER_H
#define MS_ENCAP_ENTER_H

#include "encap/msg.h"

/* Of kubensenter itself, as env(1) and nsenter(1) have them: above any the command is likely to have. */
enum {
	ENTER_EXIT_FAILED = 125,
	ENTER_EXIT_NOT_EXECUTABLE = 126,
	ENTER_EXIT_NOT_FOUND = 127,
};

enum enter_fail {
	ENTER_FAIL_DEFAULT, /* open where the pin is detected, closed where $KUBENSMNT names it */
	ENTER_FAIL_OPEN,    /* run the command in the current namespace */
	ENTER_FAIL_CLOSED,  /* do not run it */
};

struct enter_opts {
	enum enter_fail fail;
	bool host;	     /* to PID 1's namespace instead */
	bool service;	     /* started by systemd: go where the other services are */
	bool argv0;	     /* the command's second word is its argv[0] */
	const char *command; /* name of a variable with an ExecStart= value to run, or NULL */
	const char *unit;    /* whose ExecStart= that is, should the variable be missing */
	const char *root;    /* for the configuration file; "" */
	const struct msg *msg;
};

/*
 * Moves this process; 0, or -errno after having said why. *ret_lock: a descriptor to keep open until exec,
 * or -1.
 */
int enter__move(const struct enter_opts *o, int *ret_lock);

/* Moves and executes; argv NULL: a shell. Returns an exit status when that fails. */
int enter__run(const struct enter_opts *o, char **argv);

/* kubensenter's command line. */
int kubensenter__main(int argc, char **argv);

#endif
