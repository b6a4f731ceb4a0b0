// SPDX-License-Identifier: BSD-2-Clause
/* Adds assignments up to a service. */
#include "encap/unit.h"

struct unit *unit__new(void)
{
	struct unit *u = calloc(1, sizeof(*u));

	if (u)
		u->cap_admin = u->cap_chroot = -1;
	return u;
}

static void clear_exec_start(struct unit *u)
{
	while (u->n_exec_start)
		free(u->exec_start[--u->n_exec_start]);
}

void unit__free(struct unit *u)
{
	size_t i;

	if (!u)
		return;
	clear_exec_start(u);
	free(u->exec_start);
	for (i = 0; i < ARRAY_SIZE(u->sandbox); i++)
		free(u->sandbox[i]);
	free(u);
}

void unit__freep(struct unit **u)
{
	unit__free(*u);
}

static void add_exec_start(struct unit *u, const char *value)
{
	char **v = realloc(u->exec_start, (u->n_exec_start + 1) * sizeof(*v));
	char *copy = strdup(value);

	if (v)
		u->exec_start = v;
	if (!v || !copy) {
		free(copy);
		u->oom = true;
		return;
	}
	v[u->n_exec_start++] = copy;
}

int unit__assign(const char *section, const char *key, const char *value, void *arg)
{
	struct unit *u = arg;

	if (strcmp(section, "Service") != 0)
		return 0;
	if (strcmp(key, "ExecStart") != 0)
		unit__assign_sandbox(u, key, value);
	else if (*value)
		add_exec_start(u, value);
	else
		clear_exec_start(u);
	return u->oom ? -ENOMEM : 0;
}
