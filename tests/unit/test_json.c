// SPDX-License-Identifier: BSD-2-Clause
/* JSON: commas, numbers that readers would round, and hostile strings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "base/util.h"
#include "sink/json.h"

static void commas_stand_between_members_only(void **state)
{
	struct strbuf sb __cleanup(strbuf__free) = {};
	struct json j = { .sb = &sb };

	(void)state;
	json__begin(&j, '{');
	json__key(&j, "a");
	json__begin(&j, '[');
	json__end(&j, ']');
	json__key(&j, "b");
	json__begin(&j, '[');
	json__u64(&j, 1);
	json__i64(&j, -2);
	json__begin(&j, '{');
	json__end(&j, '}');
	json__end(&j, ']');
	json__key(&j, "c");
	json__null(&j);
	json__member_cstr(&j, "d", NULL);
	json__key(&j, "e");
	json__bool(&j, true);
	json__end(&j, '}');
	assert_string_equal(strbuf__str(&sb), "{\"a\":[],\"b\":[1,-2,{}],\"c\":null,\"d\":null,"
					      "\"e\":true}");
}

static const char *number(uint64_t v)
{
	static struct strbuf sb;
	struct json j = { .sb = &sb };

	strbuf__reset(&sb);
	json__u64(&j, v);
	return strbuf__str(&sb);
}

static void numbers_that_a_double_cannot_hold_are_strings(void **state)
{
	(void)state;
	assert_string_equal(number(0), "0");
	assert_string_equal(number((1ULL << 53) - 1), "9007199254740991");
	assert_string_equal(number(1ULL << 53), "\"9007199254740992\"");
	assert_string_equal(number(UINT64_MAX), "\"18446744073709551615\"");
}

static void the_smallest_number_is_written_whole(void **state)
{
	struct strbuf sb __cleanup(strbuf__free) = {};
	struct json j = { .sb = &sb };

	(void)state;
	json__i64(&j, INT64_MIN);
	assert_string_equal(strbuf__str(&sb), "-9223372036854775808");
}

static void bytes_that_are_no_text_come_again_in_hex(void **state)
{
	struct strbuf sb __cleanup(strbuf__free) = {};
	struct json j = { .sb = &sb };

	(void)state;
	json__begin(&j, '{');
	json__member_str(&j, "ok", "/\xc3\xbc", 3);
	json__member_str(&j, "no", "/\xff", 2);
	json__end(&j, '}');
	assert_string_equal(strbuf__str(&sb),
			    "{\"ok\":\"/\xc3\xbc\",\"no\":\"/\xef\xbf\xbd\",\"no_hex\":\"2fff\"}");
}

/* Every pair of bytes, read back by a parser that is not ours. */
static void any_two_bytes_are_valid_json(void **state)
{
	(void)state;
	for (unsigned v = 0; v < 65536; v++) {
		struct strbuf sb __cleanup(strbuf__free) = {};
		char bytes[] = { (char)(v >> 8), (char)v };
		struct json j = { .sb = &sb };
		struct json_object *o, *s;

		json__begin(&j, '{');
		json__member_str(&j, "s", bytes, sizeof(bytes));
		json__end(&j, '}');
		o = json_tokener_parse(strbuf__str(&sb));
		assert_non_null(o);
		assert_true(json_object_object_get_ex(o, "s", &s));
		if (v >> 8 < 0x80 && (v & 0xff) < 0x80) {
			assert_int_equal(json_object_get_string_len(s), 2);
			assert_memory_equal(json_object_get_string(s), bytes, 2);
		}
		assert_int_equal(strcspn(strbuf__str(&sb), "\n\033\177"), sb.len);
		json_object_put(o);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commas_stand_between_members_only),
		cmocka_unit_test(numbers_that_a_double_cannot_hold_are_strings),
		cmocka_unit_test(the_smallest_number_is_written_whole),
		cmocka_unit_test(bytes_that_are_no_text_come_again_in_hex),
		cmocka_unit_test(any_two_bytes_are_valid_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
