/* SPDX-License-Identifier: BSD-2-Clause */
/* ExecStart= values: taking one apart, putting a wrapper in front of it, running one. Pure. */
#ifndef MS_ENCAP_EXECLINE_H
#define MS_ENCAP_EXECLINE_H

#include "base/strbuf.h"

enum {
	EXEC_IGNORE_FAILURE = 1 << 0, /* - */
	EXEC_ARGV0 = 1 << 1,	      /* @ */
	EXEC_NO_EXPAND = 1 << 2,      /* : */
	EXEC_PRIVILEGED = 1 << 3,     /* + */
	EXEC_NO_SETUID = 1 << 4,      /* ! */
	EXEC_AMBIENT = 1 << 5,	      /* !! */
	EXEC_SHELL = 1 << 6,	      /* |, since systemd 258 */
};

/* One command of a value; "a ; b" has two. */
struct exec_cmd {
	unsigned flags;
	struct strbuf prefix; /* as written */
	struct strbuf path;   /* the first word without its prefixes, decoded */
	const char *rest;     /* what follows it, as written */
	size_t rest_len;
	const char *raw_path; /* the first word as written when it needs no decoding, or NULL */
	size_t raw_path_len;
};

void exec_cmd__free(struct exec_cmd *c);

/*
 * Takes the next command off *p. 1: one, 0: no more; -EINVAL and *ret_why: systemd would refuse the value.
 */
int exec_cmd__next(const char **p, struct exec_cmd *c, const char **ret_why);

/*
 * Writes value with the wrapper in front of each command: prefixes stay first, the text behind stays as
 * it is. wrapper is what goes in front ("/usr/bin/kubensenter --service"), its first word a path. -EINVAL:
 * systemd would refuse the value; -EOPNOTSUPP: it cannot be wrapped (prefix |); -EALREADY: it is.
 */
int execline__wrap(const char *value, const char *wrapper, struct strbuf *out,
		   const char **ret_why);

/* The flags that all commands of the value share. */
unsigned execline__common_flags(const char *value);

/* Adds word to out so that unitfile__next_word() gives it back. */
void execline__quote(struct strbuf *out, const char *word);

/* A growing NULL-terminated argument vector. */
struct argvec {
	char **v;
	size_t n;
	bool oom;
};

void argvec__free(struct argvec *a);
void argvec__add(struct argvec *a, const char *word);

typedef const char *(*env_fn)(const char *name, void *arg);

/*
 * The argument vector systemd would execute for a command: words split, $FOO, ${FOO} and $$ replaced. *ret_path
 * is the program (owned by the caller), which with @ is not argv[0].
 */
int exec_cmd__argv(const struct exec_cmd *c, env_fn env, void *arg, char **ret_path,
		   struct argvec *ret);

#endif
