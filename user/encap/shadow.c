// SPDX-License-Identifier: BSD-2-Clause
/* Finds shadowed mounts in a mount table. */
#include "encap/shadow.h"

#include "encap/mnttab.h"

struct entry {
	int parent;
	int id;
	char *where;
};

struct table {
	struct entry *v;
	size_t n, cap;
};

static int add(const struct mnt_line *l, void *arg)
{
	struct table *t = arg;

	if (t->n == t->cap) {
		size_t cap = t->cap ? 2 * t->cap : 256;
		struct entry *v = realloc(t->v, cap * sizeof(*v));

		if (!v)
			return -ENOMEM;
		t->v = v;
		t->cap = cap;
	}
	t->v[t->n].where = strdup(l->where);
	if (!t->v[t->n].where)
		return -ENOMEM;
	t->v[t->n].parent = l->parent;
	t->v[t->n].id = l->id;
	t->n++;
	return 0;
}

/* By parent, then by path with '/' lowest, so that what lies below a directory follows it at once. */
static int by_parent_and_path(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	const unsigned char *p = (const unsigned char *)x->where;
	const unsigned char *q = (const unsigned char *)y->where;

	if (x->parent != y->parent)
		return x->parent < y->parent ? -1 : 1;
	while (*p && *p == *q) {
		p++;
		q++;
	}
	return (*p == '/' ? 1 : *p ? *p + 1 : 0) - (*q == '/' ? 1 : *q ? *q + 1 : 0);
}

static bool below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return !strncmp(path, dir, n) && path[n] == '/';
}

int shadow__read(const char *mountinfo, struct shadow_result *ret)
{
	struct table t = { 0 };
	const struct entry *top = NULL;
	size_t i;
	int r = mnttab__for_each(mountinfo, add, &t);

	memset(ret, 0, sizeof(*ret));
	if (t.n)
		qsort(t.v, t.n, sizeof(*t.v), by_parent_and_path);
	for (i = 0; !r && i < t.n; i++) {
		if (top && top->parent == t.v[i].parent && below(t.v[i].where, top->where)) {
			if (!ret->shadowed++)
				(void)snprintf(ret->first, sizeof(ret->first), "%s", t.v[i].where);
		} else {
			top = &t.v[i];
		}
	}
	ret->mounts = (unsigned)t.n;
	for (i = 0; i < t.n; i++)
		free(t.v[i].where);
	free(t.v);
	return r;
}
