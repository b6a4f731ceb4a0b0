/* SPDX-License-Identifier: BSD-2-Clause */
/* The propagation self-test: mounts for real, and looks who sees it. */
#ifndef MS_ENCAP_PROBE_H
#define MS_ENCAP_PROBE_H

#include "encap/msg.h"

enum encap_guarantee {
	GUARANTEE_HOST_TO_INSIDE,     /* host -> kubelet and runtime */
	GUARANTEE_HOST_TO_CONTAINER,  /* host -> HostToContainer */
	GUARANTEE_BIDIR_TO_INSIDE,    /* Bidirectional -> kubelet and runtime */
	GUARANTEE_BIDIR_TO_CONTAINER, /* Bidirectional -> other HostToContainer */
	GUARANTEE_NOTHING_TO_HOST,    /* Bidirectional does not reach the host */
	GUARANTEE__MAX,
};

extern const char *const encap_guarantee_words[GUARANTEE__MAX];

/* Fills which guarantees hold for the namespace at ns_fd. Leaves nothing mounted. 0 or -errno. */
int encap_probe__run(int ns_fd, const struct msg *m, bool ret_holds[GUARANTEE__MAX]);

#endif
