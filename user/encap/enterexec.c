// SPDX-License-Identifier: BSD-2-Clause
/* Executes a command, a shell, or an ExecStart= value in the namespace just entered. */
#include "encap/enter.h"

#include <limits.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "encap/execline.h"
#include "encap/extract.h"

/* Where systemd looks for a command without a slash, whatever $PATH says. */
#define SYSTEMD_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static bool is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* Tries each directory of a PATH; false when the command is in none. */
static bool search(const char *dirs, const char *name, char ret[PATH_MAX])
{
	size_t n;

	for (; dirs; dirs = dirs[n] ? dirs + n + 1 : NULL) {
		n = strcspn(dirs, ":");
		if (snprintf(ret, PATH_MAX, "%.*s%s%s", (int)n, dirs, n ? "/" : "./", name) <
			    PATH_MAX &&
		    is_program(ret))
			return true;
	}
	return false;
}

/*
 * execve(2) of a command found as the caller would find it. Nothing is forked, so that the process ID, Type=notify
 * and the exit status are the command's own. A file without a #! line fails as it does under systemd.
 */
static int execute(const struct enter_opts *o, const char *path, char **argv)
{
	const char *dirs = getenv("PATH");
	char found[PATH_MAX];
	int e;

	if (!strchr(path, '/')) {
		bool ok = o->service || o->command ? search(SYSTEMD_PATH, path, found) : false;

		if (!ok && !search(dirs ? dirs : SYSTEMD_PATH, path, found)) {
			msg__error(o->msg, "cannot execute %s: not found in %s", path,
				   dirs ? dirs : SYSTEMD_PATH);
			return ENTER_EXIT_NOT_FOUND;
		}
		path = found;
	}
	(void)execv(path, argv);
	e = errno;
	msg__error(o->msg, "cannot execute %s: %s", path, strerror(e));
	return e == ENOENT ? ENTER_EXIT_NOT_FOUND : ENTER_EXIT_NOT_EXECUTABLE;
}

/* A login-looking shell, as nsenter(1) starts it. */
static int shell(const struct enter_opts *o)
{
	const char *path = getenv("SHELL");
	const char *base;
	char name[NAME_MAX + 2];
	char *argv[] = { name, NULL };

	if (!path || !*path)
		path = "/bin/sh";
	base = strrchr(path, '/');
	(void)snprintf(name, sizeof(name), "-%s", base ? base + 1 : path);
	return execute(o, path, argv);
}

static const char *env_of_process(const char *name, void *arg)
{
	(void)arg;
	return getenv(name);
}

/* Runs one command of several and waits; its exit status as a shell has it. */
static int run_and_wait(const struct enter_opts *o, const char *path, char **argv)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(execute(o, path, argv));
	if (pid < 0)
		return ENTER_EXIT_FAILED;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int one_command(const struct enter_opts *o, const struct exec_cmd *c, bool last)
{
	char *path __cleanup(freep) = NULL;
	struct argvec a = { 0 };
	int r = exec_cmd__argv(c, env_of_process, NULL, &path, &a);

	if (r) {
		msg__error(o->msg, "$%s: cannot build the command's arguments: %s", o->command,
			   strerror(-r));
		return ENTER_EXIT_FAILED;
	}
	if (last)
		r = execute(o, path, a.v);
	else
		r = run_and_wait(o, path, a.v);
	argvec__free(&a);
	return c->flags & EXEC_IGNORE_FAILURE && !last ? 0 : r;
}

/*
 * The ExecStart= value in the variable: systemd has expanded the variable that carries it, but expands only once, so
 * the variables within are ours to expand.
 */
static int run_value(const struct enter_opts *o)
{
	const char *text = getenv(o->command), *p, *why = "it is empty";
	struct strbuf value __cleanup(strbuf__free) = { 0 };
	struct exec_cmd c = { 0 };
	int status = ENTER_EXIT_FAILED;
	bool any = false;

	strbuf__adds(&value, text ? text : "");
	(void)unsetenv(o->command); /* it is not the service's business */
	/* No environment file, as when /run is full: the unit's files still say it. */
	if (!value.len && o->unit && extract__exec_start(o->root, o->unit, o->msg, &value))
		return ENTER_EXIT_FAILED;
	p = strbuf__str(&value);
	while (p && exec_cmd__next(&p, &c, &why) > 0) {
		any = true;
		status = one_command(o, &c, !*p);
		if (status || !*p)
			break;
	}
	exec_cmd__free(&c);
	if (!any)
		msg__error(o->msg, "$%s holds no command to run: %s", o->command, why);
	return status;
}

int enter__run(const struct enter_opts *o, char **argv)
{
	int lock;

	if (enter__move(o, &lock))
		return ENTER_EXIT_FAILED;
	/* For CRI-O, which would try to join a second time: in here the pin's path is an empty file. */
	(void)unsetenv("KUBENSMNT");
	if (o->command)
		return run_value(o);
	if (!argv || !*argv)
		return shell(o);
	return execute(o, *argv, argv + (o->argv0 ? 1 : 0));
}
