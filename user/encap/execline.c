// SPDX-License-Identifier: BSD-2-Clause
/* Takes ExecStart= values apart as config_parse_exec() does, and wraps them. */
#include "encap/execline.h"

#include "encap/unitfile.h"

#define WHITESPACE " \t\n\r"

void exec_cmd__free(struct exec_cmd *c)
{
	strbuf__free(&c->prefix);
	strbuf__free(&c->path);
}

/* The flag of one more prefix character, or 0 where the path begins. */
static unsigned prefix_flag(char ch, unsigned have)
{
	unsigned privilege = have & (EXEC_PRIVILEGED | EXEC_NO_SETUID | EXEC_AMBIENT);

	switch (ch) {
	case '-':
		return have & EXEC_IGNORE_FAILURE ? 0 : EXEC_IGNORE_FAILURE;
	case '@':
		return have & EXEC_ARGV0 ? 0 : EXEC_ARGV0;
	case ':':
		return have & EXEC_NO_EXPAND ? 0 : EXEC_NO_EXPAND;
	case '|':
		return have & EXEC_SHELL ? 0 : EXEC_SHELL;
	case '+':
		return privilege ? 0 : EXEC_PRIVILEGED;
	case '!':
		if (privilege == EXEC_NO_SETUID)
			return EXEC_AMBIENT;
		return privilege ? 0 : EXEC_NO_SETUID;
	default:
		return 0;
	}
}

static const char *parse_prefix(struct exec_cmd *c, const char *word)
{
	unsigned f;

	for (; (f = prefix_flag(*word, c->flags)); word++) {
		if (f == EXEC_AMBIENT)
			c->flags &= ~(unsigned)EXEC_NO_SETUID;
		c->flags |= f;
		strbuf__addc(&c->prefix, *word);
	}
	return word;
}

/* Is this the unquoted word ";" or "\;"? Then its length. */
static size_t semicolon_at(const char *p, bool escaped)
{
	size_t n = escaped ? 2 : 1;

	if (strncmp(p, escaped ? "\\;" : ";", n) != 0)
		return 0;
	return !p[n] || strchr(WHITESPACE, p[n]) ? n : 0;
}

/* Skips the arguments up to the end or to a lone ";", which *ret_next is moved behind. */
static int skip_args(const char *p, const char **ret_end, const char **ret_next)
{
	struct strbuf word = { 0 };
	int r = 1;

	while (*p && r > 0) {
		size_t n = semicolon_at(p, true);

		if (semicolon_at(p, false))
			break;
		if (n)
			p += n + strspn(p + n, WHITESPACE);
		else
			r = unitfile__next_word(&p, &word);
	}
	strbuf__free(&word);
	if (r < 0)
		return r;
	*ret_end = p;
	*ret_next = semicolon_at(p, false) ? p + 1 + strspn(p + 1, WHITESPACE) : p;
	return 0;
}

static const char *path_problem(const char *path)
{
	if (!*path)
		return "the command is empty";
	/* What %-specifiers become is not known here. */
	if (*path == '%')
		return NULL;
	if (*path != '/' && strchr(path, '/'))
		return "the command's path is relative";
	if (path[strlen(path) - 1] == '/')
		return "the command's path ends in a slash";
	return NULL;
}

static int take_command(const char **p, struct exec_cmd *c, struct strbuf *word,
			const char **ret_why)
{
	const char *start, *path, *end, *next;
	size_t raw_len;
	int r;

	do { /* a lone ";" is no program */
		start = *p;
		r = unitfile__next_word(p, word);
	} while (r > 0 && !strcmp(strbuf__str(word), ";"));
	if (r <= 0) {
		*ret_why = "its quotes are not closed";
		return r;
	}
	start += strspn(start, WHITESPACE);
	raw_len = strcspn(start, WHITESPACE);
	path = parse_prefix(c, strbuf__str(word));
	strbuf__adds(&c->path, path);
	*ret_why = path_problem(path);
	if (*ret_why)
		return -EINVAL;
	if (raw_len == word->len && !memcmp(start, strbuf__str(word), raw_len)) {
		c->raw_path = start + c->prefix.len;
		c->raw_path_len = raw_len - c->prefix.len;
	}
	r = skip_args(*p, &end, &next);
	if (r) {
		*ret_why = "its quotes are not closed";
		return r;
	}
	c->rest = *p;
	c->rest_len = (size_t)(end - *p);
	*p = next;
	if (c->flags & EXEC_ARGV0 && !c->rest_len) {
		*ret_why = "with @ it needs an argv[0]";
		return -EINVAL;
	}
	return c->prefix.oom || c->path.oom ? -ENOMEM : 1;
}

int exec_cmd__next(const char **p, struct exec_cmd *c, const char **ret_why)
{
	struct strbuf word = { 0 };
	int r;

	exec_cmd__free(c);
	*c = (struct exec_cmd){ 0 };
	r = take_command(p, c, &word, ret_why);
	strbuf__free(&word);
	return r;
}

void execline__quote(struct strbuf *out, const char *word)
{
	bool plain = *word && !word[strcspn(word, " \t\n\r\"'\\;")];

	if (!plain)
		strbuf__addc(out, '"');
	for (; *word; word++) {
		unsigned char ch = (unsigned char)*word;

		if (ch < ' ' || ch == 0x7f)
			strbuf__addf(out, "\\x%02x", ch);
		else if (ch == '"' || ch == '\\')
			strbuf__addf(out, "\\%c", ch);
		else
			strbuf__addc(out, (char)ch);
	}
	if (!plain)
		strbuf__addc(out, '"');
}

/* systemd expands no variable in a program's path, but does so in an argument. */
static void add_path(const struct exec_cmd *c, struct strbuf *out)
{
	struct strbuf doubled = { 0 };
	const char *s;

	if (!strchr(strbuf__str(&c->path), '$') || c->flags & EXEC_NO_EXPAND) {
		/* As an argument a bare ";" would part two commands, and "\;" become it. */
		if (c->raw_path && *c->raw_path != ';' && *c->raw_path != '\\')
			strbuf__add(out, c->raw_path, c->raw_path_len);
		else
			execline__quote(out, strbuf__str(&c->path));
		return;
	}
	for (s = strbuf__str(&c->path); *s; s++) {
		if (*s == '$')
			strbuf__addc(&doubled, '$');
		strbuf__addc(&doubled, *s);
	}
	execline__quote(out, strbuf__str(&doubled));
	strbuf__free(&doubled);
}

static bool is_wrapper(const char *path)
{
	static const char *const names[] = { "kubensenter", "nsenterCms", "nsenterCmns" };
	const char *base = strrchr(path, '/');
	size_t i;

	base = base ? base + 1 : path;
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(base, names[i]))
			return true;
	return false;
}

static int wrap_one(const struct exec_cmd *c, const char *wrapper, struct strbuf *out,
		    const char **ret_why)
{
	const char *args = wrapper + strcspn(wrapper, " ");

	if (c->flags & EXEC_SHELL) {
		*ret_why =
			"prefix | runs it through a login shell, which has no place for a wrapper";
		return -EOPNOTSUPP;
	}
	if (is_wrapper(strbuf__str(&c->path))) {
		*ret_why = "it enters the namespace by itself";
		return -EALREADY;
	}
	strbuf__adds(out, strbuf__str(&c->prefix));
	strbuf__add(out, wrapper, (size_t)(args - wrapper));
	/* With @ the second word is argv[0]: give the wrapper its own, and let it pass the other on. */
	if (c->flags & EXEC_ARGV0)
		strbuf__adds(out, " kubensenter");
	strbuf__adds(out, args);
	if (c->flags & EXEC_ARGV0)
		strbuf__adds(out, " --argv0");
	strbuf__adds(out, " -- ");
	add_path(c, out);
	if (c->rest_len) {
		strbuf__addc(out, ' ');
		strbuf__add(out, c->rest, c->rest_len);
	}
	return 0;
}

int execline__wrap(const char *value, const char *wrapper, struct strbuf *out, const char **ret_why)
{
	struct exec_cmd c = { 0 };
	bool any = false;
	int r;

	while ((r = exec_cmd__next(&value, &c, ret_why)) > 0) {
		if (any) {
			if (out->len && out->buf[out->len - 1] != ' ')
				strbuf__addc(out, ' ');
			strbuf__adds(out, "; ");
		}
		any = true;
		r = wrap_one(&c, wrapper, out, ret_why);
		if (r)
			break;
	}
	exec_cmd__free(&c);
	if (r)
		return r;
	if (!any) {
		*ret_why = "it has no command";
		return -EINVAL;
	}
	return out->oom ? -ENOMEM : 0;
}

unsigned execline__common_flags(const char *value)
{
	struct exec_cmd c = { 0 };
	unsigned common = ~0U;
	const char *why;

	while (exec_cmd__next(&value, &c, &why) > 0)
		common &= c.flags;
	exec_cmd__free(&c);
	return common;
}
