/* SPDX-License-Identifier: BSD-2-Clause */
/* One service as its unit file and drop-ins add up: what it starts, and how it is sandboxed. Pure. */
#ifndef MS_ENCAP_UNIT_H
#define MS_ENCAP_UNIT_H

#include "base/strbuf.h"

/* Why a service cannot enter the namespace, or would lose its sandbox by doing so. */
enum sandbox_kind {
	SANDBOX_MOUNT, /* gives it a mount namespace of its own */
	SANDBOX_CAPS,  /* takes CAP_SYS_ADMIN or CAP_SYS_CHROOT, or setns(2), away */
	SANDBOX_USER,  /* runs it as another user */
	SANDBOX__MAX,
};

struct unit {
	char **exec_start; /* the values in effect, in order */
	size_t n_exec_start;
	bool oom;
	/* The sandbox directives in effect, by index in the table of sandbox.c. */
	char *sandbox[64];
	/* Of CapabilityBoundingSet=: -1 unset, else whether the capability is in it. */
	signed char cap_admin;
	signed char cap_chroot;
};

struct unit *unit__new(void);
void unit__free(struct unit *u);
void unit__freep(struct unit **u);

/* Applies one assignment; the signature is unitfile_fn, arg the unit. */
int unit__assign(const char *section, const char *key, const char *value, void *arg);

/* Applies one directive of the table in sandbox.c. */
void unit__assign_sandbox(struct unit *u, const char *key, const char *value);

/*
 * Writes what stands against wrapping the service, in words, and returns true; false when nothing does. exec_flags
 * are those that all its commands share (EXEC_PRIVILEGED frees it of everything).
 */
bool unit__obstacles(const struct unit *u, unsigned exec_flags, struct strbuf *out);

#endif
