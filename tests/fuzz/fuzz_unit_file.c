// SPDX-License-Identifier: BSD-2-Clause
/*
 * Any bytes as a unit file: refused or read; and whatever ExecStart= can be wrapped starts, wrapped, the very command it
 * would have started, with the very arguments.
 */
#include <stdint.h>

#include "encap/execline.h"
#include "encap/unit.h"
#include "encap/unitfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *env(const char *name, void *arg)
{
	(void)arg;
	return strlen(name) % 3 == 0 ? NULL : strlen(name) % 3 == 1 ? "v" : "two 'words here'";
}

/* Of the wrapped command, what stands behind "--" must be the path and arguments of the bare one. */
static void check_same(const struct exec_cmd *bare, const struct exec_cmd *wrapped)
{
	char *path = NULL, *wrapper = NULL;
	struct argvec a = { 0 }, b = { 0 };
	bool argv0 = bare->flags & EXEC_ARGV0;
	size_t skip = argv0 ? 4 : 3, i;
	int ra = exec_cmd__argv(bare, env, NULL, &path, &a);
	int rb = exec_cmd__argv(wrapped, env, NULL, &wrapper, &b);

	if (bare->flags != wrapped->flags)
		abort();
	/* An argv[0] that is a variable without a value leaves none: systemd refuses that when it starts. */
	if (!ra) {
		if (rb || strcmp(wrapper, "/k") || strcmp(b.v[skip - 1], "--") ||
		    strcmp(b.v[skip], path) || b.n != a.n + skip + argv0)
			abort();
		for (i = argv0 ? 0 : 1; i < a.n; i++)
			if (strcmp(b.v[skip + argv0 + i], a.v[i]) != 0)
				abort();
	}
	argvec__free(&a);
	argvec__free(&b);
	free(path);
	free(wrapper);
}

static void check_value(const char *value)
{
	struct exec_cmd bare = { 0 }, wrapped = { 0 };
	struct strbuf out = { 0 };
	const char *p = value, *q, *why = NULL;
	int r = execline__wrap(value, "/k --service", &out, &why);

	if (r && r != -ENOMEM && !why)
		abort(); /* every refusal has a reason */
	q = strbuf__str(&out);
	while (!r && exec_cmd__next(&p, &bare, &why) > 0) {
		if (exec_cmd__next(&q, &wrapped, &why) <= 0)
			abort();
		check_same(&bare, &wrapped);
	}
	if (!r && exec_cmd__next(&q, &wrapped, &why) != 0)
		abort();
	exec_cmd__free(&bare);
	exec_cmd__free(&wrapped);
	strbuf__free(&out);
}

static int assign(const char *section, const char *key, const char *value, void *arg)
{
	if (!utf8__is_valid(value) || strpbrk(value, "\n\r") || !*section + !*key > 1)
		abort();
	return unit__assign(section, key, value, arg);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct unit *u = unit__new();
	struct strbuf why = { 0 };
	char *text = malloc(size ? size : 1);
	size_t i;

	memcpy(text, data, size);
	(void)unitfile__parse(text, size, assign, u);
	for (i = 0; i < u->n_exec_start; i++)
		check_value(u->exec_start[i]);
	(void)unit__obstacles(u, 0, &why);
	strbuf__free(&why);
	unit__free(u);
	free(text);
	return 0;
}
