// SPDX-License-Identifier: BSD-2-Clause
/*
 * Finds mount namespaces: by processes and threads, by fds that hold one, and by nsfs binds that pin one.
 *
 * A namespace is looked at once, a process costs one readlink(2). All but quick scans also read the
 * tables of what they found, for pins; a table that takes longer than PIN_SCAN_NS is left.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "base/util.h"
#include "source/mountinfo.h"
#include "source/procfs.h"
#include "source/snapshot.h"

#define PIN_SCAN_NS 2000000000ULL

struct scan {
	int proc_fd;
	struct ns_list list;
	size_t cap;
	bool *good; /* of each in list: reached through a process whose root is the namespace's */
	uint32_t *buckets; /* index + 1 in list, open addressing */
	size_t nr_buckets;
};

static void scan__free(struct scan *s)
{
	closep(&s->proc_fd);
	ns_list__free(&s->list);
	free(s->good);
	free(s->buckets);
}

void ns_list__free(struct ns_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i].path);
	free(l->v);
	*l = (struct ns_list){};
}

static uint32_t *bucket_of(const struct scan *s, uint32_t inum)
{
	size_t i = inum * 0x9e3779b1U & (s->nr_buckets - 1);

	while (s->buckets[i] && s->list.v[s->buckets[i] - 1].inum != inum)
		i = (i + 1) & (s->nr_buckets - 1);
	return &s->buckets[i];
}

static int scan__grow(struct scan *s)
{
	size_t cap = s->cap ? s->cap * 2 : 64;
	struct ns_ref *v = reallocarray(s->list.v, cap, sizeof(*v));
	uint32_t *buckets;
	bool *good;

	if (!v)
		return -ENOMEM;
	s->list.v = v;
	good = reallocarray(s->good, cap, sizeof(*good));
	if (!good)
		return -ENOMEM;
	s->good = good;
	buckets = calloc(cap * 2, sizeof(*buckets));
	if (!buckets)
		return -ENOMEM;
	free(s->buckets);
	s->buckets = buckets;
	s->nr_buckets = cap * 2;
	s->cap = cap;
	for (size_t i = 0; i < s->list.n; i++)
		*bucket_of(s, s->list.v[i].inum) = (uint32_t)i + 1;
	return 0;
}

static struct ns_ref *scan__find(const struct scan *s, uint32_t inum)
{
	uint32_t i = s->nr_buckets ? *bucket_of(s, inum) : 0;

	return i ? &s->list.v[i - 1] : NULL;
}

/* ref.path becomes the list's, also on failure. */
static int scan__add(struct scan *s, struct ns_ref ref, bool good)
{
	int err = s->list.n == s->cap ? scan__grow(s) : 0;

	if (err) {
		free(ref.path);
		return err;
	}
	s->list.v[s->list.n] = ref;
	s->good[s->list.n++] = good;
	*bucket_of(s, ref.inum) = (uint32_t)s->list.n;
	return 0;
}

/* True for a process whose / is the top of its namespace, as far as its path tells. */
static bool has_whole_root(int proc_fd, uint32_t pid)
{
	char path[32], root[2];

	(void)snprintf(path, sizeof(path), "%u/root", pid);
	return readlinkat(proc_fd, path, root, sizeof(root)) == 1 && root[0] == '/';
}

static int scan__process(struct scan *s, const char *ns_link, uint32_t pid)
{
	struct ns_ref *known;
	uint32_t inum;
	bool good;

	if (procfs__ns_inum(s->proc_fd, ns_link, &inum))
		return 0;
	known = scan__find(s, inum);
	if (!known) {
		struct ns_ref ref = { .inum = inum, .pid = pid, .fd = -1, .via = NS_VIA_PROC };

		return scan__add(s, ref, has_whole_root(s->proc_fd, pid));
	}
	good = s->good[known - s->list.v];
	if (good && pid >= known->pid)
		return 0;
	if (has_whole_root(s->proc_fd, pid)) {
		s->good[known - s->list.v] = true;
		known->pid = pid;
	} else if (!good && pid < known->pid) {
		known->pid = pid;
	}
	return 0;
}

/* A name that is a number of the kernel's, or 0. */
static uint32_t number_of(const char *name)
{
	unsigned long v;
	char *end;

	if (!isdigit((unsigned char)name[0]))
		return 0;
	errno = 0;
	v = strtoul(name, &end, 10);
	return errno || *end || v > INT32_MAX ? 0 : (uint32_t)v;
}

typedef int (*entry_fn)(struct scan *s, uint32_t pid, const char *name);

static void closedirp(DIR **d)
{
	if (*d)
		(void)closedir(*d);
}

/* Every entry of a directory of /proc but the dots. A directory that is gone has none. */
static int for_each_entry(struct scan *s, const char *path, uint32_t pid, entry_fn fn)
{
	DIR *dir __cleanup(closedirp) = NULL;
	struct dirent *d;
	int fd = openat(s->proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return errno == ENOMEM || errno == EMFILE || errno == ENFILE ? -errno : 0;
	dir = fdopendir(fd);
	if (!dir) {
		(void)close(fd);
		return -ENOMEM;
	}
	while (!err && (d = readdir(dir))) {
		if (d->d_name[0] != '.')
			err = fn(s, pid, d->d_name);
	}
	return err;
}

static int on_pid(struct scan *s, uint32_t unused, const char *name)
{
	uint32_t pid = number_of(name);
	char path[32];

	(void)unused;
	if (!pid)
		return 0;
	(void)snprintf(path, sizeof(path), "%u/ns/mnt", pid);
	return scan__process(s, path, pid);
}

/* A thread's number works as a process's: /proc/TID is not listed, but it is there. */
static int on_thread(struct scan *s, uint32_t pid, const char *name)
{
	uint32_t tid = number_of(name), inum;
	char path[32];

	if (!tid || tid == pid)
		return 0;
	(void)snprintf(path, sizeof(path), "%u/ns/mnt", tid);
	if (procfs__ns_inum(s->proc_fd, path, &inum) || scan__find(s, inum))
		return 0;
	return scan__process(s, path, tid);
}

static int on_fd(struct scan *s, uint32_t pid, const char *name)
{
	struct ns_ref ref = { .pid = pid, .via = NS_VIA_FD };
	char path[64];

	if (!isdigit((unsigned char)name[0]) || strlen(name) > 10)
		return 0;
	(void)snprintf(path, sizeof(path), "%u/fd/%s", pid, name);
	if (procfs__ns_inum(s->proc_fd, path, &ref.inum) || scan__find(s, ref.inum))
		return 0;
	ref.fd = (int32_t)number_of(name);
	return scan__add(s, ref, false);
}

static int on_pid_threads(struct scan *s, uint32_t unused, const char *name)
{
	uint32_t pid = number_of(name);
	struct stat st;
	char path[32];

	(void)unused;
	(void)snprintf(path, sizeof(path), "%u/task", pid);
	/* One link for each thread, "." and "..". */
	if (!pid || fstatat(s->proc_fd, path, &st, 0) || st.st_nlink <= 3)
		return 0;
	return for_each_entry(s, path, pid, on_thread);
}

static int on_pid_fds(struct scan *s, uint32_t unused, const char *name)
{
	uint32_t pid = number_of(name);
	char path[32];

	(void)unused;
	(void)snprintf(path, sizeof(path), "%u/fd", pid);
	return pid ? for_each_entry(s, path, pid, on_fd) : 0;
}

/* The N of a root "mnt:[N]", as nsfs shows it. 0: not a mount namespace. */
static uint32_t pinned_inum(struct mountinfo_str root)
{
	char num[12];
	size_t n = root.len - 6;

	if (root.len < 7 || n >= sizeof(num) || memcmp(root.p, "mnt:[", 5) ||
	    root.p[root.len - 1] != ']')
		return 0;
	memcpy(num, root.p + 5, n);
	num[n] = '\0';
	errno = 0;
	return isdigit((unsigned char)num[0]) && strtoul(num, NULL, 10) <= UINT32_MAX
		       ? (uint32_t)strtoul(num, NULL, 10)
		       : 0;
}

static int scan__pin(struct scan *s, uint32_t pid, char *line, size_t len)
{
	struct ns_ref ref = { .pid = pid, .fd = -1, .via = NS_VIA_PIN };
	struct mountinfo mi;

	if (!memmem(line, len, " - nsfs ", 8) || mountinfo__parse(line, len, &mi))
		return 0;
	ref.inum = pinned_inum(mi.root);
	if (!ref.inum || scan__find(s, ref.inum))
		return 0;
	ref.path = strndup(mi.mountpoint.p, mi.mountpoint.len);
	return ref.path ? scan__add(s, ref, false) : -ENOMEM;
}

static uint64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
}

/* Pins that can be reached through a process. */
static int scan__pins_of(struct scan *s, uint32_t pid)
{
	int fd __cleanup(closep) = -1;
	char *text __cleanup(freep) = NULL;
	char path[32], *at, *nl;
	size_t len;
	int err;

	(void)snprintf(path, sizeof(path), "%u/mountinfo", pid);
	fd = openat(s->proc_fd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	err = procfs__read_all(fd, now_ns() + PIN_SCAN_NS, &text, &len);
	if (err)
		return err == -ENOMEM ? err : 0;
	for (at = text; !err && (nl = memchr(at, '\n', len - (size_t)(at - text))); at = nl + 1)
		err = scan__pin(s, pid, at, (size_t)(nl - at));
	return err;
}

static int scan__pins(struct scan *s)
{
	size_t n = s->list.n;
	int err = 0;

	for (size_t i = 0; !err && i < n; i++) {
		if (s->list.v[i].via == NS_VIA_PROC)
			err = scan__pins_of(s, s->list.v[i].pid);
	}
	return err;
}

void ns_ref__ask(int ns_fd, struct ns_ref *ref)
{
	struct ns_facts facts;

	procfs__ns_facts(ns_fd, &facts);
	ref->ns_id = facts.ns_id;
	ref->nr_mounts = facts.nr_mounts;
	ref->user_ns_inum = facts.user_ns_inum;
}

static void scan__facts(struct scan *s)
{
	for (size_t i = 0; i < s->list.n; i++) {
		struct ns_ref *ref = &s->list.v[i];
		int fd __cleanup(closep) = procfs__open_ns(s->proc_fd, ref);

		if (fd >= 0)
			ns_ref__ask(fd, ref);
	}
}

static void scan__host_first(struct scan *s)
{
	struct ns_ref *host, first;
	uint32_t inum;

	if (procfs__ns_inum(s->proc_fd, "1/ns/mnt", &inum))
		return;
	host = scan__find(s, inum);
	if (!host)
		return;
	first = *host;
	memmove(s->list.v + 1, s->list.v, (size_t)(host - s->list.v) * sizeof(*host));
	s->list.v[0] = first;
}

int ns_list__scan(int root_fd, bool quick, struct ns_list *ret)
{
	struct scan s __cleanup(scan__free) = { .proc_fd = procfs__open(root_fd) };
	int err = s.proc_fd < 0 ? s.proc_fd : for_each_entry(&s, ".", 0, on_pid);

	if (!err && !quick)
		err = for_each_entry(&s, ".", 0, on_pid_threads);
	if (!err && !quick)
		err = for_each_entry(&s, ".", 0, on_pid_fds);
	if (!err && !quick)
		err = scan__pins(&s);
	if (err)
		return err;
	scan__host_first(&s);
	scan__facts(&s);
	*ret = s.list;
	s.list = (struct ns_list){};
	return 0;
}
