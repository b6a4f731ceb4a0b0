// SPDX-License-Identifier: BSD-2-Clause
/* Words, argument vectors and specifiers as systemd has them, and unit file syntax at its edges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "encap/execline.h"
#include "encap/mnttab.h"
#include "encap/specifier.h"
#include "encap/unitfile.h"
#include "encap/unitname.h"

static const char *env(const char *name, void *arg)
{
	(void)arg;
	if (!strcmp(name, "ONE"))
		return "1";
	if (!strcmp(name, "TWO"))
		return "a 'b c'  d\\ e";
	return !strcmp(name, "EMPTY") ? "" : NULL;
}

/* The argument vector as "[a][b c]", or the error. */
static void check_argv(const char *value, const char *want)
{
	struct exec_cmd c = { 0 };
	struct strbuf got = { 0 };
	struct argvec a = { 0 };
	const char *why = "";
	char *path = NULL;
	size_t i;
	int r = exec_cmd__next(&value, &c, &why);

	if (r == 1)
		r = exec_cmd__argv(&c, env, NULL, &path, &a);
	if (r)
		strbuf__addf(&got, "%d", r);
	for (i = 0; i < a.n; i++)
		strbuf__addf(&got, "[%s]", a.v[i]);
	assert_string_equal(strbuf__str(&got), want);
	strbuf__free(&got);
	argvec__free(&a);
	exec_cmd__free(&c);
	free(path);
}

static void words_are_split_and_unquoted(void **state)
{
	(void)state;
	check_argv("/x a  \"b c\" 'd \"e\"' f\"g h\"i \"\"", "[/x][a][b c][d \"e\"][fg hi][]");
	check_argv("/x \\x41 \\101 \\t \\s \\u00e4 \\\\ \\\"",
		   "[/x][A][A][\t][ ][\303\244][\\][\"]");
	check_argv("/x \\q \\x4 a\\", "[/x][\\q][\\x4][a\\]");
	check_argv("/x \"open", "-22");
}

static void variables_are_replaced_once(void **state)
{
	(void)state;
	check_argv("/x $ONE ${ONE} a${ONE}b $ONE-", "[/x][1][1][a1b]");
	check_argv("/x $TWO", "[/x][a][b c][d e]");
	check_argv("/x ${TWO}", "[/x][a 'b c'  d\\ e]");
	check_argv("/x $NONE ${NONE} $EMPTY ${EMPTY} end", "[/x][][][end]");
	check_argv("/x $$ONE a$$b $${ONE} ${OPEN", "[/x][$ONE][a$b][${ONE}][${OPEN]");
	check_argv(":/x $ONE ${ONE} $$", "[/x][$ONE][${ONE}][$$]");
	check_argv("/a$ONE/x b", "[/a$ONE/x][b]");
}

static void argv0_is_the_second_word_with_at(void **state)
{
	(void)state;
	check_argv("@/x name a", "[name][a]");
	check_argv("@/x", "-22");
}

static void an_escaped_semicolon_is_a_word(void **state)
{
	(void)state;
	check_argv("/x a \\; b ; /y c", "[/x][a][;][b]");
	check_argv("/x ;a b;", "[/x][;a][b;]");
}

static int collect(const char *section, const char *key, const char *value, void *arg)
{
	strbuf__addf(arg, "%s.%s=%s|", section, key, value);
	return 0;
}

static void check_parse(const char *text, size_t len, int want_r, const char *want)
{
	struct strbuf got = { 0 };

	assert_int_equal(unitfile__parse(text, len, collect, &got), want_r);
	assert_string_equal(strbuf__str(&got), want);
	strbuf__free(&got);
}

static void lines_end_at_newline_return_and_nul(void **state)
{
	static const char text[] = "[S]\r\na=1\rb=2\0c=3\n\rd=4\n\n\re=5";

	(void)state;
	check_parse(text, sizeof(text) - 1, 0, "S.a=1|S.b=2|S.c=3|S.d=4|S.e=5|");
}

static void what_stands_before_any_section_does_not_count(void **state)
{
	(void)state;
	check_parse("a=1\n[S]\nb=2\n", 12, 0, "S.b=2|");
}

static void a_bad_section_header_ends_the_file(void **state)
{
	(void)state;
	check_parse("[S]\na=1\n[T\nb=2\n", 15, -EBADMSG, "S.a=1|");
}

static void a_line_of_two_megabytes_ends_the_file(void **state)
{
	size_t len = 2 * UNITFILE_LINE_MAX;
	char *text = malloc(len);

	(void)state;
	assert_non_null(text);
	memset(text, 'x', len);
	memcpy(text, "[S]\na=", 6);
	check_parse(text, len, -EBADMSG, "");
	free(text);
}

static void many_lone_semicolons_do_not_overflow_the_stack(void **state)
{
	size_t len = 1 << 20;
	char *text = malloc(len + 1);
	struct exec_cmd c = { 0 };
	const char *p = text, *why;

	(void)state;
	assert_non_null(text);
	memset(text, ' ', len);
	for (size_t i = 0; i < len; i += 2)
		text[i] = ';';
	text[len] = '\0';
	assert_int_equal(exec_cmd__next(&p, &c, &why), 0);
	exec_cmd__free(&c);
	free(text);
}

static void check_specifier(const char *unit, const char *text, const char *want)
{
	const struct specifier_ctx ctx = { .root = "/nonexistent",
					   .unit = unit,
					   .fragment = "/usr/lib/systemd/system/x.service" };
	struct strbuf got = { 0 };

	(void)specifier__expand(&ctx, text, &got);
	assert_string_equal(strbuf__str(&got), want);
	strbuf__free(&got);
}

static void specifiers_are_those_of_the_system_manager(void **state)
{
	(void)state;
	check_specifier("a-b@c-d\\x2de.service", "%n|%N|%p|%P|%i|%I|%j|%J|%f",
			"a-b@c-d\\x2de.service|a-b@c-d\\x2de|a-b|a/b|c-d\\x2de|c/d-e|b|b|/c/d-e");
	check_specifier("k.service", "%p|%i|%t|%S|%C|%L|%E|%h|%u|%%n|%y|%Y",
			"k||/run|/var/lib|/var/cache|/var/log|/etc|/root|root|%n|"
			"/usr/lib/systemd/system/x.service|/usr/lib/systemd/system");
	check_specifier("k.service", "%Q 100%", "%Q 100%");
}

static void names_of_services_are_told_from_others(void **state)
{
	char out[UNITNAME_MAX];

	(void)state;
	assert_int_equal(unitname__complete("kubelet", out), 0);
	assert_string_equal(out, "kubelet.service");
	assert_int_equal(unitname__complete("../x.service", out), -EINVAL);
	assert_int_equal(unitname__complete("", out), -EINVAL);
	assert_int_equal(unitname__complete("a b", out), -EINVAL);
	assert_true(unitname__parent("a-b-c.service", out));
	assert_string_equal(out, "a-b-.service");
	assert_true(unitname__parent("a-b-.service", out));
	assert_string_equal(out, "a-.service");
	assert_false(unitname__parent("a-.service", out));
	assert_false(unitname__parent("-a.service", out));
	assert_true(unitname__parent("a-b@i.service", out));
	assert_string_equal(out, "a-@i.service");
}

static void a_mountinfo_line_is_split_and_unescaped(void **state)
{
	char line[] =
		"36 35 98:0 /mnt1 /m\\040n\\134t rw shared:5 master:6 unbindable - nsfs nsfs rw\n";
	char bad[] = "36 35 98:0 /mnt1 /mnt2 rw shared:5";
	struct mnt_line l;

	(void)state;
	assert_true(mnt_line__parse(line, &l));
	assert_int_equal(l.id, 36);
	assert_int_equal(l.parent, 35);
	assert_string_equal(l.where, "/m n\\t");
	assert_string_equal(l.fstype, "nsfs");
	assert_int_equal(l.shared, 5);
	assert_int_equal(l.master, 6);
	assert_true(l.unbindable);
	assert_false(mnt_line__parse(bad, &l));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_split_and_unquoted),
		cmocka_unit_test(variables_are_replaced_once),
		cmocka_unit_test(argv0_is_the_second_word_with_at),
		cmocka_unit_test(an_escaped_semicolon_is_a_word),
		cmocka_unit_test(lines_end_at_newline_return_and_nul),
		cmocka_unit_test(what_stands_before_any_section_does_not_count),
		cmocka_unit_test(a_bad_section_header_ends_the_file),
		cmocka_unit_test(a_line_of_two_megabytes_ends_the_file),
		cmocka_unit_test(many_lone_semicolons_do_not_overflow_the_stack),
		cmocka_unit_test(specifiers_are_those_of_the_system_manager),
		cmocka_unit_test(names_of_services_are_told_from_others),
		cmocka_unit_test(a_mountinfo_line_is_split_and_unescaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
