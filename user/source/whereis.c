// SPDX-License-Identifier: BSD-2-Clause
/* Unique mount ID -> mount ID and namespace: open addressing, linear probing, no tombstones. */
#include "source/whereis.h"

#include "base/util.h"

static size_t home(const struct whereis *w, uint64_t unique)
{
	return (size_t)((unique * 0x9e3779b97f4a7c15ULL) >> 32) & (w->cap - 1);
}

void whereis__free(struct whereis *w)
{
	free(w->v);
	*w = (struct whereis){};
}

static size_t slot_of(const struct whereis *w, uint64_t unique)
{
	size_t i = home(w, unique);

	while (w->v[i].unique && w->v[i].unique != unique)
		i = (i + 1) & (w->cap - 1);
	return i;
}

static int grow(struct whereis *w)
{
	struct whereis bigger = { .cap = w->cap ? 2 * w->cap : 1024, .n = w->n };

	bigger.v = calloc(bigger.cap, sizeof(*bigger.v));
	if (!bigger.v)
		return -ENOMEM;
	for (size_t i = 0; i < w->cap; i++)
		if (w->v[i].unique)
			bigger.v[slot_of(&bigger, w->v[i].unique)] = w->v[i];
	free(w->v);
	*w = bigger;
	return 0;
}

int whereis__put(struct whereis *w, const struct place *p)
{
	size_t i;

	if (2 * (w->n + 1) > w->cap && grow(w))
		return -ENOMEM;
	i = slot_of(w, p->unique);
	w->n += !w->v[i].unique;
	w->v[i] = *p;
	return 0;
}

bool whereis__get(const struct whereis *w, uint64_t unique, struct place *ret)
{
	size_t i;

	if (!w->cap)
		return false;
	i = slot_of(w, unique);
	if (!w->v[i].unique)
		return false;
	*ret = w->v[i];
	return true;
}

/* Frees slot i and moves back what its being taken had pushed on. */
static void vacate(struct whereis *w, size_t i)
{
	size_t mask = w->cap - 1, j = i;

	w->n--;
	for (;;) {
		size_t h;

		j = (j + 1) & mask;
		if (!w->v[j].unique)
			break;
		h = home(w, w->v[j].unique);
		if (((j - h) & mask) >= ((j - i) & mask)) {
			w->v[i] = w->v[j];
			i = j;
		}
	}
	w->v[i].unique = 0;
}

bool whereis__take(struct whereis *w, uint64_t unique, struct place *ret)
{
	size_t i;

	if (!whereis__get(w, unique, ret))
		return false;
	i = slot_of(w, unique);
	vacate(w, i);
	return true;
}

void whereis__forget_ns(struct whereis *w, uint32_t ns_inum)
{
	for (size_t i = 0; i < w->cap;) {
		if (w->v[i].unique && w->v[i].ns_inum == ns_inum)
			vacate(w, i); /* another may stand here now */
		else
			i++;
	}
}
