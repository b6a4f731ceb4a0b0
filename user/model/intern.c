// SPDX-License-Identifier: BSD-2-Clause
/* Strings kept once, however many mounts have them. */
#include "model/intern.h"

enum { FIRST_SIZE = 256 };

static const struct intern_entry empty = { .refs = 1, .s = "" };

static struct intern_entry *entry_of(const char *s)
{
	return (struct intern_entry *)(uintptr_t)(s - offsetof(struct intern_entry, s));
}

static uint64_t mix(uint64_t a, uint64_t b)
{
	unsigned __int128 r = (unsigned __int128)a * b;

	return (uint64_t)r ^ (uint64_t)(r >> 64);
}

/*
 * Eight bytes a step (the idea is wyhash's). Where the table lies in memory is the seed: who chooses
 * the paths should not know which of them collide.
 */
static uint64_t hash_bytes(const struct intern *in, const char *s, size_t len)
{
	uint64_t h = (uint64_t)(uintptr_t)in ^ 0xa0761d6478bd642fULL ^ len, v;

	for (; len >= sizeof(v); s += sizeof(v), len -= sizeof(v)) {
		memcpy(&v, s, sizeof(v));
		h = mix(h ^ v, 0xe7037ed1a0b428dbULL);
	}
	v = 0;
	memcpy(&v, s, len);
	return mix(h ^ v, 0x8ebc6af09c88c6e3ULL);
}

static bool intern__grow(struct intern *in)
{
	size_t size = in->size ? in->size * 2 : FIRST_SIZE;
	struct intern_entry **v = calloc(size, sizeof(*v));

	if (!v)
		return false;
	for (size_t i = 0; i < in->size; i++) {
		struct intern_entry *e, *next;

		for (e = in->v[i]; e; e = next) {
			next = e->next;
			e->next = v[e->hash & (size - 1)];
			v[e->hash & (size - 1)] = e;
		}
	}
	free(in->v);
	in->v = v;
	in->size = size;
	return true;
}

const char *intern__get(struct intern *in, const char *s, size_t len)
{
	struct intern_entry *e, **bucket;
	uint64_t hash;

	if (!len)
		return empty.s;
	if (len > UINT32_MAX || (in->n >= in->size && !intern__grow(in) && !in->size))
		return NULL;
	hash = hash_bytes(in, s, len);
	bucket = &in->v[hash & (in->size - 1)];
	for (e = *bucket; e; e = e->next) {
		if (e->hash == hash && e->len == len && !memcmp(e->s, s, len)) {
			e->refs++;
			return e->s;
		}
	}
	e = malloc(sizeof(*e) + len + 1);
	if (!e)
		return NULL;
	*e = (struct intern_entry){ *bucket, hash, 1, (uint32_t)len };
	memcpy(e->s, s, len);
	e->s[len] = '\0';
	*bucket = e;
	in->n++;
	return e->s;
}

const char *intern__ref(const char *s)
{
	if (s != empty.s)
		entry_of(s)->refs++;
	return s;
}

void intern__put(struct intern *in, const char *s)
{
	struct intern_entry *e, **at;

	if (!s || s == empty.s)
		return;
	e = entry_of(s);
	if (--e->refs)
		return;
	at = &in->v[e->hash & (in->size - 1)];
	while (*at != e)
		at = &(*at)->next;
	*at = e->next;
	in->n--;
	free(e);
}

size_t intern__len(const char *s)
{
	return entry_of(s)->len;
}

const char *intern__empty(void)
{
	return empty.s;
}

void intern__free(struct intern *in)
{
	for (size_t i = 0; i < in->size; i++) {
		struct intern_entry *e, *next;

		for (e = in->v[i]; e; e = next) {
			next = e->next;
			free(e);
		}
	}
	free(in->v);
	*in = (struct intern){};
}
