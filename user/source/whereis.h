/* SPDX-License-Identifier: BSD-2-Clause */
/* Unique mount ID -> mount ID and namespace, for events that name a mount that is gone. */
#ifndef MS_SOURCE_WHEREIS_H
#define MS_SOURCE_WHEREIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zero-initialised is empty. */
struct whereis {
	struct place {
		uint64_t unique; /* 0: free */
		uint32_t mnt_id;
		uint32_t ns_inum;
		uint32_t parent_id; /* when it was last told */
	} * v;
	size_t n, cap; /* cap: a power of two, or 0 */
};

void whereis__free(struct whereis *w);
int whereis__put(struct whereis *w, const struct place *p); /* 0 or -ENOMEM */
/* Takes a mount out; false: not in it. */
bool whereis__take(struct whereis *w, uint64_t unique, struct place *ret);
bool whereis__get(const struct whereis *w, uint64_t unique, struct place *ret);
void whereis__forget_ns(struct whereis *w, uint32_t ns_inum);

#endif
