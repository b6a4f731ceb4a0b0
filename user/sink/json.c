// SPDX-License-Identifier: BSD-2-Clause
/* Writes JSON (RFC 8259) into a string buffer, as it goes. */
#include "sink/json.h"

#include "base/escape.h"

static void separate(struct json *j)
{
	if (j->comma)
		strbuf__addc(j->sb, ',');
	j->comma = true;
}

void json__begin(struct json *j, char bracket)
{
	separate(j);
	strbuf__addc(j->sb, bracket);
	j->comma = false;
}

void json__end(struct json *j, char bracket)
{
	strbuf__addc(j->sb, bracket);
	j->comma = true;
}

void json__key(struct json *j, const char *key)
{
	separate(j);
	strbuf__addc(j->sb, '"');
	strbuf__adds(j->sb, key);
	strbuf__add(j->sb, "\":", 2);
	j->comma = false;
}

void json__i64(struct json *j, int64_t v)
{
	separate(j);
	if (v < 0)
		strbuf__addc(j->sb, '-');
	strbuf__addu(j->sb, v < 0 ? -(uint64_t)v : (uint64_t)v);
}

void json__u64(struct json *j, uint64_t v)
{
	bool quote = v >= 1ULL << 53;

	separate(j);
	if (quote)
		strbuf__addc(j->sb, '"');
	strbuf__addu(j->sb, v);
	if (quote)
		strbuf__addc(j->sb, '"');
}

void json__bool(struct json *j, bool v)
{
	separate(j);
	strbuf__adds(j->sb, v ? "true" : "false");
}

void json__null(struct json *j)
{
	separate(j);
	strbuf__adds(j->sb, "null");
}

void json__str(struct json *j, const char *p, size_t len)
{
	separate(j);
	escape__json_string(j->sb, p, len);
}

void json__cstr(struct json *j, const char *s)
{
	if (s)
		json__str(j, s, strlen(s));
	else
		json__null(j);
}

void json__member_str(struct json *j, const char *key, const char *p, size_t len)
{
	static const char hex[] = "0123456789abcdef";

	json__key(j, key);
	json__str(j, p, len);
	if (escape__is_utf8(p, len))
		return;
	strbuf__adds(j->sb, ",\"");
	strbuf__adds(j->sb, key);
	strbuf__adds(j->sb, "_hex\":\"");
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)p[i];

		strbuf__addc(j->sb, hex[c >> 4]);
		strbuf__addc(j->sb, hex[c & 15]);
	}
	strbuf__addc(j->sb, '"');
}

void json__member_u64(struct json *j, const char *key, uint64_t v)
{
	json__key(j, key);
	json__u64(j, v);
}

void json__member_cstr(struct json *j, const char *key, const char *s)
{
	json__key(j, key);
	json__cstr(j, s);
}
