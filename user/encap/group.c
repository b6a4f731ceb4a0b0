// SPDX-License-Identifier: BSD-2-Clause
/* Finds out in which namespace the other encapsulated services live. */
#include "encap/group.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#define ANSWER_TIMEOUT_MS 5000
#define LOCK_FILE	  "/run/kubensenter.lock"

void group__own_unit(char ret[UNITNAME_MAX])
{
	FILE *f __cleanup(fclosep) = fopen("/proc/self/cgroup", "re");
	char line[4096], *name, *save, *part;

	ret[0] = '\0';
	while (f && fgets(line, sizeof(line), f)) {
		name = strchr(line, '/');
		if (!name || (strncmp(line, "0::", 3) && !strstr(line, ":name=systemd:")))
			continue;
		for (part = strtok_r(name, "/\n", &save); part; part = strtok_r(NULL, "/\n", &save))
			if (unitname__is_service(part))
				(void)snprintf(ret, UNITNAME_MAX, "%s", part);
	}
}

static _Noreturn void exec_systemctl(char **argv, int out)
{
	static const char *const paths[] = { "/usr/bin/systemctl", "/bin/systemctl" };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	size_t i;

	(void)dup2(out, STDOUT_FILENO);
	(void)dup2(null, STDERR_FILENO);
	(void)dup2(null, STDIN_FILENO);
	for (i = 0; i < ARRAY_SIZE(paths); i++)
		(void)execv(paths[i], argv);
	_exit(127);
}

static long long now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* Reads what the child says, for a limited time: a PID 1 that is busy must not stop kubelet. */
static int read_answer(int fd, char *buf, size_t size)
{
	long long end = now_ms() + ANSWER_TIMEOUT_MS, left;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t len = 0;
	ssize_t n;

	while ((left = end - now_ms()) > 0 && len < size - 1) {
		n = poll(&p, 1, (int)left);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n <= 0)
			continue;
		n = read(fd, buf + len, size - 1 - len);
		if (n < 0)
			return -errno;
		if (!n) {
			buf[len] = '\0';
			return 0;
		}
		len += (size_t)n;
	}
	return -ETIMEDOUT;
}

static int ask_systemd(char **argv, char *buf, size_t size)
{
	int fds[2], status = -1, r;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		exec_systemctl(argv, fds[1]);
	r = pid < 0 ? -errno : 0;
	(void)close(fds[1]);
	if (!r) {
		r = read_answer(fds[0], buf, size);
		if (r)
			(void)kill(pid, SIGKILL);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		if (!r && (!WIFEXITED(status) || WEXITSTATUS(status)))
			r = -ENOTCONN;
	}
	(void)close(fds[0]);
	return r;
}

/*
 * Is the process one of systemd's that has yet to execute, or a kubensenter that waits for our lock? Where it
 * is says nothing: it will go where we go.
 */
static bool undecided(pid_t pid)
{
	char comm[32], path[64];
	struct stat its, own;

	nsfs__comm(pid, comm, sizeof(comm));
	if (comm[0] == '(')
		return true;
	(void)snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	return stat(path, &its) == 0 && stat("/proc/self/exe", &own) == 0 &&
	       its.st_dev == own.st_dev && its.st_ino == own.st_ino;
}

static void place(struct group_state *g, const char *name, pid_t pid, ino_t pinned_ino)
{
	struct nsid its, host;

	if (undecided(pid))
		return;
	if (nsfs__id_of(pid, &its) || nsfs__id_of(1, &host))
		return;
	if (nsid__equal(its, host)) {
		g->host = pid;
		(void)snprintf(g->host_name, sizeof(g->host_name), "%s", name);
	} else if (pinned_ino && its.ino == pinned_ino) {
		g->inside = pid;
		(void)snprintf(g->inside_name, sizeof(g->inside_name), "%s", name);
	}
}

struct survey {
	struct group_state g;
	ino_t pinned_ino;
};

static void survey_one(const char *name, pid_t pid, void *arg)
{
	struct survey *s = arg;

	place(&s->g, name, pid, s->pinned_ino);
}

/* One unit's block of systemctl's answer; its lines come in any order. */
static void read_block(char *block, const char *skip, group_pid_fn fn, void *arg)
{
	const char *name = "";
	char *save, *line;
	pid_t pid = 0;

	for (line = strtok_r(block, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (!strncmp(line, "Id=", 3))
			name = line + 3;
		else if (!strncmp(line, "MainPID=", 8))
			pid = atoi(line + 8);
	}
	if (pid > 0 && strcmp(name, skip) != 0)
		fn(name, pid, arg);
}

int group__main_pids(const struct encap_config *c, const char *skip, group_pid_fn fn, void *arg)
{
	char *argv[ENCAP_SERVICES_MAX + 8] = { "systemctl", "show", "--property=Id,MainPID", "--" };
	char answer[16384], *block, *next;
	size_t n = 4, i;
	int r;

	for (i = 0; i < c->n_services; i++)
		if (strcmp(c->services[i], skip) != 0)
			argv[n++] = (char *)c->services[i];
	if (n == 4)
		return 0;
	r = ask_systemd(argv, answer, sizeof(answer));
	if (r)
		return r;
	for (block = answer; block; block = next) {
		next = strstr(block, "\n\n");
		if (next) {
			*next = '\0';
			next += 2;
		}
		read_block(block, skip, fn, arg);
	}
	return 0;
}

int group__survey(const struct encap_config *c, const char *own, ino_t pinned_ino,
		  struct group_state *ret)
{
	struct survey s = { .pinned_ino = pinned_ino };
	int r = group__main_pids(c, own, survey_one, &s);

	*ret = s.g;
	return r;
}

int group__lock(void)
{
	int fd __cleanup(closep) =
		open(LOCK_FILE, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);

	if (fd < 0)
		return -1;
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return -1;
	return take_fd(&fd);
}
