// SPDX-License-Identifier: BSD-2-Clause
/* Text of others, made safe for terminals and JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/escape.h"

struct row {
	const char *in, *text, *json;
};

static const struct row rows[] = {
	{ "", "", "" },
	{ "/var/lib/kubelet", "/var/lib/kubelet", "/var/lib/kubelet" },
	{ "a b~!'", "a b~!'", "a b~!'" },
	{ "say \"x\"", "say \"x\"", "say \\\"x\\\"" },
	{ "back\\slash", "back\\134slash", "back\\\\slash" },
	{ "a\nb\tc\rd", "a\\012b\\011c\\015d", "a\\u000ab\\u0009c\\u000dd" },
	{ "\x1b[31mred\x1b[0m", "\\033[31mred\\033[0m", "\\u001b[31mred\\u001b[0m" },
	{ "\x7f", "\\177", "\\u007f" },
	/* C1, as UTF-8 (a CSI) and as a bare byte. */
	{ "\xc2\x9b", "\\302\\233", "\\u009b" },
	{ "\x9b", "\\233", "\xef\xbf\xbd" },
	/* Text in any script is text. */
	{ "Gr\xc3\xbc\xc3\x9f \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x90\xa7",
	  "Gr\xc3\xbc\xc3\x9f \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x90\xa7",
	  "Gr\xc3\xbc\xc3\x9f \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x90\xa7" },
	/* Right-to-left override, isolate, zero width space, line separator, byte order mark, tag. */
	{ "a\xe2\x80\xae"
	  "b",
	  "a\\342\\200\\256b", "a\\u202eb" },
	{ "\xe2\x81\xa6", "\\342\\201\\246", "\\u2066" },
	{ "\xe2\x80\x8b", "\\342\\200\\213", "\\u200b" },
	{ "\xe2\x80\xa8", "\\342\\200\\250", "\\u2028" },
	{ "\xef\xbb\xbf", "\\357\\273\\277", "\\ufeff" },
	{ "\xf3\xa0\x80\xa1", "\\363\\240\\200\\241", "\\udb40\\udc21" },
	/* Not UTF-8: a lone continuation, a cut character, overlong, a surrogate, beyond the end. */
	{ "\x80", "\\200", "\xef\xbf\xbd" },
	{ "x\xe6\x97", "x\\346\\227", "x\xef\xbf\xbd\xef\xbf\xbd" },
	{ "\xe6\x97x", "\\346\\227x", "\xef\xbf\xbd\xef\xbf\xbdx" },
	{ "\xc0\xaf", "\\300\\257", "\xef\xbf\xbd\xef\xbf\xbd" },
	{ "\xe0\x80\xaf", "\\340\\200\\257", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	{ "\xed\xa0\x80", "\\355\\240\\200", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	{ "\xf4\x90\x80\x80", "\\364\\220\\200\\200",
	  "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	{ "\xf5\xff\xfe", "\\365\\377\\376", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	/* A noncharacter. */
	{ "\xef\xbf\xbf", "\\357\\277\\277", "\\uffff" },
};

static void hostile_text_is_escaped_for_people(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct strbuf sb __cleanup(strbuf__free) = {};

		escape__text(&sb, rows[i].in, strlen(rows[i].in));
		assert_string_equal(strbuf__str(&sb), rows[i].text);
		assert_int_equal(escape__is_clean(rows[i].in, strlen(rows[i].in)),
				 !strcmp(rows[i].in, rows[i].text));
	}
}

static void hostile_text_is_escaped_for_json(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct strbuf sb __cleanup(strbuf__free) = {};

		escape__json(&sb, rows[i].in, strlen(rows[i].in));
		assert_string_equal(strbuf__str(&sb), rows[i].json);
	}
}

static void a_nul_is_escaped(void **state)
{
	struct strbuf t __cleanup(strbuf__free) = {}, j __cleanup(strbuf__free) = {};

	(void)state;
	escape__text(&t, "a\0b", 3);
	assert_string_equal(strbuf__str(&t), "a\\000b");
	escape__json_string(&j, "a\0b", 3);
	assert_string_equal(strbuf__str(&j), "\"a\\u0000b\"");
}

/* Whatever comes in, what goes out has no byte that a terminal acts upon. */
static void no_byte_pair_gets_a_control_through(void **state)
{
	(void)state;
	for (unsigned v = 0; v < 0x10000; v++) {
		struct strbuf sb __cleanup(strbuf__free) = {};
		char in[2] = { (char)(v >> 8), (char)v };

		escape__text(&sb, in, sizeof(in));
		for (size_t i = 0; i < sb.len; i++) {
			unsigned char c = (unsigned char)sb.buf[i];

			assert_true(c >= 0x20 && c != 0x7f);
			/* Above ASCII only as a whole two-byte character, and none of C1. */
			if (c >= 0x80) {
				assert_int_equal(sb.len, 2);
				assert_true((unsigned char)sb.buf[0] >= 0xc2);
				assert_true((unsigned char)sb.buf[0] > 0xc2 ||
					    (unsigned char)sb.buf[1] >= 0xa0);
			}
		}
	}
}

static void text_reads_back_exactly(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct strbuf sb __cleanup(strbuf__free) = {}, back __cleanup(strbuf__free) = {};

		escape__text(&sb, rows[i].in, strlen(rows[i].in));
		for (const char *p = strbuf__str(&sb); *p; p++) {
			if (*p != '\\') {
				strbuf__addc(&back, *p);
				continue;
			}
			strbuf__addc(&back,
				     (char)((p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0')));
			p += 3;
		}
		assert_string_equal(strbuf__str(&back), rows[i].in);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_text_is_escaped_for_people),
		cmocka_unit_test(hostile_text_is_escaped_for_json),
		cmocka_unit_test(a_nul_is_escaped),
		cmocka_unit_test(no_byte_pair_gets_a_control_through),
		cmocka_unit_test(text_reads_back_exactly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
