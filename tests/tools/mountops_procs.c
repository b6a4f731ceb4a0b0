// SPDX-License-Identifier: BSD-2-Clause
/* The verbs of mountops that make, enter and end namespaces and processes; its autofs daemon. */
#include "mountops.h"

#include <linux/auto_fs4.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/socket.h>

static struct worker {
	char name[32];
	pid_t pid;
	int sock;
} workers[32];

static struct worker *worker__find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(workers); i++)
		if (workers[i].pid && !strcmp(workers[i].name, name))
			return &workers[i];
	return NULL;
}

int worker__add(const char *name, pid_t pid, int sock)
{
	for (size_t i = 0; i < ARRAY_SIZE(workers); i++) {
		if (workers[i].pid)
			continue;
		workers[i].pid = pid;
		workers[i].sock = sock;
		snprintf(workers[i].name, sizeof(workers[i].name), "%s", name);
		return 0;
	}
	return -ENOSPC;
}

static void worker__kill(struct worker *w)
{
	if (w->sock >= 0)
		close(w->sock);
	kill(w->pid, SIGKILL);
	waitpid(w->pid, NULL, 0);
	w->pid = 0;
}

void workers__kill(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(workers); i++)
		if (workers[i].pid)
			worker__kill(&workers[i]);
}

/* In a child: the workers are its parent's. */
void workers__forget(void)
{
	memset(workers, 0, sizeof(workers));
}

/* Opens a file of a process below /proc; -errno. */
static int proc__open(pid_t pid, const char *file, int flags)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%d/%s", pid, file);
	fd = openat(proc_fd, path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* A worker's life: steps in, one byte out for each; ends when mountops does. */
static void __attribute__((noreturn)) worker__loop(int sock)
{
	char buf[8192], *argv[OPS_ARGS_MAX + 1];
	ssize_t n;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while ((n = recv(sock, buf, sizeof(buf) - 1, 0)) > 0) {
		unsigned char rc = OPS_USAGE;
		struct step s;
		int argc = 0;

		buf[n] = '\0';
		step_number = atoi(buf);
		for (char *p = buf + strlen(buf) + 1; p < buf + n && argc < OPS_ARGS_MAX;
		     p += strlen(p) + 1)
			argv[argc++] = p;
		argv[argc] = NULL;
		if (!step__parse(&s, argc, argv))
			rc = step__run(&s);
		if (send(sock, &rc, 1, MSG_NOSIGNAL) != 1)
			break;
	}
	workers__kill();
	_exit(0);
}

/* The last thing between a child and its parent: the child may go on. */
static void child__wait_go(int fd)
{
	char c;

	while (read(fd, &c, 1) < 0 && errno == EINTR)
		;
	close(fd);
}

/* Root of a new user namespace is root of the old one. */
static void map_ids(pid_t pid)
{
	static const char *const files[] = { "uid_map", "gid_map" };
	static const char map[] = "0 0 4294967295";

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		int fd = proc__open(pid, files[i], O_WRONLY);

		if (fd < 0)
			continue;
		if (write(fd, map, sizeof(map) - 1) < 0)
			fprintf(stderr, "mountops: %s: %s\n", files[i], strerror(errno));
		close(fd);
	}
}

/* Says in which namespace a child, or this process after an unshare, is now. */
static void print_newns(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "%d/ns/mnt", pid);
	dprintf(STDOUT_FILENO, "newns pid=%d ns=%u\n", pid, t_ns_inum(proc_fd, path));
}

static int verb_spawn(struct step *s)
{
	unsigned long flags = flag__take(s, "user") ? CLONE_NEWUSER | CLONE_NEWNS : CLONE_NEWNS;
	int sock[2], go[2], ret;
	pid_t pid;

	if (flag__take(s, "same"))
		flags = 0;
	if (worker__find(s->argv[1]))
		return -EEXIST;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sock) || pipe2(go, O_CLOEXEC))
		return -errno;
	pid = t_clone(flags);
	if (!pid) {
		close(sock[0]);
		close(go[1]);
		child__wait_go(go[0]);
		workers__forget();
		worker__loop(sock[1]);
	}
	ret = report(s, flags ? "clone" : "-", "clone", pid);
	close(sock[1]);
	close(go[0]);
	if (pid > 0) {
		if (flags & CLONE_NEWUSER)
			map_ids(pid);
		print_newns(pid);
		(void)worker__add(s->argv[1], pid, sock[0]);
	} else {
		close(sock[0]);
	}
	close(go[1]);
	return ret;
}

static int verb_in(struct step *s)
{
	struct worker *w = worker__find(s->argv[1]);
	unsigned char rc = OPS_FAILED;
	char buf[8192];
	size_t n;

	if (!w || w->sock < 0)
		return -ESRCH;
	n = snprintf(buf, sizeof(buf), "%d", step_number) + 1;
	/* What this step may end with is the worker's to judge. */
	if (s->expect && *s->expect)
		n += snprintf(buf + n, sizeof(buf) - n, "fail%c%s", 0, s->expect) + 1;
	else if (s->expect)
		n += snprintf(buf + n, sizeof(buf) - n, "try") + 1;
	for (int i = 2; i < s->argc; i++) {
		size_t len = strlen(s->argv[i]) + 1;

		if (n + len > sizeof(buf))
			return -E2BIG;
		memcpy(buf + n, s->argv[i], len);
		n += len;
	}
	if (send(w->sock, buf, n, MSG_NOSIGNAL) < 0 || recv(w->sock, &rc, 1, 0) != 1)
		return -ESRCH;
	if (rc == OPS_UNSUPPORTED)
		return -ENOSYS;
	if (rc != OPS_OK)
		return -ECHILD;
	return 0;
}

static int verb_kill(struct step *s)
{
	struct worker *w = worker__find(s->argv[1]);

	if (!w)
		return -ESRCH;
	worker__kill(w);
	return report(s, "-", "kill", 0);
}

/* The child performs the remaining steps, the parent ends as the child does. */
static int run_rest_in_child(struct step *s, const char *op, uint64_t flags, bool is_clone3)
{
	int go[2], status = 0, ret;
	pid_t pid;

	if (pipe2(go, O_CLOEXEC))
		return -errno;
	pid = is_clone3 ? t_clone3(flags) : t_clone(flags);
	if (!pid) {
		close(go[1]);
		child__wait_go(go[0]);
		workers__forget();
		return 0;
	}
	ret = report(s, op, is_clone3 ? "clone3" : "clone", pid);
	close(go[0]);
	if (pid < 0) {
		close(go[1]);
		return ret;
	}
	if (flags & CLONE_NEWUSER)
		map_ids(pid);
	print_newns(pid);
	close(go[1]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	workers__kill();
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : OPS_FAILED);
}

static int verb_clone(struct step *s)
{
	unsigned long flags = CLONE_NEWNS | (flag__take(s, "user") ? CLONE_NEWUSER : 0);

	return run_rest_in_child(s, "clone", flags, false);
}

static int verb_clone3(struct step *s)
{
	uint64_t flags = CLONE_NEWNS | (flag__take(s, "user") ? CLONE_NEWUSER : 0);

	if (flag__take(s, "empty"))
		flags |= T_CLONE_EMPTY_MNTNS;
	return run_rest_in_child(s, "clone3", flags, true);
}

static int verb_fork(struct step *s)
{
	return run_rest_in_child(s, "-", 0, false);
}

static int verb_unshare(struct step *s)
{
	int flags = CLONE_NEWNS | (flag__take(s, "user") ? CLONE_NEWUSER : 0);
	int ret;

	if (flag__take(s, "empty"))
		flags = T_UNSHARE_EMPTY_MNTNS;
	ret = report(s, "unshare", "unshare", syscall(SYS_unshare, flags));
	if (!ret)
		print_newns(getpid());
	return ret;
}

static int verb_setns(struct step *s)
{
	struct worker *w = worker__find(s->argv[1]);
	int fd, ret, saved;

	if (*s->argv[1] == '@')
		return report(s, "setns", "setns",
			      syscall(SYS_setns, fd__get(s->argv[1]), CLONE_NEWNS));
	fd = w ? proc__open(w->pid, "ns/mnt", O_RDONLY) : open(s->argv[1], O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return w ? fd : -errno;
	ret = syscall(SYS_setns, fd, CLONE_NEWNS);
	saved = errno;
	close(fd);
	errno = saved;
	return report(s, "setns", "setns", ret);
}

struct thread_step {
	struct step step;
	int ret;
};

static void *thread__run(void *arg)
{
	struct thread_step *t = arg;

	t->ret = step__run(&t->step);
	return NULL;
}

static int verb_thread(struct step *s)
{
	struct thread_step t = {
		.step = { .argc = s->argc - 1, .argv = s->argv + 1, .expect = s->expect }
	};
	pthread_t id;

	if (pthread_create(&id, NULL, thread__run, &t))
		return -EAGAIN;
	pthread_join(id, NULL);
	return t.ret == OPS_OK ? 0 : t.ret == OPS_UNSUPPORTED ? -ENOSYS : -ECHILD;
}

static int verb_uid(struct step *s)
{
	return report(s, "-", "setuid", setuid(strtoul(s->argv[1], NULL, 10)));
}

/* Says that everything up to here is done and stays so until stdin ends. */
static int verb_hold(struct step *s)
{
	char c;

	(void)s;
	dprintf(STDOUT_FILENO, "holding pid=%d ns=%u\n", getpid(),
		t_ns_inum(proc_fd, "self/ns/mnt"));
	while (read(STDIN_FILENO, &c, 1) > 0 || errno == EINTR)
		errno = 0;
	return 0;
}

/* Mounts a tmpfs for each name asked for, unmounts it when it expires. */
static void autofs__serve(struct step *s, const char *dir, int dir_fd, int packets)
{
	struct autofs_v5_packet p;
	char path[4096];
	int ret;

	while (read(packets, &p, sizeof(p)) == (ssize_t)sizeof(p)) {
		snprintf(path, sizeof(path), "%s/%.*s", dir, (int)p.len, p.name);
		if (p.hdr.type == autofs_ptype_missing_indirect) {
			(void)mkdir(path, 0755);
			ret = report(s, "mount", "mount",
				     t_mount("autofs", path, "tmpfs", 0, NULL));
		} else {
			ret = report(s, "umount", "umount2", t_umount(path, 0));
			(void)rmdir(path);
		}
		(void)ioctl(dir_fd, ret < 0 ? AUTOFS_IOC_FAIL : AUTOFS_IOC_READY,
			    p.wait_queue_token);
	}
}

static void __attribute__((noreturn)) autofs__daemon(struct step *s, const char *dir, int ready)
{
	unsigned long timeout_s = 3600;
	int packets[2], dir_fd, ret;
	char data[128];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0);
	if (pipe2(packets, O_CLOEXEC))
		_exit(1);
	snprintf(data, sizeof(data), "fd=%d,pgrp=%d,minproto=5,maxproto=5,indirect", packets[1],
		 getpgrp());
	ret = report(s, "mount", "mount", t_mount("mountops", dir, "autofs", 0, data));
	close(packets[1]);
	dir_fd = ret < 0 ? -1 : open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd >= 0)
		(void)ioctl(dir_fd, AUTOFS_IOC_SETTIMEOUT, &timeout_s);
	if (write(ready, &ret, sizeof(ret)) == (ssize_t)sizeof(ret) && dir_fd >= 0)
		autofs__serve(s, dir, dir_fd, packets[0]);
	_exit(0);
}

static int verb_autofs(struct step *s)
{
	int ready[2], ret = -EIO;
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (!pid) {
		workers__forget();
		close(ready[0]);
		autofs__daemon(s, s->argv[1], ready[1]);
	}
	close(ready[1]);
	if (read(ready[0], &ret, sizeof(ret)) != (ssize_t)sizeof(ret))
		ret = -EIO;
	close(ready[0]);
	return worker__add("autofs", pid, -1) ?: ret;
}

static int verb_autofs_expire(struct step *s)
{
	int how = AUTOFS_EXP_IMMEDIATE, fd, ret, saved;

	fd = open(s->argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = ioctl(fd, AUTOFS_IOC_EXPIRE_MULTI, &how);
	saved = errno;
	close(fd);
	errno = saved;
	return report(s, "-", "ioctl", ret);
}

const struct verb proc_verbs[] = {
	{ "spawn", 1, verb_spawn, "NAME [user|same]: a worker process, in a namespace of its own",
	  false },
	{ "in", 2, verb_in, "NAME STEP: the worker performs it", true },
	{ "kill", 1, verb_kill, "NAME: ends a worker, \"autofs\": the daemon", false },
	{ "clone", 0, verb_clone, "[user]: clone(2) CLONE_NEWNS, the child performs the rest",
	  false },
	{ "clone3", 0, verb_clone3, "[user] [empty]: the same with clone3(2)", false },
	{ "fork", 0, verb_fork, ": the child performs the rest", false },
	{ "unshare", 0, verb_unshare, "[user] [empty]", false },
	{ "setns", 1, verb_setns, "@FD|NAME|PATH", false },
	{ "thread", 1, verb_thread, "STEP: another thread performs it", true },
	{ "uid", 1, verb_uid, "UID: setuid(2)", false },
	{ "hold", 0, verb_hold, ": prints \"holding\", waits for the end of stdin", false },
	{ "autofs", 1, verb_autofs, "DIR: an autofs whose daemon mounts a tmpfs for any name",
	  false },
	{ "autofs_expire", 1, verb_autofs_expire, "DIR: expires one unused mount of it", false },
	{ NULL, 0, NULL, NULL, false },
};
