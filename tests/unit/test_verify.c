// SPDX-License-Identifier: BSD-2-Clause
/* What counts as a difference between mirror and kernel, and what does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "make_rec.h"
#include "model/verify.h"

#define NS		  100
#define DEV(major, minor) ((uint32_t)(major) << 20 | (minor))

struct seen {
	unsigned n;
	struct {
		enum diff_kind kind;
		uint32_t ns, id;
		char field[16], want[64], got[64];
	} v[8];
};

static void see(void *arg, const struct diff *d)
{
	struct seen *s = arg;

	if (s->n < ARRAY_SIZE(s->v)) {
		s->v[s->n].kind = d->kind;
		s->v[s->n].ns = d->ns_inum;
		s->v[s->n].id = d->mnt_id;
		(void)snprintf(s->v[s->n].field, 16, "%s", d->field ? d->field : "");
		(void)snprintf(s->v[s->n].want, 64, "%s", d->want ? d->want : "");
		(void)snprintf(s->v[s->n].got, 64, "%s", d->got ? d->got : "");
	}
	s->n++;
}

#define LINES 5

/* A small table; a test changes a line of one side. */
static void fill_table(struct fx *t)
{
	static const struct fx table[LINES] = {
		{ .id = 2,
		  .parent = 1,
		  .mp = "/",
		  .fstype = "ext4",
		  .source = "/dev/vda",
		  .dev = DEV(254, 0),
		  .peer = 1 },
		{ .id = 3, .parent = 2, .mp = "/a", .fstype = "tmpfs", .source = "tmpfs", .dev = 40 },
		{ .id = 4,
		  .parent = 3,
		  .mp = "/a/b",
		  .fstype = "ext4",
		  .source = "/dev/vda",
		  .dev = DEV(254, 0),
		  .root = "/x",
		  .master = 1 },
		{ .id = 5,
		  .parent = 4,
		  .mp = "/a/b",
		  .fstype = "nsfs",
		  .source = "nsfs",
		  .dev = 4,
		  .root = "mnt:[4026532177]" },
		{ .id = 6, .parent = 2, .mp = "/n", .fstype = "nfs4", .source = "h:/x", .dev = 41 },
	};

	memcpy(t, table, sizeof(table));
}

static struct world *world_of(const struct fx *t, size_t n)
{
	struct world *w = new_world();

	apply_snap(w, (struct ms_snap){ .seq = 1, .ns_inum = NS, .root_mnt_id = 2 }, NULL, t, n,
		   NULL, NULL);
	return w;
}

static size_t compare(const struct fx *mirror, size_t nm, const struct fx *truth, size_t nt,
		      struct seen *s)
{
	struct world *m __cleanup(world__freep) = world_of(mirror, nm);
	struct world *t __cleanup(world__freep) = world_of(truth, nt);
	size_t n;

	*s = (struct seen){};
	n = verify__compare(m, t, see, s);
	assert_int_equal(n, s->n);
	assert_int_equal(verify__compare(m, t, NULL, NULL), n);
	return n;
}

static void equal_tables_have_no_difference(void **state)
{
	struct fx t[LINES];
	struct seen s;

	(void)state;
	fill_table(t);
	assert_int_equal(compare(t, LINES, t, LINES, &s), 0);
}

static void each_field_is_compared(void **state)
{
	static const struct {
		size_t line;
		struct fx change; /* what is not zero */
		const char *field, *want, *got;
	} rows[] = {
		{ 1, { .mp = "/z" }, "mountpoint", "/a", "/z" },
		{ 2, { .root = "/y" }, "root", "/x", "/y" },
		{ 1, { .dev = DEV(8, 1) }, "device", "0:40", "8:1" },
		{ 1, { .fstype = "ramfs" }, "fstype", "tmpfs", "ramfs" },
		{ 1, { .source = "other" }, "source", "tmpfs", "other" },
		{ 1, { .peer = 7 }, "peer group", "0", "7" },
		{ 2, { .master = 8 }, "master", "1", "8" },
		{ 1, { .flags = MS_EFF_UNBINDABLE }, "unbindable", "0", "1" },
		{ 1, { .mnt_flags = MS_MNT_READONLY | MS_MNT_NOSUID }, "flags", "", "nosuid,ro" },
	};
	struct fx t[LINES], m[LINES];
	struct seen s;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct fx *f = &m[rows[i].line];
		const struct fx *c = &rows[i].change;

		fill_table(t);
		fill_table(m);
		f->mp = c->mp ? c->mp : f->mp;
		f->root = c->root ? c->root : f->root;
		f->dev = c->dev ? c->dev : f->dev;
		f->fstype = c->fstype ? c->fstype : f->fstype;
		f->source = c->source ? c->source : f->source;
		f->peer = c->peer ? c->peer : f->peer;
		f->master = c->master ? c->master : f->master;
		f->flags |= c->flags;
		f->mnt_flags = c->mnt_flags;
		if (rows[i].line == 1 && c->mp) {
			m[2].mp = "/z/b"; /* what is on it is there with it */
			m[3].mp = "/z/b";
		}
		assert_int_equal(compare(m, LINES, t, LINES, &s), 1);
		assert_int_equal(s.v[0].kind, DIFF_FIELD);
		assert_int_equal(s.v[0].id, m[rows[i].line].id);
		assert_int_equal(s.v[0].ns, NS);
		assert_string_equal(s.v[0].field, rows[i].field);
		assert_string_equal(s.v[0].want, rows[i].want);
		assert_string_equal(s.v[0].got, rows[i].got);
	}
}

static void a_parent_is_compared(void **state)
{
	struct fx t[LINES], m[LINES];
	struct seen s;

	(void)state;
	fill_table(t);
	fill_table(m);
	m[3].parent = 3; /* below the other, at the same place */
	assert_int_equal(compare(m, LINES, t, LINES, &s), 1);
	assert_string_equal(s.v[0].field, "parent");
	assert_string_equal(s.v[0].want, "4");
	assert_string_equal(s.v[0].got, "3");
}

static void missing_and_extra_mounts_are_told_with_their_paths(void **state)
{
	struct fx t[LINES];
	struct seen s;

	(void)state;
	fill_table(t);
	assert_int_equal(compare(t, 3, t, 4, &s), 1);
	assert_int_equal(s.v[0].kind, DIFF_MISSING);
	assert_int_equal(s.v[0].id, 5);
	assert_string_equal(s.v[0].want, "/a/b");
	assert_int_equal(compare(t, 4, t, 3, &s), 1);
	assert_int_equal(s.v[0].kind, DIFF_EXTRA);
	assert_int_equal(s.v[0].id, 5);
	assert_string_equal(s.v[0].got, "/a/b");
}

static void namespaces_are_compared_as_well(void **state)
{
	struct world *m __cleanup(world__freep) = new_world();
	struct world *t __cleanup(world__freep) = new_world();
	struct fx table[LINES];
	static struct rec r;
	struct seen s = {};

	(void)state;
	fill_table(table);
	apply_table(m, 1, 1, table, 0);
	apply_table(t, 2, 1, table, 0);
	assert_int_equal(verify__compare(m, t, see, &s), 2);
	assert_int_equal(s.v[0].kind, DIFF_NS_MISSING);
	assert_int_equal(s.v[0].ns, 2);
	assert_int_equal(s.v[1].kind, DIFF_NS_EXTRA);
	assert_int_equal(s.v[1].ns, 1);
	apply_rec(m, make_ns(&r, MS_NS_DEAD, 5, 1, 0, 0));
	assert_int_equal(verify__compare(m, t, NULL, NULL), 1);
}

/* Told by effects, with the dentry's path where the filesystem shows something of its own. */
static void what_a_filesystem_makes_up_is_no_difference(void **state)
{
	struct world *m __cleanup(world__freep) = new_world();
	struct world *t __cleanup(world__freep);
	struct fx table[LINES];

	(void)state;
	fill_table(table);
	t = world_of(table, LINES);
	for (size_t i = 0; i < LINES; i++) {
		static const char *const mps[LINES] = { "", "/a", "/b", "", "/n" };

		table[i].kind = MS_EFF_ATTACH;
		table[i].seq = i + 1;
		table[i].ns = NS;
		table[i].mp = mps[i];
	}
	table[3].root = NULL;	     /* nsfs: a root without a name */
	table[4].root = "/exported"; /* nfs: always shown as "/" */
	for (size_t i = 0; i < LINES; i++)
		apply_fx(m, table[i]);
	assert_int_equal(verify__compare(m, t, NULL, NULL), 0);
}

static void what_the_reader_cannot_see_is_not_extra(void **state)
{
	struct world *m __cleanup(world__freep) = new_world();
	struct world *t __cleanup(world__freep);
	struct fx table[LINES];
	struct seen s = {};

	(void)state;
	fill_table(table);
	t = world_of(table, 2);
	/* The rootfs below, and something on it beside the root that processes have. */
	apply_fx(m, (struct fx){ .kind = MS_EFF_ATTACH,
				 .seq = 1,
				 .ns = NS,
				 .id = 1,
				 .parent = 1,
				 .flags = MS_EFF_NS_ROOT });
	apply_fx(m, (struct fx){ .kind = MS_EFF_ATTACH,
				 .seq = 2,
				 .ns = NS,
				 .id = 9,
				 .parent = 1,
				 .mp = "/hidden" });
	for (size_t i = 0; i < 2; i++) {
		table[i].kind = MS_EFF_ATTACH;
		table[i].seq = 3 + i;
		table[i].ns = NS;
		table[i].mp = i ? "/a" : "";
		apply_fx(m, table[i]);
	}
	assert_int_equal(verify__compare(m, t, NULL, NULL), 0);
	/* But what hangs on nothing at all is a leak of the mirror's, not something hidden. */
	apply_fx(m, (struct fx){ .kind = MS_EFF_ATTACH,
				 .seq = 9,
				 .ns = NS,
				 .id = 30,
				 .parent = 29,
				 .mp = "/x" });
	assert_int_equal(verify__compare(m, t, see, &s), 1);
	assert_int_equal(s.v[0].kind, DIFF_EXTRA);
	assert_int_equal(s.v[0].id, 30);
}

static double seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

enum { DEEP = 65535 };

static struct world *deep_table(uint32_t n)
{
	static struct rec r;
	struct world *w = new_world();
	struct ms_snap s = { .ns_inum = NS, .root_mnt_id = 2 };

	apply_rec(w, make_snap(&r, MS_REC_SNAP_BEGIN, s, NULL));
	for (uint32_t i = 2; i <= n; i++)
		apply_fx(w, (struct fx){ .kind = MS_EFF_LISTED,
					 .ns = NS,
					 .id = i,
					 .parent = i - 1,
					 .mp = i == 2 ? "/" : "/mnt/x",
					 .flags = MS_EFF_ABS_PATH });
	apply_rec(w, make_snap(&r, MS_REC_SNAP_END, s, NULL));
	return w;
}

static void a_deep_stack_is_compared_in_a_second(void **state)
{
	struct world *t __cleanup(world__freep) = deep_table(DEEP);
	struct world *m __cleanup(world__freep) = deep_table(DEEP);
	struct world *half __cleanup(world__freep) = deep_table(DEEP / 2);
	double begin = seconds();

	(void)state;
	assert_int_equal(verify__compare(m, t, NULL, NULL), 0);
	/* Also when there is much to tell, each with its path. */
	assert_int_equal(verify__compare(half, t, NULL, NULL), DEEP - DEEP / 2);
	assert_int_equal(verify__compare(t, half, NULL, NULL), DEEP - DEEP / 2);
	assert_true(seconds() - begin < 3); /* with sanitizers; quadratic were minutes */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_tables_have_no_difference),
		cmocka_unit_test(each_field_is_compared),
		cmocka_unit_test(a_parent_is_compared),
		cmocka_unit_test(missing_and_extra_mounts_are_told_with_their_paths),
		cmocka_unit_test(namespaces_are_compared_as_well),
		cmocka_unit_test(what_a_filesystem_makes_up_is_no_difference),
		cmocka_unit_test(what_the_reader_cannot_see_is_not_extra),
		cmocka_unit_test(a_deep_stack_is_compared_in_a_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
