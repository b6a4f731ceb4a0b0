// SPDX-License-Identifier: BSD-2-Clause
/* Which operations get through a filter, and what a filter does not understand. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/util.h"
#include "model/filter.h"

#define STR(s) ((struct str){ s, sizeof(s) - 1 })

static bool glob(const char *pattern, const char *s)
{
	return glob__match(pattern, (struct str){ s, strlen(s) });
}

static void globs_match_all_of_a_string(void **state)
{
	(void)state;
	assert_true(glob("", ""));
	assert_false(glob("", "a"));
	assert_true(glob("abc", "abc"));
	assert_false(glob("abc", "abcd"));
	assert_false(glob("abcd", "abc"));
	assert_true(glob("*", ""));
	assert_true(glob("a*c", "ac"));
	assert_true(glob("a*c", "abcbc"));
	assert_false(glob("a*c", "abcb"));
	assert_true(glob("?b?", "abc"));
	assert_false(glob("?", ""));
	assert_true(glob("**a**", "xxaxx"));
	assert_true(glob("*.service", "x.service"));
}

static void a_star_crosses_slashes(void **state)
{
	(void)state;
	assert_true(glob("/var/lib/kubelet/*", "/var/lib/kubelet/pods/1/volumes"));
}

static void a_backslash_takes_the_next_byte_as_it_is(void **state)
{
	(void)state;
	assert_true(glob("a\\*b", "a*b"));
	assert_false(glob("a\\*b", "axb"));
	assert_true(glob("\\\\", "\\"));
	assert_false(glob("\\", "\\"));
}

static void globs_work_on_any_bytes(void **state)
{
	(void)state;
	assert_true(glob__match("*", STR("a\0b")));
	assert_true(glob__match("a?b", STR("a\0b")));
	assert_true(glob("/\xff*", "/\xff\xfe"));
}

/* A naive matcher takes 2^n steps here. */
static void many_stars_do_not_take_for_ever(void **state)
{
	static char s[20000];
	clock_t began = clock();

	(void)state;
	memset(s, 'a', sizeof(s) - 1);
	assert_false(glob("*a*a*a*a*a*a*a*a*a*a*a*a*a*b", s));
	assert_true(clock() - began < 5 * CLOCKS_PER_SEC);
}

static struct ms_op op;
static struct ms_effect effect_rec;

struct fixture {
	struct op_ns ns[2];
	struct op_effect effect;
	struct operation o;
};

static void fixture__init(struct fixture *f)
{
	op = (struct ms_op){ .hdr = { .ktime_ns = 1000 },
			     .end_ns = 6000,
			     .kind = MS_OP_BIND,
			     .pid = 42,
			     .ns_inum = 100,
			     .comm = "mount" };
	*f = (struct fixture){
		.ns = { { .inum = 100 }, { .inum = 200 } },
		.effect = { .rec = &effect_rec, .path = STR("/b/c"), .fstype = STR("xfs") },
	};
	f->o = (struct operation){ .op = &op,
				   .target = STR("/b"),
				   .effects = &f->effect,
				   .nr_kept = 1,
				   .ns = f->ns,
				   .nr_ns = 2,
				   .nr_effects = 3 };
	f->o.s = (struct op_strings){ STR("/a"), STR("rel"), STR("tmpfs") };
	f->o.causes[MS_CAUSE_DIRECT] = 1;
	f->o.causes[MS_CAUSE_PROPAGATED] = 2;
}

static bool match(struct filter *f)
{
	struct fixture x;

	fixture__init(&x);
	return filter__match(f, &x.o, STR("/system.slice/a.service"));
}

/* Sets one list of a filter and tells whether the operation gets through. */
static bool match_globs(size_t offset, const char *list)
{
	struct filter f __cleanup(filter__free) = {};

	assert_int_equal(filter_globs__add((struct filter_globs *)((char *)&f + offset), list), 0);
	return match(&f);
}

static bool match_ns(const char *list, bool actor)
{
	struct filter f __cleanup(filter__free) = {};
	struct str bad;

	assert_int_equal(filter_ns_list__add(actor ? &f.actor_ns : &f.ns, list, &bad), 0);
	filter__resolve(&f, 100, 300);
	return match(&f);
}

static void an_empty_filter_lets_everything_through(void **state)
{
	struct filter f = {};

	(void)state;
	assert_true(match(&f));
	assert_false(filter__needs_effects(&f));
}

static void globs_filter_by_name(void **state)
{
	(void)state;
	assert_true(match_globs(offsetof(struct filter, comm), "m*"));
	assert_false(match_globs(offsetof(struct filter, comm), "u*"));
	assert_true(match_globs(offsetof(struct filter, comm), "u*,mount"));
	assert_true(match_globs(offsetof(struct filter, cgroup), "*.service"));
	assert_false(match_globs(offsetof(struct filter, cgroup), "/user.slice/*"));
	assert_true(match_globs(offsetof(struct filter, fstype), "tmpfs"));
	assert_true(match_globs(offsetof(struct filter, fstype), "xfs"));
	assert_false(match_globs(offsetof(struct filter, fstype), "ext4"));
	assert_true(match_globs(offsetof(struct filter, path), "/b"));
	assert_true(match_globs(offsetof(struct filter, path), "rel"));
	assert_true(match_globs(offsetof(struct filter, path), "/b/*"));
	assert_false(match_globs(offsetof(struct filter, path), "/c"));
}

static void a_namespace_is_the_actors_or_that_of_an_effect(void **state)
{
	(void)state;
	assert_true(match_ns("100", false));
	assert_true(match_ns("200", false));
	assert_true(match_ns("host", false));
	assert_false(match_ns("self", false));
	assert_false(match_ns("300", false));
	assert_true(match_ns("300,200", false));
	assert_true(match_ns("100", true));
	assert_false(match_ns("200", true));
}

static void a_namespace_that_was_met_is_marked_even_when_others_refuse(void **state)
{
	struct filter f __cleanup(filter__free) = { .failed = true };
	struct str bad;

	(void)state;
	assert_int_equal(filter_ns_list__add(&f.ns, "200,201", &bad), 0);
	assert_false(match(&f));
	assert_true(f.ns.v[0].seen);
	assert_false(f.ns.v[1].seen);
}

static void operations_causes_and_pids_are_lists(void **state)
{
	struct filter f __cleanup(filter__free) = {};
	struct str bad;

	(void)state;
	assert_int_equal(filter__add_ops(&f, "mount,umount", &bad), 0);
	assert_false(match(&f));
	assert_int_equal(filter__add_ops(&f, "bind", &bad), 0);
	assert_true(match(&f));
	assert_int_equal(filter__add_causes(&f, "lazy", &bad), 0);
	assert_false(match(&f));
	assert_int_equal(filter__add_causes(&f, "propagated", &bad), 0);
	assert_true(match(&f));
	assert_int_equal(filter__add_pids(&f, "1,2", &bad), 0);
	assert_false(match(&f));
	assert_int_equal(filter__add_pids(&f, "42", &bad), 0);
	assert_true(match(&f));
}

static void limits_are_inclusive(void **state)
{
	struct filter f = { .min_fanout = 3, .min_latency_ns = 5000 };

	(void)state;
	assert_true(match(&f));
	f.min_fanout = 4;
	assert_false(match(&f));
	f = (struct filter){ .min_latency_ns = 5001 };
	assert_false(match(&f));
}

static void an_operation_that_ends_before_it_starts_has_no_latency(void **state)
{
	struct filter f = { .min_latency_ns = 1 };
	struct fixture x;

	(void)state;
	fixture__init(&x);
	op.end_ns = 0;
	assert_false(filter__match(&f, &x.o, STR("")));
}

static void lost_effects_count_as_fan_out(void **state)
{
	struct filter f = { .min_fanout = 10 };
	struct fixture x;

	(void)state;
	fixture__init(&x);
	x.o.nr_lost = 7;
	assert_true(filter__match(&f, &x.o, STR("")));
}

static void assert_bad_ns(const char *list, const char *want)
{
	struct filter f __cleanup(filter__free) = {};
	struct str bad = {};

	assert_int_equal(filter_ns_list__add(&f.ns, list, &bad), -EINVAL);
	assert_int_equal(bad.len, strlen(want));
	assert_memory_equal(bad.p, want, bad.len);
}

static void what_is_not_understood_is_named(void **state)
{
	struct filter f __cleanup(filter__free) = {};
	struct str bad = {};

	(void)state;
	assert_int_equal(filter__add_ops(&f, "mount,nonsense,bind", &bad), -EINVAL);
	assert_int_equal(bad.len, 8);
	assert_memory_equal(bad.p, "nonsense", 8);
	assert_int_equal(filter__add_ops(&f, "mount,", &bad), -EINVAL);
	assert_int_equal(bad.len, 0);
	assert_int_equal(filter__add_ops(&f, "unknown", &bad), -EINVAL);
	assert_int_equal(filter__add_pids(&f, "0", &bad), -EINVAL);
	assert_int_equal(filter__add_pids(&f, "-1", &bad), -EINVAL);
	assert_int_equal(filter__add_pids(&f, "4294967297", &bad), -EINVAL);
	assert_bad_ns("host,hosts", "hosts");
	assert_bad_ns("pid:", "pid:");
	assert_bad_ns("pid:x", "pid:x");
	assert_bad_ns("4294967296", "4294967296");
	assert_bad_ns("0", "0");
	assert_bad_ns("", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(globs_match_all_of_a_string),
		cmocka_unit_test(a_star_crosses_slashes),
		cmocka_unit_test(a_backslash_takes_the_next_byte_as_it_is),
		cmocka_unit_test(globs_work_on_any_bytes),
		cmocka_unit_test(many_stars_do_not_take_for_ever),
		cmocka_unit_test(an_empty_filter_lets_everything_through),
		cmocka_unit_test(globs_filter_by_name),
		cmocka_unit_test(a_namespace_is_the_actors_or_that_of_an_effect),
		cmocka_unit_test(a_namespace_that_was_met_is_marked_even_when_others_refuse),
		cmocka_unit_test(operations_causes_and_pids_are_lists),
		cmocka_unit_test(limits_are_inclusive),
		cmocka_unit_test(an_operation_that_ends_before_it_starts_has_no_latency),
		cmocka_unit_test(lost_effects_count_as_fan_out),
		cmocka_unit_test(what_is_not_understood_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
