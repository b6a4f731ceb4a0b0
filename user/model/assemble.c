// SPDX-License-Identifier: BSD-2-Clause
/* Makes whole operations of records: effects wait, by operation id, for the record that ends them. */
#include "model/assemble.h"

#include "base/util.h"
#include "model/open_op.h"

#define DEFAULT_KEPT  4096u
#define DEFAULT_TOTAL 16384u
#define DEFAULT_OPEN  256u

struct assembler {
	struct world *world;
	operation_fn fn;
	void *arg;
	struct assemble_opts opts;
	struct open_op *open; /* ended and handed out: moved to spare */
	struct open_op *spare;
	size_t nr_open, nr_spare;
	size_t nr_kept;
	bool in_truth;	       /* within a snapshot that is not for the mirror */
	struct open_op *found; /* being made of what a snapshot found */
	uint32_t snap_ns;
	int found_err;
	_Alignas(struct ms_op) char made[sizeof(struct ms_op)]; /* for operations without a record */
	struct describer describer;
};

int assembler__new(struct world *world, const struct assemble_opts *opts, operation_fn fn,
		   void *arg, struct assembler **ret)
{
	struct assembler *a = calloc(1, sizeof(*a));

	if (!a)
		return -ENOMEM;
	a->world = world;
	a->describer.world = world;
	a->opts = *opts;
	a->describer.details = opts->keep_effects;
	if (!a->opts.max_kept)
		a->opts.max_kept = DEFAULT_KEPT;
	if (!a->opts.max_total)
		a->opts.max_total = DEFAULT_TOTAL;
	if (!a->opts.max_open)
		a->opts.max_open = DEFAULT_OPEN;
	a->fn = fn;
	a->arg = arg;
	*ret = a;
	return 0;
}

static void free_list(struct open_op *p)
{
	while (p) {
		struct open_op *next = p->next;

		open_op__free(p);
		p = next;
	}
}

void assembler__free(struct assembler *a)
{
	if (!a)
		return;
	free_list(a->open);
	free_list(a->spare);
	if (a->found)
		open_op__free(a->found);
	strbuf__free(&a->describer.path);
	free(a);
}

void assembler__freep(struct assembler **a)
{
	assembler__free(*a);
}

void assembler__set_blind(struct assembler *a, unsigned blind)
{
	a->opts.blind = blind;
}

/* ---- open operations -------------------------------------------------------------------------- */

#define MAX_SPARE	8u
#define SPARE_MAX_BYTES (64u * 1024)

/* Keeps it for the next operation, unless it has grown large. */
static void recycle(struct assembler *a, struct open_op *p)
{
	a->nr_kept -= p->n;
	if (a->nr_spare >= MAX_SPARE || open_op__bytes(p) > SPARE_MAX_BYTES) {
		open_op__free(p);
		return;
	}
	open_op__clear(p);
	p->next = a->spare;
	a->spare = p;
	a->nr_spare++;
}

static struct open_op *new_open(struct assembler *a)
{
	struct open_op *p = a->spare;

	if (!p)
		return calloc(1, sizeof(*p));
	a->spare = p->next;
	a->nr_spare--;
	return p;
}

/* Takes it out of the list. NULL: there is none with that id. */
static struct open_op *take_open(struct assembler *a, uint64_t op_id)
{
	struct open_op **at;

	for (at = &a->open; *at; at = &(*at)->next) {
		struct open_op *p = *at;

		if (p->first.op_id != op_id)
			continue;
		*at = p->next;
		a->nr_open--;
		return p;
	}
	return NULL;
}

static void put_open(struct assembler *a, struct open_op *p)
{
	p->next = a->open;
	a->open = p;
	a->nr_open++;
}

static struct open_op *take_oldest(struct assembler *a)
{
	struct open_op **at = &a->open, *p;

	while ((*at)->next)
		at = &(*at)->next;
	p = *at;
	*at = NULL;
	a->nr_open--;
	return p;
}

/* ---- handing out ------------------------------------------------------------------------------ */

static int hand_out(struct assembler *a, struct open_op *p, const struct ms_op *op,
		    const struct op_strings *s)
{
	int err;

	open_op__finish(p, op, s);
	err = a->fn(a->arg, &p->o);
	recycle(a, p);
	return err;
}

/* Its record did not come, or there is none: what the effects say of it. */
static int hand_out_orphan(struct assembler *a, struct open_op *p, uint64_t end_ns)
{
	static const struct op_strings none = { { "", 0 }, { "", 0 }, { "", 0 } };
	struct ms_op *op = (struct ms_op *)a->made;

	*op = (struct ms_op){
		.hdr = p->first,
		.end_ns = end_ns,
		.ns_inum = p->first_ns,
		.flags = MS_OPF_SYNTHETIC | MS_OPF_NO_TARGET,
		.nr_effects = p->o.nr_effects,
		.dfd = -100,
	};
	op->hdr.type = MS_REC_OP;
	op->hdr.size = sizeof(*op);
	return hand_out(a, p, op, &none);
}

/*
 * Whether add_effect() will keep it: all are kept up to the bounds if somebody wants to see them, and
 * in any case the one that the operation is about.
 */
static bool wanted(const struct assembler *a, const struct open_op *p, const struct ms_effect *e)
{
	if (a->opts.keep_effects && p->n < a->opts.max_kept && a->nr_kept < a->opts.max_total)
		return true;
	return open_op__is_better(p, e);
}

static int add_wanted(struct assembler *a, struct open_op *p, const struct ms_effect *e,
		      const struct mnt *m)
{
	int err;

	if (!a->opts.keep_effects && p->n) { /* a better one: takes the place of the first */
		a->nr_kept -= p->n;
		open_op__drop_kept(p);
	}
	err = open_op__keep(p, &a->describer, e, m);
	if (!err)
		a->nr_kept++;
	return err;
}

/* The open operation of rec, in front of the list; the oldest is handed out when there are too many. */
static int get_open(struct assembler *a, const struct ms_hdr *rec, uint32_t ns_inum,
		    struct open_op **ret)
{
	struct open_op *p = take_open(a, rec->op_id);
	int err = 0;

	if (!p) {
		if (a->nr_open >= a->opts.max_open)
			err = hand_out_orphan(a, take_oldest(a), rec->ktime_ns);
		if (err)
			return err;
		p = new_open(a);
		if (!p)
			return -ENOMEM;
		p->first = *rec;
		p->first_ns = ns_inum;
	}
	put_open(a, p);
	*ret = p;
	return 0;
}

/* Where only the unique id is known (fanotify), the mirror may know the other one. */
static const struct mnt *find_mnt(const struct assembler *a, const struct ms_effect *e)
{
	if (e->mnt_id)
		return world__mnt(a->world, e->mnt_id);
	return e->mnt_id_unique ? world__mnt_by_unique(a->world, e->mnt_id_unique) : NULL;
}

static int apply_effect(struct assembler *a, struct open_op *p, const struct ms_effect *e,
			size_t size)
{
	bool want = wanted(a, p, e), look = want || !e->ns_inum;
	uint32_t ns_inum = e->ns_inum;
	const struct mnt *m = NULL;
	int err = 0;

	/* A mount that goes has its path before, one that comes has it after. */
	if (look && e->kind == MS_EFF_DETACH)
		m = find_mnt(a, e);
	if (m && !ns_inum)
		ns_inum = m->ns_inum;
	if (want && e->kind == MS_EFF_DETACH)
		err = add_wanted(a, p, e, m);
	if (!err)
		err = world__apply(a->world, &e->hdr, size, NULL, NULL);
	if (!err && want && e->kind != MS_EFF_DETACH)
		err = add_wanted(a, p, e, find_mnt(a, e));
	return err ? err : open_op__count(p, e, ns_inum);
}

static int feed_effect(struct assembler *a, const struct ms_hdr *rec, size_t size)
{
	const struct ms_effect *e = (const struct ms_effect *)rec;
	struct open_op *p;
	int err;

	/* The world checks the rest; a detach is looked at before it gets there. */
	if (size < sizeof(*e))
		return -EBADMSG;
	if (e->kind == MS_EFF_LISTED)
		return a->in_truth ? 0 : world__apply(a->world, rec, size, NULL, NULL);
	if (!e->kind || e->kind > MS_EFF_LISTED || e->cause >= MS_CAUSE_MAX)
		return -EBADMSG;
	err = get_open(a, rec, e->ns_inum, &p);
	if (!err)
		err = apply_effect(a, p, e, size);
	if (err || rec->op_id)
		return err;
	/* Belongs to nothing that will end. */
	return hand_out_orphan(a, take_open(a, 0), rec->ktime_ns);
}

static int feed_storm(struct assembler *a, const struct ms_hdr *rec, size_t size)
{
	const struct ms_storm *s;
	struct open_op *p;
	int err = decode__storm(rec, size, &s);

	if (!err)
		err = world__apply(a->world, rec, size, NULL, NULL);
	if (!err)
		err = get_open(a, rec, s->ns_inum, &p);
	if (!err)
		err = open_op__count_storm(p, s);
	if (err || rec->op_id)
		return err;
	return hand_out_orphan(a, take_open(a, 0), rec->ktime_ns);
}

static int feed_op(struct assembler *a, const struct ms_hdr *rec, size_t size)
{
	const struct ms_op *op;
	struct op_strings s;
	struct open_op *p;
	int err = decode__op(rec, size, &op, &s);

	if (err)
		return err;
	p = rec->op_id ? take_open(a, rec->op_id) : NULL;
	if (!p)
		p = new_open(a);
	if (!p)
		return -ENOMEM;
	return hand_out(a, p, op, &s);
}

/* ---- snapshots: what they find changed is an operation nobody saw --------------------------------- */

static bool is_news(const struct assembler *a, enum ms_effect_kind kind)
{
	if (a->opts.blind & MS_BLIND_EFFECTS)
		return true;
	return a->opts.blind & MS_BLIND_PROPAGATION &&
	       (kind == MS_EFF_PROPAGATION || kind == MS_EFF_ATTR);
}

static void fill_found(struct ms_effect *e, const struct ms_hdr *snap, enum ms_effect_kind kind,
		       const struct mnt *m)
{
	*e = (struct ms_effect){
		.hdr = { .type = MS_REC_EFFECT, .size = sizeof(*e), .ktime_ns = snap->ktime_ns },
		.seq = m->seq,
		.ns_id = m->ns ? m->ns->ns_id : 0,
		.mnt_id_unique = m->unique_id,
		.ns_inum = m->ns_inum,
		.mnt_id = m->id,
		.parent_id = m->parent_id,
		.peer_group = m->peer_group,
		.master_group = m->master_group,
		.dev = m->dev,
		.mnt_flags = m->mnt_flags,
		.sb_flags = m->sb_flags,
		.flags = m->flags,
		.kind = kind,
		.cause = MS_CAUSE_SNAPSHOT,
	};
}

/* world_changed_fn */
static void found_change(void *arg, enum ms_effect_kind kind, const struct mnt *was,
			 const struct mnt *is)
{
	struct assembler *a = arg;
	const struct mnt *m = is ? is : was;
	struct ms_effect e;

	if (a->found_err || !m || !kind || kind >= MS_EFF_LISTED || !is_news(a, kind))
		return;
	fill_found(&e, &a->found->first, kind, m);
	if (wanted(a, a->found, &e))
		a->found_err = add_wanted(a, a->found, &e, m);
	if (!a->found_err)
		a->found_err = open_op__count(a->found, &e, e.ns_inum);
}

static int feed_snap_end(struct assembler *a, const struct ms_hdr *rec, size_t size)
{
	const struct mntns *ns = world__ns(a->world, a->snap_ns);
	struct open_op *p;
	int err;

	/* All of a namespace's first table is new to us, and a storm has been told of already. */
	if (!ns || !ns->listed || ns->stale || !a->opts.blind)
		return world__apply(a->world, rec, size, NULL, NULL);
	a->found = new_open(a);
	if (!a->found)
		return -ENOMEM;
	a->found->first = *rec;
	a->found->first.op_id = 0;
	a->found->first_ns = a->snap_ns;
	a->found_err = 0;
	err = world__apply(a->world, rec, size, found_change, a);
	p = take_ptr(a->found);
	if (!err)
		err = a->found_err;
	if (!err && p->o.nr_effects)
		return hand_out_orphan(a, p, rec->ktime_ns);
	recycle(a, p);
	return err;
}

static int feed_snap(struct assembler *a, const struct ms_hdr *rec, size_t size)
{
	const struct ms_snap *snap;
	struct str root;
	bool truth;
	int err = decode__snap(rec, size, &snap, &root);

	if (err)
		return err;
	truth = snap->flags & MS_SNAP_TRUTH || a->in_truth;
	a->in_truth = truth && rec->type == MS_REC_SNAP_BEGIN;
	if (truth)
		return 0;
	a->snap_ns = snap->ns_inum;
	if (rec->type == MS_REC_SNAP_END)
		return feed_snap_end(a, rec, size);
	return world__apply(a->world, rec, size, NULL, NULL);
}

int assembler__feed(struct assembler *a, const struct ms_hdr *rec, size_t size)
{
	switch (rec->type) {
	case MS_REC_EFFECT:
		return feed_effect(a, rec, size);
	case MS_REC_OP:
		return feed_op(a, rec, size);
	case MS_REC_STORM:
		return feed_storm(a, rec, size);
	case MS_REC_SNAP_BEGIN:
	case MS_REC_SNAP_END:
		return feed_snap(a, rec, size);
	default:
		return world__apply(a->world, rec, size, NULL, NULL);
	}
}

int assembler__end(struct assembler *a)
{
	int err = 0;

	while (a->open && !err) {
		struct open_op *p = take_oldest(a);

		err = hand_out_orphan(a, p, p->first.ktime_ns);
	}
	return err;
}
