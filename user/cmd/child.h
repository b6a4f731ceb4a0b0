/* SPDX-License-Identifier: BSD-2-Clause */
/* A command that is run while records flow: "-- COMMAND ARGUMENT...". */
#ifndef MS_CMD_CHILD_H
#define MS_CMD_CHILD_H

#include <sys/types.h>

#include "cmd/session.h"

struct child {
	char **argv; /* NULL or empty: none */
	pid_t pid;   /* 0: not started, or ended and waited for */
	int status;  /* as of waitpid(2) */
	bool ran;
};

/* Starts it, and stops the session when it ends. 0 or -errno, also that of execvp(3) in the child. */
int child__start(struct child *c, struct session *s);
/* Ends it if it still runs, and waits. */
void child__finish(struct child *c);
/* Says on stderr how it ended, unless it was well. */
void child__report(const struct child *c);

#endif
