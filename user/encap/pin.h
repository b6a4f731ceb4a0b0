/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pin: one mount namespace, slave of the host's and shared within itself, kept alive by an nsfs bind.
 *
 *	DIR/		unbindable self-bind: the kernel pins a namespace only on a mount that is not shared
 *	DIR/mnt		the pin
 *	DIR/env		KUBENSMNT=DIR/mnt, for services that join by themselves (CRI-O)
 *	DIR/state	what was made, so that unpinning restores exactly that
 */
#ifndef MS_ENCAP_PIN_H
#define MS_ENCAP_PIN_H

#include "encap/msg.h"
#include "encap/nsfs.h"

#define PIN_PATH	"/run/container-mount-namespace/mnt"
#define PIN_PATH_KUBENS "/run/kubens/mnt"
#define PIN_PREPARE_MAX 16
#define PIN_PATH_MAX	256

struct pin_opts {
	const char *path;  /* where to pin */
	const char *alias; /* second place for the same namespace, or NULL */
	/*
	 * Directories made a shared mount on the host beforehand. `ip netns add` does that to
	 * /run/netns at its first call; coming later, it would propagate into the namespace and hide
	 * the network namespaces that the runtime has mounted there.
	 */
	const char *prepare[PIN_PREPARE_MAX];
	size_t n_prepare;
	bool force; /* unpin although processes live inside */
	const struct msg *msg;
};

/* Is the namespace one to run kubelet in? Otherwise *ret_why says what is wrong. */
bool pin__good(int ns_fd, const char **ret_why);

/*
 * Pins a new namespace, or adopts the good one that is at path or alias. Idempotent. Failures are
 * reported through opts->msg; 0 or -errno.
 */
int pin__make(const struct pin_opts *opts);

/* Removes everything that pin__make() made. -EBUSY: processes live inside. */
int pin__undo(const struct pin_opts *opts);

#endif
