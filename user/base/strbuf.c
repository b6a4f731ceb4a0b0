// SPDX-License-Identifier: BSD-2-Clause
/* A growing byte string, for output lines and composed paths. */
#include "base/strbuf.h"

void strbuf__free(struct strbuf *sb)
{
	free(sb->buf);
	*sb = (struct strbuf){};
}

void strbuf__reset(struct strbuf *sb)
{
	sb->len = 0;
	sb->oom = false;
	if (sb->buf)
		sb->buf[0] = '\0';
}

char *strbuf__grow(struct strbuf *sb, size_t len)
{
	size_t want = sb->len + len + 1, cap = sb->cap ? sb->cap : 128;
	char *buf;

	if (sb->oom || want <= len || want > SIZE_MAX / 2)
		return NULL;
	while (cap < want)
		cap *= 2;
	buf = realloc(sb->buf, cap);
	if (!buf) {
		sb->oom = true;
		return NULL;
	}
	sb->buf = buf;
	sb->cap = cap;
	return buf + sb->len;
}

void strbuf__addu(struct strbuf *sb, unsigned long long v)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	strbuf__add(sb, digits + at, sizeof(digits) - at);
}

void strbuf__addf(struct strbuf *sb, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	p = n < 0 ? NULL : strbuf__room(sb, (size_t)n);
	if (!p)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	strbuf__took(sb, (size_t)n);
}

const char *strbuf__str(const struct strbuf *sb)
{
	return sb->buf ? sb->buf : "";
}
