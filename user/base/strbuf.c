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

static bool strbuf__reserve(struct strbuf *sb, size_t more)
{
	size_t want = sb->len + more + 1, cap = sb->cap ? sb->cap : 128;
	char *buf;

	if (sb->oom || want < more)
		return false;
	if (want <= sb->cap)
		return true;
	while (cap < want)
		cap *= 2;
	buf = realloc(sb->buf, cap);
	if (!buf) {
		sb->oom = true;
		return false;
	}
	sb->buf = buf;
	sb->cap = cap;
	return true;
}

void strbuf__add(struct strbuf *sb, const void *data, size_t len)
{
	if (!strbuf__reserve(sb, len))
		return;
	if (len)
		memcpy(sb->buf + sb->len, data, len);
	sb->len += len;
	sb->buf[sb->len] = '\0';
}

void strbuf__addc(struct strbuf *sb, char c)
{
	strbuf__add(sb, &c, 1);
}

void strbuf__adds(struct strbuf *sb, const char *s)
{
	strbuf__add(sb, s, strlen(s));
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
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || !strbuf__reserve(sb, (size_t)n))
		return;
	va_start(ap, fmt);
	(void)vsnprintf(sb->buf + sb->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	sb->len += (size_t)n;
}

const char *strbuf__str(const struct strbuf *sb)
{
	return sb->buf ? sb->buf : "";
}
