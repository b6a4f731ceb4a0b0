// SPDX-License-Identifier: BSD-2-Clause
/* Which of fanotify's events are an operation's, and what they tell: the join of fanotify.h. */
#include "source/fan_impl.h"
#include "source/idmap.h"

#define MS_NS	     1000000ULL
#define AMBIGUOUS_NS (50 * MS_NS) /* how long an operation waits to see where its events end */
#define MOVES_SEEN   64		  /* moves of one operation that are looked at for repetition */
#define U_MNT_DETACH 2		  /* umount2(2) */

static bool later_op_of(const struct fan *f, size_t off, uint32_t tid)
{
	for (size_t o = queue_next(f, off); o < f->q_len; o = queue_next(f, o))
		if (queue_at(f, o)->tid == tid && queue_at(f, o)->type == MS_REC_OP)
			return true;
	return false;
}

/* The join of one operation. */
struct join {
	struct fan *f;
	struct ms_op *op;
	record_fn fn;
	void *arg;
	uint32_t effects;
};

/* inum 0: where the mount was is not known; the caller's namespace is the likeliest. */
static struct tally *tally_of(struct join *j, uint32_t inum)
{
	struct fan *f = j->f;

	inum = inum ? inum : j->op->ns_inum;
	if (!inum)
		return NULL;
	for (size_t i = 0; i < f->nr_tally; i++)
		if (f->tally[i].inum == inum)
			return &f->tally[i];
	if (fan__room(&f->tally, &f->cap_tally, f->nr_tally, sizeof(*f->tally)))
		return NULL;
	f->tally[f->nr_tally] = (struct tally){ .inum = inum };
	return &f->tally[f->nr_tally++];
}

static struct ms_effect *statmount_light(uint64_t ns_id, uint64_t unique, void *buf)
{
	struct ms_effect *e = buf;
	uint32_t id;

	if (idmap__one(ns_id, unique, &id))
		return NULL;
	*e = (struct ms_effect){ .hdr.size = sizeof(*e), .mnt_id_unique = unique, .mnt_id = id };
	return e;
}

/*
 * Asks the kernel about a mount that BPF did not see, where the last was found first: the rest of an
 * operation's copies are often near. whole: with strings, which for a stack costs its height.
 */
static struct ms_effect *ask(struct fan *f, uint64_t unique, bool whole, void *buf, size_t size)
{
	for (size_t k = 0; k < f->nr_ns + 1; k++) {
		size_t i = k ? k - 1 : f->last_hit;
		struct ms_effect *e = NULL;

		if (i >= f->nr_ns || (k && i == f->last_hit))
			continue;
		if (!whole)
			e = statmount_light(f->ns[i].ns_id, unique, buf);
		else if (statmount__one(f->ns[i].ns_id, unique, MS_EFF_ATTACH, MS_CAUSE_DIRECT, buf,
					size, &e))
			e = NULL;
		if (!e)
			continue;
		e->ns_inum = f->ns[i].inum;
		e->ns_id = f->ns[i].ns_id;
		f->last_hit = i;
		return e;
	}
	return NULL;
}

/* A mount that went before it could be asked about; where it was may be known. */
static struct ms_effect *unknown(struct fan *f, uint64_t unique, const struct place *was, void *buf)
{
	struct ms_effect *e = buf;

	*e = (struct ms_effect){ .hdr.size = sizeof(*e),
				 .mnt_id_unique = unique,
				 .flags = MS_EFF_NO_DETAIL | MS_EFF_NO_STRINGS };
	if (was) {
		e->mnt_id = was->mnt_id;
		e->ns_inum = was->ns_inum;
		e->parent_id = was->parent_id;
	} else {
		f->gone++;
	}
	return e;
}

static int give(struct join *j, struct ms_effect *e)
{
	e->hdr.type = MS_REC_EFFECT;
	e->hdr.tid = j->op->hdr.tid;
	e->hdr.op_id = j->op->hdr.op_id;
	e->seq = ++j->f->seq;
	j->effects++;
	return j->fn(j->arg, &e->hdr, e->hdr.size);
}

/*
 * Direct are the first mount of an operation and what hangs on direct ones, in the caller's namespace;
 * all else is a copy. What a copy was made from is told by the peer group, which copies share with it
 * or have as their master (clone_mnt(), fs/namespace.c).
 */
static bool is_direct(const struct join *j, uint32_t ns_inum, uint32_t parent_id)
{
	const struct fan *f = j->f;

	if (!f->nr_direct)
		return true;
	if (ns_inum != j->op->ns_inum || j->op->kind == MS_OP_MOUNT || j->op->kind == MS_OP_BIND)
		return false;
	for (size_t i = f->nr_direct; i-- > 0;)
		if (f->direct[i].mnt_id == parent_id)
			return true;
	return false;
}

static uint32_t origin_of(const struct fan *f, const struct ms_effect *e)
{
	for (size_t i = 0; i < f->nr_direct; i++)
		if (f->direct[i].peer_group && (f->direct[i].peer_group == e->peer_group ||
						f->direct[i].peer_group == e->master_group))
			return f->direct[i].mnt_id;
	return f->nr_direct == 1 ? f->direct[0].mnt_id : 0;
}

/* Settles cause and origin; how: cause of what is direct. */
static int put_cause(struct join *j, struct ms_effect *e, enum ms_cause how)
{
	struct fan *f = j->f;

	if (!is_direct(j, e->ns_inum, e->parent_id)) {
		e->cause = MS_CAUSE_PROPAGATED;
		e->origin_id = origin_of(f, e);
		return 0;
	}
	e->cause = (uint8_t)how;
	e->origin_id = 0;
	if (fan__room(&f->direct, &f->cap_direct, f->nr_direct, sizeof(*f->direct)))
		return -ENOMEM;
	f->direct[f->nr_direct++] = (struct direct){ e->mnt_id, e->peer_group };
	return 0;
}

static int attached(struct join *j, const struct event *ev)
{
	const struct observed *s = fan__observed(j->f, ev->unique);
	char *buf = j->f->scratch;
	struct ms_effect *e;
	struct place was;
	bool known = whereis__get(&j->f->where, ev->unique, &was), moved = ev->detach;
	bool storm = j->effects >= j->f->one_by_one;

	if (s->unique && !moved)
		e = (void *)queue_at(j->f, s->at);
	else
		e = ask(j->f, ev->unique, !storm, buf, STATMOUNT_REC_MAX);
	if (!e)
		e = unknown(j->f, ev->unique, known ? &was : NULL, buf);
	e->flags &= (__u16)~MS_EFF_OBSERVED;
	e->hdr.ktime_ns = j->op->end_ns;
	was = (struct place){ ev->unique, e->mnt_id, e->ns_inum, e->parent_id };
	(void)whereis__put(&j->f->where, &was);
	if (storm) {
		struct tally *t = tally_of(j, e->ns_inum);

		j->effects++;
		if (t)
			t->attached++;
		return 0;
	}
	if (moved) {
		e->kind = MS_EFF_MOVE;
		e->cause = MS_CAUSE_MOVED;
	} else {
		int err = put_cause(j, e, MS_CAUSE_DIRECT);

		if (err)
			return err;
		e->kind = MS_EFF_ATTACH;
	}
	return give(j, e);
}

static int detached(struct join *j, const struct event *ev)
{
	struct ms_effect e = { .mnt_id_unique = ev->unique,
			       .kind = MS_EFF_DETACH,
			       .flags = MS_EFF_NO_DETAIL | MS_EFF_NO_STRINGS };
	struct place was;
	int err;

	e.hdr.size = sizeof(e);
	e.hdr.ktime_ns = j->op->end_ns;
	if (whereis__take(&j->f->where, ev->unique, &was)) {
		e.mnt_id = was.mnt_id;
		e.ns_inum = was.ns_inum;
		e.parent_id = was.parent_id;
	}
	if (j->effects >= j->f->one_by_one) {
		struct tally *t = tally_of(j, e.ns_inum);

		j->effects++;
		if (t)
			t->detached++;
		return 0;
	}
	err = put_cause(j, &e, j->op->sys_flags & U_MNT_DETACH ? MS_CAUSE_LAZY : MS_CAUSE_DIRECT);
	if (err)
		return err;
	return give(j, &e);
}

static int give_storm(struct join *j)
{
	struct ms_storm s = { .hdr = j->op->hdr };

	s.hdr.type = MS_REC_STORM;
	s.hdr.size = sizeof(s);
	for (size_t i = 0; i < j->f->nr_tally; i++) {
		const struct tally *t = &j->f->tally[i];
		int err;

		s.seq = ++j->f->seq;
		s.ns_inum = t->inum;
		s.attached = t->attached;
		s.detached = t->detached;
		err = j->fn(j->arg, &s.hdr, sizeof(s));
		if (err)
			return err;
	}
	if (j->f->nr_tally)
		j->op->flags |= MS_OPF_STORM;
	j->f->nr_tally = 0;
	return 0;
}

/* Which events an operation of this kind can have. */
static bool fits(unsigned kind, const struct event *ev)
{
	switch (kind) {
	case MS_OP_UMOUNT:
		return ev->detach; /* with an attach: what stood on it got another parent */
	case MS_OP_MOUNT:
	case MS_OP_BIND:
	case MS_OP_RBIND:
		return ev->attach && !ev->detach;
	case MS_OP_MOVE:
	case MS_OP_MOVE_MOUNT:
	case MS_OP_PIVOT_ROOT:
		return ev->attach;
	}
	return false;
}

/*
 * How many of the events from head on are the operation's. A thread's events stand in the order of its
 * calls; where a call of the same kind follows, its first event is known by what BPF saw of it (attach)
 * or by being one more in the caller's own namespace than this call took away (umount). *ambiguous: the
 * last events might be those of a call that has not ended yet.
 */
struct extent {
	size_t n;
	size_t own_seen;
	uint64_t moves[MOVES_SEEN];
	size_t nr_moves;
	bool starts_with_attach;
	bool ambiguous;
};

/* A mount that moves twice was moved by two calls; so was one, behind a tree that was attached. */
static bool is_another_move(struct extent *x, unsigned kind, const struct event *ev)
{
	if (!ev->attach || !ev->detach || kind == MS_OP_UMOUNT)
		return false;
	if (x->starts_with_attach)
		return true;
	for (size_t i = 0; i < x->nr_moves; i++)
		if (x->moves[i] == ev->unique)
			return true;
	if (x->nr_moves < MOVES_SEEN)
		x->moves[x->nr_moves++] = ev->unique;
	return false;
}

/* Whether an event begins a later call's. own: mounts that a umount took from the caller's namespace. */
static bool is_beyond(const struct fan *f, const struct ms_op *op, const struct event *ev,
		      struct extent *x, size_t own)
{
	const struct observed *s = fan__observed(f, ev->unique);
	struct place p;

	if (!fits(op->kind, ev) || is_another_move(x, op->kind, ev))
		return true;
	if (s->unique && s->op_id > op->hdr.op_id && !ev->detach)
		return true;
	if (op->kind == MS_OP_UMOUNT && !ev->attach &&
	    (!whereis__get(&f->where, ev->unique, &p) || p.ns_inum == op->ns_inum) &&
	    x->own_seen++ == own)
		return true;
	if (!x->n)
		x->starts_with_attach = ev->attach && !ev->detach;
	else if (!(s->unique && s->op_id == op->hdr.op_id))
		x->ambiguous = true;
	return false;
}

static size_t extent(const struct fan *f, const struct ms_op *op, bool *ambiguous)
{
	int64_t own = op->kind == MS_OP_UMOUNT ? (int64_t)op->mounts_before - op->mounts_after : 0;
	struct extent x = {};

	own = max(own, (int64_t)1);
	*ambiguous = false;
	for (size_t i = f->head; i < f->nr; i++) {
		if (f->ev[i].taken || f->ev[i].tid != op->hdr.tid)
			continue;
		if (is_beyond(f, op, &f->ev[i], &x, (size_t)own)) {
			/* a later call's first mounts may be among these, its sights not yet here */
			*ambiguous = x.ambiguous && op->kind != MS_OP_UMOUNT &&
				     fits(op->kind, &f->ev[i]);
			return x.n;
		}
		x.n++;
	}
	*ambiguous = x.ambiguous;
	return x.n;
}

static int by_unique(const void *a, const void *b, void *f)
{
	const struct event *ev = ((const struct fan *)f)->ev;
	uint64_t x = ev[*(const size_t *)a].unique, y = ev[*(const size_t *)b].unique;

	return x < y ? -1 : x > y;
}

/*
 * Attached mounts are told oldest first: the kernel makes the source before its copies, and parents
 * before children. Detached ones are told as the kernel does, the mount asked for first.
 */
static int take_events(struct join *j, size_t n)
{
	struct fan *f = j->f;
	size_t taken = 0;
	int err = 0;

	f->nr_direct = 0;
	for (size_t i = f->head; i < f->nr && taken < n; i++) {
		if (f->ev[i].taken || f->ev[i].tid != j->op->hdr.tid)
			continue;
		if (fan__room(&f->batch, &f->cap_batch, taken, sizeof(*f->batch)))
			return -ENOMEM;
		f->ev[i].taken = 1;
		f->batch[taken++] = i;
	}
	if (j->op->kind != MS_OP_UMOUNT && j->op->kind != MS_OP_KERNEL)
		qsort_r(f->batch, taken, sizeof(*f->batch), by_unique, f);
	for (size_t k = 0; k < taken && !err; k++) {
		const struct event *ev = &f->ev[f->batch[k]];

		err = ev->attach ? attached(j, ev) : detached(j, ev);
	}
	while (f->head < f->nr && f->ev[f->head].taken)
		f->head++;
	return err ? err : give_storm(j);
}

/* Whether fanotify told of a namespace when the operation began. */
static bool was_watched(const struct fan *f, const struct ms_effect *e, const struct ms_op *op)
{
	for (size_t i = 0; i < f->nr_ns; i++)
		if (f->ns[i].inum == e->ns_inum && f->ns[i].ns_id == e->ns_id)
			return f->ns[i].since_ns < op->hdr.ktime_ns;
	return false;
}

/*
 * What BPF saw of an operation in namespaces that were too young to be watched, or are only made by it:
 * no event will tell of that.
 */
static int give_observed(struct join *j, size_t off)
{
	for (size_t o = 0; o < off; o = queue_next(j->f, o)) {
		struct ms_effect *e = (void *)queue_at(j->f, o);
		struct place p;
		int err;

		if (e->hdr.type != MS_REC_EFFECT || e->hdr.op_id != j->op->hdr.op_id ||
		    !(e->flags & MS_EFF_OBSERVED) || was_watched(j->f, e, j->op))
			continue;
		e->flags &= (__u16)~MS_EFF_OBSERVED;
		e->hdr.ktime_ns = j->op->end_ns;
		p = (struct place){ e->mnt_id_unique, e->mnt_id, e->ns_inum, e->parent_id };
		(void)whereis__put(&j->f->where, &p);
		err = e->cause == MS_CAUSE_NS_COPY ? 0 : put_cause(j, e, MS_CAUSE_DIRECT);
		if (!err)
			err = give(j, e);
		if (err)
			return err;
	}
	return 0;
}

/* 0: given; MUST_WAIT; else fn's value. */
int fan__join(struct fan *f, size_t off, uint64_t now, record_fn fn, void *arg)
{
	struct join j = { .f = f, .op = (void *)queue_at(f, off), .fn = fn, .arg = arg };
	bool ambiguous;
	size_t n;
	int err;

	if (j.op->ret >= 0) {
		n = extent(f, j.op, &ambiguous);
		if (ambiguous && now < j.op->end_ns + AMBIGUOUS_NS &&
		    !later_op_of(f, off, j.op->hdr.tid))
			return MUST_WAIT;
		err = take_events(&j, n);
		if (!err)
			err = give_observed(&j, off);
		if (err)
			return err;
		j.op->flags |= MS_OPF_JOINED;
		j.op->nr_effects = j.effects;
	}
	return fn(arg, &j.op->hdr, j.op->hdr.size);
}

static void put_comm(uint32_t tid, char *comm, size_t size)
{
	char path[32];
	FILE *f __cleanup(fclosep) = NULL;

	(void)snprintf(path, sizeof(path), "/proc/%u/comm", tid);
	f = fopen(path, "re");
	if (f && fgets(comm, (int)size, f))
		comm[strcspn(comm, "\n")] = '\0';
}

/* An operation for events that no system call on mounts made. */
int fan__join_orphans(struct fan *f, const struct event *first, record_fn fn, void *arg)
{
	struct ms_op op = { .hdr = { .type = MS_REC_OP, .size = sizeof(op), .tid = first->tid } };
	struct join j = { .f = f, .op = &op, .fn = fn, .arg = arg };
	struct place p;
	size_t n = 0;
	int err;

	op.hdr.ktime_ns = op.end_ns = first->seen_ns;
	op.hdr.op_id = (1ULL << 52) + ++f->synthetic_ops; /* BPF counts from 1 */
	op.kind = MS_OP_KERNEL;
	op.flags = MS_OPF_SYNTHETIC | MS_OPF_JOINED;
	op.dfd = -100;
	op.pid = first->tid;
	if (whereis__get(&f->where, first->unique, &p))
		op.ns_inum = p.ns_inum;
	put_comm(first->tid, op.comm, sizeof(op.comm));
	for (size_t i = f->head; i < f->nr; i++)
		n += !f->ev[i].taken && f->ev[i].tid == first->tid;
	err = take_events(&j, n);
	if (err)
		return err;
	op.nr_effects = j.effects;
	return fn(arg, &op.hdr, sizeof(op));
}
