// SPDX-License-Identifier: BSD-2-Clause
/*
 * chaos: a random workload over several mount namespaces, the same one for the same seed.
 *
 * usage: chaos [--seed N] [--ops N] [--namespaces N] [--mounts N] [--parallel] [--verbose]
 *              [--hold | --keep-alive FIFO]
 *
 * A driver picks each operation and the worker that performs it, and waits for the result before it
 * goes on. With --parallel the workers pick for themselves, at once, and the order is the kernel's.
 * Works below a tmpfs in namespaces of its own; the mounts of whoever started it are not touched.
 *
 * Prints the seed, operations by kind, a hash of all results (equal for equal runs) and the
 * namespaces that live at the end. --hold keeps them until stdin ends; --keep-alive returns at once
 * and keeps them until somebody has opened FIFO for writing and closed it, 15 minutes at most.
 * SIGTERM and SIGINT end it early.
 */
#include "chaos.h"

#include <getopt.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>

struct worker {
	pid_t pid;
	int sock;
};

static struct {
	uint64_t seed, ops;
	unsigned int namespaces, mounts;
	bool parallel, verbose, hold;
	const char *keep_alive;
} opts = { .ops = 1000, .namespaces = 8, .mounts = 2000 };

static struct worker workers[WORKERS_MAX];
static struct tally tally[OP_KINDS];
static struct gen gen;
static uint64_t hash = 0xcbf29ce484222325ULL; /* FNV-1a */
static uint32_t base_mounts;
static int proc_fd;
static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

static void hash__add(uint64_t *h, uint64_t value)
{
	for (int i = 0; i < 8; i++, value >>= 8)
		*h = (*h ^ (value & 0xff)) * 0x100000001b3ULL;
}

static void count(struct tally *t, uint64_t *h, const struct op *op, int result)
{
	if (result)
		t[op->kind].failed++;
	else
		t[op->kind].ok++;
	hash__add(h, op->kind << 16 | (uint16_t)-result);
}

/* Runs what its own generator says; only its own namespace counts against the cap. */
static void worker__run_free(struct run *r)
{
	uint64_t done = 0;

	while (done < r->ops) {
		struct op op;
		int err;

		if (done % 4 == 0)
			r->gen.mounts = ns__count(proc_fd, getpid());
		gen__next(&r->gen, &op);
		if (op.kind >= OP_WORKER_KINDS)
			continue;
		err = op__do(&op, proc_fd);
		gen__learn(&r->gen, &op, err);
		count(r->tally, &r->hash, &op, err);
		done++;
	}
}

/* Whoever reads what we print must see its end, even if we live on. */
static void be_quiet(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	close(null);
}

static void __attribute__((noreturn)) worker__loop(int sock)
{
	static union {
		struct op op;
		struct run run;
	} msg;

	be_quiet();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	while (recv(sock, &msg, sizeof(msg), 0) > 0) {
		ssize_t sent;
		int err;

		if (msg.op.kind == OP_RUN) {
			if (recv(sock, &msg, sizeof(msg), 0) != sizeof(msg.run))
				break;
			worker__run_free(&msg.run);
			sent = send(sock, &msg.run, sizeof(msg.run), MSG_NOSIGNAL);
		} else {
			err = op__do(&msg.op, proc_fd);
			sent = send(sock, &err, sizeof(err), MSG_NOSIGNAL);
		}
		if (sent < 0)
			break;
	}
	_exit(0);
}

static void map_ids(pid_t pid)
{
	static const char *const files[] = { "uid_map", "gid_map" };
	static const char map[] = "0 0 4294967295";

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char path[64];
		int fd;

		snprintf(path, sizeof(path), "%d/%s", pid, files[i]);
		fd = openat(proc_fd, path, O_WRONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (write(fd, map, sizeof(map) - 1) < 0)
			perror("chaos: id map");
		close(fd);
	}
}

static void peers__update(void)
{
	gen.nr_peers = 0;
	for (size_t i = 0; i < WORKERS_MAX; i++)
		if (workers[i].pid)
			gen.peers[gen.nr_peers++] = workers[i].pid;
}

/* A worker in a new namespace, a copy of the driver's. */
static int worker__spawn(uint32_t flags)
{
	uint64_t clone_flags = CLONE_NEWNS | (flags & OPF_USER ? CLONE_NEWUSER : 0);
	struct worker *w = NULL;
	int sock[2];

	for (size_t i = 0; i < WORKERS_MAX && !w; i++)
		if (!workers[i].pid)
			w = &workers[i];
	if (!w || gen.nr_peers >= opts.namespaces)
		return -EUSERS;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sock))
		return -errno;
	w->pid = flags & OPF_CLONE3 ? t_clone3(clone_flags) : t_clone(clone_flags);
	if (!w->pid) {
		/* The first message comes when ids are mapped. */
		for (size_t i = 0; i < WORKERS_MAX; i++)
			if (workers[i].pid)
				close(workers[i].sock);
		close(sock[0]);
		worker__loop(sock[1]);
	}
	close(sock[1]);
	if (w->pid < 0) {
		int err = errno;

		w->pid = 0;
		close(sock[0]);
		return -err;
	}
	w->sock = sock[0];
	if (flags & OPF_USER)
		map_ids(w->pid);
	peers__update();
	return 0;
}

static int worker__end(struct worker *w)
{
	if (gen.nr_peers <= 1)
		return -EBUSY;
	close(w->sock);
	while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
		;
	w->pid = 0;
	peers__update();
	return 0;
}

/* nth of the workers that live. */
static struct worker *worker__pick(unsigned int n)
{
	for (size_t i = 0; i < WORKERS_MAX; i++)
		if (workers[i].pid && !n--)
			return &workers[i];
	return NULL;
}

static bool recv_all(int sock, void *buf, size_t size)
{
	ssize_t n;

	do
		n = recv(sock, buf, size, 0);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)size;
}

static uint32_t mounts__count(void)
{
	uint32_t total = 0;

	for (size_t i = 0; i < WORKERS_MAX; i++) {
		uint32_t n = workers[i].pid ? ns__count(proc_fd, workers[i].pid) : 0;

		total += n > base_mounts ? n - base_mounts : 0;
	}
	return total;
}

static void step(void)
{
	struct worker *w;
	struct op op;
	int err;

	gen__next(&gen, &op);
	w = worker__pick(gen__random(&gen) % gen.nr_peers);
	if (op.kind == OP_SPAWN) {
		err = worker__spawn(op.flags);
	} else if (op.kind == OP_EXIT) {
		err = worker__end(w);
	} else if (send(w->sock, &op, sizeof(op), MSG_NOSIGNAL) < 0 ||
		   !recv_all(w->sock, &err, sizeof(err))) {
		fprintf(stderr, "chaos: worker %d died in %s %s %s\n", w->pid,
			op_kind_name(op.kind), op.a, op.b);
		stop = 2;
		return;
	}
	gen__learn(&gen, &op, err);
	count(tally, &hash, &op, err);
	gen.mounts = mounts__count();
	if (opts.verbose)
		printf("op=%llu worker=%td kind=%s a=%s b=%s flags=%#x propagation=%#x ret=%d "
		       "mounts=%u\n",
		       (unsigned long long)gen.nr, w - workers, op_kind_name(op.kind), op.a, op.b,
		       op.flags, op.propagation, err, gen.mounts);
}

/* Each worker runs its share by itself, all at once. */
static int run_parallel(void)
{
	struct op go = { .kind = OP_RUN };
	struct run r = { 0 };

	for (size_t i = 0; i < WORKERS_MAX; i++) {
		if (!workers[i].pid)
			continue;
		r.gen = gen;
		r.gen.rng = gen__random(&gen);
		r.gen.cap = opts.mounts / gen.nr_peers + base_mounts;
		r.ops = opts.ops / gen.nr_peers;
		if (send(workers[i].sock, &go, sizeof(go), MSG_NOSIGNAL) < 0 ||
		    send(workers[i].sock, &r, sizeof(r), MSG_NOSIGNAL) < 0)
			return -errno;
	}
	for (size_t i = 0; i < WORKERS_MAX; i++) {
		if (!workers[i].pid)
			continue;
		if (!recv_all(workers[i].sock, &r, sizeof(r))) {
			fprintf(stderr, "chaos: worker %d died\n", workers[i].pid);
			return -EIO;
		}
		for (int k = 0; k < OP_KINDS; k++) {
			tally[k].ok += r.tally[k].ok;
			tally[k].failed += r.tally[k].failed;
		}
	}
	return 0;
}

static void report(void)
{
	uint64_t ok = 0, failed = 0;

	for (int k = 0; k < OP_KINDS; k++) {
		ok += tally[k].ok;
		failed += tally[k].failed;
		printf("kind=%s ok=%llu failed=%llu\n", op_kind_name(k),
		       (unsigned long long)tally[k].ok, (unsigned long long)tally[k].failed);
	}
	for (size_t i = 0; i < WORKERS_MAX; i++) {
		char path[64];

		if (!workers[i].pid)
			continue;
		snprintf(path, sizeof(path), "%d/ns/mnt", workers[i].pid);
		printf("namespace pid=%d ns=%u mounts=%u\n", workers[i].pid,
		       t_ns_inum(proc_fd, path), ns__count(proc_fd, workers[i].pid));
	}
	printf("seed=%llu ops=%llu ok=%llu failed=%llu mounts=%u hash=%016llx\n",
	       (unsigned long long)opts.seed, (unsigned long long)(ok + failed),
	       (unsigned long long)ok, (unsigned long long)failed, mounts__count(),
	       (unsigned long long)hash);
	fflush(stdout);
}

/* Kernels from 6.18 on give out namespace ids by CPU; what may be pinned depends on their order. */
static void stay_on_one_cpu(void)
{
	cpu_set_t set;
	int cpu = sched_getcpu();

	CPU_ZERO(&set);
	CPU_SET(cpu < 0 ? 0 : cpu, &set);
	(void)sched_setaffinity(0, sizeof(set), &set);
}

static int set_up(const char *dir)
{
	if (!opts.parallel)
		stay_on_one_cpu();
	proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (proc_fd < 0 || unshare(CLONE_NEWNS) ||
	    t_mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    t_mount("chaos", dir, "tmpfs", 0, "mode=755") ||
	    t_mount(NULL, dir, NULL, MS_SHARED, NULL) || chdir(dir))
		return -errno;
	base_mounts = ns__count(proc_fd, getpid());
	return base__populate();
}

/* Until stdin, or the one who opens the fifo, is done; never longer than a lost test would hang. */
static void wait_for_end(void)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	char buf[64];

	if (opts.keep_alive) {
		alarm(900);
		p.fd = open(opts.keep_alive, O_RDONLY | O_CLOEXEC);
	}
	while (!stop && p.fd >= 0 && poll(&p, 1, -1) > 0)
		if (read(p.fd, buf, sizeof(buf)) <= 0)
			break;
}

static void let_go(int result_fd, int rc)
{
	be_quiet();
	if (write(result_fd, &rc, sizeof(rc)) != sizeof(rc))
		stop = 1;
	close(result_fd);
}

static int drive(const char *dir, int result_fd)
{
	int err = set_up(dir), rc = 0;

	if (err) {
		fprintf(stderr, "chaos: cannot set up a mount namespace at %s: %s\n", dir,
			strerror(-err));
		return 1;
	}
	gen.rng = opts.seed;
	gen.cap = opts.mounts;
	for (unsigned int i = 0; i < opts.namespaces; i++)
		if (worker__spawn(i % 4 == 3 ? OPF_USER : 0))
			break;
	if (!gen.nr_peers) {
		fprintf(stderr, "chaos: cannot make a mount namespace\n");
		return 1;
	}
	printf("seed=%llu\n", (unsigned long long)opts.seed);
	fflush(stdout);
	if (opts.parallel)
		rc = run_parallel() ? 1 : 0;
	else
		for (uint64_t i = 0; i < opts.ops && !stop; i++)
			step();
	if (stop == 2)
		rc = 1;
	stop = 0;
	report();
	if (opts.keep_alive)
		let_go(result_fd, rc);
	if (opts.hold || opts.keep_alive)
		wait_for_end();
	for (size_t i = 0; i < WORKERS_MAX; i++)
		if (workers[i].pid)
			close(workers[i].sock);
	while (wait(NULL) > 0 || errno == EINTR)
		;
	return rc;
}

static int usage(void)
{
	fprintf(stderr, "usage: chaos [--seed N] [--ops N] [--namespaces N] [--mounts N] "
			"[--parallel] [--verbose] [--hold | --keep-alive FIFO]\n");
	return 2;
}

static int parse(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "ops", required_argument, NULL, 'o' },
		{ "namespaces", required_argument, NULL, 'n' },
		{ "mounts", required_argument, NULL, 'm' },
		{ "parallel", no_argument, NULL, 'p' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "hold", no_argument, NULL, 'h' },
		{ "keep-alive", required_argument, NULL, 'k' },
		{ 0 },
	};
	bool seeded = false;
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) >= 0) {
		switch (c) {
		case 's':
			opts.seed = strtoull(optarg, NULL, 0);
			seeded = true;
			break;
		case 'o':
			opts.ops = strtoull(optarg, NULL, 0);
			break;
		case 'n':
			opts.namespaces = strtoul(optarg, NULL, 0);
			break;
		case 'm':
			opts.mounts = strtoul(optarg, NULL, 0);
			break;
		case 'p':
			opts.parallel = true;
			break;
		case 'v':
			opts.verbose = true;
			break;
		case 'h':
			opts.hold = true;
			break;
		case 'k':
			opts.keep_alive = optarg;
			break;
		default:
			return -EINVAL;
		}
	}
	/* The working directory will be another. */
	if (opts.keep_alive && !(opts.keep_alive = realpath(opts.keep_alive, NULL))) {
		perror("chaos: --keep-alive");
		return -ENOENT;
	}
	if (!seeded && syscall(SYS_getrandom, &opts.seed, 4, 0) != 4)
		opts.seed = getpid();
	if (optind < argc || !opts.namespaces || opts.namespaces > WORKERS_MAX || opts.mounts < 64)
		return -EINVAL;
	return 0;
}

/* Outside: removes the directory once no namespace has anything on it. */
static int tidy(const char *dir, int result_fd)
{
	int status = 1 << 8;
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		_exit(drive(dir, result_fd));
	}
	close(result_fd);
	if (opts.keep_alive)
		be_quiet();
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		if (stop)
			kill(pid, SIGTERM);
	rmdir(dir);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int argc, char **argv)
{
	/* No SA_RESTART: a signal has to get through waits. */
	struct sigaction sa = { .sa_handler = on_signal };
	const char *tmp = getenv("TMPDIR");
	int result[2], rc = 1;
	char dir[256];
	pid_t pid;

	if (parse(argc, argv))
		return usage();
	snprintf(dir, sizeof(dir), "%s/chaos.XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(dir) || pipe2(result, O_CLOEXEC)) {
		perror("chaos");
		return 1;
	}
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	if (!opts.keep_alive)
		return tidy(dir, result[1]);

	pid = fork();
	if (!pid) {
		close(result[0]);
		_exit(tidy(dir, result[1]));
	}
	close(result[1]);
	while (read(result[0], &rc, sizeof(rc)) < 0 && errno == EINTR)
		if (stop)
			kill(pid, SIGTERM);
	return rc;
}
