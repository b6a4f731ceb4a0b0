// SPDX-License-Identifier: BSD-2-Clause
/*
 * Finding namespaces and reading tables: from a made-up /proc, and, with the privilege for it, from this
 * kernel's, in namespaces of the test's own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "base/util.h"
#include "make_rec.h"
#include "model/verify.h"
#include "source/snapshot.h"
#include "source/statmount.h"

static char dir[64];
static int root_fd = -1;

static int make_dir(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "%s/mssnap.XXXXXX", P_tmpdir);
	if (!mkdtemp(dir))
		return -1;
	root_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return mkdirat(root_fd, "proc", 0755);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int remove_dir(void **state)
{
	(void)state;
	(void)close(root_fd);
	return nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

static void make(const char *fmt, unsigned pid, const char *name, bool directory)
{
	char path[128];

	(void)snprintf(path, sizeof(path), fmt, pid, name);
	if (directory)
		(void)mkdirat(root_fd, path, 0755);
}

static void link_to(unsigned pid, const char *name, const char *target)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "proc/%u/%s", pid, name);
	assert_int_equal(symlinkat(target, root_fd, path), 0);
}

/* A process in a namespace. root NULL: its root cannot be read. */
static void add_process(unsigned pid, uint32_t inum, const char *root, const char *table)
{
	char target[32], path[64];
	int fd;

	make("proc/%u%s", pid, "", true);
	make("proc/%u/%s", pid, "ns", true);
	make("proc/%u/%s", pid, "fd", true);
	(void)snprintf(target, sizeof(target), "mnt:[%u]", inum);
	link_to(pid, "ns/mnt", target);
	if (root)
		link_to(pid, "root", root);
	if (!table)
		return;
	(void)snprintf(path, sizeof(path), "proc/%u/mountinfo", pid);
	fd = openat(root_fd, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, table, strlen(table)), strlen(table));
	(void)close(fd);
}

static const struct ns_ref *ref_of(const struct ns_list *l, uint32_t inum)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->v[i].inum == inum)
			return &l->v[i];
	}
	return NULL;
}

static void each_namespace_is_found_once_the_hosts_first(void **state)
{
	struct ns_list l __cleanup(ns_list__free) = {};

	(void)state;
	add_process(30, 4003, "/", NULL);
	add_process(20, 4002, "/", NULL);
	add_process(21, 4002, "/", NULL);
	add_process(1, 4001, "/", NULL);
	add_process(2, 4001, "/", NULL);
	make("proc/%u%s", 0, "self", true); /* no number: no process */
	assert_int_equal(ns_list__scan(root_fd, true, &l), 0);
	assert_int_equal(l.n, 3);
	assert_int_equal(l.v[0].inum, 4001);
	assert_int_equal(l.v[0].pid, 1);
	assert_int_equal(ref_of(&l, 4002)->pid, 20);
	assert_int_equal(ref_of(&l, 4002)->via, NS_VIA_PROC);
	assert_int_equal(ref_of(&l, 4003)->pid, 30);
}

static void a_process_that_is_chrooted_is_the_second_choice(void **state)
{
	struct ns_list l __cleanup(ns_list__free) = {};

	(void)state;
	add_process(10, 4002, "/jail", NULL);
	add_process(11, 4002, NULL, NULL);
	add_process(12, 4002, "/", NULL);
	add_process(13, 4002, "/", NULL);
	add_process(20, 4003, "/jail", NULL);
	add_process(21, 4003, "/other", NULL);
	assert_int_equal(ns_list__scan(root_fd, true, &l), 0);
	assert_int_equal(l.n, 2);
	assert_int_equal(ref_of(&l, 4002)->pid, 12);
	assert_int_equal(ref_of(&l, 4003)->pid, 20); /* better than none */
}

static void links_that_are_no_namespace_are_passed_over(void **state)
{
	static const char *const bad[] = { "mnt:[]", "mnt:[0]", "mnt:[-1]", "mnt:[4294967296]",
					   "mnt:[12", "mnt:[1x]", "net:[4001]", "mnt:[99999999999999]",
					   "/x", "mnt:[ 1]" };
	struct ns_list l __cleanup(ns_list__free) = {};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		make("proc/%u%s", 10 + i, "", true);
		make("proc/%u/%s", 10 + i, "ns", true);
		link_to(10 + i, "ns/mnt", bad[i]);
	}
	make("proc/%u%s", 99, "", true); /* on its way out */
	assert_int_equal(ns_list__scan(root_fd, false, &l), 0);
	assert_int_equal(l.n, 0);
}

static void fds_and_pins_hold_namespaces(void **state)
{
	struct ns_list l __cleanup(ns_list__free) = {}, q __cleanup(ns_list__free) = {};

	(void)state;
	add_process(1, 4001, "/",
		    "20 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
		    "21 20 0:4 mnt:[4009] /run/a\\040b rw - nsfs nsfs rw\n"
		    "22 20 0:4 net:[4010] /run/net rw - nsfs nsfs rw\n"
		    "23 20 0:4 mnt:[4001] /run/own rw - nsfs nsfs rw\n"
		    "24 20 0:5 mnt:[4011] /run/fake rw - tmpfs nsfs rw\n");
	link_to(1, "fd/0", "/dev/null");
	link_to(1, "fd/7", "mnt:[4007]");
	link_to(1, "fd/8", "mnt:[4001]");
	link_to(1, "fd/9", "net:[4008]");
	assert_int_equal(ns_list__scan(root_fd, true, &q), 0);
	assert_int_equal(q.n, 1);
	assert_int_equal(ns_list__scan(root_fd, false, &l), 0);
	assert_int_equal(l.n, 3);
	assert_int_equal(ref_of(&l, 4007)->via, NS_VIA_FD);
	assert_int_equal(ref_of(&l, 4007)->fd, 7);
	assert_int_equal(ref_of(&l, 4007)->pid, 1);
	assert_int_equal(ref_of(&l, 4009)->via, NS_VIA_PIN);
	assert_int_equal(ref_of(&l, 4009)->pid, 1);
	assert_string_equal(ref_of(&l, 4009)->path, "/run/a b");
}

struct got {
	unsigned begins, ends, mounts;
	int end_err, stop;
	uint16_t end_flags;
	uint64_t seq, time;
	char first[64];
	struct world *w;
};

static int take(void *arg, const struct ms_hdr *rec, size_t size)
{
	const struct ms_effect *e = (const struct ms_effect *)rec;
	const struct ms_snap *s = (const struct ms_snap *)rec;
	struct got *g = arg;

	assert_int_equal(rec->size, size);
	assert_int_equal((uintptr_t)rec % 8, 0);
	g->time = rec->ktime_ns;
	if (rec->type == MS_REC_SNAP_BEGIN)
		g->begins++, g->seq = s->seq;
	else if (rec->type == MS_REC_SNAP_END)
		g->ends++, g->end_err = s->err, g->end_flags = s->flags;
	else if (!g->mounts++)
		(void)snprintf(g->first, sizeof(g->first), "%.*s", e->mountpoint_len, e->data);
	if (g->w && world__apply(g->w, rec, size, NULL, NULL))
		return -EIO;
	return g->stop && g->mounts == 1 ? g->stop : 0;
}

static int read_proc(unsigned pid, uint32_t inum, struct got *g)
{
	struct ns_ref ref = { .inum = inum, .pid = pid, .via = NS_VIA_PROC };

	return snapshot__read(root_fd, &ref, 5, 77, take, g);
}

static void a_table_is_handed_out_between_brackets(void **state)
{
	struct world *w __cleanup(world__freep) = new_world();
	struct got g = { .w = w };

	(void)state;
	add_process(1, 4001, "/",
		    "20 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n"
		    "21 20 0:30 / /a\\040b ro,nosuid master:1 - tmpfs none ro\n"
		    "22 21 8:1 /x//deleted /a\\040b/c rw unbindable - ext4 /dev/sda1 rw\n");
	assert_int_equal(read_proc(1, 4001, &g), 0);
	assert_int_equal(g.begins, 1);
	assert_int_equal(g.ends, 1);
	assert_int_equal(g.mounts, 3);
	assert_int_equal(g.seq, 5);
	assert_int_equal(g.time, 77);
	assert_int_equal(g.end_err, 0);
	assert_int_equal(g.end_flags, 0);
	assert_path(w, 22, "/a b/c");
	assert_string_equal(world__mnt(w, 22)->root, "/x");
	assert_int_equal(world__mnt(w, 22)->flags & MS_EFF_UNBINDABLE, MS_EFF_UNBINDABLE);
	assert_int_equal(world__mnt(w, 21)->master_group, 1);
	assert_int_equal(world__mnt(w, 21)->sb_flags, 1);
	assert_int_equal(world__mnt(w, 21)->mnt_flags, MS_MNT_READONLY | MS_MNT_NOSUID);
	assert_int_equal(world__ns(w, 4001)->root_mnt_id, 0); /* no such thing in a fixture */
}

static void a_table_that_is_none_or_not_whole_ends_with_an_error(void **state)
{
	static const char *const bad[] = {
		"20 1 8:1 / / rw - ext4 /dev/sda1 rw\n21 20 8:1 / /a rw - ext4 /dev/sda1 rw",
		"20 1 8:1 / / rw - ext4 /dev/sda1 rw\nnonsense\n",
		"20 1 8:1 / / rw - ext4 /dev/sda1 rw\n\n",
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		struct world *w __cleanup(world__freep) = new_world();
		struct got g = { .w = w };

		add_process(10 + i, 4001, "/", bad[i]);
		assert_int_equal(read_proc(10 + i, 4001, &g), -EBADMSG);
		assert_int_equal(g.ends, 1);
		assert_int_equal(g.end_err, -EBADMSG);
		assert_int_equal(world__nr_mounts(w), 0); /* and is not believed */
	}
}

static void a_process_that_is_gone_or_elsewhere_is_told_before_anything(void **state)
{
	struct got g = {};

	(void)state;
	add_process(1, 4001, "/", "20 1 8:1 / / rw - ext4 /dev/sda1 rw\n");
	add_process(2, 4001, "/", NULL);
	assert_int_equal(read_proc(7, 4001, &g), -ESRCH);
	assert_int_equal(read_proc(1, 4002, &g), -ESRCH);
	assert_int_equal(read_proc(2, 4001, &g), -ESRCH);
	assert_int_equal(g.begins, 0);
}

static void the_receivers_value_is_handed_back(void **state)
{
	struct got g = { .stop = 42 };

	(void)state;
	add_process(1, 4001, "/", "20 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
				  "21 20 8:1 / /a rw - ext4 /dev/sda1 rw\n");
	assert_int_equal(read_proc(1, 4001, &g), 42);
	assert_int_equal(g.mounts, 1);
	assert_int_equal(g.ends, 0);
}

static void a_path_longer_than_a_record_keeps_its_end(void **state)
{
	enum { PARTS = 20000 };
	char *table __cleanup(freep) = malloc(4 * PARTS + 200);
	struct world *w __cleanup(world__freep) = new_world();
	struct got g = { .w = w };
	char *at;

	(void)state;
	assert_non_null(table);
	at = mempcpy(table, "20 1 8:1 / ", 11);
	for (int i = 0; i < PARTS; i++) {
		memcpy(at, "/dir", 4);
		at += 4;
	}
	memcpy(at, "/leaf rw - t s rw\n", 19);
	add_process(1, 4001, "/", table);
	assert_int_equal(read_proc(1, 4001, &g), 0);
	assert_int_equal(g.mounts, 1);
	assert_memory_equal(g.first, "/.../dir/dir", 12);
	assert_non_null(strstr(world__mnt(w, 20)->mountpoint, "/dir/leaf"));
}

/* What follows is about this kernel. */

static bool may_unshare(void)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
	return pid > 0 && waitpid(pid, &status, 0) == pid && !status;
}

static void need_privilege(void)
{
	if (!may_unshare())
		skip();
}

static uint32_t inum_of(pid_t pid)
{
	char path[64];
	struct stat st;

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)pid);
	return stat(path, &st) ? 0 : (uint32_t)st.st_ino;
}

/* A child that runs fn in a mount namespace of its own, and then waits to be released. */
struct child {
	pid_t pid;
	int ready, go;
};

static struct child start_child(int (*fn)(void))
{
	int up[2], down[2];
	struct child c;
	char ok;

	assert_int_equal(pipe2(up, O_CLOEXEC), 0);
	assert_int_equal(pipe2(down, O_CLOEXEC), 0);
	c.pid = fork();
	assert_true(c.pid >= 0);
	if (!c.pid) {
		(void)close(up[0]);
		(void)close(down[1]);
		if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
		    fn() || write(up[1], "k", 1) != 1)
			_exit(1);
		(void)!read(down[0], &ok, 1);
		_exit(0);
	}
	(void)close(up[1]);
	(void)close(down[0]);
	c.ready = up[0];
	c.go = down[1];
	assert_int_equal(read(c.ready, &ok, 1), 1);
	return c;
}

static void stop_child(struct child *c)
{
	int status;

	(void)close(c->go);
	(void)close(c->ready);
	assert_int_equal(waitpid(c->pid, &status, 0), c->pid);
	assert_int_equal(status, 0);
}

static int mount_some(void)
{
	char sub[96];

	if (mount("ms test", dir, "tmpfs", MS_NOSUID, NULL))
		return -1;
	(void)snprintf(sub, sizeof(sub), "%s/a b", dir);
	return mkdir(sub, 0755) || mount(sub, sub, NULL, MS_BIND, NULL) ||
	       mount(NULL, sub, NULL, MS_SHARED, NULL);
}

static const struct mnt *find_path(const struct mntns *ns, const char *path)
{
	for (const struct mnt *m = ns ? ns->mounts : NULL; m; m = m->next_in_ns) {
		struct strbuf sb __cleanup(strbuf__free) = {};

		if (world__path(m, &sb) && !strcmp(strbuf__str(&sb), path))
			return m;
	}
	return NULL;
}

static void this_kernels_tables_are_read(void **state)
{
	struct world *w __cleanup(world__freep) = new_world();
	int root __cleanup(closep) = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct ns_list l __cleanup(ns_list__free) = {};
	struct got g = { .w = w };
	const struct mnt *m, *b;
	const struct ns_ref *ref;
	struct child c;
	char sub[96];

	(void)state;
	need_privilege();
	c = start_child(mount_some);
	assert_int_equal(ns_list__scan(root, true, &l), 0);
	ref = ref_of(&l, inum_of(c.pid));
	assert_non_null(ref);
	assert_int_equal(snapshot__read(root, ref, 1, 1, take, &g), 0);
	m = find_path(world__ns(w, ref->inum), dir);
	assert_non_null(m);
	assert_string_equal(m->source, "ms test");
	assert_string_equal(m->fstype, "tmpfs");
	assert_int_equal(m->mnt_flags & MS_MNT_NOSUID, MS_MNT_NOSUID);
	(void)snprintf(sub, sizeof(sub), "%s/a b", dir);
	b = find_path(world__ns(w, ref->inum), sub);
	assert_non_null(b);
	assert_ptr_equal(b->parent, m);
	assert_string_equal(b->root, "/a b");
	assert_string_equal(b->mountpoint, "/a b");
	assert_true(b->peer_group > 0);
	assert_true(world__ns(w, ref->inum)->root_mnt_id > 0);
	if (ref->nr_mounts) /* the kernel's count, where it tells */
		assert_true(ref->nr_mounts >= g.mounts);
	stop_child(&c);
	assert_int_equal(snapshot__read(root, ref, 1, 1, take, &g), -ESRCH);
}

static int pin_another(void)
{
	char pin[96], ns[64];
	struct child other;
	int fd;

	if (mount("pins", dir, "tmpfs", 0, NULL))
		return -1;
	(void)snprintf(pin, sizeof(pin), "%s/the pin", dir);
	fd = open(pin, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	other = start_child(mount_some);
	(void)snprintf(ns, sizeof(ns), "/proc/%d/ns/mnt", (int)other.pid);
	if (fd < 0 || mount(ns, pin, NULL, MS_BIND, NULL))
		return -1;
	stop_child(&other);
	return 0;
}

struct here {
	struct stat root, cwd, ns;
};

static void where_am_i(struct here *h)
{
	assert_int_equal(stat("/", &h->root), 0);
	assert_int_equal(stat(".", &h->cwd), 0);
	assert_int_equal(stat("/proc/self/ns/mnt", &h->ns), 0);
}

static const struct ns_ref *ref_via(const struct ns_list *l, enum ns_via via, pid_t pid)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->v[i].via == via && l->v[i].pid == (uint32_t)pid)
			return &l->v[i];
	}
	return NULL;
}

static void a_pinned_namespace_is_read_without_going_there(void **state)
{
	struct world *w __cleanup(world__freep) = new_world();
	int root __cleanup(closep) = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct ns_list l __cleanup(ns_list__free) = {};
	struct here before, after;
	struct got g = { .w = w };
	const struct ns_ref *ref;
	struct child c;
	char pin[96];

	(void)state;
	need_privilege();
	c = start_child(pin_another);
	assert_int_equal(ns_list__scan(root, false, &l), 0);
	ref = ref_via(&l, NS_VIA_PIN, c.pid);
	assert_non_null(ref);
	(void)snprintf(pin, sizeof(pin), "%s/the pin", dir);
	assert_string_equal(ref->path, pin);
	where_am_i(&before);
	assert_int_equal(snapshot__read(root, ref, 1, 1, take, &g), 0);
	where_am_i(&after);
	assert_int_equal(before.root.st_ino, after.root.st_ino);
	assert_int_equal(before.cwd.st_ino, after.cwd.st_ino);
	assert_int_equal(before.ns.st_ino, after.ns.st_ino);
	/* Its tmpfs lies on top of its maker's. */
	assert_non_null(find_path(world__ns(w, ref->inum), dir));
	assert_true(world__ns(w, ref->inum)->root_mnt_id > 0);
	stop_child(&c);
	assert_int_equal(snapshot__read(root, ref, 1, 1, take, &g), -ESRCH);
}

static int hold_by_fd(void)
{
	struct child other = start_child(mount_some);
	char ns[64];

	(void)snprintf(ns, sizeof(ns), "/proc/%d/ns/mnt", (int)other.pid);
	if (open(ns, O_RDONLY) < 0)
		return -1;
	stop_child(&other);
	return 0;
}

static void a_namespace_held_by_an_fd_is_read(void **state)
{
	struct world *w __cleanup(world__freep) = new_world();
	int root __cleanup(closep) = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct ns_list l __cleanup(ns_list__free) = {};
	struct got g = { .w = w };
	const struct ns_ref *ref;
	struct child c;
	int fd;

	(void)state;
	need_privilege();
	c = start_child(hold_by_fd);
	assert_int_equal(ns_list__scan(root, false, &l), 0);
	ref = ref_via(&l, NS_VIA_FD, c.pid);
	assert_non_null(ref);
	assert_int_equal(snapshot__read(root, ref, 1, 1, take, &g), 0);
	assert_non_null(find_path(world__ns(w, ref->inum), dir));
	fd = ns_ref__open(root, ref);
	assert_true(fd >= 0);
	(void)close(fd);
	stop_child(&c);
	assert_int_equal(ns_ref__open(root, ref), -ESRCH);
}

static int mount_and_chroot(void)
{
	char sub[96];

	(void)snprintf(sub, sizeof(sub), "%s/jail", dir);
	if (mount("t", dir, "tmpfs", 0, NULL) || mkdir(sub, 0755) || chroot(sub))
		return -1;
	return mkdir("/inside", 0755) || mount("t", "/inside", "tmpfs", 0, NULL) || chdir("/");
}

static void a_chrooted_process_is_read_with_its_roots_place(void **state)
{
	struct world *w __cleanup(world__freep) = new_world();
	int root __cleanup(closep) = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct ns_ref ref = { .via = NS_VIA_PROC };
	struct got g = { .w = w };
	const struct mnt *m;
	struct child c;

	(void)state;
	need_privilege();
	c = start_child(mount_and_chroot);
	ref.pid = (uint32_t)c.pid;
	ref.inum = inum_of(c.pid);
	assert_int_equal(snapshot__read(root, &ref, 1, 1, take, &g), 0);
	assert_int_equal(g.mounts, 1); /* all it sees */
	m = find_path(world__ns(w, ref.inum), "/inside");
	assert_non_null(m);
	assert_string_equal(m->mountpoint, "/jail/inside");
	assert_string_equal(world__ns(w, ref.inum)->root_path, "/jail");
	assert_int_equal(world__ns(w, ref.inum)->root_mnt_id, m->parent_id);
	stop_child(&c);
}

/* statmount(2) and mountinfo must say the same of every mount; where they differ, one of us is wrong. */
static void statmount_and_mountinfo_agree(void **state)
{
	static _Alignas(8) char buf[STATMOUNT_REC_MAX];
	struct world *w __cleanup(world__freep) = new_world();
	struct world *s __cleanup(world__freep) = new_world();
	int root __cleanup(closep) = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct ns_ref ref = { .pid = (uint32_t)getpid(), .inum = inum_of(getpid()),
			      .via = NS_VIA_PROC };
	uint64_t *ids __cleanup(freep) = NULL;
	struct got g = { .w = w };
	static struct rec r;
	struct ms_snap snap;
	size_t n;
	int err;

	(void)state;
	err = listmount__ids(0, &ids, &n);
	if (err == -ENOSYS)
		skip();
	assert_int_equal(err, 0);
	assert_int_equal(snapshot__read(root, &ref, 1, 1, take, &g), 0);
	assert_int_equal(n, g.mounts);
	snap = (struct ms_snap){ .ns_inum = ref.inum,
				 .root_mnt_id = world__ns(w, ref.inum)->root_mnt_id };
	apply_rec(s, make_snap(&r, MS_REC_SNAP_BEGIN, snap, NULL));
	for (size_t i = 0; i < n; i++) {
		struct ms_effect *e;

		assert_int_equal(statmount__one(0, ids[i], MS_EFF_LISTED, MS_CAUSE_SNAPSHOT, buf,
						sizeof(buf), &e), 0);
		assert_int_equal(e->mnt_id_unique, ids[i]);
		e->ns_inum = ref.inum;
		/* The source came later than the rest (6.13). */
		if (!e->source_len)
			skip();
		apply_rec(s, &e->hdr);
	}
	apply_rec(s, make_snap(&r, MS_REC_SNAP_END, snap, NULL));
	assert_int_equal(verify__compare(s, w, NULL, NULL), 0);
	assert_ptr_equal(world__mnt_by_unique(s, ids[0]),
			 world__mnt(s, world__mnt_by_unique(s, ids[0])->id));
	assert_int_equal(statmount__one(0, UINT64_MAX - 5, MS_EFF_ATTACH, 0, buf, sizeof(buf),
					&(struct ms_effect *){ NULL }), -ENOENT);
	assert_int_equal(statmount__one(0, ids[0], MS_EFF_ATTACH, 0, buf,
					sizeof(struct ms_effect) + 1, &(struct ms_effect *){ NULL }),
			 -ENOBUFS);
}

#define test(f) cmocka_unit_test_setup_teardown(f, make_dir, remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(each_namespace_is_found_once_the_hosts_first),
		test(a_process_that_is_chrooted_is_the_second_choice),
		test(links_that_are_no_namespace_are_passed_over),
		test(fds_and_pins_hold_namespaces),
		test(a_table_is_handed_out_between_brackets),
		test(a_table_that_is_none_or_not_whole_ends_with_an_error),
		test(a_process_that_is_gone_or_elsewhere_is_told_before_anything),
		test(the_receivers_value_is_handed_back),
		test(a_path_longer_than_a_record_keeps_its_end),
		test(this_kernels_tables_are_read),
		test(a_pinned_namespace_is_read_without_going_there),
		test(a_namespace_held_by_an_fd_is_read),
		test(a_chrooted_process_is_read_with_its_roots_place),
		test(statmount_and_mountinfo_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
