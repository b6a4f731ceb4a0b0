/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's mount interface as raw system calls, for the test programs.
 *
 * Raw, because neither libc nor the headers of Debian 12 know all of it, and because what a test
 * did must not depend on what a library made of it. Constants are those of the kernel's uapi
 * headers; system call numbers from 424 on are the same on every architecture.
 */
#ifndef MS_TESTS_MOUNTAPI_H
#define MS_TESTS_MOUNTAPI_H

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_open_tree
#define SYS_open_tree  428
#define SYS_move_mount 429
#define SYS_fsopen     430
#define SYS_fsconfig   431
#define SYS_fsmount    432
#define SYS_fspick     433
#endif
#ifndef SYS_clone3
#define SYS_clone3 435
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif
#ifndef SYS_open_tree_attr
#define SYS_open_tree_attr 467
#endif

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Names of our own: <linux/mount.h> and <sys/mount.h> cannot both be included. */
enum {
	T_OPEN_TREE_CLONE = 1,
	T_OPEN_TREE_NAMESPACE = 2,
	T_OPEN_TREE_CLOEXEC = O_CLOEXEC,
	T_AT_RECURSIVE = 0x8000,
	T_FSMOUNT_NAMESPACE = 2,
	T_MOVE_F_EMPTY_PATH = 0x004,
	T_MOVE_T_EMPTY_PATH = 0x040,
	T_MOVE_SET_GROUP = 0x100,
	T_MOVE_BENEATH = 0x200,
	T_FSCONFIG_SET_FLAG = 0,
	T_FSCONFIG_SET_STRING = 1,
	T_FSCONFIG_CMD_CREATE = 6,
	T_FSCONFIG_CMD_RECONFIGURE = 7,
	T_ATTR_RDONLY = 0x01,
	T_ATTR_NOSUID = 0x02,
	T_ATTR_NODEV = 0x04,
	T_ATTR_NOEXEC = 0x08,
	T_ATTR__ATIME = 0x70,
	T_ATTR_NOATIME = 0x10,
	T_ATTR_IDMAP = 0x100000,
	T_UNSHARE_EMPTY_MNTNS = 0x100000,
};
#define T_CLONE_EMPTY_MNTNS (1ULL << 37)

struct t_mount_attr {
	uint64_t attr_set;
	uint64_t attr_clr;
	uint64_t propagation;
	uint64_t userns_fd;
};

struct t_clone_args {
	uint64_t flags;
	uint64_t pidfd;
	uint64_t child_tid;
	uint64_t parent_tid;
	uint64_t exit_signal;
	uint64_t stack;
	uint64_t stack_size;
	uint64_t tls;
};

static inline int t_mount(const char *source, const char *target, const char *type,
			  unsigned long flags, const char *data)
{
	return syscall(SYS_mount, source, target, type, flags, data);
}

static inline int t_umount(const char *target, int flags)
{
	return syscall(SYS_umount2, target, flags);
}

static inline int t_open_tree(int dfd, const char *path, unsigned int flags)
{
	return syscall(SYS_open_tree, dfd, path, flags);
}

static inline int t_open_tree_attr(int dfd, const char *path, unsigned int flags,
				   struct t_mount_attr *attr)
{
	return syscall(SYS_open_tree_attr, dfd, path, flags, attr, sizeof(*attr));
}

static inline int t_move_mount(int from_dfd, const char *from, int to_dfd, const char *to,
			       unsigned int flags)
{
	return syscall(SYS_move_mount, from_dfd, from, to_dfd, to, flags);
}

static inline int t_fsopen(const char *type)
{
	return syscall(SYS_fsopen, type, 1 /* FSOPEN_CLOEXEC */);
}

static inline int t_fsconfig(int fd, unsigned int cmd, const char *key, const void *value, int aux)
{
	return syscall(SYS_fsconfig, fd, cmd, key, value, aux);
}

static inline int t_fsmount(int fd, unsigned int flags, unsigned int attrs)
{
	return syscall(SYS_fsmount, fd, flags | 1 /* FSMOUNT_CLOEXEC */, attrs);
}

static inline int t_fspick(int dfd, const char *path)
{
	return syscall(SYS_fspick, dfd, path, 1 /* FSPICK_CLOEXEC */);
}

static inline int t_mount_setattr(int dfd, const char *path, unsigned int flags,
				  struct t_mount_attr *attr)
{
	return syscall(SYS_mount_setattr, dfd, path, flags, attr, sizeof(*attr));
}

static inline int t_pivot_root(const char *new_root, const char *put_old)
{
	return syscall(SYS_pivot_root, new_root, put_old);
}

/* fork(2) with flags; the child has a copy of everything. */
static inline pid_t t_clone(unsigned long flags)
{
	return syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
}

static inline pid_t t_clone3(uint64_t flags)
{
	struct t_clone_args args = { .flags = flags, .exit_signal = SIGCHLD };

	return syscall(SYS_clone3, &args, sizeof(args));
}

/* Inode number of a namespace file, 0 if there is none: what mountscope calls inum. */
static inline unsigned int t_ns_inum(int dfd, const char *path)
{
	struct stat st;

	return fstatat(dfd, path, &st, 0) ? 0 : st.st_ino;
}

static inline int t_write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write(fd, text, strlen(text));
	if (n < 0)
		n = -errno;
	close(fd);
	return n < 0 ? n : 0;
}

#endif
