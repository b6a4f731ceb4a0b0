/* SPDX-License-Identifier: BSD-2-Clause */
/* Mount namespaces as files: opening, telling them apart, finding who lives in one. */
#ifndef MS_ENCAP_NSFS_H
#define MS_ENCAP_NSFS_H

#include <sys/types.h>

#include "base/util.h"

struct nsid {
	dev_t dev;
	ino_t ino;
};

/*
 * Opens a mount namespace by path. Nothing but an nsfs file is ever opened for reading, so that a FIFO or a
 * device in its place does no harm. -ENOENT and so on from open(2); -ESTALE: the file is there but not
 * of nsfs (a pin that is gone, or was not copied into this namespace); -EMEDIUMTYPE: a namespace of
 * another type.
 */
int nsfs__open(const char *path, int *ret_fd);
int nsfs__id(int fd, struct nsid *ret);
int nsfs__id_of(pid_t pid, struct nsid *ret); /* 0 is the caller */

static inline bool nsid__equal(struct nsid a, struct nsid b)
{
	return a.dev == b.dev && a.ino == b.ino;
}

/* Why opening failed, in words. */
const char *nsfs__strerror(int err);

/* Calls fn for each process whose main thread is in the namespace; a non-zero return stops it. */
typedef int (*nsfs_proc_fn)(pid_t pid, void *arg);
int nsfs__for_each_proc(struct nsid id, nsfs_proc_fn fn, void *arg);

/* The first line of /proc/PID/comm, or "?". */
void nsfs__comm(pid_t pid, char *buf, size_t size);

#endif
