// SPDX-License-Identifier: BSD-2-Clause
/*
 * loop: tight loops of system calls, for benchmarks and for load.
 *
 * usage: loop bind|tmpfs|getpid AMOUNT [THREADS [MOUNTS]]
 *   AMOUNT   pairs a thread, or a time: "10s", "500ms"
 *   MOUNTS   tmpfs mounts that stand in the namespace meanwhile (default 0)
 *
 * bind: bind mount and lazy umount; tmpfs: mount and umount; getpid: the cheapest system call, in
 * batches of 1,000, to show what tracing costs those who do not mount. Works in a private mount
 * namespace below a temporary directory and leaves nothing. Prints a line for each thread and one
 * for them all; cpu_ns_per_pair is what benchmarks compare: it does not count waiting.
 */
#include "mountapi.h"

#include <pthread.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

enum { THREADS_MAX = 64, GETPID_BATCH = 1000 };

struct thread {
	pthread_t id;
	int number;
	char from[32], to[32]; /* relative to the working directory; no two runs have the same */
	uint64_t pairs;
	uint64_t wall_ns, user_ns, sys_ns;
	int err; /* errno of the call that ended it */
};

static int (*one_pair)(const struct thread *t);
static uint64_t pairs_wanted; /* 0: until the time is up */
static uint64_t time_wanted_ns;
static pthread_barrier_t start;
static volatile pid_t child;

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static uint64_t timeval_ns(const struct timeval *tv)
{
	return tv->tv_sec * 1000000000ULL + tv->tv_usec * 1000ULL;
}

static int pair_bind(const struct thread *t)
{
	if (t_mount(t->from, t->to, NULL, MS_BIND, NULL))
		return -errno;
	return t_umount(t->to, MNT_DETACH) ? -errno : 0;
}

static int pair_tmpfs(const struct thread *t)
{
	if (t_mount("loop", t->to, "tmpfs", 0, NULL))
		return -errno;
	return t_umount(t->to, 0) ? -errno : 0;
}

static int pair_getpid(const struct thread *t)
{
	(void)t;
	for (int i = 0; i < GETPID_BATCH; i++)
		(void)syscall(SYS_getpid);
	return 0;
}

static const struct {
	const char *name;
	int (*pair)(const struct thread *t);
} kinds[] = { { "bind", pair_bind }, { "tmpfs", pair_tmpfs }, { "getpid", pair_getpid } };

static void *thread__run(void *arg)
{
	struct rusage before, after;
	struct thread *t = arg;
	uint64_t begin, now;

	pthread_barrier_wait(&start);
	getrusage(RUSAGE_THREAD, &before);
	begin = now = now_ns();
	while (pairs_wanted ? t->pairs < pairs_wanted : now - begin < time_wanted_ns) {
		t->err = -one_pair(t);
		if (t->err)
			break;
		t->pairs++;
		/* The clock is read through the vDSO, but still not for nothing. */
		if (!pairs_wanted && t->pairs % 16 == 0)
			now = now_ns();
	}
	t->wall_ns = now_ns() - begin;
	getrusage(RUSAGE_THREAD, &after);
	t->user_ns = timeval_ns(&after.ru_utime) - timeval_ns(&before.ru_utime);
	t->sys_ns = timeval_ns(&after.ru_stime) - timeval_ns(&before.ru_stime);
	return NULL;
}

static void print_line(const char *who, uint64_t pairs, uint64_t wall_ns, uint64_t user_ns,
		       uint64_t sys_ns, int threads)
{
	double n = pairs ? pairs : 1;

	printf("%s pairs=%llu seconds=%.3f pairs_per_s=%.0f ns_per_pair=%.0f cpu_ns_per_pair=%.0f "
	       "user_s=%.3f sys_s=%.3f\n",
	       who, (unsigned long long)pairs, wall_ns / 1e9, wall_ns ? pairs * 1e9 / wall_ns : 0,
	       (double)wall_ns * threads / n, (double)(user_ns + sys_ns) / n, user_ns / 1e9,
	       sys_ns / 1e9);
}

static int report(const struct thread *threads, int nr)
{
	uint64_t pairs = 0, wall_ns = 0, user_ns = 0, sys_ns = 0;
	int rc = 0;

	for (int i = 0; i < nr; i++) {
		const struct thread *t = &threads[i];
		char who[64];

		snprintf(who, sizeof(who), "thread=%d target=%s", i, t->to);
		print_line(who, t->pairs, t->wall_ns, t->user_ns, t->sys_ns, 1);
		pairs += t->pairs;
		user_ns += t->user_ns;
		sys_ns += t->sys_ns;
		if (wall_ns < t->wall_ns)
			wall_ns = t->wall_ns;
		if (t->err) {
			fprintf(stderr, "loop: thread %d, pair %llu: %s\n", i,
				(unsigned long long)t->pairs, strerror(t->err));
			rc = 1;
		}
	}
	print_line("total", pairs, wall_ns, user_ns, sys_ns, nr);
	return rc;
}

/* A namespace of our own with a tmpfs at dir, which becomes the working directory. */
static int enter_private(const char *dir, long mounts)
{
	char name[32];

	if (unshare(CLONE_NEWNS) || t_mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    t_mount("loop", dir, "tmpfs", 0, "mode=700") || chdir(dir))
		return -errno;
	for (long i = 0; i < mounts; i++) {
		snprintf(name, sizeof(name), "m%ld", i);
		if (mkdir(name, 0755) || t_mount("loop", name, "tmpfs", 0, "size=4k"))
			return -errno;
	}
	return 0;
}

static int run(const char *dir, int nr, long mounts)
{
	struct thread threads[THREADS_MAX] = { 0 };
	int err = one_pair == pair_getpid ? 0 : enter_private(dir, mounts);

	if (err) {
		fprintf(stderr, "loop: cannot set up a mount namespace at %s: %s\n", dir,
			strerror(-err));
		return 1;
	}
	pthread_barrier_init(&start, NULL, nr);
	for (int i = 0; i < nr; i++) {
		struct thread *t = &threads[i];

		t->number = i;
		snprintf(t->from, sizeof(t->from), "from%d.%d", i, getpid());
		snprintf(t->to, sizeof(t->to), "to%d.%d", i, getpid());
		if (one_pair != pair_getpid && (mkdir(t->from, 0755) || mkdir(t->to, 0755))) {
			perror("loop: mkdir");
			return 1;
		}
	}
	for (int i = 0; i < nr; i++) {
		if (pthread_create(&threads[i].id, NULL, thread__run, &threads[i])) {
			fprintf(stderr, "loop: cannot make a thread\n");
			return 1;
		}
	}
	for (int i = 0; i < nr; i++)
		pthread_join(threads[i].id, NULL);
	return report(threads, nr);
}

static int parse_amount(const char *word)
{
	char *end;
	double n = strtod(word, &end);

	if (end == word || n <= 0)
		return -EINVAL;
	if (!strcmp(end, "s"))
		time_wanted_ns = n * 1e9;
	else if (!strcmp(end, "ms"))
		time_wanted_ns = n * 1e6;
	else if (!*end)
		pairs_wanted = n;
	else
		return -EINVAL;
	return 0;
}

/* The child goes, and the parent can tidy up. */
static void on_signal(int sig)
{
	(void)sig;
	if (child > 0)
		kill(child, SIGKILL);
}

static int usage(void)
{
	fprintf(stderr, "usage: loop bind|tmpfs|getpid PAIRS|SECONDSs|MILLISECONDSms "
			"[THREADS [MOUNTS]]\n");
	return 2;
}

int main(int argc, char **argv)
{
	const char *tmp = getenv("TMPDIR");
	int nr, status = 0;
	char dir[256];
	long mounts;

	if (argc < 3 || argc > 5 || parse_amount(argv[2]))
		return usage();
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].name, argv[1]))
			one_pair = kinds[i].pair;
	nr = argc > 3 ? atoi(argv[3]) : 1;
	mounts = argc > 4 ? atol(argv[4]) : 0;
	if (!one_pair || nr < 1 || nr > THREADS_MAX || mounts < 0)
		return usage();

	snprintf(dir, sizeof(dir), "%s/loop.XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(dir)) {
		perror("loop: mkdtemp");
		return 1;
	}
	/* In a child, so that the directory can be removed when its namespace is gone. */
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	child = fork();
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGINT, SIG_DFL);
		signal(SIGTERM, SIG_DFL);
		status = run(dir, nr, mounts);
		fflush(stdout);
		_exit(status);
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	rmdir(dir);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
