/* SPDX-License-Identifier: BSD-2-Clause */
/* Buffered writing to a descriptor. Failures stick, so that they are told once. */
#ifndef MS_SINK_OUT_H
#define MS_SINK_OUT_H

#include "base/strbuf.h"

struct out {
	struct strbuf buf; /* add to it, then out__commit() */
	int fd;
	int err; /* 0 or -errno of the first failure; nothing is written after it */
};

void out__init(struct out *o, int fd);
/* Writes what is left, then frees. Also the __cleanup function. */
void out__done(struct out *o);

/* Writes everything. 0 or the failure. */
int out__flush(struct out *o);
/* Writes when much has come together. 0 or the failure. */
int out__commit(struct out *o);

#endif
