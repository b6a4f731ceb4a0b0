// SPDX-License-Identifier: BSD-2-Clause
/* Memory that is given out piece by piece and taken back all at once. */
#include "model/arena.h"

#define CHUNK_BYTES 2048u

struct arena_chunk {
	struct arena_chunk *next;
	size_t used, size;
	_Alignas(max_align_t) char data[];
};

static struct arena_chunk *arena__grow(struct arena *a, size_t size)
{
	size_t bytes = max(size, (size_t)CHUNK_BYTES);
	struct arena_chunk *c = malloc(sizeof(*c) + bytes);

	if (!c)
		return NULL;
	*c = (struct arena_chunk){ .next = a->chunks, .size = bytes };
	a->chunks = c;
	a->total += bytes;
	return c;
}

void *arena__alloc(struct arena *a, size_t size)
{
	struct arena_chunk *c = a->chunks;
	void *p;

	if (size > SIZE_MAX / 2)
		return NULL;
	size = (size + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
	if (!c || c->size - c->used < size) {
		c = arena__grow(a, size);
		if (!c)
			return NULL;
	}
	p = c->data + c->used;
	c->used += size;
	return p;
}

char *arena__copy(struct arena *a, const void *data, size_t len)
{
	char *p = arena__alloc(a, len + 1);

	if (!p)
		return NULL;
	if (len)
		memcpy(p, data, len);
	p[len] = '\0';
	return p;
}

static void free_chunks(struct arena_chunk *c)
{
	while (c) {
		struct arena_chunk *next = c->next;

		free(c);
		c = next;
	}
}

void arena__reset(struct arena *a)
{
	if (!a->chunks)
		return;
	free_chunks(a->chunks->next);
	a->chunks->next = NULL;
	a->chunks->used = 0;
	a->total = a->chunks->size;
}

void arena__free(struct arena *a)
{
	free_chunks(a->chunks);
	*a = (struct arena){};
}
