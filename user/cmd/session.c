// SPDX-License-Identifier: BSD-2-Clause
/* One run over records, live or from a capture: the part that every reading command shares. */
#include "cmd/session.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>

#include "base/util.h"
#include "cmd/cmd.h"
#include "cmd/watch.h"
#include "source/capture.h"

#define TRUTH_ATTEMPTS 8
#define DRAIN_QUIET_MS 60 /* a source that gives nothing for so long has given all */

struct session {
	struct session_opts opts;
	struct live *live;
	struct capture_reader *reader;
	struct capture_writer *writer;
	struct watch *watch; /* namespaces to be read again */
	record_fn fn;
	void *arg;
	struct ms_loss loss;
	uint64_t effects; /* handed out so far */
	int value;	  /* fn's last */
	bool stop;
};

static volatile sig_atomic_t signalled;

static void on_signal(int sig __unused)
{
	signalled = 1;
}

static uint64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
}

void session__free(struct session *s)
{
	if (!s)
		return;
	watch__free(s->watch);
	live__free(s->live);
	capture_reader__free(s->reader);
	capture_writer__free(s->writer);
	free(s);
}

void session__freep(struct session **s)
{
	session__free(*s);
}

void session__stop(struct session *s)
{
	s->stop = true;
}

const struct ms_loss *session__loss(const struct session *s)
{
	return &s->loss;
}

bool session__signalled(const struct session *s __unused)
{
	return signalled;
}

/* Everything that a command sees, and a recording holds, passes here. */
static int hand_out(void *arg, const struct ms_hdr *rec, size_t size)
{
	struct session *s = arg;
	int err;

	if (rec->type == MS_REC_EFFECT)
		s->effects++;
	if (rec->type == MS_REC_LOSS && size >= sizeof(s->loss))
		memcpy(&s->loss, rec, sizeof(s->loss));
	if (s->watch)
		watch__note(s->watch, rec, size, now_ns());
	if (s->writer) {
		err = capture_writer__add(s->writer, rec);
		if (err) {
			(void)fail(EXIT_FAILED, "cannot write the recording %s: %s", s->opts.record,
				   strerror(-err));
			return err;
		}
	}
	s->value = s->fn(s->arg, rec, size);
	return s->value > 0 ? -ECANCELED : s->value;
}

static struct session *refuse(struct session *s, int *ret_exit, enum exit_status status)
{
	session__free(s);
	*ret_exit = status;
	return NULL;
}

static int open_capture(struct session *s)
{
	const char *path = s->opts.from;
	int err = capture_reader__open(path, &s->reader);

	switch (err) {
	case 0:
		return 0;
	case -ENOMSG:
		return fail(EXIT_FAILED, "cannot replay %s: it is not a mountscope recording",
			    path);
	case -EPROTO:
		return fail(EXIT_FAILED,
			    "cannot replay %s: it was recorded on a machine of the other "
			    "byte order; replay it on such a machine",
			    path);
	case -EPROTONOSUPPORT:
		return fail(EXIT_FAILED,
			    "cannot replay %s: a newer mountscope recorded it; replay it "
			    "with that version",
			    path);
	case -ENODATA:
		return fail(EXIT_FAILED,
			    "cannot replay %s: it ends inside its header; the recording "
			    "was never completed",
			    path);
	default:
		return fail(EXIT_FAILED, "cannot open the recording %s: %s", path, strerror(-err));
	}
}

static int open_live(struct session *s)
{
	char why[640] = "";
	int err = live__open(&s->opts.live, &s->live, why, sizeof(why));

	if (!err)
		return 0;
	if (err == -EPERM || err == -EACCES)
		return fail(EXIT_IMPOSSIBLE,
			    "cannot load BPF programs: %s; run it as root, or with "
			    "CAP_BPF, CAP_PERFMON and CAP_SYS_ADMIN",
			    why[0] ? why : strerror(-err));
	if (err == -EOPNOTSUPP)
		return fail(EXIT_IMPOSSIBLE,
			    "this kernel does not permit the backend asked for: %s; "
			    "'mountscope probe' shows what it permits",
			    why);
	if (err == -ENOMEM)
		return fail(EXIT_FAILED,
			    "cannot load BPF programs: %s; on kernels before 5.11 "
			    "RLIMIT_MEMLOCK may be too low: ulimit -l unlimited",
			    why[0] ? why : strerror(-err));
	return fail(EXIT_FAILED, "cannot load BPF programs: %s", why[0] ? why : strerror(-err));
}

struct session *session__open(const struct session_opts *opts, int *ret_exit)
{
	struct session *s = calloc(1, sizeof(*s));
	int status, err;

	if (!s)
		return refuse(s, ret_exit, fail(EXIT_FAILED, "out of memory"));
	s->opts = *opts;
	status = opts->from ? open_capture(s) : open_live(s);
	if (status)
		return refuse(s, ret_exit, status);
	if (opts->record) {
		err = capture_writer__open(opts->record, &s->writer);
		if (err)
			return refuse(s, ret_exit,
				      fail(EXIT_FAILED, "cannot create the recording %s: %s",
					   opts->record, strerror(-err)));
	}
	if (s->live && !opts->no_snapshot) {
		err = watch__new(s->live, &s->watch);
		if (err)
			return refuse(s, ret_exit,
				      fail(EXIT_FAILED, "cannot open /: %s", strerror(-err)));
	}
	return s;
}

static __u32 ns_inum_of(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : (__u32)st.st_ino;
}

static int send_meta(struct session *s)
{
	char buf[sizeof(struct ms_meta) + 2 * sizeof(((struct utsname *)0)->release)];
	struct ms_meta m = { .hdr.type = MS_REC_META };
	struct timespec t;
	struct utsname u;

	(void)uname(&u);
	m.hdr.ktime_ns = now_ns();
	(void)clock_gettime(CLOCK_REALTIME, &t);
	m.realtime_ns = (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
	m.host_ns_inum = ns_inum_of("/proc/1/ns/mnt");
	m.self_ns_inum = ns_inum_of("/proc/self/ns/mnt");
	m.self_pid = (__u32)getpid();
	m.mount_max = live__mount_max();
	m.backend = (uint8_t)live__backend(s->live);
	m.blind = live__blind(s->live);
	m.kernel_len = (uint16_t)strlen(u.release);
	m.host_len = (uint16_t)strlen(u.nodename);
	m.hdr.size = (uint16_t)(sizeof(m) + m.kernel_len + m.host_len);
	memcpy(buf, &m, sizeof(m));
	memcpy(buf + sizeof(m), u.release, m.kernel_len);
	memcpy(buf + sizeof(m) + m.kernel_len, u.nodename, m.host_len);
	return hand_out(s, (const void *)buf, m.hdr.size);
}

/* Tells of losses that are new; ring and walk losses make every table doubtful. */
static int send_losses(struct session *s)
{
	struct ms_loss l = { .hdr = { .type = MS_REC_LOSS, .size = sizeof(l) } };
	uint64_t lost[MS_LOSS_NR];
	int err;

	live__losses(s->live, lost);
	if (!memcmp(lost, s->loss.lost, sizeof(lost)))
		return 0;
	memcpy(l.lost, lost, sizeof(lost));
	l.hdr.ktime_ns = now_ns();
	err = hand_out(s, &l.hdr, sizeof(l));
	if (!err && s->watch)
		watch__doubt_all(s->watch, now_ns());
	return err;
}

/* Totals once more: a stream that ends so says how long it was, and that no more was lost. */
static int send_end(struct session *s)
{
	struct ms_loss l = s->loss;

	l.hdr = (struct ms_hdr){ .type = MS_REC_LOSS, .size = sizeof(l), .ktime_ns = now_ns() };
	return hand_out(s, &l.hdr, sizeof(l));
}

static int poll_once(struct session *s, int timeout_ms)
{
	int n = live__poll(s->live, timeout_ms, hand_out, s);
	int err = send_losses(s);

	return n < 0 ? n : err ? err : n;
}

/* Until nothing has come for a while. Number of effects, or -errno. */
static int drain(struct session *s)
{
	uint64_t before = s->effects;
	int n;

	do {
		n = poll_once(s, DRAIN_QUIET_MS);
		if (n < 0)
			return n;
	} while (n || live__pending(s->live));
	return (int)min(s->effects - before, (uint64_t)1 << 30);
}

struct held {
	char *buf;
	size_t len, cap;
};

static int hold(void *arg, const struct ms_hdr *rec, size_t size)
{
	struct held *h = arg;

	if (h->len + size + 8 > h->cap) {
		size_t cap = max(h->cap * 2, h->len + size + 65536);
		char *buf = realloc(h->buf, cap);

		if (!buf)
			return -ENOMEM;
		h->buf = buf;
		h->cap = cap;
	}
	memcpy(h->buf + h->len, rec, size);
	h->len += (size + 7) & ~(size_t)7;
	return 0;
}

/* All that has come is handed out, and all that was marked read again. */
static int catch_up(struct session *s)
{
	int err = drain(s);

	for (int i = 0; err >= 0 && (!i || watch__due(s->watch)) && i < TRUTH_ATTEMPTS; i++) {
		err = watch__refresh(s->watch, true, now_ns(), hand_out, s);
		if (err >= 0)
			err = drain(s);
	}
	return err;
}

/*
 * What the kernel says of every namespace, at a moment at which the mirror has all that happened
 * before it: tables are read, and read again as long as effects arrive meanwhile.
 */
static int send_truth(struct session *s)
{
	struct held h = {};
	int err = 0, n;

	for (int i = 0; i < TRUTH_ATTEMPTS; i++) {
		err = catch_up(s);
		if (err < 0)
			break;
		h.len = 0;
		err = watch__read_all(s->watch, MS_SNAP_TRUTH, hold, &h);
		if (err < 0)
			break;
		n = drain(s);
		err = n < 0 ? n : 0;
		if (n <= 0)
			break;
	}
	for (size_t at = 0; !err && at < h.len;) {
		const struct ms_hdr *rec = (const void *)(h.buf + at);

		at += ((size_t)rec->size + 7) & ~(size_t)7;
		err = hand_out(s, rec, rec->size);
	}
	free(h.buf);
	return err;
}

static int wait_ms(const struct session *s, uint64_t end_ns)
{
	uint64_t now = now_ns(), due = s->watch ? watch__due(s->watch) : 0;
	uint64_t until = end_ns;

	if (due && (!until || due < until))
		until = due;
	if (!until)
		return 1000;
	return until <= now ? 0 : (int)min((until - now) / 1000000 + 1, (uint64_t)1000);
}

static int run_live(struct session *s)
{
	uint64_t end = s->opts.duration_ns ? now_ns() + s->opts.duration_ns : 0;
	int err = 0;

	while (!s->stop && !signalled && (!end || now_ns() < end)) {
		err = poll_once(s, 0);
		if (err < 0)
			return err;
		if (err)
			continue;
		if (s->opts.idle)
			s->opts.idle(s->opts.arg);
		err = poll_once(s, wait_ms(s, end));
		if (err < 0)
			return err;
		if (s->watch)
			err = watch__refresh(s->watch, false, now_ns(), hand_out, s);
		if (err < 0)
			return err;
	}
	return 0;
}

static int start_live(struct session *s)
{
	struct sigaction sa = { .sa_handler = on_signal };
	int err;

	(void)sigaction(SIGINT, &sa, NULL);
	(void)sigaction(SIGTERM, &sa, NULL);
	err = send_meta(s);
	if (!err && s->watch)
		err = watch__read_all(s->watch, 0, hand_out, s);
	if (!err && s->opts.ready)
		err = s->opts.ready(s->opts.arg);
	return err;
}

static int replay(struct session *s)
{
	int err = capture_reader__run(s->reader, hand_out, s);

	if (err == -EBADMSG)
		(void)fail(EXIT_FAILED,
			   "cannot replay %s: it is damaged at byte %llu; what came before "
			   "was shown",
			   s->opts.from, (unsigned long long)capture_reader__offset(s->reader));
	else if (!err && capture_reader__cut(s->reader))
		say("%s was cut off at byte %llu; replayed up to there", s->opts.from,
		    (unsigned long long)capture_reader__offset(s->reader));
	return err;
}

/* fn has seen enough: what it saw is the recording. */
static int end_recording(struct session *s)
{
	int err = capture_writer__commit(s->writer);

	return err ? err : s->value;
}

int session__run(struct session *s, record_fn fn, void *arg)
{
	int err;

	s->fn = fn;
	s->arg = arg;
	if (s->reader) {
		err = replay(s);
		return err == -ECANCELED ? s->value : err;
	}
	err = start_live(s);
	if (!err)
		err = run_live(s);
	if (err == -ECANCELED)
		return s->writer ? end_recording(s) : s->value;
	if (!err)
		err = drain(s);
	if (err >= 0)
		err = send_end(s);
	if (err >= 0 && s->opts.truth && s->watch)
		err = send_truth(s);
	if (err >= 0 && s->writer)
		err = capture_writer__commit(s->writer);
	return err < 0 ? err : 0;
}
