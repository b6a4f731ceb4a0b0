// SPDX-License-Identifier: BSD-2-Clause
/* Which namespaces must be read again, and when. */
#include "cmd/watch.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "base/util.h"
#include "source/idmap.h"
#include "source/snapshot.h"

#define MS_NS	   1000000ULL
#define CALM_NS	   (200 * MS_NS) /* after the last storm or loss */
#define SOON_NS	   (20 * MS_NS)	 /* after an operation that cannot be traced: gathers a burst */
#define RESCAN_NS  (500 * MS_NS) /* between two looks for namespaces */
#define POLL_NS	   (1000 * MS_NS)
#define SETTLE_NS  (1000 * MS_NS) /* calm before masters are looked up in every namespace */
#define REST	   20
#define LINK_BYTES 64
#define HINTS	   32 /* more new namespaces at once are found by a scan */

struct watched {
	struct ns_ref ref; /* path: owned */
	uint64_t due_ns;   /* 0: not marked */
	uint64_t rest_ns;  /* not before */
	bool seen;	   /* in the scan that is under way */
	bool told;	   /* has been read once */
};

struct watch {
	struct live *live;
	int root_fd;
	struct watched *v;
	size_t n, cap;
	uint64_t rescan_ns; /* when to look for namespaces; 0: no need */
	uint64_t scan_rest_ns;
	uint64_t masters_ns; /* when to read all again for their masters; 0: no need */
	struct hint {	     /* processes in namespaces that are new */
		uint32_t pid, inum;
	} hints[HINTS];
	size_t nr_hints;
	uint32_t last_inum; /* of the last effect */
};

static uint64_t clock_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
}

/* Whether BPF tells of every namespace that comes and goes. */
static bool told_by_bpf(const struct watch *w)
{
	enum ms_backend b = live__backend(w->live);

	return b == MS_BACKEND_FENTRY || b == MS_BACKEND_KPROBE;
}

int watch__new(struct live *live, struct watch **ret)
{
	struct watch *w = calloc(1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	w->live = live;
	w->root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (w->root_fd < 0) {
		free(w);
		return -errno;
	}
	*ret = w;
	return 0;
}

void watch__free(struct watch *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->n; i++)
		free(w->v[i].ref.path);
	free(w->v);
	(void)close(w->root_fd);
	free(w);
}

static struct watched *find(struct watch *w, uint32_t inum)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->v[i].ref.inum == inum)
			return &w->v[i];
	return NULL;
}

static struct watched *upsert(struct watch *w, const struct ns_ref *ref)
{
	struct watched *e = find(w, ref->inum);

	if (!e) {
		if (w->n == w->cap) {
			size_t cap = w->cap ? 2 * w->cap : 64;
			struct watched *v = realloc(w->v, cap * sizeof(*v));

			if (!v)
				return NULL;
			w->v = v;
			w->cap = cap;
		}
		e = &w->v[w->n++];
		*e = (struct watched){ .seen = true }; /* newer than a scan that is under way */
	}
	if (!ref->via && e->ref.inum)
		return e; /* nothing newer is known */
	free(e->ref.path);
	e->ref = *ref;
	e->ref.path = ref->path ? strdup(ref->path) : NULL;
	return e;
}

static void forget(struct watch *w, struct watched *e)
{
	live__forget_ns(w->live, e->ref.inum);
	w->last_inum = 0;
	free(e->ref.path);
	*e = w->v[--w->n];
}

static void mark(struct watched *e, uint64_t when_ns)
{
	e->due_ns = max(when_ns, e->rest_ns);
}

static void mark_inum(struct watch *w, uint32_t inum, uint64_t when_ns)
{
	struct ns_ref ref = { .inum = inum };
	struct watched *e = upsert(w, &ref);

	if (e)
		mark(e, when_ns);
}

static void want_rescan(struct watch *w, uint64_t when_ns)
{
	when_ns = max(when_ns, w->scan_rest_ns);
	if (!w->rescan_ns || when_ns < w->rescan_ns)
		w->rescan_ns = when_ns;
}

/* Operations whose whole effect no record tells, by backend. */
static bool needs_reading(const struct watch *w, const struct ms_op *op)
{
	if (op->ret < 0)
		return false;
	if (op->kind == MS_OP_MOUNT_SETATTR)
		return true; /* commits attributes in inlined code on every kernel */
	if (told_by_bpf(w))
		return false;
	switch (op->kind) {
	case MS_OP_REMOUNT:
	case MS_OP_PROPAGATION:
	case MS_OP_MOVE:
	case MS_OP_PIVOT_ROOT:
		return true;
	case MS_OP_MOUNT:
	case MS_OP_BIND:
	case MS_OP_RBIND:
	case MS_OP_UMOUNT:
		return live__blind(w->live) & MS_BLIND_EFFECTS;
	case MS_OP_MOVE_MOUNT:
		return true;
	}
	return false;
}

/*
 * Operations after which a mount may have another master or parent, in another namespace too, and no
 * event says so: a peer group lost its last member, or got its first slave.
 */
static bool may_change_masters(const struct watch *w, const struct ms_op *op)
{
	return !told_by_bpf(w) && op->ret >= 0 &&
	       (op->kind == MS_OP_PROPAGATION || op->kind == MS_OP_UMOUNT ||
		op->kind == MS_OP_MOVE || op->kind == MS_OP_MOVE_MOUNT ||
		op->kind == MS_OP_PIVOT_ROOT || op->kind == MS_OP_MOUNT_SETATTR ||
		op->kind == MS_OP_KERNEL ||
		/* copies slip below what stands on their mountpoint, which tells nobody */
		(op->kind >= MS_OP_MOUNT && op->kind <= MS_OP_RBIND && op->nr_effects > 1));
}

static void note_op(struct watch *w, const struct ms_op *op, uint64_t now)
{
	const struct watched *known;

	if (needs_reading(w, op)) {
		if (live__blind(w->live) & MS_BLIND_EFFECTS)
			watch__doubt_all(w, now);
		else
			mark_inum(w, op->ns_inum, now + SOON_NS);
	}
	if (may_change_masters(w, op))
		w->masters_ns = now + SETTLE_NS;
	if (op->ret < 0 || !op->new_ns_inum || told_by_bpf(w))
		return;
	known = find(w, op->new_ns_inum);
	if (known && known->told && known->ref.ns_id == op->new_ns_id)
		return;
	if (w->nr_hints < HINTS)
		w->hints[w->nr_hints++] =
			(struct hint){ op->new_pid ? op->new_pid : op->hdr.tid, op->new_ns_inum };
	want_rescan(w, now);
}

static void note_ns(struct watch *w, const struct ms_ns *ns, uint64_t now)
{
	struct ns_ref ref = { .inum = ns->ns_inum, .ns_id = ns->ns_id };
	struct watched *e = find(w, ns->ns_inum);

	if (ns->event == MS_NS_BORN)
		(void)upsert(w, &ref);
	else if (ns->event == MS_NS_DEAD && e && told_by_bpf(w))
		forget(w, e);
	else if (ns->event == MS_NS_MAYBE_DEAD && e) {
		want_rescan(w, now + SOON_NS);
		w->masters_ns = now + SETTLE_NS;
	}
}

/* A namespace may be seen by its effects alone, and be gone before any scan. */
static void note_effect(struct watch *w, const struct ms_effect *e, uint64_t now)
{
	struct ns_ref ref = { .inum = e->ns_inum, .ns_id = e->ns_id };
	const struct watched *known;

	if (!e->ns_inum || e->ns_inum == w->last_inum || told_by_bpf(w))
		return;
	w->last_inum = e->ns_inum;
	known = find(w, e->ns_inum);
	if (known && (!e->ns_id || !known->ref.ns_id || e->ns_id == known->ref.ns_id))
		return;
	if (!known)
		(void)upsert(w, &ref);
	want_rescan(w, now + SOON_NS);
}

void watch__note(struct watch *w, const struct ms_hdr *rec, size_t size, uint64_t now_ns)
{
	if (rec->type == MS_REC_EFFECT && size >= sizeof(struct ms_effect))
		note_effect(w, (const struct ms_effect *)rec, now_ns);
	if (rec->type == MS_REC_OP && size >= sizeof(struct ms_op))
		note_op(w, (const struct ms_op *)rec, now_ns);
	else if (rec->type == MS_REC_STORM && size >= sizeof(struct ms_storm))
		mark_inum(w, ((const struct ms_storm *)rec)->ns_inum, now_ns + CALM_NS);
	else if (rec->type == MS_REC_NS && size >= sizeof(struct ms_ns))
		note_ns(w, (const struct ms_ns *)rec, now_ns);
}

void watch__doubt_all(struct watch *w, uint64_t now_ns)
{
	want_rescan(w, now_ns + CALM_NS);
	for (size_t i = 0; i < w->n; i++)
		mark(&w->v[i], now_ns + CALM_NS);
}

uint64_t watch__due(const struct watch *w)
{
	uint64_t due = w->rescan_ns;

	if (w->nr_hints)
		return 1; /* now */
	if (w->masters_ns && (!due || w->masters_ns < due))
		due = w->masters_ns;
	for (size_t i = 0; i < w->n; i++)
		if (w->v[i].due_ns && (!due || w->v[i].due_ns < due))
			due = w->v[i].due_ns;
	return due;
}

/* A handed-on snapshot: flags go in, unique ids too where fanotify will name mounts by them. */
struct relay {
	struct watch *w;
	struct idmap *ids;
	record_fn fn;
	void *arg;
	uint16_t flags;
	uint32_t inum;
};

static int relay_record(void *arg, const struct ms_hdr *rec, size_t size)
{
	struct relay *r = arg;
	char buf[UINT16_MAX];
	struct ms_effect *e = (void *)buf;

	if ((rec->type != MS_REC_EFFECT || !r->ids) && !r->flags)
		return r->fn(r->arg, rec, size);
	memcpy(buf, rec, size);
	if (rec->type == MS_REC_EFFECT && r->ids) {
		e->mnt_id_unique = idmap__unique(r->ids, e->mnt_id);
		if (e->mnt_id_unique && !r->flags)
			live__know_mount(r->w->live, e);
	} else if (rec->type != MS_REC_EFFECT) {
		((struct ms_snap *)buf)->flags |= r->flags;
	}
	return r->fn(r->arg, (const void *)buf, size);
}

/* One table. -ESRCH: the namespace cannot be reached through ref any more. */
static int read_table(struct watch *w, const struct ns_ref *ref, uint16_t flags, record_fn fn,
		      void *arg)
{
	struct relay r = { .w = w, .fn = fn, .arg = arg, .flags = flags, .inum = ref->inum };
	struct idmap *ids __cleanup(idmap__freep) = NULL;
	uint64_t seq = live__seq(w->live);

	if (live__names_by_unique_id(w->live) && ref->ns_id && !idmap__read(ref->ns_id, &ids))
		r.ids = ids;
	return snapshot__read(w->root_fd, ref, seq, clock_ns(), relay_record, &r);
}

static int read_one(struct watch *w, uint32_t inum, record_fn fn, void *arg)
{
	struct watched *e = find(w, inum);
	uint64_t begin = clock_ns(), end;
	struct ns_ref ref;
	int err;

	if (!e)
		return 0;
	e->due_ns = 0;
	ref = e->ref;
	if (!ref.via)
		return -ESRCH;
	ref.path = ref.path ? strdup(ref.path) : NULL;
	err = read_table(w, &ref, 0, fn, arg);
	free(ref.path);
	end = clock_ns();
	e = find(w, inum); /* fn may have moved it */
	if (e) {
		e->rest_ns = end + REST * (end - begin);
		e->told |= !err;
	}
	return err;
}

static int send_ns(const struct watched *e, uint8_t event, record_fn fn, void *arg)
{
	struct ms_ns r = { .hdr = {
				   .type = MS_REC_NS, .size = sizeof(r), .ktime_ns = clock_ns() } };

	r.ns_id = e->ref.ns_id;
	r.ns_inum = e->ref.inum;
	r.user_ns_inum = e->ref.user_ns_inum;
	r.nr_mounts = e->ref.nr_mounts;
	r.event = event;
	return fn(arg, &r.hdr, sizeof(r));
}

static int open_ref(const struct watch *w, const struct ns_ref *ref)
{
	char path[LINK_BYTES];

	if (ref->via == NS_VIA_PROC)
		(void)snprintf(path, sizeof(path), "proc/%u/ns/mnt", ref->pid);
	else if (ref->via == NS_VIA_FD)
		(void)snprintf(path, sizeof(path), "proc/%u/fd/%d", ref->pid, ref->fd);
	else
		return -1;
	return openat(w->root_fd, path, O_RDONLY | O_CLOEXEC);
}

/* Marks a namespace before it is read: what happens in between is then told twice, never missed. */
static int begin_watching(struct watch *w, const struct ns_ref *ref)
{
	int fd __cleanup(closep) = -1;

	if (told_by_bpf(w))
		return 0;
	fd = open_ref(w, ref);
	return fd < 0 ? -errno : live__watch_ns(w->live, fd, ref->inum, ref->ns_id);
}

/* The namespace of this number has ended; ns_id: 0 when nothing bears the number any more. */
static int bury(struct watch *w, uint32_t inum, uint64_t ns_id, record_fn fn, void *arg)
{
	struct watched gone = { .ref = { .inum = inum, .ns_id = ns_id } }, *e;
	int err = send_ns(&gone, MS_NS_DEAD, fn, arg);

	e = find(w, inum);
	if (!err && e)
		forget(w, e);
	return err;
}

/* A namespace that a scan found. New ones are told of and read. */
static int found(struct watch *w, const struct ns_ref *ref, record_fn fn, void *arg)
{
	struct watched *e = find(w, ref->inum);
	int err;

	if (e && e->ref.ns_id && ref->ns_id && e->ref.ns_id != ref->ns_id) {
		/* the number has a new bearer */
		err = bury(w, ref->inum, e->ref.ns_id, fn, arg);
		if (err)
			return err;
	}
	e = upsert(w, ref);
	if (!e)
		return -ENOMEM;
	e->seen = true;
	if (e->told || told_by_bpf(w))
		return 0;
	(void)begin_watching(w, ref);
	err = send_ns(e, MS_NS_SEEN, fn, arg);
	if (err)
		return err;
	err = read_one(w, ref->inum, fn, arg);
	return err == -ESRCH ? 0 : err;
}

static int bury_unseen(struct watch *w, record_fn fn, void *arg)
{
	for (size_t i = w->n; i-- > 0;) {
		int err = w->v[i].seen ? 0 : bury(w, w->v[i].ref.inum, 0, fn, arg);

		if (err)
			return err;
	}
	return 0;
}

/* The namespace that a process has just made, without a look at every other process. */
static int look_at_hint(struct watch *w, const struct hint *h, record_fn fn, void *arg)
{
	struct ns_ref ref = { .inum = h->inum, .pid = h->pid, .via = NS_VIA_PROC };
	int fd __cleanup(closep) = open_ref(w, &ref);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) || (uint32_t)st.st_ino != ref.inum)
		return -ESRCH;
	ns_ref__ask(fd, &ref);
	return found(w, &ref, fn, arg);
}

static int rescan(struct watch *w, record_fn fn, void *arg)
{
	uint64_t begin = clock_ns(), end;
	struct ns_list l = {};
	int err;

	w->rescan_ns = 0;
	err = ns_list__scan(w->root_fd, false, &l);
	if (err)
		return err;
	for (size_t i = 0; i < w->n; i++)
		w->v[i].seen = false;
	for (size_t i = 0; i < l.n && !err; i++)
		err = found(w, &l.v[i], fn, arg);
	ns_list__free(&l);
	end = clock_ns();
	w->scan_rest_ns = end + max((uint64_t)RESCAN_NS, REST * (end - begin));
	return err ? err : bury_unseen(w, fn, arg);
}

static int read_due(struct watch *w, bool all, uint64_t now, record_fn fn, void *arg)
{
	for (size_t i = 0; i < w->n; i++) {
		int err;

		if (!w->v[i].due_ns || (!all && w->v[i].due_ns > now))
			continue;
		err = read_one(w, w->v[i].ref.inum, fn, arg);
		if (err == -ESRCH)
			want_rescan(w, now);
		else if (err)
			return err;
	}
	return 0;
}

int watch__refresh(struct watch *w, bool all, uint64_t now_ns, record_fn fn, void *arg)
{
	bool polled = live__backend(w->live) == MS_BACKEND_POLL;
	int err;

	while (w->nr_hints) {
		struct hint h = w->hints[--w->nr_hints];

		err = look_at_hint(w, &h, fn, arg);
		if (err && err != -ESRCH)
			return err;
	}
	if (all || polled || (w->rescan_ns && w->rescan_ns <= now_ns)) {
		err = rescan(w, fn, arg);
		if (err)
			return err;
	}
	if (w->masters_ns && (all || w->masters_ns <= now_ns)) {
		w->masters_ns = 0;
		for (size_t i = 0; i < w->n; i++)
			mark(&w->v[i], now_ns);
	}
	err = read_due(w, all || polled, now_ns, fn, arg);
	if (err)
		return err;
	if (polled) {
		want_rescan(w, now_ns + POLL_NS);
		for (size_t i = 0; i < w->n; i++)
			mark(&w->v[i], now_ns + POLL_NS);
	}
	return 0;
}

static int read_listed(struct watch *w, const struct ns_ref *ref, uint16_t flags, record_fn fn,
		       void *arg)
{
	int err;

	if (flags) {
		err = read_table(w, ref, flags, fn, arg);
		return err == -ESRCH ? 0 : err;
	}
	if (!upsert(w, ref))
		return -ENOMEM;
	(void)begin_watching(w, ref);
	err = send_ns(find(w, ref->inum), MS_NS_SEEN, fn, arg);
	if (!err)
		err = read_one(w, ref->inum, fn, arg);
	return err == -ESRCH ? 0 : err;
}

int watch__read_all(struct watch *w, uint16_t snap_flags, record_fn fn, void *arg)
{
	struct ns_list l = {};
	int err = ns_list__scan(w->root_fd, false, &l);

	for (size_t i = 0; !err && i < l.n; i++)
		err = read_listed(w, &l.v[i], snap_flags, fn, arg);
	ns_list__free(&l);
	if (!err && live__backend(w->live) == MS_BACKEND_POLL)
		want_rescan(w, clock_ns() + POLL_NS);
	return err;
}
