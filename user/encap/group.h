/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The services that share the namespace. Kubelet and its runtime must be in the same one, so whoever starts
 * goes where the others already are: never one in, one out.
 */
#ifndef MS_ENCAP_GROUP_H
#define MS_ENCAP_GROUP_H

#include "encap/config.h"

/* Where the other services' main processes are; 0: none there. */
struct group_state {
	pid_t inside; /* in the pinned namespace */
	pid_t host;   /* in PID 1's */
	char inside_name[UNITNAME_MAX];
	char host_name[UNITNAME_MAX];
};

/* The unit this process runs in, from its cgroup; "" when it cannot be told. */
void group__own_unit(char ret[UNITNAME_MAX]);

/*
 * Asks systemd for the main processes of the services except own. pinned_ino: inode of the pinned namespace, 0 when
 * unknown. -errno: systemd did not answer; nothing is known.
 */
int group__survey(const struct encap_config *c, const char *own, ino_t pinned_ino,
		  struct group_state *ret);

/*
 * Calls fn with the main process of each service that runs, except the one to skip ("": none). A name may be the one
 * of which the configured is an alias.
 */
typedef void (*group_pid_fn)(const char *service, pid_t pid, void *arg);
int group__main_pids(const struct encap_config *c, const char *skip, group_pid_fn fn, void *arg);

/* Held until exec: decisions are taken one at a time. -1 where it cannot be had. */
int group__lock(void);

#endif
