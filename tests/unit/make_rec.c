// SPDX-License-Identifier: BSD-2-Clause
/* Records for tests, made from what a test wants to say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "make_rec.h"

static char *put(char *at, const char *s, size_t n)
{
	memcpy(at, s, n);
	return at + n;
}

/* "/a/b" as "b\0a\0". */
static char *put_names(char *at, const char *path)
{
	size_t end = strlen(path);

	while (end) {
		size_t from = end;

		while (path[from - 1] != '/')
			from--;
		if (from < end) {
			at = put(at, path + from, end - from);
			*at++ = '\0';
		}
		end = from - 1;
	}
	return at;
}

const struct ms_hdr *make_effect(struct rec *r, struct fx f)
{
	struct ms_effect *e = (struct ms_effect *)r->b;
	char *at = e->data, *from = at;

	*e = (struct ms_effect){
		.hdr.type = MS_REC_EFFECT,
		.seq = f.seq,
		.ns_id = f.ns_id,
		.mnt_id_unique = f.unique,
		.ns_inum = f.ns,
		.mnt_id = f.id,
		.parent_id = f.parent,
		.peer_group = f.peer,
		.master_group = f.master,
		.dev = f.dev,
		.mnt_flags = f.mnt_flags,
		.sb_flags = f.sb_flags,
		.flags = (uint16_t)f.flags,
		.kind = (uint8_t)f.kind,
		.cause = MS_CAUSE_DIRECT,
	};
	f.mp = f.mp ? f.mp : "";
	f.root = f.root ? f.root : f.flags & MS_EFF_ABS_PATH ? "/" : "";
	f.fstype = f.fstype ? f.fstype : "";
	f.source = f.source ? f.source : "";
	if (f.flags & MS_EFF_ABS_PATH) {
		at = put(at, f.mp, strlen(f.mp));
		e->mountpoint_len = (uint16_t)(at - from);
		from = at;
		at = put(at, f.root, strlen(f.root));
	} else {
		at = put_names(at, f.mp);
		e->mountpoint_len = (uint16_t)(at - from);
		from = at;
		at = put_names(at, f.root);
	}
	e->root_len = (uint16_t)(at - from);
	e->fstype_len = (uint16_t)strlen(f.fstype);
	e->source_len = (uint16_t)strlen(f.source);
	at = put(at, f.fstype, e->fstype_len);
	at = put(at, f.source, e->source_len);
	e->hdr.size = (uint16_t)(at - r->b);
	return &e->hdr;
}

const struct ms_hdr *make_snap(struct rec *r, unsigned type, struct ms_snap s,
			       const char *root_path)
{
	struct ms_snap *out = (struct ms_snap *)r->b;
	size_t n = root_path ? strlen(root_path) : 0;

	s.hdr.type = (uint16_t)type;
	s.hdr.size = (uint16_t)(sizeof(s) + n);
	s.root_path_len = (uint16_t)n;
	memcpy(out, &s, sizeof(s));
	if (n)
		memcpy(out->data, root_path, n);
	return &out->hdr;
}

const struct ms_hdr *make_ns(struct rec *r, unsigned event, uint64_t seq, uint32_t inum,
			     uint64_t ns_id, uint32_t nr_mounts)
{
	struct ms_ns *ns = (struct ms_ns *)r->b;

	*ns = (struct ms_ns){
		.hdr = { .type = MS_REC_NS, .size = sizeof(*ns) },
		.seq = seq,
		.ns_id = ns_id,
		.ns_inum = inum,
		.nr_mounts = nr_mounts,
		.event = (uint8_t)event,
	};
	return &ns->hdr;
}

const struct ms_hdr *make_storm(struct rec *r, uint64_t seq, uint32_t inum, uint32_t nr_mounts)
{
	struct ms_storm *st = (struct ms_storm *)r->b;

	*st = (struct ms_storm){
		.hdr = { .type = MS_REC_STORM, .size = sizeof(*st) },
		.seq = seq,
		.ns_inum = inum,
		.nr_mounts = nr_mounts,
	};
	return &st->hdr;
}

void apply_rec(struct world *w, const struct ms_hdr *rec)
{
	assert_int_equal(world__apply(w, rec, rec->size, NULL, NULL), 0);
}

void apply_fx(struct world *w, struct fx f)
{
	static struct rec r;

	apply_rec(w, make_effect(&r, f));
}

void apply_snap(struct world *w, struct ms_snap s, const char *root_path, const struct fx *lines,
		size_t n, world_changed_fn changed, void *arg)
{
	static struct rec r;
	const struct ms_hdr *end;

	apply_rec(w, make_snap(&r, MS_REC_SNAP_BEGIN, s, root_path));
	for (size_t i = 0; i < n; i++) {
		struct fx f = lines[i];

		f.kind = MS_EFF_LISTED;
		f.ns = s.ns_inum;
		f.seq = 0;
		f.flags |= MS_EFF_ABS_PATH;
		apply_fx(w, f);
	}
	end = make_snap(&r, MS_REC_SNAP_END, s, root_path);
	assert_int_equal(world__apply(w, end, end->size, changed, arg), 0);
}

void apply_table(struct world *w, uint32_t ns, uint64_t seq, const struct fx *lines, size_t n)
{
	apply_snap(w, (struct ms_snap){ .seq = seq, .ns_inum = ns }, NULL, lines, n, NULL, NULL);
}

struct world *new_world(void)
{
	struct world *w = NULL;

	assert_int_equal(world__new(&w), 0);
	return w;
}

void assert_path(const struct world *w, uint32_t id, const char *want)
{
	struct strbuf sb __cleanup(strbuf__free) = {};
	const struct mnt *m = world__mnt(w, id);

	assert_non_null(m);
	if (!want) {
		assert_false(world__path(m, &sb));
		assert_int_equal(sb.len, 0);
		return;
	}
	assert_true(world__path(m, &sb));
	assert_string_equal(strbuf__str(&sb), want);
}
