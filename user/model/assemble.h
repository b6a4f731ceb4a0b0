/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Makes whole operations of records: effects wait, by operation id, for the record that ends them.
 *
 * Pure: no I/O, clock or globals. It applies every record to the world by itself, because a mount that
 * goes has its path only before, and one that comes only after. Memory is bounded whatever the input
 * says: beyond the bounds effects are counted, not kept, and the counts stay exact.
 */
#ifndef MS_MODEL_ASSEMBLE_H
#define MS_MODEL_ASSEMBLE_H

#include "decode/decode.h"
#include "model/world.h"

struct assembler;

/* One effect of an operation, with what the mirror adds to the record. */
struct op_effect {
	const struct ms_effect *rec; /* its fixed part only */
	struct str path; /* whole, as its namespace's reader sees it; empty: not reachable */
	struct str fstype;
	struct str source;
	/* The rest only with assemble_opts.keep_effects. */
	struct str root;
	struct str origin_path; /* of rec->origin_id, if known */
	uint32_t origin_ns;	/* its namespace, 0: unknown */
};

/* What happened in one namespace. */
struct op_ns {
	uint64_t ns_id;
	uint32_t inum;
	uint32_t attached;
	uint32_t detached;
	uint32_t other;
	uint32_t counted;   /* of these, those that were only counted: a storm */
	uint32_t nr_mounts; /* then: mounts in the namespace after it, as the kernel counts; else 0 */
};

struct operation {
	const struct ms_op
		*op; /* never NULL; with MS_OPF_SYNTHETIC only ids and times mean anything */
	struct op_strings s;
	struct str target; /* the mountpoint as the mirror has it, or else the argument */
	bool target_known; /* it is the mirror's */
	const struct op_effect *main; /* the one that the operation is about; NULL: none */
	const struct op_effect *effects;
	size_t nr_kept; /* of effects */
	const struct op_ns *ns;
	size_t nr_ns;		       /* of ns */
	uint32_t ns_beyond;	       /* effects in namespaces beyond the bound of ns */
	uint32_t nr_effects;	       /* all that came, sent or counted */
	uint32_t nr_lost;	       /* that the kernel made, and that did not come */
	uint32_t counted;	       /* that came as a count */
	uint32_t kinds[MS_EFF_LISTED]; /* by enum ms_effect_kind; counted ones that are neither attach
					  nor detach are in kinds[0] */
	uint32_t causes[MS_CAUSE_MAX]; /* by enum ms_cause, of those not only counted */
};

/* The operation is valid during the call. A non-zero value stops assembler__feed(), which returns it. */
typedef int (*operation_fn)(void *arg, const struct operation *o);

struct assemble_opts {
	bool keep_effects;  /* else only operation.main is kept */
	unsigned blind;	    /* enum ms_blind: which changes found by snapshots are news */
	uint32_t max_kept;  /* effects kept of one operation, 0: default, 4096 */
	uint32_t max_total; /* effects kept in all, 0: default, 16384 */
	uint32_t max_open;  /* operations waiting for their end, 0: default, 256 */
};

/* world is borrowed: nobody else applies records to it. */
int assembler__new(struct world *world, const struct assemble_opts *opts, operation_fn fn,
		   void *arg, struct assembler **ret);
void assembler__free(struct assembler *a);
void assembler__freep(struct assembler **a);

/* MS_REC_META says it while records flow. */
void assembler__set_blind(struct assembler *a, unsigned blind);

/* 0; -EBADMSG: malformed; -ENOMEM; or what fn returned. */
int assembler__feed(struct assembler *a, const struct ms_hdr *rec, size_t size);
/* Hands out what still waits, as operations whose end was not seen. */
int assembler__end(struct assembler *a);

/* The value an operation was judged by: all effects, also lost ones. */
static inline uint32_t operation__fanout(const struct operation *o)
{
	return o->nr_effects + o->nr_lost;
}

#endif
