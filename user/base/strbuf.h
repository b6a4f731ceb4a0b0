/* SPDX-License-Identifier: BSD-2-Clause */
/* A growing byte string, for output lines and composed paths. */
#ifndef MS_BASE_STRBUF_H
#define MS_BASE_STRBUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/util.h"

/*
 * Zero-initialised is empty. buf is NUL-terminated whenever it is not NULL. When memory ends, oom is
 * set and everything added later is dropped: check it once, at the end.
 */
struct strbuf {
	char *buf;
	size_t len;
	size_t cap;
	bool oom;
};

void strbuf__free(struct strbuf *sb);			    /* also the __cleanup function */
void strbuf__reset(struct strbuf *sb);			    /* empties, keeps the memory */
void strbuf__addu(struct strbuf *sb, unsigned long long v); /* decimal, without printf's cost */
void strbuf__addf(struct strbuf *sb, const char *fmt, ...) __printf(2, 3);

/* For strbuf__room(): the way that allocates. */
char *strbuf__grow(struct strbuf *sb, size_t len);

/*
 * Room for len bytes and a NUL behind what there is; NULL: no memory. Written bytes count once
 * strbuf__took() says so.
 */
static inline char *strbuf__room(struct strbuf *sb, size_t len)
{
	if (!sb->oom && len < sb->cap - sb->len)
		return sb->buf + sb->len;
	return strbuf__grow(sb, len);
}

static inline void strbuf__took(struct strbuf *sb, size_t len)
{
	sb->len += len;
	sb->buf[sb->len] = '\0';
}

/* Inline, because lines are made of many short pieces, most of them of known length. */
static inline void strbuf__add(struct strbuf *sb, const void *data, size_t len)
{
	char *p = strbuf__room(sb, len);

	if (!p)
		return;
	if (len)
		memcpy(p, data, len);
	strbuf__took(sb, len);
}

static inline void strbuf__addc(struct strbuf *sb, char c)
{
	strbuf__add(sb, &c, 1);
}

static inline void strbuf__adds(struct strbuf *sb, const char *s)
{
	strbuf__add(sb, s, strlen(s));
}

/* The contents as a C string; "" when empty. Valid until the next change. */
const char *strbuf__str(const struct strbuf *sb);

#endif
