// SPDX-License-Identifier: BSD-2-Clause
/* Effects of the tracepoint backend: joins fanotify's mount events with operations. */
#include "source/fanotify.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/fanotify.h>
#include <time.h>

#include "base/util.h"
#include "mountscope/event.h"
#include "mountscope/uapi.h"
#include "source/idmap.h"
#include "source/statmount.h"
#include "source/whereis.h"

#define MS_NS	     1000000ULL
#define AMBIGUOUS_NS (50 * MS_NS)  /* how long an operation waits to see where its events end */
#define ORPHAN_NS    (100 * MS_NS) /* how long events wait for their operation */
#define IDLE_MS	     500	   /* look for the kernel's own events this often */
#define ONE_BY_ONE   4096	   /* effects of one operation; more are counted by namespace */
#define READ_BYTES   65536
#define U_MNT_DETACH 2 /* umount2(2) */
#define MUST_WAIT    INT_MIN

struct event {
	uint64_t unique;
	uint64_t seen_ns;
	uint32_t tid;
	uint8_t attach, detach, taken;
};

struct watched_ns {
	uint32_t inum;
	uint64_t ns_id;
};

/* A mount that stood when a call ended: where its record lies in the queue. */
struct observed {
	uint64_t unique; /* 0: free */
	uint64_t op_id;
	size_t at;
};

struct tally {
	uint32_t inum, attached, detached;
};

struct fan {
	int fd;
	struct watched_ns *ns;
	size_t nr_ns, cap_ns;
	size_t last_hit; /* index in ns: where the last mount was found */
	struct whereis where;
	struct event *ev; /* from head to nr, in the kernel's order */
	size_t head, nr, cap;
	char *q; /* records from BPF, in order; from q_head */
	size_t q_head, q_len, q_cap;
	struct observed *obs; /* open addressing over the queue's observed records */
	size_t cap_obs;
	struct tally *tally; /* of a storm */
	size_t nr_tally, cap_tally;
	uint64_t seq;
	uint64_t overflows, gone;
	uint64_t synthetic_ops;
	char scratch[STATMOUNT_REC_MAX] __attribute__((aligned(8)));
};

static uint64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
}

/* Makes room for one more element of an array; 0 or -ENOMEM. */
static int room(void *array, size_t *cap, size_t n, size_t size)
{
	void **v = array, *bigger;

	if (n < *cap)
		return 0;
	bigger = realloc(*v, (*cap ? 2 * *cap : 256) * size);
	if (!bigger)
		return -ENOMEM;
	*v = bigger;
	*cap = *cap ? 2 * *cap : 256;
	return 0;
}

int fan__new(struct fan **ret)
{
	struct fan *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	/* The queue's default bound, 16,384, is less than one doubling makes within one system call. */
	f->fd = fanotify_init(FAN_CLASS_NOTIF | FAN_REPORT_MNT | FAN_REPORT_TID | FAN_CLOEXEC |
			      FAN_NONBLOCK | FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS, O_RDONLY);
	if (f->fd < 0) {
		int err = -errno;

		free(f);
		return err;
	}
	*ret = f;
	return 0;
}

void fan__free(struct fan *f)
{
	if (!f)
		return;
	(void)close(f->fd);
	whereis__free(&f->where);
	free(f->ns);
	free(f->ev);
	free(f->q);
	free(f->obs);
	free(f->tally);
	free(f);
}

uint64_t fan__seq(const struct fan *f)
{
	return f->seq;
}

void fan__losses(const struct fan *f, uint64_t *lost)
{
	lost[MS_LOSS_FANOTIFY] = f->overflows;
	lost[MS_LOSS_GONE] = f->gone;
}

int fan__watch(struct fan *f, int ns_fd, uint32_t inum, uint64_t ns_id)
{
	if (room(&f->ns, &f->cap_ns, f->nr_ns, sizeof(*f->ns)))
		return -ENOMEM;
	if (fanotify_mark(f->fd, FAN_MARK_ADD | FAN_MARK_MNTNS, FAN_MNT_ATTACH | FAN_MNT_DETACH, ns_fd,
			  NULL))
		return -errno;
	for (size_t i = 0; i < f->nr_ns; i++)
		if (f->ns[i].inum == inum) {
			f->ns[i].ns_id = ns_id;
			return 0;
		}
	f->ns[f->nr_ns++] = (struct watched_ns){ .inum = inum, .ns_id = ns_id };
	return 0;
}

/* The mark goes with the namespace. */
void fan__forget(struct fan *f, uint32_t inum)
{
	whereis__forget_ns(&f->where, inum);
	for (size_t i = 0; i < f->nr_ns; i++)
		if (f->ns[i].inum == inum) {
			f->ns[i] = f->ns[--f->nr_ns];
			return;
		}
}

void fan__know(struct fan *f, uint64_t unique_id, uint32_t mnt_id, uint32_t ns_inum)
{
	(void)whereis__put(&f->where, unique_id, mnt_id, ns_inum);
}

int fan__timeout(const struct fan *f, int timeout_ms)
{
	int want = f->head < f->nr || f->q_head < f->q_len ? 20 : IDLE_MS;

	return timeout_ms < 0 ? want : min(timeout_ms, want);
}

static int fan__add_event(struct fan *f, const struct fanotify_event_metadata *m, uint64_t now)
{
	const struct fanotify_event_info_mnt *info = (const void *)(m + 1);

	if (m->mask & FAN_Q_OVERFLOW) {
		f->overflows++;
		return 0;
	}
	if (m->event_len < sizeof(*m) + sizeof(*info) || info->hdr.info_type != FAN_EVENT_INFO_TYPE_MNT)
		return 0;
	if (f->head == f->nr)
		f->head = f->nr = 0;
	if (room(&f->ev, &f->cap, f->nr, sizeof(*f->ev)))
		return -ENOMEM;
	f->ev[f->nr++] = (struct event){ .unique = info->mnt_id, .seen_ns = now, .tid = (uint32_t)m->pid,
					 .attach = !!(m->mask & FAN_MNT_ATTACH),
					 .detach = !!(m->mask & FAN_MNT_DETACH) };
	return 0;
}

static int fan__read(struct fan *f)
{
	char buf[READ_BYTES] __attribute__((aligned(8)));
	uint64_t now = now_ns();

	for (;;) {
		ssize_t len = read(f->fd, buf, sizeof(buf));
		const struct fanotify_event_metadata *m = (const void *)buf;

		if (len < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -errno;
		for (; FAN_EVENT_OK(m, len); m = FAN_EVENT_NEXT(m, len)) {
			int err = fan__add_event(f, m, now);

			if (err)
				return err;
		}
	}
}

int fan__record(struct fan *f, const struct ms_hdr *rec, size_t size)
{
	while (f->q_len + size > f->q_cap) {
		size_t cap = f->q_cap ? 2 * f->q_cap : 1 << 16;
		char *q = realloc(f->q, cap);

		if (!q)
			return -ENOMEM;
		f->q = q;
		f->q_cap = cap;
	}
	memcpy(f->q + f->q_len, rec, size);
	f->q_len += (size + 7) & ~(size_t)7;
	return 0;
}

static struct ms_hdr *at(const struct fan *f, size_t off)
{
	return (struct ms_hdr *)(f->q + off);
}

static size_t next(const struct fan *f, size_t off)
{
	return off + (((size_t)at(f, off)->size + 7) & ~(size_t)7);
}

static struct observed *observed_slot(const struct fan *f, uint64_t unique)
{
	size_t i = (size_t)((unique * 0x9e3779b97f4a7c15ULL) >> 32) & (f->cap_obs - 1);

	while (f->obs[i].unique && f->obs[i].unique != unique)
		i = (i + 1) & (f->cap_obs - 1);
	return &f->obs[i];
}

/* Indexes what BPF saw standing; of two sights of one mount the first is its maker's. */
static int index_observed(struct fan *f)
{
	size_t n = 0;

	for (size_t o = 0; o < f->q_len; o = next(f, o))
		n += at(f, o)->type == MS_REC_EFFECT;
	if (2 * n >= f->cap_obs) {
		size_t cap = f->cap_obs ? f->cap_obs : 512;

		while (cap <= 2 * n)
			cap *= 2;
		free(f->obs);
		f->cap_obs = 0;
		f->obs = malloc(cap * sizeof(*f->obs));
		if (!f->obs)
			return -ENOMEM;
		f->cap_obs = cap;
	}
	memset(f->obs, 0, f->cap_obs * sizeof(*f->obs));
	for (size_t o = 0; o < f->q_len; o = next(f, o)) {
		const struct ms_effect *e = (const void *)at(f, o);
		struct observed *s;

		if (e->hdr.type != MS_REC_EFFECT)
			continue;
		s = observed_slot(f, e->mnt_id_unique);
		if (!s->unique)
			*s = (struct observed){ e->mnt_id_unique, e->hdr.op_id, o };
	}
	return 0;
}

static bool later_op_of(const struct fan *f, size_t off, uint32_t tid)
{
	for (size_t o = next(f, off); o < f->q_len; o = next(f, o))
		if (at(f, o)->tid == tid && at(f, o)->type == MS_REC_OP)
			return true;
	return false;
}

/* The join of one operation. */
struct join {
	struct fan *f;
	struct ms_op *op;
	record_fn fn;
	void *arg;
	uint32_t first_id; /* mount that the others are copies of, or went with */
	uint32_t effects;
	uint64_t now;
};

static struct tally *tally_of(struct fan *f, uint32_t inum)
{
	for (size_t i = 0; i < f->nr_tally; i++)
		if (f->tally[i].inum == inum)
			return &f->tally[i];
	if (room(&f->tally, &f->cap_tally, f->nr_tally, sizeof(*f->tally)))
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

static struct ms_effect *unknown(struct fan *f, uint64_t unique, void *buf)
{
	struct ms_effect *e = buf;

	*e = (struct ms_effect){ .hdr.size = sizeof(*e), .mnt_id_unique = unique,
				 .flags = MS_EFF_NO_DETAIL | MS_EFF_NO_STRINGS };
	f->gone++;
	return e;
}

static int give(struct join *j, struct ms_effect *e)
{
	e->hdr.type = MS_REC_EFFECT;
	e->hdr.tid = j->op->hdr.tid;
	e->hdr.op_id = j->op->hdr.op_id;
	e->seq = ++j->f->seq;
	j->effects++;
	if (!j->first_id)
		j->first_id = e->mnt_id;
	return j->fn(j->arg, &e->hdr, e->hdr.size);
}

static bool direct(const struct join *j, const struct ms_effect *e)
{
	return !j->first_id || e->ns_inum == j->op->ns_inum;
}

static int attached(struct join *j, const struct event *ev)
{
	const struct observed *s = observed_slot(j->f, ev->unique);
	char *buf = j->f->scratch;
	struct ms_effect *e;
	struct place was;
	bool moved = whereis__get(&j->f->where, ev->unique, &was), storm = j->effects >= ONE_BY_ONE;

	if (s->unique && !moved)
		e = (void *)at(j->f, s->at);
	else
		e = ask(j->f, ev->unique, !storm, buf, STATMOUNT_REC_MAX);
	if (!e)
		e = unknown(j->f, ev->unique, buf);
	e->flags &= (__u16)~MS_EFF_OBSERVED;
	e->hdr.ktime_ns = j->op->end_ns;
	(void)whereis__put(&j->f->where, ev->unique, e->mnt_id, e->ns_inum);
	if (storm) {
		struct tally *t = tally_of(j->f, e->ns_inum);

		j->effects++;
		if (t)
			t->attached++;
		return 0;
	}
	e->kind = moved || ev->detach ? MS_EFF_MOVE : MS_EFF_ATTACH;
	e->cause = e->kind == MS_EFF_MOVE ? MS_CAUSE_MOVED :
		   direct(j, e)		  ? MS_CAUSE_DIRECT :
					    MS_CAUSE_PROPAGATED;
	if (e->cause == MS_CAUSE_PROPAGATED)
		e->origin_id = j->first_id;
	return give(j, e);
}

static int detached(struct join *j, const struct event *ev)
{
	struct ms_effect e = { .mnt_id_unique = ev->unique, .kind = MS_EFF_DETACH,
			       .flags = MS_EFF_NO_DETAIL | MS_EFF_NO_STRINGS };
	struct place was;

	e.hdr.size = sizeof(e);
	e.hdr.ktime_ns = j->op->end_ns;
	if (whereis__take(&j->f->where, ev->unique, &was)) {
		e.mnt_id = was.mnt_id;
		e.ns_inum = was.ns_inum;
	}
	if (j->effects >= ONE_BY_ONE) {
		struct tally *t = tally_of(j->f, e.ns_inum);

		j->effects++;
		if (t)
			t->detached++;
		return 0;
	}
	if (direct(j, &e))
		e.cause = j->op->sys_flags & U_MNT_DETACH ? MS_CAUSE_LAZY : MS_CAUSE_DIRECT;
	else
		e.cause = MS_CAUSE_PROPAGATED;
	if (e.cause == MS_CAUSE_PROPAGATED)
		e.origin_id = j->first_id;
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
		return ev->detach && !ev->attach;
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
static size_t extent(const struct fan *f, const struct ms_op *op, bool *ambiguous)
{
	int64_t own = op->kind == MS_OP_UMOUNT ? (int64_t)op->mounts_before - op->mounts_after : 0;
	size_t n = 0, own_seen = 0;

	own = max(own, (int64_t)1);
	*ambiguous = false;
	for (size_t i = f->head; i < f->nr; i++) {
		const struct event *ev = &f->ev[i];
		const struct observed *s;
		struct place p;

		if (ev->taken || ev->tid != op->hdr.tid)
			continue;
		if (!fits(op->kind, ev)) {
			*ambiguous = false;
			return n;
		}
		s = observed_slot(f, ev->unique);
		if (s->unique && s->op_id > op->hdr.op_id && !ev->detach) {
			*ambiguous = false;
			return n;
		}
		if (op->kind == MS_OP_UMOUNT && whereis__get(&f->where, ev->unique, &p) &&
		    p.ns_inum == op->ns_inum && (int64_t)own_seen++ == own) {
			*ambiguous = false;
			return n;
		}
		if (n && !(s->unique && s->op_id == op->hdr.op_id))
			*ambiguous = true;
		n++;
	}
	return n;
}

static int take_events(struct join *j, size_t n)
{
	struct fan *f = j->f;

	for (size_t i = f->head; i < f->nr && n; i++) {
		struct event *ev = &f->ev[i];
		int err;

		if (ev->taken || ev->tid != j->op->hdr.tid)
			continue;
		ev->taken = 1;
		n--;
		err = ev->attach ? attached(j, ev) : detached(j, ev);
		if (err)
			return err;
	}
	while (f->head < f->nr && f->ev[f->head].taken)
		f->head++;
	return give_storm(j);
}

static bool is_watched(const struct fan *f, const struct ms_op *op)
{
	for (size_t i = 0; i < f->nr_ns; i++)
		if (f->ns[i].inum == op->ns_inum)
			return f->ns[i].ns_id == op->ns_id;
	return false;
}

/*
 * An operation in a namespace that is too young to be watched: what BPF saw standing in it is all that
 * there will be.
 */
static int give_observed(struct join *j, size_t off)
{
	for (size_t o = 0; o < off; o = next(j->f, o)) {
		struct ms_effect *e = (void *)at(j->f, o);
		int err;

		if (e->hdr.type != MS_REC_EFFECT || e->hdr.op_id != j->op->hdr.op_id ||
		    e->ns_inum != j->op->ns_inum)
			continue;
		e->flags &= (__u16)~MS_EFF_OBSERVED;
		err = give(j, e);
		if (err)
			return err;
	}
	return 0;
}

/* 0: given; MUST_WAIT; else fn's value. */
static int join_op(struct fan *f, size_t off, uint64_t now, record_fn fn, void *arg)
{
	struct join j = { .f = f, .op = (void *)at(f, off), .fn = fn, .arg = arg, .now = now };
	bool ambiguous;
	size_t n;
	int err;

	if (j.op->ret >= 0) {
		n = extent(f, j.op, &ambiguous);
		if (ambiguous && now < j.op->end_ns + AMBIGUOUS_NS && !later_op_of(f, off, j.op->hdr.tid))
			return MUST_WAIT;
		err = take_events(&j, n);
		if (!err && !is_watched(f, j.op))
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
static int give_orphans(struct fan *f, const struct event *first, uint64_t now, record_fn fn, void *arg)
{
	struct ms_op op = { .hdr = { .type = MS_REC_OP, .size = sizeof(op), .tid = first->tid } };
	struct join j = { .f = f, .op = &op, .fn = fn, .arg = arg, .now = now };
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

static int settle_orphans(struct fan *f, uint64_t now, record_fn fn, void *arg, int *ret_given)
{
	int given = 0;

	while (f->head < f->nr) {
		struct event first = f->ev[f->head];
		int err;

		if (first.taken) {
			f->head++;
			continue;
		}
		if (now < first.seen_ns + ORPHAN_NS)
			break;
		err = give_orphans(f, &first, now, fn, arg);
		if (err)
			return err;
		given++;
	}
	*ret_given += given;
	return 0;
}

/* Drops what has been handed out, but for what BPF saw of the operation that waits. */
static void compact(struct fan *f)
{
	size_t keep = f->q_head;

	if (f->q_head < f->q_len)
		for (size_t o = 0; o < f->q_head; o = next(f, o))
			if (at(f, o)->type == MS_REC_EFFECT && at(f, o)->op_id == at(f, f->q_head)->op_id) {
				keep = o;
				break;
			}
	memmove(f->q, f->q + keep, f->q_len - keep);
	f->q_len -= keep;
	f->q_head -= keep;
}

int fan__settle(struct fan *f, record_fn fn, void *arg, int *ret_given)
{
	uint64_t now = now_ns();
	int err = fan__read(f);

	if (err || (f->q_head == f->q_len && f->head == f->nr))
		return err;
	err = index_observed(f);
	for (; !err && f->q_head < f->q_len; f->q_head = next(f, f->q_head)) {
		struct ms_hdr *rec = at(f, f->q_head);

		if (rec->type == MS_REC_EFFECT)
			continue; /* observed: its join uses it, or nothing will */
		err = rec->type == MS_REC_OP ? join_op(f, f->q_head, now, fn, arg) :
					       fn(arg, rec, rec->size);
		if (err)
			break;
		++*ret_given;
	}
	if (err && err != MUST_WAIT)
		return err;
	compact(f);
	return err ? 0 : settle_orphans(f, now, fn, arg, ret_given);
}
