/* SPDX-License-Identifier: BSD-2-Clause */
/* What enabling encapsulation changes on disk, as steps. Pure: facts in, steps out. */
#ifndef MS_ENCAP_PLAN_H
#define MS_ENCAP_PLAN_H

#include "base/strbuf.h"

#define PLAN_STEPS_MAX	  48
#define PLAN_SERVICES_MAX 32
#define PLAN_NAME_MAX	  256

enum plan_do {
	PLAN_WRITE,  /* the file becomes text */
	PLAN_LINK,   /* a symbolic link to text */
	PLAN_REMOVE, /* the file goes */
};

struct plan_step {
	enum plan_do what;
	char path[2 * PLAN_NAME_MAX];
	char *text;
	const char *why;
};

struct plan {
	struct plan_step step[PLAN_STEPS_MAX];
	size_t n;
	bool oom;
};

struct plan_facts {
	char services[PLAN_SERVICES_MAX][PLAN_NAME_MAX]; /* to encapsulate, "kubelet.service" */
	size_t n_services;
	bool fail_closed;
	bool static_dropins;  /* instead of the generator */
	const char *bindir;   /* where kubensenter is */
	const char *pin_unit; /* path of the pin's unit file, NULL: not installed */
	bool kubens_unit;     /* the platform has its own kubens.service */
	bool switch_file;     /* the emergency switch is set */
};

void plan__free(struct plan *p);

/*
 * Steps in an order in which each may be the last: what makes the others take effect comes at the end. 0, or -errno with
 * *ret_why in words.
 */
int plan__enable(const struct plan_facts *f, struct plan *ret, const char **ret_why);

/* What a node of the runtime runs: "crio", "containerd", "k3s", "rke2"; NULL-terminated, NULL: unknown. */
const char *const *plan__runtime_services(const char *runtime);

/*
 * Which runtime is there, given which of its services are (in the order of plan__runtimes()): its name, or NULL
 * where it is none or several.
 */
extern const char *const plan__runtimes[];
const char *plan__detect(const bool *present);

#endif
