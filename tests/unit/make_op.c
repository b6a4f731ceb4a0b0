// SPDX-License-Identifier: BSD-2-Clause
/* Operations for tests, whole or as records. */
#include "make_op.h"

#include <string.h>

#include "base/util.h"

const struct ms_hdr *make_op(struct rec *r, struct opx x)
{
	struct ms_op *op = (struct ms_op *)r->b;
	const char *strings[] = { x.source, x.target, x.fstype };
	__u16 *lengths[] = { &op->source_len, &op->target_len, &op->fstype_len };
	char *data = op->data;

	memset(op, 0, sizeof(*op));
	op->hdr = (struct ms_hdr){
		.type = MS_REC_OP, .tid = x.pid, .ktime_ns = x.start, .op_id = x.op_id
	};
	op->end_ns = x.end;
	op->kind = (__u16)x.kind;
	op->flags = (__u16)x.flags;
	op->ret = x.ret;
	op->ns_inum = x.ns;
	op->pid = x.pid;
	op->nr_effects = x.nr_effects;
	op->mounts_before = x.before;
	op->mounts_after = x.after;
	op->mount_max = x.max;
	op->sys_flags = x.sys_flags;
	op->dfd = -100;
	if (x.comm)
		memcpy(op->comm, x.comm, min(strlen(x.comm), sizeof(op->comm) - 1));
	for (size_t i = 0; i < ARRAY_SIZE(strings); i++) {
		size_t len = strings[i] ? strlen(strings[i]) : 0;

		if (len)
			memcpy(data, strings[i], len);
		*lengths[i] = (__u16)len;
		data += len;
	}
	op->hdr.size = (__u16)(data - r->b);
	return &op->hdr;
}

const struct ms_hdr *make_op_effect(struct rec *r, uint64_t op_id, unsigned cause, uint32_t origin,
				    struct fx f)
{
	struct ms_effect *e = (struct ms_effect *)make_effect(r, f);

	e->hdr.op_id = op_id;
	e->hdr.ktime_ns = f.seq * 1000;
	e->cause = (__u8)cause;
	e->origin_id = origin;
	return &e->hdr;
}

const struct ms_hdr *make_op_storm(struct rec *r, uint64_t op_id, struct ms_storm s)
{
	struct ms_storm *storm = (struct ms_storm *)r->b;

	*storm = s;
	storm->hdr =
		(struct ms_hdr){ .type = MS_REC_STORM, .size = sizeof(*storm), .op_id = op_id };
	return &storm->hdr;
}
