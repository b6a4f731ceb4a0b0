// SPDX-License-Identifier: BSD-2-Clause
/* A command that is run while records flow: "-- COMMAND ARGUMENT...". */
#include "cmd/child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "cmd/cmd.h"

/* For the signal handler only. */
static struct session *volatile stopped_by_child;
static volatile pid_t awaited;

/* Other children (helpers that look into namespaces) come and go: this asks for ours. */
static void on_sigchld(int sig __unused)
{
	struct session *s = stopped_by_child;
	siginfo_t info = {};
	int e = errno;

	if (s && awaited && !waitid(P_PID, (id_t)awaited, &info, WEXITED | WNOHANG | WNOWAIT) &&
	    info.si_pid)
		session__stop(s);
	errno = e;
}

/* In the child: what mountscope changed for itself must not be passed on. */
static void restore_signals(void)
{
	static const int changed[] = { SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGCHLD };
	sigset_t none;

	for (size_t i = 0; i < ARRAY_SIZE(changed); i++)
		(void)signal(changed[i], SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static void __attribute__((noreturn)) run_child(char **argv, int error_fd)
{
	int err;

	restore_signals();
	(void)execvp(argv[0], argv);
	err = errno;
	(void)!write(error_fd, &err, sizeof(err));
	_exit(127);
}

/* The pipe is closed by a successful exec; otherwise errno comes through it. */
static int wait_exec(int fd)
{
	int err = 0;
	ssize_t n;

	do
		n = read(fd, &err, sizeof(err));
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(err) ? -err : 0;
}

/* The handler must know the pid before the child can end. */
static pid_t fork_awaited(char **argv, int error_fd)
{
	sigset_t chld, old;
	pid_t pid;

	(void)sigemptyset(&chld);
	(void)sigaddset(&chld, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &chld, &old);
	pid = fork();
	if (!pid)
		run_child(argv, error_fd);
	awaited = pid > 0 ? pid : 0;
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	return pid;
}

int child__start(struct child *c, struct session *s)
{
	struct sigaction act = { .sa_handler = on_sigchld, .sa_flags = SA_NOCLDSTOP };
	int fds[2], err;

	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	stopped_by_child = s;
	(void)sigaction(SIGCHLD, &act, NULL);
	c->pid = fork_awaited(c->argv, fds[1]);
	err = c->pid < 0 ? -errno : 0;
	(void)close(fds[1]);
	if (c->pid > 0)
		err = wait_exec(fds[0]);
	(void)close(fds[0]);
	c->ran = !err;
	if (err && c->pid > 0)
		(void)waitpid(c->pid, NULL, 0);
	if (err)
		c->pid = 0;
	return err;
}

void child__finish(struct child *c)
{
	int status = 0;
	pid_t pid;

	stopped_by_child = NULL;
	awaited = 0;
	if (!c->pid)
		return;
	pid = waitpid(c->pid, &status, WNOHANG);
	if (!pid) {
		(void)kill(c->pid, SIGTERM);
		do
			pid = waitpid(c->pid, &status, 0);
		while (pid < 0 && errno == EINTR);
	}
	c->status = status;
	c->pid = 0;
}

void child__report(const struct child *c)
{
	if (!c->ran)
		return;
	if (WIFSIGNALED(c->status))
		say("the command was ended by signal %d (%s)", WTERMSIG(c->status),
		    strsignal(WTERMSIG(c->status)));
	else if (WEXITSTATUS(c->status))
		say("the command ended with status %d", WEXITSTATUS(c->status));
}
