// SPDX-License-Identifier: BSD-2-Clause
/* Records from the running kernel: loads and attaches BPF, polls its ring, joins fanotify. */
#include "source/live.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <poll.h>
#include <stdarg.h>
#include <sys/epoll.h>
#include <time.h>

#include "base/util.h"
#include "mountscope.skel.h"
#include "source/fanotify.h"

#define RING_DEFAULT  (8U << 20)
#define STORM_DEFAULT 4096
#define BATCH_MS      20 /* a busy source is drained this often, without wakeups from BPF */
#define LOAD_ATTEMPTS 8
#define LOG_KEEP      512

struct live {
	struct mountscope *skel; /* NULL: poll backend */
	struct ring_buffer *ring;
	struct bpf_link **links;
	size_t nr_links;
	struct fan *fan; /* tracepoint backend, where the kernel has it */
	struct hook_table hooks;
	record_fn fn;
	void *arg;
	int stopped; /* fn's value, while a poll runs */
	bool busy;   /* the last poll found something: do not ask to be woken yet */
};

static char
	last_log[LOG_KEEP]; /* libbpf's last complaint: it logs through a function without context */

__attribute__((format(printf, 2, 0))) static int keep_log(enum libbpf_print_level level,
							  const char *fmt, va_list ap)
{
	if (level == LIBBPF_WARN && !last_log[0])
		(void)vsnprintf(last_log, sizeof(last_log), fmt, ap);
	if (getenv("MOUNTSCOPE_LIBBPF_DEBUG"))
		(void)vfprintf(stderr, fmt, ap);
	return 0;
}

void live__free(struct live *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->nr_links; i++)
		(void)bpf_link__destroy(l->links[i]);
	free(l->links);
	ring_buffer__free(l->ring);
	fan__free(l->fan);
	mountscope__destroy(l->skel);
	hook_table__free(&l->hooks);
	free(l);
}

void live__freep(struct live **l)
{
	live__free(*l);
}

static int on_record(void *arg, void *data, size_t size)
{
	const struct ms_hdr *rec = data;
	struct live *l = arg;

	if (size < sizeof(*rec) || rec->size != size)
		return 0; /* only a defect of ours could make one */
	l->stopped = l->fan ? fan__record(l->fan, rec, size) : l->fn(l->arg, rec, size);
	return l->stopped ? -ECANCELED : 0;
}

/* Programs are named after what they hook: fe_, fx_ for trampolines, kp_, kx_ for kprobes. */
static struct bpf_program *program(const struct live *l, const char *prefix, const char *name)
{
	char full[80];

	(void)snprintf(full, sizeof(full), "%s%s", prefix, name);
	return bpf_object__find_program_by_name(l->skel->obj, full);
}

struct way {
	const char *prefix;
	unsigned flags; /* hook wants any of these */
};

static const struct way fentry_ways[] = { { "fe_", HOOK_ENTRY }, { "fx_", HOOK_EXIT } };
static const struct way kprobe_ways[] = { { "kp_", HOOK_ENTRY | HOOK_KEEP }, { "kx_", HOOK_EXIT } };
static const struct way tp_ways[] = { { "tp_", HOOK_TP } };

static const struct way *ways_of(const struct hook *h, size_t *n)
{
	switch (h->how) {
	case MS_BACKEND_FENTRY:
		*n = ARRAY_SIZE(fentry_ways);
		return fentry_ways;
	case MS_BACKEND_KPROBE:
		*n = ARRAY_SIZE(kprobe_ways);
		return kprobe_ways;
	case MS_BACKEND_TRACEPOINT:
		*n = h->flags & HOOK_TP ? ARRAY_SIZE(tp_ways) : 0;
		return tp_ways;
	default:
		*n = 0;
		return NULL;
	}
}

static const char *program_name(const struct hook *h)
{
	if (!strcmp(h->name, "sched_process_fork"))
		return "fork";
	if (!strcmp(h->name, "sched_process_exit"))
		return "exit";
	return h->name;
}

static int live__select(struct live *l)
{
	const struct way *w;
	size_t n;
	int err;

	for (size_t i = 0; i < l->hooks.n; i++) {
		const struct hook *h = &l->hooks.v[i];

		w = ways_of(h, &n);
		for (size_t k = 0; k < n; k++) {
			struct bpf_program *p;

			if (!(h->flags & w[k].flags))
				continue;
			p = program(l, w[k].prefix, program_name(h));
			if (!p)
				return -ENOENT;
			(void)bpf_program__set_autoload(p, true);
			if (h->how != MS_BACKEND_FENTRY)
				continue;
			err = bpf_program__set_attach_target(p, 0, h->symbol);
			if (err)
				return err;
		}
	}
	return 0;
}

static struct bpf_link *attach(const struct hook *h, struct bpf_program *p, bool ret)
{
	if (h->how == MS_BACKEND_KPROBE)
		return bpf_program__attach_kprobe(p, ret, h->symbol);
	return bpf_program__attach(p);
}

/* Attaches all; a trampoline that the kernel does not take is noted, for another attempt without it. */
static int live__attach(struct live *l, bool *again)
{
	const struct way *w;
	size_t n;

	for (size_t i = 0; i < l->hooks.n; i++) {
		struct hook *h = &l->hooks.v[i];

		w = ways_of(h, &n);
		for (size_t k = 0; k < n; k++) {
			struct bpf_link *link;

			if (!(h->flags & w[k].flags))
				continue;
			link = attach(h, program(l, w[k].prefix, program_name(h)),
				      w[k].prefix[1] == 'x');
			if (link) {
				l->links[l->nr_links++] = link;
				continue;
			}
			if (h->how != MS_BACKEND_FENTRY)
				return -errno;
			(void)snprintf(h->reason, sizeof(h->reason), "trampoline refused: %s",
				       strerror(errno));
			*again = true;
		}
	}
	return *again ? -EAGAIN : 0;
}

static __u32 next_pow2(__u32 v)
{
	__u32 p = (__u32)getpagesize();

	while (p < v && p < 1U << 30)
		p *= 2;
	return p;
}

/* Number of arguments of a kernel function: an exit program finds the result behind them. */
static __u32 nr_args(const char *function, __u32 fallback)
{
	struct btf *btf = btf__load_vmlinux_btf();
	const struct btf_type *t;
	__u32 n = fallback;
	int id;

	if (!btf)
		return n;
	id = btf__find_by_name_kind(btf, function, BTF_KIND_FUNC);
	if (id > 0) {
		t = btf__type_by_id(btf, (__u32)id);
		t = btf__type_by_id(btf, t->type);
		n = btf_vlen(t);
	}
	btf__free(btf);
	return n;
}

static uint64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
}

uint32_t live__mount_max(void)
{
	FILE *f __cleanup(fclosep) = fopen("/proc/sys/fs/mount-max", "re");
	unsigned v = 0;

	return f && fscanf(f, "%u", &v) == 1 ? v : 0;
}

static void live__configure(struct live *l, const struct live_opts *o)
{
	bool storage =
		libbpf_probe_bpf_helper(BPF_PROG_TYPE_KPROBE, BPF_FUNC_task_storage_get, NULL) > 0;

	l->skel->rodata->ms_cfg_self_tgid = (__u32)getpid();
	l->skel->rodata->ms_cfg_filter_tgid = o->filter.tgid;
	l->skel->rodata->ms_cfg_filter_ns = o->filter.ns_inum;
	l->skel->rodata->ms_cfg_storm_limit = o->storm_limit ? o->storm_limit : STORM_DEFAULT;
	l->skel->rodata->ms_cfg_mount_max = live__mount_max();
	l->skel->rodata->ms_cfg_start_ns = now_ns();
	l->skel->rodata->ms_cfg_task_storage = storage;
	(void)bpf_map__set_autocreate(l->skel->maps.ms_op_store, storage);
	if (l->hooks.backend == MS_BACKEND_FENTRY)
		l->skel->rodata->ms_cfg_alloc_ns_args = nr_args("alloc_mnt_ns", 2);
}

static void live__unload(struct live *l)
{
	for (size_t i = 0; i < l->nr_links; i++)
		(void)bpf_link__destroy(l->links[i]);
	free(l->links);
	l->links = NULL;
	l->nr_links = 0;
	mountscope__destroy(l->skel);
	l->skel = NULL;
}

/* One attempt with the hooks as chosen. -EAGAIN: some were refused and are marked. */
static int live__load(struct live *l, const struct live_opts *o)
{
	struct bpf_program *p;
	bool again = false;
	int err;

	l->skel = mountscope__open();
	if (!l->skel)
		return -errno;
	bpf_object__for_each_program(p, l->skel->obj)(void) bpf_program__set_autoload(p, false);
	err = live__select(l);
	if (err)
		return err;
	if (l->hooks.backend != MS_BACKEND_TRACEPOINT)
		(void)bpf_map__set_autocreate(l->skel->maps.ms_obs_bufs, false);
	live__configure(l, o);
	err = bpf_map__set_max_entries(l->skel->maps.ms_ring,
				       next_pow2(o->ring_bytes ? o->ring_bytes : RING_DEFAULT));
	if (err)
		return err;
	err = mountscope__load(l->skel);
	if (err)
		return err;
	l->links = calloc(2 * l->hooks.n, sizeof(*l->links));
	if (!l->links)
		return -ENOMEM;
	l->ring = ring_buffer__new(bpf_map__fd(l->skel->maps.ms_ring), on_record, l, NULL);
	if (!l->ring)
		return -errno;
	err = live__attach(l, &again);
	if (again) {
		ring_buffer__free(l->ring);
		l->ring = NULL;
		live__unload(l);
		return -EAGAIN;
	}
	return err;
}

static int live__open_bpf(struct live *l, const struct live_opts *o, char *why, size_t why_size)
{
	int err = -EAGAIN;

	for (int i = 0; i < LOAD_ATTEMPTS && err == -EAGAIN; i++) {
		last_log[0] = '\0';
		err = live__load(l, o);
		if (err == -EAGAIN)
			err = hook_table__refused(&l->hooks) ? -EOPNOTSUPP : -EAGAIN;
	}
	if (err) {
		last_log[strcspn(last_log, "\n")] = '\0';
		(void)snprintf(why, why_size, "%s%s%s", strerror(-err), last_log[0] ? ": " : "",
			       last_log);
		return err;
	}
	if (l->hooks.backend == MS_BACKEND_TRACEPOINT &&
	    !(hook_table__blind(&l->hooks) & MS_BLIND_EFFECTS))
		err = fan__new(o->storm_limit ? o->storm_limit : STORM_DEFAULT, &l->fan);
	if (err)
		(void)snprintf(why, why_size, "fanotify: %s", strerror(-err));
	return err;
}

int live__open(const struct live_opts *opts, struct live **ret, char *why, size_t why_size)
{
	struct live *l __cleanup(live__freep) = calloc(1, sizeof(*l));
	int err;

	if (!l)
		return -ENOMEM;
	(void)libbpf_set_print(keep_log);
	err = hook_table__probe(opts->backend, &l->hooks);
	if (err) {
		(void)snprintf(why, why_size, "%s", l->hooks.reason);
		return err;
	}
	if (l->hooks.backend != MS_BACKEND_POLL) {
		err = live__open_bpf(l, opts, why, why_size);
		if (err)
			return err;
	}
	*ret = take_ptr(l);
	return 0;
}

enum ms_backend live__backend(const struct live *l)
{
	return l->hooks.backend;
}

uint8_t live__blind(const struct live *l)
{
	return (uint8_t)hook_table__blind(&l->hooks);
}

const struct hook_table *live__hooks(const struct live *l)
{
	return &l->hooks;
}

/* Everything that is there now. Number of records, or -errno. */
static int live__consume(struct live *l)
{
	int n = ring_buffer__consume(l->ring), given = 0;

	if (l->stopped)
		return l->stopped < 0 ? l->stopped : -ECANCELED;
	if (n < 0 || !l->fan)
		return n;
	n = fan__settle(l->fan, l->fn, l->arg, &given);
	return n < 0 ? n : n > 0 ? -ECANCELED : given;
}

static int sleep_ms(int ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000L };

	return nanosleep(&t, NULL) ? -errno : 0;
}

/*
 * BPF wakes nobody while this sleeps in short naps; only after an empty one does it ask to be woken.
 * The flag goes up before the last look, so that nothing can come between look and wait unnoticed.
 */
static int live__wait(struct live *l, int timeout_ms)
{
	struct epoll_event ev;
	int n;

	if (l->busy) {
		l->busy = false;
		if (sleep_ms(timeout_ms < 0 ? BATCH_MS : min(timeout_ms, BATCH_MS)))
			return 0;
		n = live__consume(l);
		if (n)
			return n;
		if (timeout_ms >= 0)
			timeout_ms = max(timeout_ms - BATCH_MS, 0);
	}
	__atomic_store_n(&l->skel->bss->ms_consumer_waiting, 1, __ATOMIC_SEQ_CST);
	n = live__consume(l);
	if (!n && timeout_ms) {
		if (l->fan)
			timeout_ms = fan__timeout(l->fan, timeout_ms);
		(void)epoll_wait(ring_buffer__epoll_fd(l->ring), &ev, 1, timeout_ms);
		n = live__consume(l);
	}
	__atomic_store_n(&l->skel->bss->ms_consumer_waiting, 0, __ATOMIC_SEQ_CST);
	return n;
}

int live__poll(struct live *l, int timeout_ms, record_fn fn, void *arg)
{
	int n;

	if (!l->ring) {
		(void)sleep_ms(timeout_ms < 0 ? 1000 : timeout_ms);
		return 0;
	}
	l->fn = fn;
	l->arg = arg;
	l->stopped = 0;
	n = live__consume(l);
	if (!n && timeout_ms)
		n = live__wait(l, timeout_ms);
	if (n > 0)
		l->busy = true;
	return n;
}

bool live__pending(const struct live *l)
{
	return l->fan && fan__pending(l->fan);
}

uint64_t live__seq(const struct live *l)
{
	if (l->fan)
		return fan__seq(l->fan);
	return l->skel ? __atomic_load_n(&l->skel->bss->ms_seq, __ATOMIC_ACQUIRE) : 0;
}

void live__losses(const struct live *l, uint64_t *lost)
{
	memset(lost, 0, MS_LOSS_NR * sizeof(*lost));
	for (size_t i = 0; l->skel && i < MS_LOSS_NR; i++)
		lost[i] = __atomic_load_n(&l->skel->bss->ms_lost[i], __ATOMIC_RELAXED);
	if (l->fan)
		fan__losses(l->fan, lost);
}

int live__watch_ns(struct live *l, int ns_fd, uint32_t inum, uint64_t ns_id)
{
	return l->fan ? fan__watch(l->fan, ns_fd, inum, ns_id) : 0;
}

void live__forget_ns(struct live *l, uint32_t inum)
{
	if (l->fan)
		fan__forget(l->fan, inum);
}

bool live__names_by_unique_id(const struct live *l)
{
	return l->fan;
}

void live__know_mount(struct live *l, const struct ms_effect *e)
{
	if (l->fan)
		fan__know(l->fan, e);
}
