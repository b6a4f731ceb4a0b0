// SPDX-License-Identifier: BSD-2-Clause
/* Command lines: what rows of options take, refuse and lift. What is said goes to stderr. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#undef fail /* ours is a function */

#include "cmd/options.h"
#include "cmd/parse.h"

struct test_opts {
	bool flag;
	const char *string;
	uint32_t u32;
	uint64_t u64;
	uint64_t duration_ns;
	unsigned calls;
};

static int set_even(void *opts, const char *value, struct strbuf *why)
{
	struct test_opts *o = opts;

	if (!strcmp(value, "help"))
		return OPTIONS_DONE;
	if (strlen(value) % 2) {
		strbuf__adds(why, "odd");
		return -EINVAL;
	}
	o->calls++;
	return 0;
}

#define AT(field) offsetof(struct test_opts, field)

static const struct opt rows[] = {
	{ "flag", 'f', NULL, "a flag", OPT_FLAG, AT(flag), NULL, 0 },
	{ "string", 's', "S", "a string", OPT_STRING, AT(string), NULL, NEEDS_ROOT },
	{ "u32", 0, "N", "a number", OPT_U32, AT(u32), NULL, 0 },
	{ "u64", 'n', "N", "a large number", OPT_U64, AT(u64), NULL, 0 },
	{ "duration", 'd', "TIME", "a time", OPT_DURATION, AT(duration_ns), NULL, 0 },
	{ "even", 'e', "S", "decides by itself", OPT_CALL, 0, set_even, 0 },
	{},
};

static const struct usage usage = { .operands = "",
				    .opts = rows,
				    .opts_size = sizeof(struct test_opts) };
static const struct command command = { .name = "test", .help = "test", .usage = &usage };

struct parsed {
	struct test_opts opts;
	unsigned lifted;
	int first, argc;
	char *argv[16];
};

/* Words after the command's name; argv may be permuted. */
static int parse(struct parsed *p, const char *const *words)
{
	*p = (struct parsed){ .argv = { (char *)"test" } };
	for (p->argc = 1; words[p->argc - 1]; p->argc++)
		p->argv[p->argc] = (char *)words[p->argc - 1];
	return options__parse(&command, &p->opts, p->argc, p->argv, &p->lifted, &p->first);
}

#define PARSE(p, ...) parse(p, (const char *const[]){ __VA_ARGS__, NULL })

static void each_kind_of_row_sets_its_field(void **state)
{
	struct parsed p;

	(void)state;
	assert_int_equal(PARSE(&p, "-f", "--string", "x y", "--u32=7", "-n18446744073709551615",
			       "--duration", "1.5s", "-e", "ab", "--even=cdef"),
			 0);
	assert_true(p.opts.flag);
	assert_string_equal(p.opts.string, "x y");
	assert_int_equal(p.opts.u32, 7);
	assert_true(p.opts.u64 == UINT64_MAX);
	assert_int_equal(p.opts.duration_ns, 1500000000);
	assert_int_equal(p.opts.calls, 2);
	assert_int_equal(p.first, p.argc);
}

static void an_unambiguous_beginning_is_enough(void **state)
{
	struct parsed p;

	(void)state;
	assert_int_equal(PARSE(&p, "--fl", "--dur", "2m"), 0);
	assert_true(p.opts.flag);
	assert_int_equal(p.opts.duration_ns, 120000000000);
}

static void operands_may_stand_before_options(void **state)
{
	struct parsed p;

	(void)state;
	assert_int_equal(PARSE(&p, "file", "-f", "--", "ls", "-l"), 0);
	assert_true(p.opts.flag);
	assert_int_equal(p.argc - p.first, 3);
	assert_string_equal(p.argv[p.first], "file");
	assert_string_equal(p.argv[p.first + 2], "-l");
}

static void what_a_command_line_may_not_be_is_a_usage_error(void **state)
{
	static const char *const wrong[][3] = {
		{ "--nonsense" },    { "-q" },
		{ "--string" },	     { "-s" },
		{ "--flag=1" },	     { "--u32", "0" },
		{ "--u32", "-1" },   { "--u32", "4294967296" },
		{ "--u32", "1x" },   { "--u32", "" },
		{ "--even", "abc" }, { "--duration", "0" },
		{ "-d", "5 ms" },    { "--u64", "18446744073709551616" },
	};
	struct parsed p;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		const char *const words[] = { wrong[i][0], wrong[i][1], NULL };

		assert_int_equal(parse(&p, words), -EXIT_USAGE);
	}
}

static void an_option_can_lift_a_need(void **state)
{
	struct parsed p;

	(void)state;
	assert_int_equal(PARSE(&p, "-f"), 0);
	assert_int_equal(p.lifted, 0);
	assert_int_equal(PARSE(&p, "-s", "x"), 0);
	assert_int_equal(p.lifted, NEEDS_ROOT);
}

static void an_option_that_answers_ends_the_command(void **state)
{
	struct parsed p;

	(void)state;
	assert_int_equal(PARSE(&p, "--even", "help", "--nonsense"), OPTIONS_DONE);
}

static void assert_duration(const char *s, uint64_t want)
{
	uint64_t ns = 1;

	assert_int_equal(parse__duration(s, &ns), 0);
	assert_true(ns == want);
}

static void durations_have_units_and_fractions(void **state)
{
	(void)state;
	assert_duration("10", 10000000000);
	assert_duration("10s", 10000000000);
	assert_duration("100us", 100000);
	assert_duration("5ms", 5000000);
	assert_duration("7ns", 7);
	assert_duration("0.5ms", 500000);
	assert_duration("1.000000001s", 1000000001);
	assert_duration("1.0000000019s", 1000000001);
	assert_duration("0.25us", 250);
	assert_duration("0.4ns", 0);
	assert_duration("1.5h", 5400000000000);
	assert_duration("2min", 120000000000);
}

static void what_is_no_duration_is_refused(void **state)
{
	static const char *const wrong[] = { "",    "s",      "x",   "-1s",  "+1s",   "1 s", "1.s",
					     ".5s", "1.5.5s", "1e3", "0x10", "1days", "1S",  " 1s" };
	uint64_t ns = 42;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(parse__duration(wrong[i], &ns), -EINVAL);
	assert_int_equal(parse__duration("99999999999999999999s", &ns), -ERANGE);
	assert_int_equal(parse__duration("18446744073710s", &ns), -ERANGE);
	assert_int_equal(parse__duration("5124096h", &ns), -ERANGE);
	assert_int_equal(ns, 42);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_of_row_sets_its_field),
		cmocka_unit_test(an_unambiguous_beginning_is_enough),
		cmocka_unit_test(operands_may_stand_before_options),
		cmocka_unit_test(what_a_command_line_may_not_be_is_a_usage_error),
		cmocka_unit_test(an_option_can_lift_a_need),
		cmocka_unit_test(an_option_that_answers_ends_the_command),
		cmocka_unit_test(durations_have_units_and_fractions),
		cmocka_unit_test(what_is_no_duration_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
