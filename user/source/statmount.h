/* SPDX-License-Identifier: BSD-2-Clause */
/* One mount, or the ids of all, by statmount(2) and listmount(2) (6.8; of other namespaces 6.11). */
#ifndef MS_SOURCE_STATMOUNT_H
#define MS_SOURCE_STATMOUNT_H

#include <stddef.h>
#include <stdint.h>

#include "mountscope/event.h"

/* Room that every mount's record fits in. */
#define STATMOUNT_REC_MAX (UINT16_MAX + 1)

/*
 * Describes a mount as an effect of this kind and cause, with MS_EFF_ABS_PATH (the mountpoint as seen
 * from the root of its namespace, or of the caller where it is the caller's). ns_id: 0 is the
 * caller's namespace. Number, time, operation and ns_inum are the caller's to fill in. buf is aligned
 * for the record and buf_size long; *ret is in it. What the kernel does not tell is left out: with no
 * mountpoint the flag MS_EFF_NO_STRINGS is set.
 * -ENOSYS: this kernel has none; -ENOENT: the mount or namespace is gone; -ENOBUFS: buf is too small.
 */
int statmount__one(uint64_t ns_id, uint64_t unique_id, enum ms_effect_kind kind,
		   enum ms_cause cause, void *buf, size_t buf_size, struct ms_effect **ret);

/* Unique ids of all mounts of a namespace; *ret is freed by the caller. -ENOSYS as above. */
int listmount__ids(uint64_t ns_id, uint64_t **ret, size_t *ret_n);

#endif
