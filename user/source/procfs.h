/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of /proc that reading and finding namespaces share. proc_fd is of /proc itself. */
#ifndef MS_SOURCE_PROCFS_H
#define MS_SOURCE_PROCFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ns_ref;

/* /proc below root_fd, fit for openat(2) and for reading as a directory. fd or -errno. */
int procfs__open(int root_fd);

/* The N of a link that reads "mnt:[N]"; path is relative to proc_fd. -errno, -EINVAL for another link. */
int procfs__ns_inum(int proc_fd, const char *path, uint32_t *ret);

/* The target of a link as a string that is freed by the caller. */
int procfs__readlink(int proc_fd, const char *path, char **ret);

/*
 * Opens the namespace itself, for ioctls and setns(2). What the name leads to by now is never opened
 * unless it is on nsfs. fd or -errno; -ESRCH: gone, or another namespace by now.
 */
int procfs__open_ns(int proc_fd, const struct ns_ref *ref);

/* What ioctl_ns(2) tells of it; what the kernel cannot tell is 0. */
struct ns_facts {
	uint64_t ns_id;
	uint32_t nr_mounts;
	uint32_t user_ns_inum;
};
void procfs__ns_facts(int ns_fd, struct ns_facts *ret);

/* Reads to the end of fd into *ret (freed by the caller). until_ns: CLOCK_MONOTONIC to stop at, or 0. */
int procfs__read_all(int fd, uint64_t until_ns, char **ret, size_t *ret_len);

#endif
