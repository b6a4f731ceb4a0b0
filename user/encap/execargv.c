// SPDX-License-Identifier: BSD-2-Clause
/* Builds the argument vector of a command as systemd's replace_env_argv() does. Pure. */
#include "encap/execline.h"
#include "encap/unitfile.h"

#define WHITESPACE " \t\n\r"

void argvec__free(struct argvec *a)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		free(a->v[i]);
	free(a->v);
	*a = (struct argvec){ 0 };
}

void argvec__add(struct argvec *a, const char *word)
{
	char **v = realloc(a->v, (a->n + 2) * sizeof(*v));
	char *copy = strdup(word);

	if (v)
		a->v = v;
	if (!v || !copy) {
		free(copy);
		a->oom = true;
		return;
	}
	v[a->n++] = copy;
	v[a->n] = NULL;
}

/* ${FOO} becomes the variable, $$ a dollar; anything else stays. */
static void replace_in_word(const char *word, env_fn env, void *arg, struct strbuf *out)
{
	struct strbuf name = { 0 };
	const char *end, *value;

	for (; *word; word++) {
		if (word[0] == '$' && word[1] == '$') {
			strbuf__addc(out, '$');
			word++;
		} else if (word[0] == '$' && word[1] == '{' && (end = strchr(word, '}'))) {
			strbuf__reset(&name);
			strbuf__add(&name, word + 2, (size_t)(end - word - 2));
			value = env(strbuf__str(&name), arg);
			strbuf__adds(out, value ? value : "");
			word = end;
		} else {
			strbuf__addc(out, *word);
		}
	}
	strbuf__free(&name);
}

/* A variable's value as several words: quotes removed, a backslash takes the next as it is. */
static void split_value(const char *s, struct argvec *out)
{
	struct strbuf word = { 0 };
	char quote;

	for (s += strspn(s, WHITESPACE); *s; s += strspn(s, WHITESPACE)) {
		strbuf__reset(&word);
		for (quote = '\0'; *s && (quote || !strchr(WHITESPACE, *s)); s++) {
			if (*s == '\\') {
				if (!s[1])
					continue;
				strbuf__addc(&word, *++s);
			} else if (quote ? *s == quote : *s == '\'' || *s == '"') {
				quote = quote ? '\0' : *s;
			} else {
				strbuf__addc(&word, *s);
			}
		}
		argvec__add(out, strbuf__str(&word));
	}
	strbuf__free(&word);
}

static void add_word(const char *word, bool expand, env_fn env, void *arg, struct argvec *out)
{
	struct strbuf b = { 0 };
	const char *value;

	if (!expand) {
		argvec__add(out, word);
		return;
	}
	if (word[0] == '$' && word[1] != '{' && word[1] != '$') {
		value = env(word + 1, arg);
		if (value)
			split_value(value, out);
		return;
	}
	replace_in_word(word, env, arg, &b);
	argvec__add(out, strbuf__str(&b));
	strbuf__free(&b);
}

/* Is the next word the escaped separator "\;"? */
static bool take_escaped_semicolon(const char **p)
{
	if (strncmp(*p, "\\;", 2) != 0 || ((*p)[2] && !strchr(WHITESPACE, (*p)[2])))
		return false;
	*p += 2;
	*p += strspn(*p, WHITESPACE);
	return true;
}

int exec_cmd__argv(const struct exec_cmd *c, env_fn env, void *arg, char **ret_path,
		   struct argvec *ret)
{
	bool expand = !(c->flags & EXEC_NO_EXPAND);
	char *rest __cleanup(freep) = strndup(c->rest ? c->rest : "", c->rest_len);
	char *path __cleanup(freep) = strdup(strbuf__str(&c->path));
	struct strbuf word = { 0 };
	struct argvec a = { 0 };
	const char *p = rest;
	int r = 1;

	if (!rest || !path)
		return -ENOMEM;
	if (!(c->flags & EXEC_ARGV0))
		argvec__add(&a, path);
	while (*p && r > 0) {
		if (take_escaped_semicolon(&p)) {
			argvec__add(&a, ";");
			continue;
		}
		r = unitfile__next_word(&p, &word);
		if (r > 0)
			add_word(strbuf__str(&word), expand, env, arg, &a);
	}
	if (r >= 0 && (a.oom || word.oom))
		r = -ENOMEM;
	if (r >= 0 && !a.n)
		r = -EINVAL;
	strbuf__free(&word);
	if (r < 0) {
		argvec__free(&a);
		return r;
	}
	*ret_path = take_ptr(path);
	*ret = a;
	return 0;
}
