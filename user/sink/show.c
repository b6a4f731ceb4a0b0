// SPDX-License-Identifier: BSD-2-Clause
/* Text of others on a terminal of either kind, and the columns that it takes there. */
#include "sink/show.h"

#include <wchar.h>

static size_t ascii_run(const char *p, size_t len)
{
	size_t i = 0;

	while (i < len && (unsigned char)p[i] < 0x80)
		i++;
	return i;
}

static void add_octal(struct strbuf *sb, unsigned char c)
{
	char out[4] = { '\\', (char)('0' + (c >> 6)), (char)('0' + (c >> 3 & 7)),
			(char)('0' + (c & 7)) };

	strbuf__add(sb, out, sizeof(out));
}

static void add_ascii(struct strbuf *sb, const char *p, size_t len)
{
	while (len) {
		size_t n = ascii_run(p, len);

		escape__text(sb, p, n);
		p += n;
		len -= n;
		if (!len)
			break;
		add_octal(sb, (unsigned char)*p++);
		len--;
	}
}

/* Of what escape__text() let through, which is well-formed. */
static size_t count_columns(const char *p, size_t len)
{
	size_t columns = 0, i = 0;

	while (i < len) {
		unsigned char c = (unsigned char)p[i++];
		wchar_t wc;
		int width;

		if (c < 0x80) {
			columns++;
			continue;
		}
		wc = c & (c < 0xe0 ? 0x1f : c < 0xf0 ? 0x0f : 0x07);
		while (i < len && ((unsigned char)p[i] & 0xc0) == 0x80)
			wc = wc << 6 | (p[i++] & 0x3f);
		width = wcwidth(wc);
		columns += width < 0 ? 1 : (size_t)width;
	}
	return columns;
}

/* Printable ASCII without a backslash is one column a byte, everywhere. */
static size_t plain_run(const char *p, size_t len)
{
	size_t i = 0;

	while (i < len && (unsigned char)p[i] - 0x20u < 0x5f && p[i] != '\\')
		i++;
	return i;
}

size_t show__add(struct strbuf *sb, const char *p, size_t len, bool utf8)
{
	size_t plain = plain_run(p, len), from;

	strbuf__add(sb, p, plain);
	if (plain == len)
		return len;
	from = sb->len;
	if (utf8)
		escape__text(sb, p + plain, len - plain);
	else
		add_ascii(sb, p + plain, len - plain);
	return plain + (sb->len > from ? count_columns(sb->buf + from, sb->len - from) : 0);
}
