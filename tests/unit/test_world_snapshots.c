// SPDX-License-Identifier: BSD-2-Clause
/* The mirror, told of snapshots: places, readers' roots, what is found changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "make_rec.h"

#define NS 100

static struct fx attach(uint64_t seq, uint32_t id, uint32_t parent, const char *mp)
{
	return (struct fx){
		.kind = MS_EFF_ATTACH, .seq = seq, .ns = NS, .id = id, .parent = parent, .mp = mp
	};
}

static struct fx detach(uint64_t seq, uint32_t id)
{
	return (struct fx){ .kind = MS_EFF_DETACH, .seq = seq, .ns = NS, .id = id };
}

static struct fx move(uint64_t seq, uint32_t id, uint32_t parent, const char *mp)
{
	struct fx f = attach(seq, id, parent, mp);

	f.kind = MS_EFF_MOVE;
	return f;
}

static struct fx line(uint32_t id, uint32_t parent, const char *mp)
{
	return (struct fx){ .id = id, .parent = parent, .mp = mp };
}

static void a_snapshot_turns_whole_paths_into_paths_below_parents(void **state)
{
	/* Parents after children, stacks, and a parent outside of the reader's root. */
	const struct fx table[] = { line(30, 20, "/var/lib/x"),
				    line(31, 30, "/var/lib/x"),
				    line(32, 31, "/var/lib/x/y"),
				    line(20, 10, "/var"),
				    line(10, 1, "/"),
				    line(33, 10, "/var2") };
	struct world *w __cleanup(world__freep) = new_world();

	(void)state;
	apply_snap(w, (struct ms_snap){ .ns_inum = NS, .root_mnt_id = 10, .nr_mounts = 7 }, NULL,
		   table, ARRAY_SIZE(table), NULL, NULL);
	assert_string_equal(world__mnt(w, 30)->mountpoint, "/lib/x");
	assert_string_equal(world__mnt(w, 31)->mountpoint, "");
	assert_string_equal(world__mnt(w, 32)->mountpoint, "/y");
	assert_string_equal(world__mnt(w, 33)->mountpoint, "/var2");
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		assert_path(w, table[i].id, table[i].mp);
	assert_true(world__ns(w, NS)->listed);
	assert_int_equal(world__ns(w, NS)->kernel_mounts, 7);
	/* The tree is one of relations now: what is below moves along. */
	apply_fx(w, move(1, 20, 10, "/srv"));
	assert_path(w, 32, "/srv/lib/x/y");
}

static void a_whole_path_waits_for_its_parent(void **state)
{
	struct world *w __cleanup(world__freep) = new_world();
	struct fx f = attach(1, 3, 2, "/a/b");

	(void)state;
	f.flags = MS_EFF_ABS_PATH;
	apply_fx(w, f); /* statmount(2) said so */
	assert_path(w, 3, "/a/b");
	apply_fx(w, attach(2, 1, 1, ""));
	apply_fx(w, attach(3, 2, 1, "/a"));
	assert_string_equal(world__mnt(w, 3)->mountpoint, "/b");
	assert_path(w, 3, "/a/b");
	apply_fx(w, move(4, 2, 1, "/z"));
	assert_path(w, 3, "/z/b");
}

static void a_chrooted_readers_table_is_placed_below_its_root(void **state)
{
	/* Its / is /jail on mount 10, which it cannot see. */
	const struct fx table[] = { line(20, 10, "/proc"), line(21, 20, "/proc/x") };
	struct world *w __cleanup(world__freep) = new_world();

	(void)state;
	apply_snap(w, (struct ms_snap){ .ns_inum = NS, .root_mnt_id = 10 }, "/jail", table,
		   ARRAY_SIZE(table), NULL, NULL);
	assert_string_equal(world__mnt(w, 20)->mountpoint, "/jail/proc");
	assert_path(w, 20, "/proc");
	assert_path(w, 21, "/proc/x");
	/* Effects tell of what is outside as well; its reader does not see it. */
	apply_fx(w, attach(1, 10, 1, ""));
	apply_fx(w, attach(2, 30, 10, "/jailbird"));
	apply_fx(w, attach(3, 31, 10, "/jail/dev"));
	apply_fx(w, attach(4, 32, 10, "/jail"));
	assert_path(w, 10, NULL);
	assert_path(w, 30, NULL);
	assert_path(w, 31, "/dev");
	assert_path(w, 32, "/");
	assert_path(w, 21, "/proc/x");
}

static void mounts_that_a_reader_cannot_see_stay(void **state)
{
	const struct fx table[] = { line(2, 1, "/"), line(3, 2, "/a") };
	struct world *w __cleanup(world__freep) = new_world();
	struct fx f = attach(1, 1, 1, "");

	(void)state;
	f.flags = MS_EFF_NS_ROOT;
	apply_fx(w, f);			       /* rootfs, below everything */
	apply_fx(w, attach(2, 2, 1, ""));      /* the root that processes have */
	apply_fx(w, attach(3, 3, 2, "/a"));    /* seen */
	apply_fx(w, attach(4, 4, 2, "/gone")); /* will be missing: its detach was lost */
	apply_fx(w, attach(5, 5, 77, "/adrift"));
	apply_snap(w, (struct ms_snap){ .seq = 9, .ns_inum = NS, .root_mnt_id = 2 }, NULL, table,
		   ARRAY_SIZE(table), NULL, NULL);
	assert_non_null(world__mnt(w, 1));
	assert_path(w, 1, NULL);
	assert_null(world__mnt(w, 4));
	assert_null(world__mnt(w, 5));
	assert_path(w, 3, "/a");
	assert_int_equal(world__nr_mounts(w), 3);
}

static void a_chrooted_readers_table_leaves_what_is_outside(void **state)
{
	const struct fx table[] = { line(20, 10, "/proc") };
	struct world *w __cleanup(world__freep) = new_world();
	struct fx f = attach(1, 10, 10, "");

	(void)state;
	f.flags = MS_EFF_NS_ROOT;
	apply_fx(w, f);
	apply_fx(w, attach(2, 20, 10, "/jail/proc"));
	apply_snap(w, (struct ms_snap){ .seq = 9, .ns_inum = NS, .root_mnt_id = 10 }, "/jail",
		   table, ARRAY_SIZE(table), NULL, NULL);
	assert_non_null(world__mnt(w, 10));
	assert_ptr_equal(world__mnt(w, 20)->parent, world__mnt(w, 10));
	assert_path(w, 20, "/proc");
}

static void a_root_found_elsewhere_is_still_the_root(void **state)
{
	struct fx table[] = { line(2, 1, "/"), line(3, 2, "/a") };
	struct world *w __cleanup(world__freep) = new_world();
	struct ms_snap s = { .seq = 1, .ns_inum = NS, .root_mnt_id = 2 };

	(void)state;
	apply_snap(w, s, NULL, table, 2, NULL, NULL);
	table[0].parent = 9;
	apply_snap(w, s, NULL, table, 2, NULL, NULL);
	assert_int_equal(world__ns(w, NS)->root_mnt_id, 2);
	assert_path(w, 3, "/a");
}

static void an_older_table_does_not_take_a_mount_back(void **state)
{
	const struct fx table[] = { line(1, 1, "/"), line(5, 1, "/a") };
	const struct fx other[] = { line(2, 2, "/"), line(5, 2, "/b") };
	struct world *w __cleanup(world__freep) = new_world();

	(void)state;
	/* Its id went from NS to NS + 1 by effects 8 and 9. */
	apply_table(w, NS + 1, 9, other, 2);
	apply_table(w, NS, 7, table, 2);
	assert_int_equal(world__mnt(w, 5)->ns_inum, NS + 1);
	apply_fx(w, detach(8, 5));
	assert_non_null(world__mnt(w, 5));
	assert_path(w, 5, "/b");
}

static void more_detaches_than_are_remembered_make_a_snapshot_unsure(void **state)
{
	const struct fx table[] = { line(1, 1, "/"), line(2, 1, "/a") };
	struct world *w __cleanup(world__freep) = new_world();

	(void)state;
	apply_table(w, NS, 1, table, 2);
	apply_fx(w, detach(2, 2)); /* will be forgotten */
	for (uint32_t i = 0; i < 20000; i++)
		apply_fx(w, detach(3 + i, 1000 + i));
	apply_table(w, NS, 1, table, 2); /* read before all of that */
	assert_true(world__ns(w, NS)->stale);
	apply_table(w, NS, 30000, table, 1);
	assert_false(world__ns(w, NS)->stale);
	assert_int_equal(world__nr_mounts(w), 1);
}

static void pivot_root_leaves_paths_right(void **state)
{
	const struct fx table[] = { line(2, 1, "/"), line(3, 2, "/new"), line(4, 3, "/new/usr") };
	struct world *w __cleanup(world__freep) = new_world();
	struct fx f = attach(1, 1, 1, "");

	(void)state;
	f.flags = MS_EFF_NS_ROOT;
	apply_fx(w, f);
	apply_snap(w, (struct ms_snap){ .seq = 1, .ns_inum = NS, .root_mnt_id = 2 }, NULL, table,
		   ARRAY_SIZE(table), NULL, NULL);
	/* In the kernel's order: the old root below the new one, then that in its place. */
	apply_fx(w, move(2, 2, 3, "/old"));
	apply_fx(w, move(3, 3, 1, ""));
	assert_path(w, 3, "/");
	assert_path(w, 4, "/usr");
	assert_path(w, 2, "/old");
	apply_fx(w, detach(4, 2));
	assert_path(w, 4, "/usr");
}

struct told {
	unsigned n;
	struct {
		enum ms_effect_kind kind;
		uint32_t id;
		bool was;
		char path[32];
	} v[16];
};

static void tell(void *arg, enum ms_effect_kind kind, const struct mnt *was, const struct mnt *is)
{
	struct strbuf sb __cleanup(strbuf__free) = {};
	struct told *t = arg;

	assert_non_null(is);
	assert_in_range(t->n, 0, 15);
	t->v[t->n].kind = kind;
	t->v[t->n].id = is->id;
	t->v[t->n].was = was;
	assert_true(world__path(is, &sb));
	(void)snprintf(t->v[t->n].path, sizeof(t->v[t->n].path), "%s", strbuf__str(&sb));
	t->n++;
}

static void assert_told(struct told *t, enum ms_effect_kind kind, uint32_t id, const char *path)
{
	for (unsigned i = 0; i < t->n; i++) {
		if (t->v[i].kind != kind || t->v[i].id != id)
			continue;
		assert_string_equal(t->v[i].path, path);
		assert_int_equal(t->v[i].was, kind != MS_EFF_ATTACH);
		t->v[i].kind = 0;
		return;
	}
	fail_msg("not told: kind %u of mount %u", kind, id);
}

static void a_snapshot_tells_what_it_found_changed(void **state)
{
	const struct fx before[] = { line(1, 1, "/"),  line(2, 1, "/a"), line(3, 2, "/a/b"),
				     line(4, 1, "/c"), line(5, 1, "/d"), line(6, 1, "/e") };
	struct fx after[] = { line(1, 1, "/"),	line(2, 1, "/z"), line(3, 2, "/z/b"),
			      line(5, 1, "/d"), line(6, 1, "/e"), line(7, 2, "/z/new") };
	struct world *w __cleanup(world__freep) = new_world();
	struct ms_snap s = { .seq = 1, .ns_inum = NS, .root_mnt_id = 1 };
	struct told t = {};

	(void)state;
	after[3].peer = 9;
	after[4].mnt_flags = MS_MNT_READONLY;
	apply_snap(w, s, NULL, before, ARRAY_SIZE(before), tell, &t);
	assert_int_equal(t.n, 6); /* all are new */
	t.n = 0;
	apply_snap(w, s, NULL, before, ARRAY_SIZE(before), tell, &t);
	assert_int_equal(t.n, 0);
	s.seq = 2;
	apply_snap(w, s, NULL, after, ARRAY_SIZE(after), tell, &t);
	assert_told(&t, MS_EFF_DETACH, 4, "/c");
	assert_told(&t, MS_EFF_MOVE, 2, "/z"); /* but not 3, which went along */
	assert_told(&t, MS_EFF_PROPAGATION, 5, "/d");
	assert_told(&t, MS_EFF_ATTR, 6, "/e");
	assert_told(&t, MS_EFF_ATTACH, 7, "/z/new");
	assert_int_equal(t.n, 5);
}

static void an_id_with_another_device_is_another_mount_in_a_snapshot(void **state)
{
	struct fx table[] = { line(1, 1, "/"), line(2, 1, "/a") };
	struct world *w __cleanup(world__freep) = new_world();
	struct ms_snap s = { .seq = 1, .ns_inum = NS, .root_mnt_id = 1 };
	struct told t = {};

	(void)state;
	apply_snap(w, s, NULL, table, 2, NULL, NULL);
	table[1].dev = 5;
	apply_snap(w, s, NULL, table, 2, tell, &t);
	assert_int_equal(t.n, 2);
	assert_int_equal(t.v[0].kind, MS_EFF_DETACH);
	assert_told(&t, MS_EFF_ATTACH, 2, "/a");
}

static void a_snapshot_that_failed_changes_nothing(void **state)
{
	const struct fx table[] = { line(1, 1, "/"), line(2, 1, "/a") };
	struct world *w __cleanup(world__freep) = new_world();

	(void)state;
	apply_table(w, NS, 1, table, 2);
	apply_snap(w, (struct ms_snap){ .seq = 2, .ns_inum = NS, .err = -EIO }, NULL, table, 1,
		   NULL, NULL);
	assert_int_equal(world__nr_mounts(w), 2);
	assert_int_equal(world__ns(w, NS)->snap_seq, 1);
	apply_snap(w, (struct ms_snap){ .seq = 2, .ns_inum = NS, .flags = MS_SNAP_TRUTH }, NULL,
		   table, 1, NULL, NULL);
	assert_int_equal(world__nr_mounts(w), 2);
}

static void a_truth_world_takes_truth_only(void **state)
{
	const struct fx table[] = { line(1, 1, "/"), line(2, 1, "/a") };
	struct world *w __cleanup(world__freep) = new_world();
	static struct rec r;

	(void)state;
	world__take_truth(w);
	apply_table(w, NS, 1, table, 2);
	apply_fx(w, attach(1, 5, 1, "/x"));
	apply_rec(w, make_storm(&r, 1, NS, 5));
	assert_int_equal(world__nr_mounts(w), 0);
	apply_snap(w, (struct ms_snap){ .seq = 2, .ns_inum = NS, .flags = MS_SNAP_TRUTH }, NULL,
		   table, 2, NULL, NULL);
	assert_int_equal(world__nr_mounts(w), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_snapshot_turns_whole_paths_into_paths_below_parents),
		cmocka_unit_test(a_whole_path_waits_for_its_parent),
		cmocka_unit_test(a_chrooted_readers_table_is_placed_below_its_root),
		cmocka_unit_test(mounts_that_a_reader_cannot_see_stay),
		cmocka_unit_test(a_chrooted_readers_table_leaves_what_is_outside),
		cmocka_unit_test(a_root_found_elsewhere_is_still_the_root),
		cmocka_unit_test(an_older_table_does_not_take_a_mount_back),
		cmocka_unit_test(more_detaches_than_are_remembered_make_a_snapshot_unsure),
		cmocka_unit_test(pivot_root_leaves_paths_right),
		cmocka_unit_test(a_snapshot_tells_what_it_found_changed),
		cmocka_unit_test(an_id_with_another_device_is_another_mount_in_a_snapshot),
		cmocka_unit_test(a_snapshot_that_failed_changes_nothing),
		cmocka_unit_test(a_truth_world_takes_truth_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
