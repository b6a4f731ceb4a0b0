// SPDX-License-Identifier: BSD-2-Clause
/*
 * The mirror, told of effects. Snapshots are in test_world_snapshots.c, their
 * races in test_world_races.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

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

/*
 * The doubling: a directory on a shared root, bound on itself. Each generation copies every mount there
 * is onto the peers of its parent, so 1, 3, 7, 15, 31 mounts stack up on one mountpoint.
 */
static void doubling_is_mirrored_generation_by_generation(void **state)
{
	struct world *w __cleanup(world__freep) = new_world();
	uint32_t next = 10, top = 1;
	uint64_t seq = 0;

	(void)state;
	apply_fx(w, attach(++seq, 1, 1, ""));
	for (unsigned gen = 1, want = 1; gen <= 5; gen++, want = want * 2 + 1) {
		uint32_t n = (uint32_t)world__nr_mounts(w);

		/* As the kernel stacks them: each new one on the root of the last. */
		for (uint32_t i = 0; i < n; i++) {
			apply_fx(w, attach(++seq, next, top, top == 1 ? "/mnt/x" : ""));
			top = next++;
		}
		assert_int_equal(world__nr_mounts(w) - 1, want);
		assert_path(w, top, "/mnt/x");
		assert_int_equal(world__ns(w, NS)->nr_mounts, want + 1);
	}
	while (top >= 10)
		apply_fx(w, detach(++seq, top--));
	assert_int_equal(world__nr_mounts(w), 1);
}

static void paths_are_composed_through_parents(void **state)
{
	struct world *w __cleanup(world__freep) = new_world();

	(void)state;
	apply_fx(w, attach(1, 1, 1, ""));
	apply_fx(w, attach(2, 2, 1, ""));
	apply_fx(w, attach(3, 3, 2, "/var"));
	apply_fx(w, attach(4, 4, 3, "/lib/x"));
	apply_fx(w, attach(5, 5, 4, ""));
	apply_fx(w, attach(6, 6, 5, "/y"));
	assert_path(w, 1, "/");
	assert_path(w, 2, "/");
	assert_path(w, 3, "/var");
	assert_path(w, 5, "/var/lib/x");
	assert_path(w, 6, "/var/lib/x/y");
}

static void children_told_before_their_parent_are_adopted(void **state)
{
	struct world *w __cleanup(world__freep) = new_world();

	(void)state;
	apply_fx(w, attach(1, 6, 5, "/y"));
	apply_fx(w, attach(2, 7, 5, "/z"));
	assert_null(world__mnt(w, 6)->parent);
	apply_fx(w, attach(3, 5, 1, "/x"));
	assert_ptr_equal(world__mnt(w, 6)->parent, world__mnt(w, 5));
	assert_path(w, 6, "/x/y");
	apply_fx(w, attach(4, 1, 1, ""));
	assert_path(w, 7, "/x/z");
	/* And are on their own again when it goes. */
	apply_fx(w, detach(5, 5));
	assert_null(world__mnt(w, 6)->parent);
	apply_fx(w, detach(6, 6));
	apply_fx(w, attach(7, 5, 1, "/w"));
	assert_path(w, 7, "/w/z");
}

static void only_the_moved_mount_moves_and_paths_follow(void **state)
{
	struct world *w __cleanup(world__freep) = new_world();

	(void)state;
	apply_fx(w, attach(1, 1, 1, ""));
	apply_fx(w, attach(2, 2, 1, "/a"));
	apply_fx(w, attach(3, 3, 2, ""));
	apply_fx(w, attach(4, 4, 3, "/c"));
	apply_fx(w, attach(5, 5, 1, "/b"));
	assert_path(w, 4, "/a/c");
	apply_fx(w, move(6, 2, 5, "/a2"));
	assert_path(w, 4, "/b/a2/c");
	assert_int_equal(world__mnt(w, 4)->parent_id, 3);
	assert_int_equal(world__mnt(w, 3)->seq, 3);
}

static void applying_twice_changes_nothing(void **state)
{
	struct world *w __cleanup(world__freep) = new_world();
	const struct fx all[] = {
		attach(1, 1, 1, ""), attach(2, 2, 1, "/a"), attach(3, 3, 2, "/b"),
		move(4, 3, 1, "/c"), detach(5, 2),	    attach(6, 2, 3, "/d")
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		apply_fx(w, all[i]);
		apply_fx(w, all[i]);
	}
	assert_int_equal(world__nr_mounts(w), 3);
	assert_path(w, 3, "/c");
	assert_path(w, 2, "/c/d");
}

static void effects_state_whole_values(void **state)
{
	struct world *w __cleanup(world__freep) = new_world();
	struct fx f = attach(1, 2, 1, "/a");
	const struct mnt *m;

	(void)state;
	f.peer = 5, f.dev = 77, f.mnt_flags = MS_MNT_NOSUID, f.root = "/r", f.fstype = "ext4",
	f.source = "/dev/x", f.flags = MS_EFF_UNBINDABLE;
	apply_fx(w, f);
	f.kind = MS_EFF_PROPAGATION, f.seq = 2, f.peer = 0, f.master = 9, f.flags = 0;
	apply_fx(w, f);
	m = world__mnt(w, 2);
	assert_int_equal(m->peer_group, 0);
	assert_int_equal(m->master_group, 9);
	assert_int_equal(m->flags & MS_EFF_UNBINDABLE, 0);
	assert_int_equal(m->mnt_flags, MS_MNT_NOSUID);
	assert_string_equal(m->root, "/r");
	assert_int_equal(m->seq, 2);
}

static void strings_left_out_stay_known(void **state)
{
	struct world *w __cleanup(world__freep) = new_world();
	struct fx f = attach(1, 2, 1, "/a");

	(void)state;
	f.fstype = "tmpfs", f.source = "none", f.root = "/r";
	apply_fx(w, f);
	apply_fx(w, (struct fx){ .kind = MS_EFF_ATTR,
				 .seq = 2,
				 .ns = NS,
				 .id = 2,
				 .parent = 1,
				 .mnt_flags = MS_MNT_READONLY,
				 .flags = MS_EFF_NO_STRINGS });
	assert_string_equal(world__mnt(w, 2)->fstype, "tmpfs");
	assert_string_equal(world__mnt(w, 2)->root, "/r");
	assert_path(w, 2, "/a");
	assert_int_equal(world__mnt(w, 2)->mnt_flags, MS_MNT_READONLY);
}

static void a_reused_id_is_another_mount(void **state)
{
	struct world *w __cleanup(world__freep) = new_world();
	struct fx f = attach(1, 2, 1, "/a");

	(void)state;
	f.unique = 1000;
	apply_fx(w, f);
	apply_fx(w, attach(2, 3, 2, "/child"));
	/* Its detach was lost. The new one is not the child's parent, but has its number. */
	f = attach(3, 2, 1, "/b");
	f.unique = 2000;
	apply_fx(w, f);
	assert_null(world__mnt_by_unique(w, 1000));
	assert_ptr_equal(world__mnt_by_unique(w, 2000), world__mnt(w, 2));
	assert_int_equal(world__nr_mounts(w), 2);
	/* The old one's detach, late and about another unique id, does not touch it. */
	f = detach(4, 2);
	f.unique = 1000;
	apply_fx(w, f);
	assert_non_null(world__mnt(w, 2));
}

static void an_id_that_comes_up_in_another_namespace_has_left_the_first(void **state)
{
	struct world *w __cleanup(world__freep) = new_world();
	struct fx f = attach(1, 2, 1, "/a");

	(void)state;
	apply_fx(w, f);
	f.seq = 2, f.ns = NS + 1;
	apply_fx(w, f);
	assert_int_equal(world__nr_mounts(w), 1);
	assert_int_equal(world__mnt(w, 2)->ns_inum, NS + 1);
	assert_int_equal(world__ns(w, NS)->nr_mounts, 0);
	/* The first one's detach is about the first. */
	apply_fx(w, detach(3, 2));
	assert_non_null(world__mnt(w, 2));
}

static void a_detach_by_unique_id_alone_works(void **state)
{
	struct world *w __cleanup(world__freep) = new_world();
	struct fx f = attach(1, 2, 1, "/a");

	(void)state;
	f.unique = 1000;
	apply_fx(w, f);
	apply_fx(w, (struct fx){ .kind = MS_EFF_DETACH,
				 .seq = 2,
				 .ns = NS,
				 .unique = 1000,
				 .flags = MS_EFF_NO_DETAIL });
	assert_int_equal(world__nr_mounts(w), 0);
	assert_null(world__mnt(w, 2));
}

static void a_mount_known_by_its_unique_id_only_comes_and_goes(void **state)
{
	struct world *w __cleanup(world__freep) = new_world();
	struct fx f = {
		.kind = MS_EFF_ATTACH, .seq = 1, .ns = NS, .unique = 1000, .flags = MS_EFF_NO_DETAIL
	};

	(void)state;
	apply_fx(w, f);
	assert_int_equal(world__nr_mounts(w), 1);
	assert_non_null(world__mnt_by_unique(w, 1000));
	/* Its details come: it is one mount. */
	apply_fx(w, (struct fx){ .kind = MS_EFF_ATTACH,
				 .seq = 2,
				 .ns = NS,
				 .id = 5,
				 .unique = 1000,
				 .parent = 1,
				 .mp = "/x" });
	assert_int_equal(world__nr_mounts(w), 1);
	assert_path(w, 5, "/x");
	f.kind = MS_EFF_DETACH, f.seq = 3;
	apply_fx(w, f);
	assert_int_equal(world__nr_mounts(w), 0);
	assert_false(world__ns(w, NS)->stale);
}

static void a_detach_that_names_nobody_known_makes_the_namespace_stale(void **state)
{
	static const struct fx table[] = { { .id = 1, .parent = 1, .mp = "/" },
					   { .id = 2, .parent = 1, .mp = "/a" } };
	struct world *w __cleanup(world__freep) = new_world();

	(void)state;
	apply_table(w, NS, 5, table, 2); /* unique ids are not in a table */
	apply_fx(w, (struct fx){ .kind = MS_EFF_DETACH,
				 .seq = 6,
				 .ns = NS,
				 .unique = 1000,
				 .flags = MS_EFF_NO_DETAIL });
	assert_true(world__ns(w, NS)->stale);
	apply_table(w, NS, 6, table, 1);
	assert_false(world__ns(w, NS)->stale);
	assert_int_equal(world__nr_mounts(w), 1);
	/* A whole id that is not known is no reason. */
	apply_fx(w, detach(7, 99));
	assert_false(world__ns(w, NS)->stale);
}

static void a_storm_makes_stale_until_a_later_snapshot(void **state)
{
	static const struct fx table[] = { { .id = 1, .parent = 1, .mp = "/" } };
	struct world *w __cleanup(world__freep) = new_world();
	static struct rec r;

	(void)state;
	apply_table(w, NS, 5, table, 1);
	apply_rec(w, make_storm(&r, 900, NS, 800));
	assert_true(world__ns(w, NS)->stale);
	assert_int_equal(world__ns(w, NS)->kernel_mounts, 800);
	/* Read while the storm went on: it may lack some of it. */
	apply_table(w, NS, 500, table, 1);
	assert_true(world__ns(w, NS)->stale);
	apply_table(w, NS, 900, table, 1);
	assert_false(world__ns(w, NS)->stale);
	/* The table held it already. */
	apply_rec(w, make_storm(&r, 890, NS, 800));
	assert_false(world__ns(w, NS)->stale);
}

static void a_loss_of_effects_makes_every_namespace_stale(void **state)
{
	static const struct fx table[] = { { .id = 1, .parent = 1, .mp = "/" } };
	struct world *w __cleanup(world__freep) = new_world();
	struct ms_loss loss = { .hdr = { .type = MS_REC_LOSS, .size = sizeof(loss) } };

	(void)state;
	apply_table(w, NS, 5, table, 1);
	loss.lost[MS_LOSS_OP_MAP] = 3;
	apply_rec(w, &loss.hdr);
	assert_false(world__ns(w, NS)->stale);
	loss.lost[MS_LOSS_RING] = 1;
	apply_rec(w, &loss.hdr);
	assert_true(world__ns(w, NS)->stale);
	apply_table(w, NS, 6, table, 1);
	apply_rec(w, &loss.hdr); /* no more than before */
	assert_false(world__ns(w, NS)->stale);
}

static void the_end_of_a_namespace_drops_its_mounts(void **state)
{
	struct world *w __cleanup(world__freep) = new_world();
	static struct rec r;

	(void)state;
	apply_rec(w, make_ns(&r, MS_NS_BORN, 0, NS, 7, 2));
	apply_fx(w, attach(1, 1, 1, ""));
	assert_false(world__ns(w, NS)->listed);
	apply_fx(w, attach(2, 2, 1, "/a"));
	assert_true(world__ns(w, NS)->listed); /* all that it was born with */
	assert_int_equal(world__nr_ns(w), 1);
	apply_rec(w, make_ns(&r, MS_NS_DEAD, 2, NS, 7, 0));
	assert_true(world__ns(w, NS)->dead);
	assert_int_equal(world__nr_mounts(w), 0);
	assert_int_equal(world__nr_ns(w), 0);
	/* Nothing old brings it back; a namespace with its number does. */
	apply_fx(w, attach(2, 2, 1, "/a"));
	assert_true(world__ns(w, NS)->dead);
	apply_rec(w, make_ns(&r, MS_NS_BORN, 3, NS, 8, 0));
	assert_false(world__ns(w, NS)->dead);
	assert_int_equal(world__ns(w, NS)->ns_id, 8);
	assert_int_equal(world__nr_ns(w), 1);
}

static void the_end_of_a_former_bearer_of_the_number_is_no_end(void **state)
{
	struct world *w __cleanup(world__freep) = new_world();
	static struct rec r;

	(void)state;
	apply_rec(w, make_ns(&r, MS_NS_SEEN, 5, NS, 8, 0));
	apply_rec(w, make_ns(&r, MS_NS_DEAD, 6, NS, 7, 0));
	assert_false(world__ns(w, NS)->dead);
}

static void a_number_given_to_a_new_namespace_starts_afresh(void **state)
{
	const struct fx table[] = { line(1, 1, "/"), line(2, 1, "/a") };
	struct world *w __cleanup(world__freep) = new_world();
	struct fx f = attach(10, 5, 5, "");

	(void)state;
	apply_snap(w, (struct ms_snap){ .seq = 2, .ns_inum = NS, .ns_id = 900 }, NULL, table, 2,
		   NULL, NULL);
	/* Its end was not told. The new id may well be the lower one. */
	f.ns_id = 50;
	apply_fx(w, f);
	assert_int_equal(world__ns(w, NS)->ns_id, 50);
	assert_int_equal(world__nr_mounts(w), 1);
	assert_false(world__ns(w, NS)->listed);
	/* A table of the old one, late. */
	apply_snap(w, (struct ms_snap){ .seq = 8, .ns_inum = NS, .ns_id = 900 }, NULL, table, 2,
		   NULL, NULL);
	assert_int_equal(world__ns(w, NS)->ns_id, 50);
	assert_int_equal(world__nr_mounts(w), 1);
	/* And one of yet another. */
	apply_snap(w, (struct ms_snap){ .seq = 11, .ns_inum = NS, .ns_id = 40 }, NULL, table, 2,
		   NULL, NULL);
	assert_int_equal(world__ns(w, NS)->ns_id, 40);
	assert_int_equal(world__nr_mounts(w), 2);
}

static void the_late_word_of_an_end_does_not_hide_the_next_bearer(void **state)
{
	const struct fx table[] = { line(1, 1, "/") };
	struct world *w __cleanup(world__freep) = new_world();
	static struct rec r;

	(void)state;
	apply_rec(w, make_ns(&r, MS_NS_SEEN, 10, NS, 900, 0));
	apply_rec(w, make_ns(&r, MS_NS_DEAD, 50, NS, 900, 0));
	/* Read before that word came, but it is another namespace. */
	apply_snap(w, (struct ms_snap){ .seq = 49, .ns_inum = NS, .ns_id = 50 }, NULL, table, 1,
		   NULL, NULL);
	assert_false(world__ns(w, NS)->dead);
	assert_int_equal(world__nr_mounts(w), 1);
}

static void dead_namespaces_do_not_pile_up(void **state)
{
	struct world *w __cleanup(world__freep) = new_world();
	static struct rec r;
	size_t listed = 0;

	(void)state;
	for (uint32_t i = 1; i <= 5000; i++) {
		apply_rec(w, make_ns(&r, MS_NS_BORN, i, i, i, 1));
		apply_rec(w, make_ns(&r, MS_NS_DEAD, i, i, i, 0));
	}
	for (const struct mntns *ns = world__first_ns(w); ns; ns = ns->next)
		listed++;
	assert_in_range(listed, 1, 1000);
	assert_int_equal(world__nr_ns(w), 0);
	assert_null(world__ns(w, 1));
	assert_non_null(world__ns(w, 5000));
}

static void what_is_malformed_leaves_the_world_as_it_is(void **state)
{
	struct world *w __cleanup(world__freep) = new_world();
	static struct rec r;
	const struct ms_hdr *h = make_effect(&r, attach(1, 5, 1, "/x"));

	(void)state;
	assert_int_equal(world__apply(w, h, h->size - 1, NULL, NULL), -EBADMSG);
	assert_int_equal(world__apply(w, h, sizeof(*h), NULL, NULL), -EBADMSG);
	assert_int_equal(world__apply(w, h, 3, NULL, NULL), -EBADMSG);
	((struct ms_effect *)r.b)->ns_inum = 0;
	assert_int_equal(world__apply(w, h, h->size, NULL, NULL), -EBADMSG);
	assert_int_equal(world__nr_mounts(w), 0);
	assert_int_equal(world__nr_ns(w), 0);
}

static void loops_have_no_path(void **state)
{
	struct world *w __cleanup(world__freep) = new_world();

	(void)state;
	apply_fx(w, attach(1, 2, 3, ""));
	apply_fx(w, attach(2, 3, 4, ""));
	apply_fx(w, attach(3, 4, 2, ""));
	apply_fx(w, attach(4, 5, 4, "/x"));
	assert_path(w, 2, NULL);
	assert_path(w, 5, NULL);
	apply_fx(w, move(5, 3, 4, "/a"));
	assert_path(w, 2, NULL);
	apply_fx(w, move(6, 4, 4, ""));
	assert_path(w, 2, "/a");
	assert_path(w, 5, "/x");
}

/* By the links, one by one. False: it ends in a loop. */
static bool naive_path(const struct mnt *m, char *out, size_t size)
{
	char tail[256] = "";

	for (int steps = 0; m; m = m->parent) {
		char next[256];

		if (steps++ > 64)
			return false;
		assert_true(strlen(m->mountpoint) + strlen(tail) < sizeof(next));
		(void)snprintf(next, sizeof(next), "%.64s%.190s", m->mountpoint, tail);
		memcpy(tail, next, sizeof(tail));
	}
	(void)snprintf(out, size, "%s", tail[0] ? tail : "/");
	return true;
}

static uint32_t rnd(uint32_t below)
{
	static uint32_t x = 4711;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x % below;
}

/* What paths remember of stacks must not outlive any change, of whichever mount. */
static void remembered_paths_are_never_old(void **state)
{
	static const char *const places[] = { "", "", "", "/a", "/b" };
	struct world *w __cleanup(world__freep) = new_world();
	uint64_t seq = 0;

	(void)state;
	for (unsigned step = 0; step < 20000; step++) {
		uint32_t id = 1 + rnd(16), parent = 1 + rnd(16);
		const char *mp = places[rnd(ARRAY_SIZE(places))];

		if (!world__mnt(w, id))
			apply_fx(w, attach(++seq, id, parent, mp));
		else if (rnd(3))
			apply_fx(w, move(++seq, id, parent, mp));
		else
			apply_fx(w, detach(++seq, id));
		for (const struct mnt *m = world__ns(w, NS)->mounts; m; m = m->next_in_ns) {
			char want[300];

			/* Some now, some later. */
			if (rnd(2))
				assert_path(w, m->id,
					    naive_path(m, want, sizeof(want)) ? want : NULL);
		}
	}
}

static double seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

enum { DEEP = 65535 };

static void paths_of_a_deep_stack_take_no_quadratic_time(void **state)
{
	struct world *w __cleanup(world__freep) = new_world();
	struct strbuf sb __cleanup(strbuf__free) = {};
	double begin = seconds();

	(void)state;
	apply_fx(w, attach(1, 1, 1, ""));
	for (uint32_t i = 2; i <= DEEP; i++)
		apply_fx(w, attach(i, i, i - 1, i == 2 ? "/mnt" : ""));
	for (const struct mnt *m = world__ns(w, NS)->mounts; m; m = m->next_in_ns) {
		strbuf__reset(&sb);
		assert_true(world__path(m, &sb));
		if (strcmp(sb.buf, m->id == 1 ? "/" : "/mnt"))
			fail();
	}
	/* From the bottom, which is the hardest. */
	for (uint32_t i = 1; i <= DEEP; i++)
		apply_fx(w, detach(DEEP + i, i));
	assert_int_equal(world__nr_mounts(w), 0);
	/* Quadratic were minutes; this is generous to sanitizers and slow machines. */
	assert_true(seconds() - begin < 5);
}

static void a_deep_tree_of_directories_is_no_recursion(void **state)
{
	struct world *w __cleanup(world__freep) = new_world();
	struct strbuf sb __cleanup(strbuf__free) = {};

	(void)state;
	apply_fx(w, attach(1, 1, 1, ""));
	for (uint32_t i = 2; i <= DEEP; i++)
		apply_fx(w, attach(i, i, i - 1, "/d"));
	assert_true(world__path(world__mnt(w, DEEP), &sb));
	assert_int_equal(sb.len, 2 * (DEEP - 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(doubling_is_mirrored_generation_by_generation),
		cmocka_unit_test(paths_are_composed_through_parents),
		cmocka_unit_test(children_told_before_their_parent_are_adopted),
		cmocka_unit_test(only_the_moved_mount_moves_and_paths_follow),
		cmocka_unit_test(applying_twice_changes_nothing),
		cmocka_unit_test(effects_state_whole_values),
		cmocka_unit_test(strings_left_out_stay_known),
		cmocka_unit_test(a_reused_id_is_another_mount),
		cmocka_unit_test(an_id_that_comes_up_in_another_namespace_has_left_the_first),
		cmocka_unit_test(a_detach_by_unique_id_alone_works),
		cmocka_unit_test(a_mount_known_by_its_unique_id_only_comes_and_goes),
		cmocka_unit_test(a_detach_that_names_nobody_known_makes_the_namespace_stale),
		cmocka_unit_test(a_storm_makes_stale_until_a_later_snapshot),
		cmocka_unit_test(a_loss_of_effects_makes_every_namespace_stale),
		cmocka_unit_test(the_end_of_a_namespace_drops_its_mounts),
		cmocka_unit_test(the_end_of_a_former_bearer_of_the_number_is_no_end),
		cmocka_unit_test(a_number_given_to_a_new_namespace_starts_afresh),
		cmocka_unit_test(the_late_word_of_an_end_does_not_hide_the_next_bearer),
		cmocka_unit_test(dead_namespaces_do_not_pile_up),
		cmocka_unit_test(remembered_paths_are_never_old),
		cmocka_unit_test(what_is_malformed_leaves_the_world_as_it_is),
		cmocka_unit_test(loops_have_no_path),
		cmocka_unit_test(paths_of_a_deep_stack_take_no_quadratic_time),
		cmocka_unit_test(a_deep_tree_of_directories_is_no_recursion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
