// SPDX-License-Identifier: BSD-2-Clause
/* Effects of the tracepoint backend: joins fanotify's mount events with operations. */
#include "source/fanotify.h"

#include <fcntl.h>
#include <sys/fanotify.h>
#include <time.h>

#include "mountscope/uapi.h"
#include "source/fan_impl.h"

#define MS_NS	   1000000ULL
#define ORPHAN_NS  (100 * MS_NS) /* how long events wait for their operation */
#define IDLE_MS	   500		 /* look for the kernel's own events this often */
#define READ_BYTES 65536

static uint64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
}

/* Makes room for one more element of an array; 0 or -ENOMEM. */
int fan__room(void *array, size_t *cap, size_t n, size_t size)
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

int fan__new(uint32_t one_by_one, struct fan **ret)
{
	struct fan *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	/* The queue's default bound, 16,384, is less than one doubling makes within one system call. */
	f->fd = fanotify_init(FAN_CLASS_NOTIF | FAN_REPORT_MNT | FAN_REPORT_TID | FAN_CLOEXEC |
				      FAN_NONBLOCK | FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS,
			      O_RDONLY);
	if (f->fd < 0) {
		int err = -errno;

		free(f);
		return err;
	}
	f->one_by_one = one_by_one;
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
	free(f->batch);
	free(f->direct);
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
	if (fan__room(&f->ns, &f->cap_ns, f->nr_ns, sizeof(*f->ns)))
		return -ENOMEM;
	if (fanotify_mark(f->fd, FAN_MARK_ADD | FAN_MARK_MNTNS, FAN_MNT_ATTACH | FAN_MNT_DETACH,
			  ns_fd, NULL))
		return -errno;
	for (size_t i = 0; i < f->nr_ns; i++)
		if (f->ns[i].inum == inum) {
			if (f->ns[i].ns_id != ns_id)
				f->ns[i].since_ns = now_ns();
			f->ns[i].ns_id = ns_id;
			return 0;
		}
	f->ns[f->nr_ns++] =
		(struct watched_ns){ .inum = inum, .ns_id = ns_id, .since_ns = now_ns() };
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

void fan__know(struct fan *f, const struct ms_effect *e)
{
	struct place p = { .unique = e->mnt_id_unique,
			   .mnt_id = e->mnt_id,
			   .ns_inum = e->ns_inum,
			   .parent_id = e->parent_id };

	(void)whereis__put(&f->where, &p);
}

bool fan__pending(const struct fan *f)
{
	return f->head < f->nr || f->q_head < f->q_len;
}

int fan__timeout(const struct fan *f, int timeout_ms)
{
	int want = fan__pending(f) ? 20 : IDLE_MS;

	return timeout_ms < 0 ? want : min(timeout_ms, want);
}

static int fan__add_event(struct fan *f, const struct fanotify_event_metadata *m, uint64_t now)
{
	const struct fanotify_event_info_mnt *info = (const void *)(m + 1);

	if (m->mask & FAN_Q_OVERFLOW) {
		f->overflows++;
		return 0;
	}
	if (m->event_len < sizeof(*m) + sizeof(*info) ||
	    info->hdr.info_type != FAN_EVENT_INFO_TYPE_MNT)
		return 0;
	if (f->head == f->nr) {
		f->head = f->nr = 0;
	} else if (f->head > f->nr / 2 && f->nr == f->cap) {
		memmove(f->ev, f->ev + f->head, (f->nr - f->head) * sizeof(*f->ev));
		f->nr -= f->head;
		f->head = 0;
	}
	if (fan__room(&f->ev, &f->cap, f->nr, sizeof(*f->ev)))
		return -ENOMEM;
	f->ev[f->nr++] = (struct event){ .unique = info->mnt_id,
					 .seen_ns = now,
					 .tid = (uint32_t)m->pid,
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

/* Indexes what BPF saw standing; of two sights of one mount the first is its maker's. */
static int index_observed(struct fan *f)
{
	size_t n = 0;

	for (size_t o = 0; o < f->q_len; o = queue_next(f, o))
		n += queue_at(f, o)->type == MS_REC_EFFECT;
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
	for (size_t o = 0; o < f->q_len; o = queue_next(f, o)) {
		const struct ms_effect *e = (const void *)queue_at(f, o);
		struct observed *s;

		if (e->hdr.type != MS_REC_EFFECT)
			continue;
		s = fan__observed(f, e->mnt_id_unique);
		if (!s->unique)
			*s = (struct observed){ e->mnt_id_unique, e->hdr.op_id, o };
	}
	return 0;
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
		err = fan__join_orphans(f, &first, fn, arg);
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
		for (size_t o = 0; o < f->q_head; o = queue_next(f, o))
			if (queue_at(f, o)->type == MS_REC_EFFECT &&
			    queue_at(f, o)->op_id == queue_at(f, f->q_head)->op_id) {
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
	for (; !err && f->q_head < f->q_len; f->q_head = queue_next(f, f->q_head)) {
		struct ms_hdr *rec = queue_at(f, f->q_head);

		if (rec->type == MS_REC_EFFECT)
			continue; /* observed: its join uses it, or nothing will */
		err = rec->type == MS_REC_OP ? fan__join(f, f->q_head, now, fn, arg)
					     : fn(arg, rec, rec->size);
		if (err)
			break;
		++*ret_given;
	}
	if (err && err != MUST_WAIT)
		return err;
	compact(f);
	return err ? 0 : settle_orphans(f, now, fn, arg, ret_given);
}
