/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that is given out piece by piece and taken back all at once. */
#ifndef MS_MODEL_ARENA_H
#define MS_MODEL_ARENA_H

#include "base/util.h"

struct arena_chunk;

/* Zero-initialised is empty. */
struct arena {
	struct arena_chunk *chunks; /* the one in use first */
	size_t total;		    /* bytes held */
};

/* Aligned for any type, not zeroed. NULL: no memory. */
void *arena__alloc(struct arena *a, size_t size);
/* A copy of len bytes with a NUL behind. NULL: no memory. */
char *arena__copy(struct arena *a, const void *data, size_t len);
/* Takes everything back, keeps one chunk for the next use. */
void arena__reset(struct arena *a);
void arena__free(struct arena *a);

#endif
