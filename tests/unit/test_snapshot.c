// SPDX-License-Identifier: BSD-2-Clause
/* Finding namespaces and reading tables, from a made-up /proc. This kernel's: test_snapshot_live.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/util.h"
#include "make_rec.h"
#include "snap_take.h"
#include "source/snapshot.h"

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
	static const char *const bad[] = { "mnt:[]",	 "mnt:[0]",
					   "mnt:[-1]",	 "mnt:[4294967296]",
					   "mnt:[12",	 "mnt:[1x]",
					   "net:[4001]", "mnt:[99999999999999]",
					   "/x",	 "mnt:[ 1]" };
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
	add_process(1, 4001, "/",
		    "20 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
