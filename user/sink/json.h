/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes JSON (RFC 8259) into a string buffer, as it goes. */
#ifndef MS_SINK_JSON_H
#define MS_SINK_JSON_H

#include "base/strbuf.h"

/* { .sb = ... } starts a value. */
struct json {
	struct strbuf *sb;
	bool comma; /* before the next key or element */
};

void json__begin(struct json *j, char bracket); /* '{' or '[' */
void json__end(struct json *j, char bracket);	/* '}' or ']' */
/* Next comes its value. key is a constant of ours: not escaped. */
void json__key(struct json *j, const char *key);

/* A number; from 2^53 on a string of its digits, because many readers would round it. */
void json__u64(struct json *j, uint64_t v);
void json__i64(struct json *j, int64_t v);
void json__bool(struct json *j, bool v);
void json__null(struct json *j);
/* Any bytes. What is not UTF-8 becomes U+FFFD, a byte each. */
void json__str(struct json *j, const char *p, size_t len);
void json__cstr(struct json *j, const char *s);
/*
 * "key": "text", and where bytes had to be replaced "key_hex": "2f6d..." with all of them, so that
 * nothing is lost.
 */
void json__member_str(struct json *j, const char *key, const char *p, size_t len);
void json__member_u64(struct json *j, const char *key, uint64_t v);
void json__member_cstr(struct json *j, const char *key, const char *s); /* NULL: null */

#endif
