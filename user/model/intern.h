/* SPDX-License-Identifier: BSD-2-Clause */
/* Strings kept once, however many mounts have them. */
#ifndef MS_MODEL_INTERN_H
#define MS_MODEL_INTERN_H

#include "base/util.h"

struct intern_entry {
	struct intern_entry *next;
	uint64_t hash;
	uint32_t refs;
	uint32_t len;
	char s[];
};

/* Zero-initialised is empty. */
struct intern {
	struct intern_entry **v;
	size_t size; /* of v, a power of two */
	size_t n;
};

/*
 * The string, NUL-terminated, one reference of it the caller's; NULL: no memory. The string lives
 * until every reference was put back. Equal strings have equal pointers.
 */
const char *intern__get(struct intern *in, const char *s, size_t len);
const char *intern__ref(const char *s);		    /* one more reference to an interned string */
void intern__put(struct intern *in, const char *s); /* NULL is fine */
size_t intern__len(const char *s);		    /* of an interned string */
const char *intern__empty(void);		    /* "": never freed, needs no reference */
void intern__free(struct intern *in);		    /* with all strings */

#endif
