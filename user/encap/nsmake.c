// SPDX-License-Identifier: BSD-2-Clause
/* Makes a slave-and-shared mount namespace in a child and binds it in the parent. */
#include "encap/nsmake.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "encap/nsfs.h"

#define MAX_CPUS 8192

/* What the child says when it is done: 0, or the errno of the step that failed. */
struct report {
	int err;
	char step[60];
};

static _Noreturn void child_fail(int out, const char *step)
{
	struct report rep = { .err = errno };

	(void)snprintf(rep.step, sizeof(rep.step), "%s", step);
	_exit(write(out, &rep, sizeof(rep)) == (ssize_t)sizeof(rep) ? 0 : 1);
}

static _Noreturn void child(const struct nsmake_opts *opts, int cpu, int out, int in)
{
	struct report done = { 0 };
	const char *const *p;
	char c;

	if (cpu >= 0) {
		cpu_set_t *set = CPU_ALLOC(MAX_CPUS);

		if (!set)
			child_fail(out, "allocate");
		CPU_ZERO_S(CPU_ALLOC_SIZE(MAX_CPUS), set);
		CPU_SET_S((size_t)cpu, CPU_ALLOC_SIZE(MAX_CPUS), set);
		if (sched_setaffinity(0, CPU_ALLOC_SIZE(MAX_CPUS), set) < 0)
			child_fail(out, "sched_setaffinity");
	}
	if (unshare(CLONE_NEWNS) < 0)
		child_fail(out, "unshare mount namespace");
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		child_fail(out, "make / recursively slave");
	/* Before anything is shared, so that the host keeps its own. */
	for (p = opts->leave; *p; p++)
		if (umount2(*p, UMOUNT_NOFOLLOW | MNT_DETACH) < 0 && errno != EINVAL &&
		    errno != ENOENT)
			child_fail(out, "drop the inherited self-bind");
	if (mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) < 0)
		child_fail(out, "make / recursively shared");
	if (write(out, &done, sizeof(done)) != (ssize_t)sizeof(done))
		_exit(1);
	/* Lives until the parent holds the namespace open. */
	while (read(in, &c, 1) < 0 && errno == EINTR)
		;
	_exit(0);
}

static int hold(pid_t pid, int from_child, const struct msg *msg, int *ret_fd)
{
	struct report rep = { .err = EPROTO, .step = "talk to the child" };
	char path[64];
	int r;

	if (read(from_child, &rep, sizeof(rep)) != (ssize_t)sizeof(rep))
		rep.err = EPROTO;
	if (rep.err) {
		msg__error(msg, "cannot %s: %s", rep.step, strerror(rep.err));
		return -rep.err;
	}
	(void)snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)pid);
	r = nsfs__open(path, ret_fd);
	if (r)
		msg__error(msg, "cannot open %s: %s", path, nsfs__strerror(r));
	return r;
}

/* One namespace, made on the given CPU (-1: wherever we are). */
static int make_one(const struct nsmake_opts *opts, int cpu, int *ret_fd)
{
	int up[2], down[2], r;
	pid_t pid;

	if (pipe2(up, O_CLOEXEC) < 0)
		return -errno;
	if (pipe2(down, O_CLOEXEC) < 0) {
		r = -errno;
		(void)close(up[0]);
		(void)close(up[1]);
		return r;
	}
	pid = fork();
	if (pid == 0) {
		(void)close(up[0]);
		(void)close(down[1]);
		child(opts, cpu, up[1], down[0]);
	}
	r = pid < 0 ? -errno : 0;
	(void)close(up[1]);
	(void)close(down[0]);
	if (!r)
		r = hold(pid, up[0], opts->msg, ret_fd);
	(void)close(up[0]);
	(void)close(down[1]);
	if (pid > 0)
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	return r;
}

static int bind_fd(int fd, const char *target)
{
	char src[64];

	(void)snprintf(src, sizeof(src), "/proc/self/fd/%d", fd);
	return mount(src, target, NULL, MS_BIND, NULL) < 0 ? -errno : 0;
}

static int try_cpu(const struct nsmake_opts *opts, int cpu, int *ret_fd)
{
	int fd __cleanup(closep) = -1;
	int r = make_one(opts, cpu, &fd);

	if (r)
		return r;
	r = bind_fd(fd, opts->target);
	if (!r)
		*ret_fd = take_fd(&fd);
	return r;
}

/*
 * mnt_ns_loop() refuses with EINVAL to bind a namespace whose id is lower than the caller's. Since 6.18
 * ids come in batches per CPU, so a new namespace made on another CPU than its parent may get a lower one.
 * The CPU that made ours has higher ones: try them all.
 */
static int try_other_cpus(const struct nsmake_opts *opts, int *ret_fd)
{
	size_t size = CPU_ALLOC_SIZE(MAX_CPUS), tried = 0;
	cpu_set_t *set = CPU_ALLOC(MAX_CPUS);
	int cpu, r = -EINVAL;

	if (!set)
		return -ENOMEM;
	CPU_ZERO_S(size, set);
	if (sched_getaffinity(0, size, set) < 0)
		r = -errno;
	for (cpu = 0; cpu < MAX_CPUS && r == -EINVAL; cpu++) {
		if (!CPU_ISSET_S((size_t)cpu, size, set))
			continue;
		tried++;
		r = try_cpu(opts, cpu, ret_fd);
		if (!r)
			msg__info(opts->msg,
				  "pinned with a namespace made on CPU %d: the kernel numbers namespaces by "
				  "CPU and refused a lower number than the host's own",
				  cpu);
	}
	CPU_FREE(set);
	if (r)
		msg__error(opts->msg, "cannot pin at %s, tried %zu CPUs: %s%s", opts->target, tried,
			   strerror(-r),
			   r == -EINVAL
				   ? " (its mount is shared, or namespace ids are out of order)"
				   : "");
	return r;
}

int nsmake__pin(const struct nsmake_opts *opts, int *ret_fd)
{
	int r = try_cpu(opts, -1, ret_fd);

	if (r == -EINVAL) {
		msg__debug(opts->msg, "pinning at %s: EINVAL, trying each CPU", opts->target);
		return try_other_cpus(opts, ret_fd);
	}
	if (r)
		msg__error(opts->msg, "cannot pin a mount namespace at %s: %s", opts->target,
			   strerror(-r));
	return r;
}
