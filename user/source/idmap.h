/* SPDX-License-Identifier: BSD-2-Clause */
/* Mount ID -> unique mount ID in one namespace: mountinfo has only the one, fanotify only the other. */
#ifndef MS_SOURCE_IDMAP_H
#define MS_SOURCE_IDMAP_H

#include <stddef.h>
#include <stdint.h>

struct idmap;

/* Reads it by listmount(2) and statmount(2) (6.8; of another namespace 6.11). 0 or -errno. */
int idmap__read(uint64_t ns_id, struct idmap **ret);
void idmap__free(struct idmap *m);
void idmap__freep(struct idmap **m);

/* Whether one mount is in a namespace, at the least cost: 0 and its mount ID, or -errno. */
int idmap__one(uint64_t ns_id, uint64_t unique, uint32_t *ret_mnt_id);

/* 0: not in the namespace when it was read. */
uint64_t idmap__unique(const struct idmap *m, uint32_t mnt_id);

#endif
