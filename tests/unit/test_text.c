// SPDX-License-Identifier: BSD-2-Clause
/* What people read: numbers, columns, lines of operations, and names that would like to do harm. */
#include <locale.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/util.h"
#include "sink/op_columns.h"
#include "sink/out.h"
#include "sink/show.h"
#include "sink/text.h"
#include "sink/words.h"

#define STR(s) ((struct str){ s, sizeof(s) - 1 })

typedef void (*add_fn)(struct strbuf *sb, uint64_t v);

static void assert_adds(add_fn add, uint64_t v, const char *want)
{
	struct strbuf sb __cleanup(strbuf__free) = {};

	add(&sb, v);
	assert_string_equal(strbuf__str(&sb), want);
}

static void numbers_are_grouped_by_thousands(void **state)
{
	(void)state;
	assert_adds(words__add_grouped, 0, "0");
	assert_adds(words__add_grouped, 999, "999");
	assert_adds(words__add_grouped, 1000, "1,000");
	assert_adds(words__add_grouped, 98304, "98,304");
	assert_adds(words__add_grouped, UINT64_MAX, "18,446,744,073,709,551,615");
}

static void durations_have_three_digits(void **state)
{
	(void)state;
	assert_adds(words__add_duration, 0, "0ns");
	assert_adds(words__add_duration, 999, "999ns");
	assert_adds(words__add_duration, 1000, "1.00us");
	assert_adds(words__add_duration, 4219, "4.21us");
	assert_adds(words__add_duration, 42190, "42.1us");
	assert_adds(words__add_duration, 999999, "999us");
	assert_adds(words__add_duration, 1000000, "1.00ms");
	assert_adds(words__add_duration, 59900000000, "59.9s");
	assert_adds(words__add_duration, 3600000000000, "3600s");
	assert_adds(words__add_duration, UINT64_MAX, "18446744073s");
}

static void times_are_utc(void **state)
{
	(void)state;
	assert_adds(words__add_clock, 0, "00:00:00.000");
	assert_adds(words__add_clock, 86399999999999, "23:59:59.999");
	assert_adds(words__add_timestamp, 0, "1970-01-01T00:00:00.000000000Z");
	assert_adds(words__add_timestamp, 951782400000000000, "2000-02-29T00:00:00.000000000Z");
	assert_adds(words__add_timestamp, 1709251199123456789, "2024-02-29T23:59:59.123456789Z");
	assert_adds(words__add_timestamp, 4107542400000000000, "2100-03-01T00:00:00.000000000Z");
}

static void assert_shows(const char *s, bool utf8, const char *want, size_t columns)
{
	struct strbuf sb __cleanup(strbuf__free) = {};

	assert_int_equal(show__add(&sb, s, strlen(s), utf8), columns);
	assert_string_equal(strbuf__str(&sb), want);
}

static void harmful_bytes_are_shown_as_octal(void **state)
{
	(void)state;
	assert_shows("/a b", true, "/a b", 4);
	assert_shows("\033[2J", true, "\\033[2J", 7);
	assert_shows("a\nb", true, "a\\012b", 6);
	assert_shows("a\xff", true, "a\\377", 5);
	assert_shows("\xc2\x9b", true, "\\302\\233", 8);
}

static void columns_are_counted_not_bytes(void **state)
{
	(void)state;
	assert_shows("gr\xc3\xbc\xc3\x9f"
		     "e",
		     true,
		     "gr\xc3\xbc\xc3\x9f"
		     "e",
		     5);
	assert_shows("\xe6\x97\xa5", true, "\xe6\x97\xa5", 2); /* a wide one */
	assert_shows("e\xcc\x81", true, "e\xcc\x81", 1);       /* a combining one */
}

static void a_terminal_without_utf8_gets_ascii_only(void **state)
{
	(void)state;
	assert_shows("gr\xc3\xbc", false, "gr\\303\\274", 10);
	assert_shows("\xe6\x97\xa5\n", false, "\\346\\227\\245\\012", 16);
}

/* No byte of any name gets through that a terminal would act on. */
static void no_control_character_gets_through(void **state)
{
	(void)state;
	for (unsigned v = 0; v < 65536; v++) {
		struct strbuf sb __cleanup(strbuf__free) = {};
		char bytes[] = { (char)(v >> 8), (char)v };

		(void)show__add(&sb, bytes, 2, v & 1);
		for (size_t i = 0; i < sb.len; i++)
			assert_true((unsigned char)sb.buf[i] >= 0x20 && sb.buf[i] != 0x7f);
	}
}

static struct ms_op op;

struct fixture {
	struct view view;
	struct text text;
	struct cgroup_map *cgroups;
	struct operation o;
	struct strbuf sb;
};

static void fixture__init(struct fixture *f, const char *columns)
{
	const char *bad;
	size_t bad_len;

	*f = (struct fixture){
		.view = { .utf8 = true, .host_ns = 100, .realtime_offset_ns = 1000000 }
	};
	assert_int_equal(cgroup_map__new(&f->cgroups), 0);
	f->view.cgroups = f->cgroups;
	f->text.view = &f->view;
	assert_int_equal(column_set__parse(&op_columns, columns, &f->text.columns, &bad, &bad_len),
			 0);
	op = (struct ms_op){ .hdr = { .ktime_ns = 1000000, .tid = 7 },
			     .end_ns = 1004210,
			     .kind = MS_OP_MOUNT,
			     .ns_inum = 100,
			     .pid = 7,
			     .comm = "mount" };
	f->o = (struct operation){ .op = &op };
}

static void fixture__done(struct fixture *f)
{
	cgroup_map__free(f->cgroups);
	text__done(&f->text);
	strbuf__free(&f->sb);
}

static void assert_line(struct fixture *f, const char *want)
{
	strbuf__reset(&f->sb);
	text__operation(&f->text, &f->o, &f->sb);
	assert_string_equal(strbuf__str(&f->sb), want);
}

static void columns_are_padded_but_the_last(void **state)
{
	struct fixture f __cleanup(fixture__done) = {};

	(void)state;
	fixture__init(&f, "TIME,LATENCY,NS,OP");
	text__heading(&f.text, &f.sb);
	assert_string_equal(strbuf__str(&f.sb), "TIME          LATENCY  NS          OP\n");
	assert_line(&f, "00:00:00.002   4.21us  host        mount\n");
}

static void a_value_wider_than_its_column_is_not_cut(void **state)
{
	struct fixture f __cleanup(fixture__done) = {};
	static char path[5000];

	(void)state;
	fixture__init(&f, "TARGET,OP");
	memset(path, 'x', sizeof(path) - 1);
	f.o.target = (struct str){ path, sizeof(path) - 1 };
	text__operation(&f.text, &f.o, &f.sb);
	assert_int_equal(f.sb.len, sizeof(path) - 1 + 2 + 6);
}

static void fan_out_tells_kinds_and_namespaces(void **state)
{
	struct fixture f __cleanup(fixture__done) = {};

	(void)state;
	fixture__init(&f, "FANOUT");
	assert_line(&f, "0\n");
	f.o.nr_effects = f.o.kinds[MS_EFF_ATTACH] = 1;
	f.o.nr_ns = 1;
	assert_line(&f, "+1\n");
	f.o.kinds[MS_EFF_ATTACH] = 1270;
	f.o.nr_ns = 31;
	f.o.ns = (struct op_ns[31]){};
	assert_line(&f, "+1,270 in 31 ns\n");
	f.o.kinds[MS_EFF_DETACH] = 2;
	f.o.kinds[MS_EFF_MOVE] = 3;
	f.o.kinds[MS_EFF_PROPAGATION] = 4;
	f.o.kinds[MS_EFF_ATTR] = 5;
	assert_line(&f, "+1,270 -2 ~3 \xc2\xb1"
			"4 *5 in 31 ns\n");
	f.view.utf8 = false;
	assert_line(&f, "+1,270 -2 ~3 %4 *5 in 31 ns\n");
}

static void a_blind_run_counts_by_the_kernels_numbers(void **state)
{
	struct fixture f __cleanup(fixture__done) = {};

	(void)state;
	fixture__init(&f, "FANOUT");
	op.mounts_before = 10;
	op.mounts_after = 13;
	assert_line(&f, "0\n");
	f.view.blind = MS_BLIND_EFFECTS;
	assert_line(&f, "+3\n");
	op.mounts_after = 8;
	assert_line(&f, "-2\n");
	op.new_ns_inum = 300; /* other numbers: of another namespace */
	assert_line(&f, "0\n");
}

static void what_a_blind_run_cannot_count_is_no_zero(void **state)
{
	struct fixture f __cleanup(fixture__done) = {};

	(void)state;
	fixture__init(&f, "FANOUT");
	op.kind = MS_OP_PROPAGATION;
	assert_line(&f, "0\n");
	f.view.blind = MS_BLIND_PROPAGATION;
	assert_line(&f, "?\n");
	op.ret = -EINVAL;
	assert_line(&f, "0\n");
}

static void the_mount_limit_is_not_called_disk_space(void **state)
{
	struct fixture f __cleanup(fixture__done) = {};

	(void)state;
	fixture__init(&f, "RESULT,DETAIL");
	op.ret = -ENOSPC;
	assert_line(&f, "ENOSPC  no space, or a limit reached\n");
	op.flags = MS_OPF_LIMIT;
	op.mounts_before = 98304;
	op.mount_max = 100000;
	assert_line(&f,
		    "ENOSPC  mount limit of the namespace: 98,304 of 100,000, not disk space\n");
}

static void any_return_value_is_shown(void **state)
{
	struct fixture f __cleanup(fixture__done) = {};

	(void)state;
	fixture__init(&f, "RESULT,RET");
	op.ret = INT32_MIN;
	assert_line(&f, "2147483648  -2147483648\n");
	op.ret = INT32_MAX;
	assert_line(&f, "ok      2147483647\n");
}

static void an_operation_whose_end_was_not_seen_says_so(void **state)
{
	struct fixture f __cleanup(fixture__done) = {};

	(void)state;
	fixture__init(&f, "LATENCY,BY,OP,RESULT,DETAIL");
	op = (struct ms_op){ .flags = MS_OPF_SYNTHETIC, .hdr.tid = 9 };
	assert_line(&f,
		    "      -  ?/9                   unknown        -       its end was not seen\n");
}

static void a_colour_takes_no_column(void **state)
{
	struct fixture f __cleanup(fixture__done) = {};

	(void)state;
	fixture__init(&f, "RESULT,OP");
	op.ret = -EBUSY;
	f.view.color = true;
	assert_line(&f, "\033[31mEBUSY\033[0m   mount\n");
}

static void column_lists_are_read_in_any_case(void **state)
{
	struct column_set set;
	const char *bad;
	size_t len;

	(void)state;
	assert_int_equal(column_set__parse(&op_columns, "time,TARGET,tArGeT", &set, &bad, &len), 0);
	assert_int_equal(set.n, 3);
	assert_int_equal(set.v[1], set.v[2]);
	assert_int_equal(column_set__parse(&op_columns, "+pid", &set, &bad, &len), 0);
	assert_int_equal(set.n, 10);
	assert_int_equal(column_set__parse(&op_columns, "time,frob", &set, &bad, &len), -EINVAL);
	assert_int_equal(len, 4);
	assert_memory_equal(bad, "frob", 4);
	assert_int_equal(column_set__parse(&op_columns, "", &set, &bad, &len), -EINVAL);
	assert_int_equal(column_set__parse(&op_columns, "time,", &set, &bad, &len), -EINVAL);
}

static void too_many_columns_are_refused(void **state)
{
	struct strbuf list __cleanup(strbuf__free) = {};
	struct column_set set;
	const char *bad;
	size_t len;

	(void)state;
	for (int i = 0; i < COLUMNS_MAX; i++)
		strbuf__adds(&list, i ? ",op" : "op");
	assert_int_equal(column_set__parse(&op_columns, list.buf, &set, &bad, &len), 0);
	strbuf__adds(&list, ",op");
	assert_int_equal(column_set__parse(&op_columns, list.buf, &set, &bad, &len), -E2BIG);
}

static void every_column_says_what_it_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < op_columns.n; i++) {
		const struct column *c = &op_columns.v[i];

		assert_true(*c->name && *c->help);
		assert_true(c->get || c->text);
		assert_true(!c->key || c->get);
		assert_true(strlen(c->name) <= 12);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(c->name, op_columns.v[k].name);
	}
}

static void output_failures_stick(void **state)
{
	struct out out __cleanup(out__done) = {};
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	(void)close(fds[0]);
	(void)signal(SIGPIPE, SIG_IGN);
	out__init(&out, fds[1]);
	strbuf__adds(&out.buf, "x");
	assert_int_equal(out__commit(&out), 0); /* not written yet */
	assert_int_equal(out__flush(&out), -EPIPE);
	strbuf__adds(&out.buf, "y");
	assert_int_equal(out__commit(&out), -EPIPE);
	(void)close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_grouped_by_thousands),
		cmocka_unit_test(durations_have_three_digits),
		cmocka_unit_test(times_are_utc),
		cmocka_unit_test(harmful_bytes_are_shown_as_octal),
		cmocka_unit_test(columns_are_counted_not_bytes),
		cmocka_unit_test(a_terminal_without_utf8_gets_ascii_only),
		cmocka_unit_test(no_control_character_gets_through),
		cmocka_unit_test(columns_are_padded_but_the_last),
		cmocka_unit_test(a_value_wider_than_its_column_is_not_cut),
		cmocka_unit_test(fan_out_tells_kinds_and_namespaces),
		cmocka_unit_test(a_blind_run_counts_by_the_kernels_numbers),
		cmocka_unit_test(what_a_blind_run_cannot_count_is_no_zero),
		cmocka_unit_test(the_mount_limit_is_not_called_disk_space),
		cmocka_unit_test(any_return_value_is_shown),
		cmocka_unit_test(an_operation_whose_end_was_not_seen_says_so),
		cmocka_unit_test(a_colour_takes_no_column),
		cmocka_unit_test(column_lists_are_read_in_any_case),
		cmocka_unit_test(too_many_columns_are_refused),
		cmocka_unit_test(every_column_says_what_it_is),
		cmocka_unit_test(output_failures_stick),
	};

	/* Widths of characters are those of a locale; the C library always has this one. */
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
