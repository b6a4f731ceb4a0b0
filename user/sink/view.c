// SPDX-License-Identifier: BSD-2-Clause
/* What every sink of operations must know about the run and the reader. */
#include "sink/view.h"

void view__set_meta(struct view *v, const struct ms_meta *meta)
{
	v->realtime_offset_ns = meta->realtime_ns - meta->hdr.ktime_ns;
	v->start_ns = meta->hdr.ktime_ns;
	v->host_ns = meta->host_ns_inum;
	v->self_ns = meta->self_ns_inum;
	v->blind = meta->blind;
}

size_t view__add_ns(const struct view *v, uint32_t inum, struct strbuf *sb)
{
	size_t from = sb->len;

	if (!inum)
		strbuf__addc(sb, '-');
	else if (inum == v->host_ns)
		strbuf__adds(sb, "host");
	else
		strbuf__addu(sb, inum);
	return sb->len - from;
}
