/* SPDX-License-Identifier: BSD-2-Clause */
/* Is the node encapsulated as it should be? Facts are gathered once; findings follow from them. */
#ifndef MS_ENCAP_CHECK_H
#define MS_ENCAP_CHECK_H

#include "base/strbuf.h"
#include "encap/config.h"

enum check_place {
	PLACE_STOPPED, /* not running, or not installed */
	PLACE_HOST,
	PLACE_INSIDE,
	PLACE_OTHER, /* neither: its own, or a namespace that was pinned before */
};

const char *check_place__name(enum check_place p);

enum check_wrapped {
	WRAPPED_NO,
	WRAPPED_GENERATOR,
	WRAPPED_STATIC,
	WRAPPED_ITSELF, /* its own command enters */
};

struct check_service {
	char name[UNITNAME_MAX];
	bool installed;
	enum check_wrapped wrapped;
	pid_t pid;
	ino_t ns;
	enum check_place place;
	char label[128];	 /* SELinux, "" where off */
	struct strbuf obstacles; /* why it cannot be wrapped */
};

struct check_facts {
	struct encap_config conf;
	bool configured;
	const char *off; /* what switches it off */
	ino_t host_ns;
	ino_t pin_ns;	    /* 0: no usable pin */
	const char *pin_at; /* where */
	bool pin_good;
	const char *pin_why;
	bool pin_covered; /* pinned, but something is mounted over it */
	bool env_file;	  /* names the pin */
	struct check_service service[ENCAP_SERVICES_MAX];
	size_t n_services;
	bool systemd; /* answered */
	/* Processes that hold containers (containerd-shim*, conmon), and containers' own namespaces. */
	unsigned shims[4];	/* by enum check_place */
	unsigned containers[4]; /* by where what started them is */
	unsigned host_leftover; /* kubelet's and containers' mounts in the host's table */
	unsigned inside_mounts;
	unsigned host_mounts;
	unsigned shadowed; /* mounts inside that a later one hides */
	char shadowed_first[256];
	bool selinux;
	char binary_label[128];
};

enum check_severity { CHECK_NOTE, CHECK_PROBLEM };

struct check_finding {
	enum check_severity severity;
	const char *id; /* for machines */
	struct strbuf text;
};

struct check_findings {
	struct check_finding v[64];
	size_t n;
	unsigned problems;
};

int check__gather(const char *root, const struct msg *m, struct check_facts *ret);
void check_facts__free(struct check_facts *f);

/* Pure. */
void check__judge(const struct check_facts *f, struct check_findings *ret);
void check_findings__free(struct check_findings *f);

#endif
