// SPDX-License-Identifier: BSD-2-Clause
/*
 * Finding namespaces and reading tables of this kernel, in mount namespaces of the test's own. Skipped
 * without the privilege to make them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "base/util.h"
#include "make_rec.h"
#include "model/verify.h"
#include "snap_take.h"
#include "source/statmount.h"

static char dir[64];

static int make_dir(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "%s/mssnap.XXXXXX", P_tmpdir);
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	return rmdir(dir);
}

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

/*
 * A namespace can only be pinned in one with a lower id (mnt_ns_loop()), and from 6.18 on each CPU has a
 * batch of its own to give out: only on one CPU the later one has the higher id.
 */
static int stay_on_this_cpu(void)
{
	cpu_set_t set;
	int cpu = sched_getcpu();

	CPU_ZERO(&set);
	CPU_SET((size_t)max(cpu, 0), &set);
	return sched_setaffinity(0, sizeof(set), &set);
}

static int pin_another(void)
{
	char pin[96], ns[64];
	struct child other;
	int fd;

	if (stay_on_this_cpu() || unshare(CLONE_NEWNS) || mount("pins", dir, "tmpfs", 0, NULL))
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

/* The inode number that is at path below /proc/PID. */
static uint32_t inum_at(pid_t pid, const char *path)
{
	char full[192];
	struct stat st;

	(void)snprintf(full, sizeof(full), "/proc/%d/%s", (int)pid, path);
	assert_int_equal(stat(full, &st), 0);
	return (uint32_t)st.st_ino;
}

/*
 * It must be found; through what, is open: another program on this machine (mountscope is one) may hold
 * it as well. Read it is through what the test has made.
 */
static void assert_found(int root, const struct ns_ref *ref)
{
	struct ns_list l __cleanup(ns_list__free) = {};
	const struct ns_ref *found;

	assert_int_equal(ns_list__scan(root, false, &l), 0);
	found = ref_of(&l, ref->inum);
	assert_non_null(found);
	if (found->via == ref->via && found->pid == ref->pid && ref->path)
		assert_string_equal(found->path, ref->path);
}

static void a_pinned_namespace_is_read_without_going_there(void **state)
{
	struct world *w __cleanup(world__freep) = new_world();
	int root __cleanup(closep) = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct here before, after;
	struct got g = { .w = w };
	struct ns_ref ref = { .via = NS_VIA_PIN };
	struct child c;
	char pin[96], below[112];

	(void)state;
	need_privilege();
	c = start_child(pin_another);
	(void)snprintf(pin, sizeof(pin), "%s/the pin", dir);
	(void)snprintf(below, sizeof(below), "root%s", pin);
	ref.pid = (uint32_t)c.pid;
	ref.inum = inum_at(c.pid, below);
	ref.path = pin;
	assert_found(root, &ref);
	where_am_i(&before);
	assert_int_equal(snapshot__read(root, &ref, 1, 1, take, &g), 0);
	where_am_i(&after);
	assert_int_equal(before.root.st_ino, after.root.st_ino);
	assert_int_equal(before.cwd.st_ino, after.cwd.st_ino);
	assert_int_equal(before.ns.st_ino, after.ns.st_ino);
	/* Its tmpfs lies on top of its maker's. */
	assert_non_null(find_path(world__ns(w, ref.inum), dir));
	assert_true(world__ns(w, ref.inum)->root_mnt_id > 0);
	stop_child(&c);
	assert_int_equal(snapshot__read(root, &ref, 1, 1, take, &g), -ESRCH);
}

enum { HELD_FD = 50 };

static int hold_by_fd(void)
{
	struct child other = start_child(mount_some);
	char ns[64];

	(void)snprintf(ns, sizeof(ns), "/proc/%d/ns/mnt", (int)other.pid);
	if (dup2(open(ns, O_RDONLY | O_CLOEXEC), HELD_FD) < 0)
		return -1;
	stop_child(&other);
	return 0;
}

static void a_namespace_held_by_an_fd_is_read(void **state)
{
	struct world *w __cleanup(world__freep) = new_world();
	int root __cleanup(closep) = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct got g = { .w = w };
	struct ns_ref ref = { .via = NS_VIA_FD, .fd = HELD_FD };
	struct child c;
	int fd;

	(void)state;
	need_privilege();
	c = start_child(hold_by_fd);
	ref.pid = (uint32_t)c.pid;
	ref.inum = inum_at(c.pid, "fd/50");
	assert_found(root, &ref);
	assert_int_equal(snapshot__read(root, &ref, 1, 1, take, &g), 0);
	assert_non_null(find_path(world__ns(w, ref.inum), dir));
	fd = ns_ref__open(root, &ref);
	assert_true(fd >= 0);
	(void)close(fd);
	stop_child(&c);
	assert_int_equal(ns_ref__open(root, &ref), -ESRCH);
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

static int mount_for_ever(void)
{
	char sub[96];
	pid_t pid;

	if (mount("t", dir, "tmpfs", 0, NULL))
		return -1;
	(void)snprintf(sub, sizeof(sub), "%s/x", dir);
	if (mkdir(sub, 0755))
		return -1;
	pid = fork();
	if (pid)
		return pid < 0;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		(void)mount(dir, sub, NULL, MS_BIND, NULL);
		(void)umount2(sub, MNT_DETACH);
	}
}

static void a_table_that_never_stands_still_is_read_to_an_end(void **state)
{
	int root __cleanup(closep) = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct ns_ref ref = { .via = NS_VIA_PROC };
	struct child c;

	(void)state;
	need_privilege();
	c = start_child(mount_for_ever);
	ref.pid = (uint32_t)c.pid;
	ref.inum = inum_of(c.pid);
	(void)alarm(60); /* it would be for ever */
	for (unsigned i = 0; i < 500; i++) {
		struct world *w __cleanup(world__freep) = new_world();
		struct got g = { .w = w };

		assert_int_equal(snapshot__read(root, &ref, 1, 1, take, &g), 0);
		assert_int_equal(g.end_err, 0);
		assert_non_null(find_path(world__ns(w, ref.inum), dir));
	}
	(void)alarm(0);
	stop_child(&c);
}

/* statmount(2) and mountinfo must say the same of every mount; where they differ, one of us is wrong. */
static void statmount_and_mountinfo_agree(void **state)
{
	static _Alignas(8) char buf[STATMOUNT_REC_MAX];
	struct world *w __cleanup(world__freep) = new_world();
	struct world *s __cleanup(world__freep) = new_world();
	int root __cleanup(closep) = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct ns_ref ref = { .pid = (uint32_t)getpid(),
			      .inum = inum_of(getpid()),
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
						sizeof(buf), &e),
				 0);
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
					&(struct ms_effect *){ NULL }),
			 -ENOENT);
	assert_int_equal(statmount__one(0, ids[0], MS_EFF_ATTACH, 0, buf,
					sizeof(struct ms_effect) + 1,
					&(struct ms_effect *){ NULL }),
			 -ENOBUFS);
}

#define test(f) cmocka_unit_test_setup_teardown(f, make_dir, remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(this_kernels_tables_are_read),
		test(a_pinned_namespace_is_read_without_going_there),
		test(a_namespace_held_by_an_fd_is_read),
		test(a_chrooted_process_is_read_with_its_roots_place),
		test(a_table_that_never_stands_still_is_read_to_an_end),
		test(statmount_and_mountinfo_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
