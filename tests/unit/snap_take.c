// SPDX-License-Identifier: BSD-2-Clause
/* A receiver of snapshots that notes what came, for tests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "snap_take.h"

int take(void *arg, const struct ms_hdr *rec, size_t size)
{
	const struct ms_effect *e = (const struct ms_effect *)rec;
	const struct ms_snap *s = (const struct ms_snap *)rec;
	struct got *g = arg;

	assert_int_equal(rec->size, size);
	assert_int_equal((uintptr_t)rec % 8, 0);
	g->time = rec->ktime_ns;
	if (rec->type == MS_REC_SNAP_BEGIN)
		g->begins++, g->seq = s->seq;
	else if (rec->type == MS_REC_SNAP_END)
		g->ends++, g->end_err = s->err, g->end_flags = s->flags;
	else if (!g->mounts++)
		(void)snprintf(g->first, sizeof(g->first), "%.*s", e->mountpoint_len, e->data);
	if (g->w && world__apply(g->w, rec, size, NULL, NULL))
		return -EIO;
	return g->stop && g->mounts == 1 ? g->stop : 0;
}

const struct ns_ref *ref_of(const struct ns_list *l, uint32_t inum)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->v[i].inum == inum)
			return &l->v[i];
	}
	return NULL;
}
