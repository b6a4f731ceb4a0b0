// SPDX-License-Identifier: BSD-2-Clause
/* Parses unit file text into assignments, and values into words. */
#include "encap/unitfile.h"

#include <strings.h>

#define WHITESPACE " \t\n\r"

struct parser {
	unitfile_fn fn;
	void *arg;
	struct strbuf section;
	bool in_section;
};

/* One sequence; its length, or 0 when it is not valid UTF-8. */
static size_t utf8_sequence(const unsigned char *s)
{
	size_t n, i;
	unsigned long v;

	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		n = 2;
	else if ((s[0] & 0xf0) == 0xe0)
		n = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		n = 4;
	else
		return 0;
	v = s[0] & (0x7fU >> n);
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		v = v << 6 | (s[i] & 0x3f);
	}
	if ((n == 3 && (v < 0x800 || (v >= 0xd800 && v <= 0xdfff))) ||
	    (n == 4 && (v < 0x10000 || v > 0x10ffff)))
		return 0;
	return n;
}

bool utf8__is_valid(const char *s)
{
	while (*s) {
		size_t n = utf8_sequence((const unsigned char *)s);

		if (!n)
			return false;
		s += n;
	}
	return true;
}

static char *strip(char *s)
{
	size_t n;

	s += strspn(s, WHITESPACE);
	n = strlen(s);
	while (n && strchr(WHITESPACE, s[n - 1]))
		s[--n] = '\0';
	return s;
}

static int section_header(struct parser *ps, const char *l)
{
	size_t n = strlen(l);

	if (n < 2 || l[n - 1] != ']')
		return -EBADMSG;
	strbuf__reset(&ps->section);
	strbuf__add(&ps->section, l + 1, n - 2);
	ps->in_section = true;
	return ps->section.oom ? -ENOMEM : 0;
}

static int logical_line(struct parser *ps, char *line)
{
	char *l = strip(line);
	char *eq;

	if (!*l)
		return 0;
	if (!utf8__is_valid(l))
		return -EBADMSG;
	if (*l == '[')
		return section_header(ps, l);
	eq = strchr(l, '=');
	if (!eq || eq == l || !ps->in_section)
		return 0; /* systemd warns and goes on */
	*eq = '\0';
	return ps->fn(strbuf__str(&ps->section), strip(l), strip(eq + 1), ps->arg);
}

/* Ends a line at \n, \r or NUL, taking each of the three at most once (read_line_full()). */
static size_t skip_eol(const char *s, size_t left)
{
	bool lf = false, cr = false, nul = false;
	size_t n = 0;

	for (; n < left; n++) {
		bool *seen = s[n] == '\n' ? &lf : s[n] == '\r' ? &cr : s[n] == '\0' ? &nul : NULL;

		if (!seen || *seen)
			break;
		*seen = true;
	}
	return n;
}

static size_t line_length(const char *s, size_t left)
{
	size_t n = 0;

	while (n < left && s[n] != '\n' && s[n] != '\r' && s[n] != '\0')
		n++;
	return n;
}

/* Does the line end in a backslash that is not escaped itself? */
static bool continues(const char *s, size_t n)
{
	bool escaped = false;
	size_t i;

	for (i = 0; i < n; i++)
		escaped = !escaped && s[i] == '\\';
	return escaped;
}

/* Adds one physical line to the logical one; true when that is complete. */
static bool add_physical(struct strbuf *logical, const char *l, size_t n, bool *continuation)
{
	bool more;

	while (n && strchr(WHITESPACE, *l)) {
		l++;
		n--;
	}
	/* Comments are left out even between the lines of a continuation. */
	if (n && strchr("#;", *l))
		return false;
	if (!*continuation)
		strbuf__reset(logical);
	strbuf__add(logical, l, n);
	more = continues(strbuf__str(logical), logical->len);
	if (more)
		logical->buf[logical->len - 1] = ' ';
	*continuation = more;
	return !more;
}

static int parse_lines(struct parser *ps, const char *text, size_t len, struct strbuf *logical)
{
	bool continuation = false;
	size_t at = 0, n;
	int r = 0;

	while (at < len && !r) {
		n = line_length(text + at, len - at);
		if (n + (continuation ? logical->len : 0) > UNITFILE_LINE_MAX)
			return -EBADMSG;
		if (add_physical(logical, text + at, n, &continuation) && logical->buf)
			r = logical_line(ps, logical->buf);
		if (logical->oom)
			return -ENOMEM;
		at += n;
		at += skip_eol(text + at, len - at);
	}
	if (!r && continuation)
		r = logical_line(ps, logical->buf);
	return r;
}

int unitfile__parse(const char *text, size_t len, unitfile_fn fn, void *arg)
{
	struct parser ps = { .fn = fn, .arg = arg };
	struct strbuf logical = { 0 };
	int r;

	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {
		text += 3;
		len -= 3;
	}
	r = parse_lines(&ps, text, len, &logical);
	strbuf__free(&logical);
	strbuf__free(&ps.section);
	return r;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c | 32) >= 'a' && (c | 32) <= 'f')
		return (c | 32) - 'a' + 10;
	return -1;
}

static void add_utf8(struct strbuf *out, unsigned long v)
{
	if (v < 0x80) {
		strbuf__addc(out, (char)v);
	} else if (v < 0x800) {
		strbuf__addc(out, (char)(0xc0 | v >> 6));
		strbuf__addc(out, (char)(0x80 | (v & 0x3f)));
	} else if (v < 0x10000) {
		strbuf__addc(out, (char)(0xe0 | v >> 12));
		strbuf__addc(out, (char)(0x80 | (v >> 6 & 0x3f)));
		strbuf__addc(out, (char)(0x80 | (v & 0x3f)));
	} else {
		strbuf__addc(out, (char)(0xf0 | v >> 18));
		strbuf__addc(out, (char)(0x80 | (v >> 12 & 0x3f)));
		strbuf__addc(out, (char)(0x80 | (v >> 6 & 0x3f)));
		strbuf__addc(out, (char)(0x80 | (v & 0x3f)));
	}
}

/* \xHH, \uHHHH, \UHHHHHHHH and \OOO; the number of characters used, or -EINVAL. */
static int numeric_escape(const char *p, struct strbuf *out)
{
	bool octal = *p >= '0' && *p <= '7';
	int digits = octal ? 3 : *p == 'x' ? 2 : *p == 'u' ? 4 : *p == 'U' ? 8 : 0;
	int first = octal ? 0 : 1, i;
	unsigned long v = 0;

	if (!digits)
		return -EINVAL;
	for (i = first; i < first + digits; i++) {
		int d = hex_value(p[i]);

		if (d < 0 || (octal && d > 7))
			return -EINVAL;
		v = v * (octal ? 8 : 16) + (unsigned long)d;
	}
	if (!v || (octal && v > 255))
		return -EINVAL;
	if (octal || *p == 'x') {
		strbuf__addc(out, (char)v);
	} else {
		if (v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
			return -EINVAL;
		add_utf8(out, v);
	}
	return first + digits;
}

/* cunescape_one(): what follows a backslash. */
static int escape(const char *p, struct strbuf *out)
{
	static const char from[] = "abfnrtv\\\"'s";
	static const char to[] = "\a\b\f\n\r\t\v\\\"' ";
	const char *hit = *p ? strchr(from, *p) : NULL;

	if (!hit)
		return numeric_escape(p, out);
	strbuf__addc(out, to[hit - from]);
	return 1;
}

int unitfile__next_word(const char **p, struct strbuf *word)
{
	const char *s = *p + strspn(*p, WHITESPACE);
	char quote = '\0';
	int n;

	strbuf__reset(word);
	if (!*s) {
		*p = s;
		return 0;
	}
	for (; *s; s++) {
		if (*s == '\\') {
			n = escape(s + 1, word);
			if (n < 0) { /* unknown: kept as it is, whatever follows */
				strbuf__addc(word, '\\');
				n = s[1] ? 1 : 0;
				strbuf__add(word, s + 1, (size_t)n);
			}
			s += n;
		} else if (quote ? *s == quote : *s == '\'' || *s == '"') {
			quote = quote ? '\0' : *s;
		} else if (!quote && strchr(WHITESPACE, *s)) {
			break;
		} else {
			strbuf__addc(word, *s);
		}
	}
	if (quote)
		return -EINVAL;
	*p = s + strspn(s, WHITESPACE);
	return word->oom ? -ENOMEM : 1;
}

int unitfile__boolean(const char *value)
{
	static const char *const yes[] = { "1", "yes", "y", "true", "t", "on" };
	static const char *const no[] = { "0", "no", "n", "false", "f", "off" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(yes); i++) {
		if (!strcasecmp(value, yes[i]))
			return 1;
		if (!strcasecmp(value, no[i]))
			return 0;
	}
	return -EINVAL;
}
