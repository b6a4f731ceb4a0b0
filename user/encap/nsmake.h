/* SPDX-License-Identifier: BSD-2-Clause */
/* Making the mount namespace itself, and binding it to a file. */
#ifndef MS_ENCAP_NSMAKE_H
#define MS_ENCAP_NSMAKE_H

#include "encap/msg.h"

struct nsmake_opts {
	const char *target;	  /* existing file on a mount that is not shared */
	const char *const *leave; /* mountpoints of the host to drop inside, NULL-terminated */
	const struct msg *msg;
};

/*
 * Makes a namespace, slave of the caller's and then shared, and binds it to target. *ret_fd holds it
 * open. -errno; reported through opts->msg.
 */
int nsmake__pin(const struct nsmake_opts *opts, int *ret_fd);

#endif
