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

static void table__free(struct table *t)
{
	while (t->n)
		free(t->v[--t->n].where);
	free(t->v);
}

/* Sorts the table and marks what is hidden by giving it the negative of its ID. */
static int table__read(struct table *t, const char *mountinfo)
{
	const struct entry *top = NULL;
	size_t i;
	int r = mnttab__for_each(mountinfo, add, t);

	if (t->n)
		qsort(t->v, t->n, sizeof(*t->v), by_parent_and_path);
	for (i = 0; !r && i < t->n; i++) {
		if (top && top->parent == t->v[i].parent && below(t->v[i].where, top->where))
			t->v[i].id = -t->v[i].id;
		else
			top = &t->v[i];
	}
	return r;
}

static bool hides(const struct table *t, const char *where)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (t->v[i].id < 0 && !strcmp(t->v[i].where, where))
			return true;
	return false;
}

int shadow__read(const char *mountinfo, const char *except, struct shadow_result *ret)
{
	struct table t = { 0 }, other = { 0 };
	size_t i;
	int r = table__read(&t, mountinfo);

	memset(ret, 0, sizeof(*ret));
	ret->mounts = (unsigned)t.n;
	if (!r && except)
		r = table__read(&other, except);
	for (i = 0; !r && i < t.n; i++) {
		if (t.v[i].id >= 0 || hides(&other, t.v[i].where))
			continue;
		if (!ret->shadowed++)
			(void)snprintf(ret->first, sizeof(ret->first), "%s", t.v[i].where);
	}
	table__free(&t);
	table__free(&other);
	return r;
}
