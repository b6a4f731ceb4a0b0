/* SPDX-License-Identifier: BSD-2-Clause */
/* Which operations a user wants to see. Pure: no I/O, clock or globals. */
#ifndef MS_MODEL_FILTER_H
#define MS_MODEL_FILTER_H

#include "model/assemble.h"

/* A namespace as the user names it. */
enum filter_ns_kind {
	FILTER_NS_INUM = 1,
	FILTER_NS_HOST, /* of PID 1 */
	FILTER_NS_SELF, /* of mountscope when the records were made */
	FILTER_NS_PID,	/* of a process that lives: whoever has /proc makes an inum of it */
};

struct filter_ns {
	enum filter_ns_kind kind;
	uint32_t inum; /* 0: not known yet */
	uint32_t pid;
	bool seen; /* something named it */
};

struct filter_ns_list {
	struct filter_ns *v;
	size_t n;
};

struct filter_globs {
	char **v;
	size_t n;
};

struct filter_pids {
	uint32_t *v;
	size_t n;
};

/* Zero-initialised lets everything through. All that is set must hold; within a list one must. */
struct filter {
	struct filter_ns_list ns;	/* the actor's, or that of an effect */
	struct filter_ns_list actor_ns; /* the actor's */
	struct filter_pids pids;
	struct filter_globs comm;
	struct filter_globs cgroup;
	struct filter_globs fstype; /* the operation's, or that of an effect */
	struct filter_globs path;   /* target as given or as known, or mountpoint of an effect */
	uint64_t ops;		    /* bits: enum ms_op_kind */
	uint32_t causes;	    /* bits: enum ms_cause */
	bool failed;
	uint32_t min_fanout;
	uint64_t min_latency_ns;
};
_Static_assert(MS_OP_KIND_MAX <= 64 && MS_CAUSE_MAX <= 32, "bits of struct filter");

void filter__free(struct filter *f); /* also the __cleanup function */

/* Lists by comma. 0 or -ENOMEM; -EINVAL: *ret_bad is the item that means nothing. */
int filter__add_ops(struct filter *f, const char *list, struct str *ret_bad);
int filter__add_causes(struct filter *f, const char *list, struct str *ret_bad);
int filter__add_pids(struct filter *f, const char *list, struct str *ret_bad);
int filter_globs__add(struct filter_globs *g, const char *list);
/* "host", "self", an inum, "pid:PID". */
int filter_ns_list__add(struct filter_ns_list *l, const char *list, struct str *ret_bad);

/* Fills in what "host" and "self" are. */
void filter__resolve(struct filter *f, uint32_t host_ns, uint32_t self_ns);
/* Effects must be kept to judge by it. */
bool filter__needs_effects(const struct filter *f);
/* cgroup: the actor's, empty when unknown. Notes which namespaces were seen. */
bool filter__match(struct filter *f, const struct operation *o, struct str cgroup);

/* '*' any bytes (also '/'), '?' one byte, '\' takes the next as it is. All of s must match. */
bool glob__match(const char *pattern, struct str s);

#endif
