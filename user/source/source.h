/* SPDX-License-Identifier: BSD-2-Clause */
/* Where records come from: this kernel, or a capture file. Both speak include/mountscope/event.h. */
#ifndef MS_SOURCE_SOURCE_H
#define MS_SOURCE_SOURCE_H

#include <stddef.h>

#include "mountscope/event.h"

/*
 * Called once a record, in order. The record is only valid during the call, is size bytes long, and
 * rec->size == size >= sizeof(struct ms_hdr) has been checked; nothing else has.
 * Returns 0 to go on, or another value that stops the source and is handed to its caller.
 */
typedef int (*record_fn)(void *arg, const struct ms_hdr *rec, size_t size);

#endif
