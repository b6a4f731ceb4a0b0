/* SPDX-License-Identifier: BSD-2-Clause */
/* One operation while it is being put together. The assembler's own. */
#ifndef MS_MODEL_OPEN_OP_H
#define MS_MODEL_OPEN_OP_H

#include "model/arena.h"
#include "model/assemble.h"

struct open_op {
	struct open_op *next; /* the one touched last comes first */
	struct operation o;
	struct ms_hdr first; /* of its first effect, for when its own record does not come */
	uint32_t first_ns;
	struct op_effect *v; /* kept ones */
	size_t n, cap;
	size_t main;	    /* index in v */
	unsigned main_rank; /* 0: none */
	struct op_ns *ns;
	size_t nr_ns, cap_ns, ns_at;
	struct arena arena;
};

/* What describing an effect needs; shared by all operations. */
struct describer {
	const struct world *world;
	bool details; /* also roots, and the paths of what effects are copies of */
	struct strbuf path;
	char mp[DECODE_PATH_MAX];
	char root[DECODE_PATH_MAX];
};

void open_op__free(struct open_op *p);
/* Makes it fit for the next operation, keeping its memory. */
void open_op__clear(struct open_op *p);
size_t open_op__bytes(const struct open_op *p);

/* The counts of a namespace. *ret is NULL beyond their bound. 0 or -ENOMEM. */
int open_op__ns(struct open_op *p, uint32_t inum, uint64_t ns_id, struct op_ns **ret);
/* ns_inum: 0 is in no namespace that is known. */
int open_op__count(struct open_op *p, const struct ms_effect *e, uint32_t ns_inum);
int open_op__count_storm(struct open_op *p, const struct ms_storm *s);

/* It would become what the operation is about. */
bool open_op__is_better(const struct open_op *p, const struct ms_effect *e);
/*
 * Keeps an effect of m, NULL: the mirror has it not. A mount that goes is kept while the mirror still
 * has it. 0, -ENOMEM or -EBADMSG.
 */
int open_op__keep(struct open_op *p, struct describer *d, const struct ms_effect *e,
		  const struct mnt *m);
void open_op__drop_kept(struct open_op *p);

/* Fills in what follows from the operation's own record. */
void open_op__finish(struct open_op *p, const struct ms_op *op, const struct op_strings *s);

#endif
