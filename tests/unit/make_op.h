/* SPDX-License-Identifier: BSD-2-Clause */
/* Operations for tests, whole or as records. */
#ifndef MS_TESTS_MAKE_OP_H
#define MS_TESTS_MAKE_OP_H

#include "make_rec.h"

/* What a test says of an operation; strings may be NULL. */
struct opx {
	unsigned kind, flags;
	uint64_t op_id, start, end, sys_flags;
	uint32_t ns, pid, nr_effects, before, after, max;
	int ret;
	const char *comm, *source, *target, *fstype;
};

const struct ms_hdr *make_op(struct rec *r, struct opx x);
const struct ms_hdr *make_op_effect(struct rec *r, uint64_t op_id, unsigned cause, uint32_t origin,
				    struct fx f);
const struct ms_hdr *make_op_storm(struct rec *r, uint64_t op_id, struct ms_storm s);

#endif
