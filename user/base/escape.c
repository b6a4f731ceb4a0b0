// SPDX-License-Identifier: BSD-2-Clause
/* Text of others made safe for where it goes: a terminal or log, and JSON. */
#include "base/escape.h"

/*
 * Length of the UTF-8 character at s, its code point in *cp; 0 when there is none: a stray or missing
 * continuation, an overlong form, a surrogate, or beyond U+10FFFF (Unicode, table 3-7).
 */
static size_t utf8_char(const unsigned char *s, size_t len, uint32_t *cp)
{
	uint32_t first = s[0], lowest;
	size_t n;

	if (first < 0x80) {
		*cp = first;
		return 1;
	}
	if (first >= 0xc2 && first <= 0xdf)
		n = 2, lowest = 0x80, *cp = first & 0x1f;
	else if (first >= 0xe0 && first <= 0xef)
		n = 3, lowest = 0x800, *cp = first & 0x0f;
	else if (first >= 0xf0 && first <= 0xf4)
		n = 4, lowest = 0x10000, *cp = first & 0x07;
	else
		return 0;
	if (n > len)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*cp = *cp << 6 | (s[i] & 0x3f);
	}
	if (*cp < lowest || *cp > 0x10ffff || (*cp >= 0xd800 && *cp <= 0xdfff))
		return 0;
	return n;
}

struct range {
	uint32_t from, to;
};

/* Beyond ASCII: what is not seen, or changes how other characters are. In order. */
static const struct range unseen[] = {
	{ 0x80, 0x9f },	      /* C1 */
	{ 0xad, 0xad },	      /* soft hyphen */
	{ 0x61c, 0x61c },     /* Arabic letter mark */
	{ 0x180e, 0x180e },   /* Mongolian vowel separator */
	{ 0x200b, 0x200f },   /* zero width, left-to-right and right-to-left marks */
	{ 0x2028, 0x202e },   /* line, paragraph; embeddings and overrides */
	{ 0x2060, 0x206f },   /* word joiner, isolates, deprecated format characters */
	{ 0xfeff, 0xfeff },   /* byte order mark */
	{ 0xfff9, 0xfffb },   /* interlinear annotation */
	{ 0xe0000, 0xe0fff }, /* tags, variation selectors */
};

static bool is_unseen(uint32_t cp)
{
	if (cp < 0x80)
		return cp < 0x20 || cp == 0x7f;
	for (size_t i = 0; i < ARRAY_SIZE(unseen) && cp >= unseen[i].from; i++) {
		if (cp <= unseen[i].to)
			return true;
	}
	/* Not characters: U+FDD0..U+FDEF and the last two of each plane. */
	return (cp >= 0xfdd0 && cp <= 0xfdef) || (cp & 0xfffe) == 0xfffe;
}

/* Leading bytes that no sink has to look at twice: printable ASCII without backslash and quote. */
static size_t plain_run(const char *s, size_t len)
{
	size_t i = 0;

	while (i < len && s[i] >= 0x20 && s[i] < 0x7f && s[i] != '\\' && s[i] != '"')
		i++;
	return i;
}

static void add_octal(struct strbuf *sb, unsigned char c)
{
	char esc[4] = { '\\', (char)('0' + (c >> 6)), (char)('0' + (c >> 3 & 7)),
			(char)('0' + (c & 7)) };

	strbuf__add(sb, esc, sizeof(esc));
}

void escape__text(struct strbuf *sb, const char *s, size_t len)
{
	while (len) {
		size_t n = plain_run(s, len);
		bool raw = n > 0;
		uint32_t cp;

		if (!n) {
			n = utf8_char((const unsigned char *)s, len, &cp);
			raw = n && !is_unseen(cp) && cp != '\\';
			n = max(n, (size_t)1);
		}
		if (raw)
			strbuf__add(sb, s, n);
		for (size_t i = 0; !raw && i < n; i++)
			add_octal(sb, (unsigned char)s[i]);
		s += n;
		len -= n;
	}
}

bool escape__is_clean(const char *s, size_t len)
{
	while (len) {
		size_t n = plain_run(s, len);
		uint32_t cp;

		if (!n) {
			n = utf8_char((const unsigned char *)s, len, &cp);
			if (!n || is_unseen(cp) || cp == '\\')
				return false;
		}
		s += n;
		len -= n;
	}
	return true;
}

bool escape__is_utf8(const char *s, size_t len)
{
	while (len) {
		uint32_t cp;
		size_t n = utf8_char((const unsigned char *)s, len, &cp);

		if (!n)
			return false;
		s += n;
		len -= n;
	}
	return true;
}

static void add_utf16(struct strbuf *sb, uint32_t unit)
{
	static const char hex[] = "0123456789abcdef";
	char esc[6] = {
		'\\', 'u', hex[unit >> 12], hex[unit >> 8 & 15], hex[unit >> 4 & 15], hex[unit & 15]
	};

	strbuf__add(sb, esc, sizeof(esc));
}

static void add_json_escape(struct strbuf *sb, uint32_t cp)
{
	if (cp == '"' || cp == '\\') {
		strbuf__addc(sb, '\\');
		strbuf__addc(sb, (char)cp);
	} else if (cp < 0x10000) {
		add_utf16(sb, cp);
	} else {
		add_utf16(sb, 0xd800 + ((cp - 0x10000) >> 10));
		add_utf16(sb, 0xdc00 + ((cp - 0x10000) & 0x3ff));
	}
}

void escape__json(struct strbuf *sb, const char *s, size_t len)
{
	while (len) {
		size_t n = plain_run(s, len);
		uint32_t cp = 0;

		if (n) {
			strbuf__add(sb, s, n);
		} else {
			n = utf8_char((const unsigned char *)s, len, &cp);
			if (!n) {
				strbuf__adds(sb, "\xef\xbf\xbd"); /* U+FFFD */
				n = 1;
			} else if (is_unseen(cp) || cp == '"' || cp == '\\') {
				add_json_escape(sb, cp);
			} else {
				strbuf__add(sb, s, n);
			}
		}
		s += n;
		len -= n;
	}
}

void escape__json_string(struct strbuf *sb, const char *s, size_t len)
{
	strbuf__addc(sb, '"');
	escape__json(sb, s, len);
	strbuf__addc(sb, '"');
}
