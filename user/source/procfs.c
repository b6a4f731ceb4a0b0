// SPDX-License-Identifier: BSD-2-Clause
/* The parts of /proc that reading and finding namespaces share. */
#include "source/procfs.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <time.h>

#include "base/util.h"
#include "mountscope/uapi.h"
#include "source/snapshot.h"

#define FIRST_READ (64 * 1024)

/*
 * Mounts that appear while a table is read come at its end: with one mount after another it has none.
 * So many reads in a row that gave next to nothing are it. What comes later, effects tell.
 */
#define SHORT_READ  1024
#define SHORT_READS 16

int procfs__open(int root_fd)
{
	int fd = openat(root_fd, "proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int procfs__readlink(int proc_fd, const char *path, char **ret)
{
	char buf[4096];
	ssize_t n = readlinkat(proc_fd, path, buf, sizeof(buf));
	char *s;

	if (n < 0)
		return -errno;
	if ((size_t)n == sizeof(buf))
		return -ENAMETOOLONG;
	s = strndup(buf, (size_t)n);
	if (!s)
		return -ENOMEM;
	*ret = s;
	return 0;
}

int procfs__ns_inum(int proc_fd, const char *path, uint32_t *ret)
{
	/* "mnt:[" and "]" around at most 10 digits. */
	char buf[20], *end;
	ssize_t n = readlinkat(proc_fd, path, buf, sizeof(buf));
	unsigned long v;

	if (n < 0)
		return -errno;
	if (n < 7 || (size_t)n == sizeof(buf) || memcmp(buf, "mnt:[", 5))
		return -EINVAL;
	buf[n] = '\0';
	errno = 0;
	v = strtoul(buf + 5, &end, 10);
	if (buf[5] < '1' || buf[5] > '9' || errno || v > UINT32_MAX || strcmp(end, "]"))
		return -EINVAL;
	*ret = (uint32_t)v;
	return 0;
}

/* What ref names, without opening it: O_PATH has no effect on what is there. */
static int open_path(int proc_fd, const struct ns_ref *ref)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS,
	};
	int root __cleanup(closep) = -1;
	char path[48];
	long fd;

	switch (ref->via) {
	case NS_VIA_PROC:
		(void)snprintf(path, sizeof(path), "%u/ns/mnt", ref->pid);
		break;
	case NS_VIA_FD:
		(void)snprintf(path, sizeof(path), "%u/fd/%d", ref->pid, ref->fd);
		break;
	case NS_VIA_PIN:
		(void)snprintf(path, sizeof(path), "%u/root", ref->pid);
		root = openat(proc_fd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (root < 0)
			return -errno;
		fd = syscall(SYS_openat2, root, ref->path, &how, sizeof(how));
		return fd < 0 ? -errno : (int)fd;
	default:
		return -EINVAL;
	}
	fd = openat(proc_fd, path, O_PATH | O_CLOEXEC);
	return fd < 0 ? -errno : (int)fd;
}

int procfs__open_ns(int proc_fd, const struct ns_ref *ref)
{
	int path_fd __cleanup(closep) = open_path(proc_fd, ref);
	struct statfs fs;
	struct stat st;
	char self[32];
	int fd;

	if (path_fd < 0)
		return path_fd == -ENOENT || path_fd == -ENOTDIR ? -ESRCH : path_fd;
	if (fstatfs(path_fd, &fs) || fstat(path_fd, &st))
		return -errno;
	if (fs.f_type != NSFS_MAGIC || st.st_ino != ref->inum)
		return -ESRCH;
	(void)snprintf(self, sizeof(self), "self/fd/%d", path_fd);
	fd = openat(proc_fd, self, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

void procfs__ns_facts(int ns_fd, struct ns_facts *ret)
{
	struct mnt_ns_info info = { .size = sizeof(info) };
	struct ns_facts f = {};
	struct stat st;
	__u64 id;
	int user;

	if (!ioctl(ns_fd, NS_GET_MNTNS_ID, &id))
		f.ns_id = id;
	if (!ioctl(ns_fd, NS_MNT_GET_INFO, &info)) {
		f.nr_mounts = info.nr_mounts;
		f.ns_id = info.mnt_ns_id;
	}
	user = ioctl(ns_fd, NS_GET_USERNS);
	if (user >= 0) {
		if (!fstat(user, &st))
			f.user_ns_inum = (uint32_t)st.st_ino;
		(void)close(user);
	}
	*ret = f;
}

static bool is_past(uint64_t until_ns)
{
	struct timespec t;

	if (!until_ns)
		return false;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec >= until_ns;
}

int procfs__read_all(int fd, uint64_t until_ns, char **ret, size_t *ret_len)
{
	char *buf __cleanup(freep) = malloc(FIRST_READ);
	size_t len = 0, cap = FIRST_READ;
	int shorts = 0;

	if (!buf)
		return -ENOMEM;
	/* A seq_file hands out a page or less a call, and is sick when it is slow: ask for all, often. */
	while (shorts < SHORT_READS && !is_past(until_ns)) {
		ssize_t n;

		if (cap - len < FIRST_READ / 2) {
			char *more = realloc(buf, cap * 2);

			if (!more)
				return -ENOMEM;
			buf = more;
			cap *= 2;
		}
		n = read(fd, buf + len, cap - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		len += (size_t)n;
		shorts = n < SHORT_READ ? shorts + 1 : 0;
	}
	*ret = take_ptr(buf);
	*ret_len = len;
	return 0;
}
