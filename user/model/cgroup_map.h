/* SPDX-License-Identifier: BSD-2-Clause */
/* Paths of cgroups by id, as MS_REC_CGROUP told them: they outlive the cgroups. Pure. */
#ifndef MS_MODEL_CGROUP_MAP_H
#define MS_MODEL_CGROUP_MAP_H

#include <stdint.h>

#include "decode/decode.h"

struct cgroup_map;

int cgroup_map__new(struct cgroup_map **ret);
void cgroup_map__free(struct cgroup_map *m);
void cgroup_map__freep(struct cgroup_map **m);

/* Other records are ignored. 0, -EBADMSG or -ENOMEM. Bounded: the newest path of a slot stays. */
int cgroup_map__apply(struct cgroup_map *m, const struct ms_hdr *rec, size_t size);
/* Empty when unknown. Valid until the next apply. */
struct str cgroup_map__path(const struct cgroup_map *m, uint64_t id);

#endif
