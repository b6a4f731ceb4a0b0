// SPDX-License-Identifier: BSD-2-Clause
/* Opens and compares mount namespace files. */
#include "encap/nsfs.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

/* linux/magic.h and linux/nsfs.h, which a bare musl does not have. */
#define MS_NSFS_MAGIC	 0x6e736673
#define MS_NS_GET_NSTYPE _IO(0xb7, 0x3)

static bool is_nsfs(int fd)
{
	struct statfs sfs;

	return fstatfs(fd, &sfs) == 0 && (unsigned long)sfs.f_type == MS_NSFS_MAGIC;
}

int nsfs__open(const char *path, int *ret_fd)
{
	int probe __cleanup(closep) = open(path, O_PATH | O_CLOEXEC);
	int fd __cleanup(closep) = -1;

	if (probe < 0)
		return -errno;
	if (!is_nsfs(probe))
		return -ESTALE;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -errno;
	if (!is_nsfs(fd))
		return -ESTALE;
	if (ioctl(fd, MS_NS_GET_NSTYPE) != CLONE_NEWNS)
		return -EMEDIUMTYPE;
	*ret_fd = take_fd(&fd);
	return 0;
}

int nsfs__id(int fd, struct nsid *ret)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	*ret = (struct nsid){ .dev = st.st_dev, .ino = st.st_ino };
	return 0;
}

int nsfs__id_of(pid_t pid, struct nsid *ret)
{
	char path[64] = "/proc/self/ns/mnt";
	struct stat st;

	if (pid)
		(void)snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)pid);
	if (stat(path, &st) < 0)
		return -errno;
	*ret = (struct nsid){ .dev = st.st_dev, .ino = st.st_ino };
	return 0;
}

const char *nsfs__strerror(int err)
{
	switch (-err) {
	case ESTALE:
		return "not a namespace (a stale pin, or an ordinary file)";
	case EMEDIUMTYPE:
		return "a namespace, but not a mount namespace";
	default:
		return strerror(-err);
	}
}

static pid_t parse_pid(const char *name)
{
	char *end;
	long v;

	if (*name < '1' || *name > '9')
		return 0;
	v = strtol(name, &end, 10);
	return *end || v <= 0 || v > 0x7fffffff ? 0 : (pid_t)v;
}

static void closedirp(DIR **d)
{
	if (*d)
		(void)closedir(*d);
}

int nsfs__for_each_proc(struct nsid id, nsfs_proc_fn fn, void *arg)
{
	DIR *d __cleanup(closedirp) = opendir("/proc");
	struct dirent *e;

	if (!d)
		return -errno;
	while ((e = readdir(d))) {
		pid_t pid = parse_pid(e->d_name);
		struct nsid its;
		int r;

		if (!pid || nsfs__id_of(pid, &its) < 0 || !nsid__equal(its, id))
			continue;
		r = fn(pid, arg);
		if (r)
			return r;
	}
	return 0;
}

void nsfs__comm(pid_t pid, char *buf, size_t size)
{
	char path[64];
	int fd __cleanup(closep) = -1;
	ssize_t n = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		n = read(fd, buf, size - 1);
	if (n <= 0) {
		(void)snprintf(buf, size, "?");
		return;
	}
	buf[n] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
}
