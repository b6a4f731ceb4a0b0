/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading mount tables and finding mount namespaces through /proc.
 *
 * Everything goes through a root directory fd ("/" in life, a fixture in tests): proc is opened below
 * it with openat(2), never by an absolute path.
 */
#ifndef MS_SOURCE_SNAPSHOT_H
#define MS_SOURCE_SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>

#include "source/source.h"

/* How a namespace can be reached. A process is best; a pin or an fd needs setns(2) in a helper thread. */
enum ns_via {
	NS_VIA_PROC = 1, /* /proc/PID/ns/mnt */
	NS_VIA_FD = 2,	 /* /proc/PID/fd/FD */
	NS_VIA_PIN = 3,	 /* nsfs bind at path, as seen from /proc/PID/root */
};

struct ns_ref {
	uint32_t inum;
	uint32_t pid;	       /* one process (its pid) that is in it, or holds it */
	uint32_t user_ns_inum; /* 0: unknown */
	int32_t fd;	       /* NS_VIA_FD: the number in that process */
	uint64_t ns_id;	       /* NS_GET_MNTNS_ID, 0 where the kernel has none */
	uint32_t nr_mounts;    /* NS_MNT_GET_INFO, 0 where the kernel has none */
	enum ns_via via;
	char *path; /* NS_VIA_PIN */
};

struct ns_list {
	struct ns_ref *v;
	size_t n;
};

/*
 * Every mount namespace that a process is in, that an open fd holds or that an nsfs bind pins, each
 * once (by inum), the host's (PID 1's) first. Of several processes in a namespace the one whose root
 * is the namespace's root is preferred, then the lowest pid. Processes that vanish meanwhile are
 * no error. quick: processes only, no scan of fds and pins.
 */
int ns_list__scan(int root_fd, bool quick, struct ns_list *ret);
void ns_list__free(struct ns_list *l);

/* Opens the namespace itself, for ioctls, setns(2) and live__watch_ns(). fd, or -errno; -ESRCH: gone. */
int ns_ref__open(int root_fd, const struct ns_ref *ref);

/* Fills ns_id, nr_mounts and user_ns_inum of ref from an open namespace, where the kernel can tell. */
void ns_ref__ask(int ns_fd, struct ns_ref *ref);

/*
 * Reads one whole mount table and hands it to fn as MS_REC_SNAP_BEGIN, one MS_EFF_LISTED effect a
 * mount (MS_EFF_ABS_PATH; mountpoint and root unescaped), MS_REC_SNAP_END. seq and now_ns go into the
 * records as given. Peer groups, masters, unbindable, mount flags and the superblock's ro come from
 * mountinfo (proc_pid_mountinfo(5)); unique ids are not in it and stay 0.
 * A namespace that is gone: -ESRCH before anything was handed out. A table that is not one, or not
 * whole, ends with a MS_REC_SNAP_END that has err set, and -EBADMSG is returned. A table that changed
 * while it was read, more than once, has MS_SNAP_TORN. Returns 0, -errno, or fn's non-zero value.
 */
int snapshot__read(int root_fd, const struct ns_ref *ref, uint64_t seq, uint64_t now_ns,
		   record_fn fn, void *arg);

#endif
