// SPDX-License-Identifier: BSD-2-Clause
/* One operation while it is being put together. */
#include "model/open_op.h"

#include "base/util.h"

#define MAX_OP_NS 65536u

void open_op__free(struct open_op *p)
{
	free(p->v);
	free(p->ns);
	arena__free(&p->arena);
	free(p);
}

void open_op__clear(struct open_op *p)
{
	memset(&p->o, 0, sizeof(p->o));
	p->n = 0;
	p->nr_ns = 0;
	p->ns_at = 0;
	p->main_rank = 0;
	arena__reset(&p->arena);
}

size_t open_op__bytes(const struct open_op *p)
{
	return p->cap * sizeof(*p->v) + p->cap_ns * sizeof(*p->ns) + p->arena.total;
}

static struct op_ns *find_ns(struct open_op *p, uint32_t inum)
{
	/* Copies visit namespaces in the same order again and again: the next one is a good guess. */
	for (size_t i = 0; i < p->nr_ns; i++) {
		size_t at = p->ns_at + i < p->nr_ns ? p->ns_at + i : p->ns_at + i - p->nr_ns;

		if (p->ns[at].inum == inum) {
			p->ns_at = at;
			return &p->ns[at];
		}
	}
	return NULL;
}

/* Doubles *v when n has reached *cap. */
static int grow(void **v, size_t n, size_t *cap, size_t each, size_t first)
{
	size_t want = *cap ? *cap * 2 : first;
	void *p;

	if (n < *cap)
		return 0;
	p = realloc(*v, want * each);
	if (!p)
		return -ENOMEM;
	*v = p;
	*cap = want;
	return 0;
}

int open_op__ns(struct open_op *p, uint32_t inum, uint64_t ns_id, struct op_ns **ret)
{
	struct op_ns *ns = find_ns(p, inum);
	void *v = p->ns;
	int err;

	*ret = ns;
	if (ns || p->nr_ns >= MAX_OP_NS)
		return 0;
	err = grow(&v, p->nr_ns, &p->cap_ns, sizeof(*p->ns), 4);
	if (err)
		return err;
	p->ns = v;
	p->ns_at = p->nr_ns;
	ns = &p->ns[p->nr_ns++];
	*ns = (struct op_ns){ .inum = inum, .ns_id = ns_id };
	*ret = ns;
	return 0;
}

int open_op__count(struct open_op *p, const struct ms_effect *e, uint32_t ns_inum)
{
	struct op_ns *ns = NULL;
	int err = ns_inum ? open_op__ns(p, ns_inum, e->ns_id, &ns) : 0;

	if (err)
		return err;
	p->o.nr_effects++;
	p->o.kinds[e->kind]++;
	p->o.causes[e->cause]++;
	if (!ns)
		p->o.ns_beyond++;
	else if (e->kind == MS_EFF_ATTACH)
		ns->attached++;
	else if (e->kind == MS_EFF_DETACH)
		ns->detached++;
	else
		ns->other++;
	return 0;
}

int open_op__count_storm(struct open_op *p, const struct ms_storm *s)
{
	uint32_t n = s->attached + s->detached + s->other;
	struct op_ns *ns;
	int err = open_op__ns(p, s->ns_inum, s->ns_id, &ns);

	if (err)
		return err;
	p->o.nr_effects += n;
	p->o.counted += n;
	p->o.kinds[MS_EFF_ATTACH] += s->attached;
	p->o.kinds[MS_EFF_DETACH] += s->detached;
	p->o.kinds[0] += s->other;
	if (!ns) {
		p->o.ns_beyond += n;
		return 0;
	}
	ns->attached += s->attached;
	ns->detached += s->detached;
	ns->other += s->other;
	ns->counted += n;
	ns->nr_mounts = s->nr_mounts;
	return 0;
}

/* How likely the operation is about this effect. Of equals the first is. */
static unsigned rank(const struct ms_effect *e)
{
	switch (e->cause) {
	case MS_CAUSE_DIRECT:
	case MS_CAUSE_LAZY:
		return 3;
	case MS_CAUSE_PROPAGATED:
		return 1;
	default:
		return 2;
	}
}

bool open_op__is_better(const struct open_op *p, const struct ms_effect *e)
{
	return rank(e) > p->main_rank;
}

static struct str str_of(const char *s)
{
	return s ? (struct str){ s, strlen(s) } : (struct str){ "", 0 };
}

static int copy_str(struct arena *arena, struct str from, struct str *to)
{
	*to = (struct str){ "", 0 };
	if (!from.len)
		return 0;
	to->p = arena__copy(arena, from.p, from.len);
	if (!to->p)
		return -ENOMEM;
	to->len = from.len;
	return 0;
}

/* Empty when it cannot be reached from the root of its namespace's reader. */
static int copy_path(struct describer *d, struct arena *arena, const struct mnt *m, struct str *to)
{
	strbuf__reset(&d->path);
	if (!m || !world__path(m, &d->path))
		return copy_str(arena, (struct str){ "", 0 }, to);
	if (d->path.oom)
		return -ENOMEM;
	return copy_str(arena, (struct str){ d->path.buf, d->path.len }, to);
}

/* The mirror knows it, or knew: then only the record does. */
static int describe(struct describer *d, struct arena *arena, const struct ms_effect *e,
		    const struct mnt *m, struct op_effect *ret)
{
	const struct mnt *origin;
	const struct ms_effect *same;
	struct effect_strings s = {};
	int err;

	if (m) {
		s.root = str_of(m->root);
		s.fstype = str_of(m->fstype);
		s.source = str_of(m->source);
	} else {
		err = decode__effect(&e->hdr, e->hdr.size, d->mp, d->root, &same, &s);
		if (err)
			return err;
	}
	err = copy_path(d, arena, m, &ret->path);
	if (!err && !ret->path.len && !m && e->flags & MS_EFF_ABS_PATH)
		err = copy_str(arena, s.mountpoint, &ret->path);
	if (!err)
		err = copy_str(arena, s.fstype, &ret->fstype);
	if (!err)
		err = copy_str(arena, s.source, &ret->source);
	if (err || !d->details)
		return err;
	err = copy_str(arena, s.root, &ret->root);
	if (err)
		return err;
	origin = e->origin_id ? world__mnt(d->world, e->origin_id) : NULL;
	ret->origin_ns = origin ? origin->ns_inum : 0;
	return copy_path(d, arena, origin, &ret->origin_path);
}

/*
 * A mount whose parent went within the same operation has no path in the mirror any more: it is below
 * the parent's. 1: that is so.
 */
static int path_below_gone_parent(struct open_op *p, struct op_effect *e, const struct mnt *m)
{
	struct str mountpoint = str_of(m->mountpoint);

	for (size_t i = p->n; i-- > 0;) {
		const struct op_effect *parent = &p->v[i];
		size_t len = parent->path.len;
		char *path;

		if (parent->rec->mnt_id != m->parent_id || !len ||
		    parent->rec->kind != MS_EFF_DETACH)
			continue;
		if (len == 1)
			len = 0; /* "/" + "/a" is "/a" */
		path = arena__alloc(&p->arena, len + mountpoint.len + 1);
		if (!path)
			return -ENOMEM;
		memcpy(path, parent->path.p, len);
		memcpy(path + len, mountpoint.p, mountpoint.len);
		e->path = (struct str){ path, len + mountpoint.len };
		return 1;
	}
	return 0;
}

/* A record that only names a mount is completed by what is known of it. */
static void fill_from_mirror(struct ms_effect *e, const struct mnt *m)
{
	e->ns_inum = m->ns_inum;
	e->ns_id = m->ns->ns_id;
	e->mnt_id = m->id;
	e->mnt_id_unique = m->unique_id;
	e->parent_id = m->parent_id;
	e->peer_group = m->peer_group;
	e->master_group = m->master_group;
	e->dev = m->dev;
	e->mnt_flags = m->mnt_flags;
	e->sb_flags = m->sb_flags;
	e->flags = m->flags & (MS_EFF_UNBINDABLE | MS_EFF_LOCKED | MS_EFF_MP_TRUNC |
			       MS_EFF_ROOT_TRUNC | MS_EFF_MP_UNLINKED | MS_EFF_ROOT_UNLINKED);
}

int open_op__keep(struct open_op *p, struct describer *d, const struct ms_effect *e,
		  const struct mnt *m)
{
	struct op_effect kept = {};
	struct ms_effect *rec;
	void *v = p->v;
	int err;

	rec = arena__alloc(&p->arena, sizeof(*rec));
	if (!rec)
		return -ENOMEM;
	memcpy(rec, e, sizeof(*rec));
	if (m && e->flags & MS_EFF_NO_DETAIL)
		fill_from_mirror(rec, m);
	kept.rec = rec;
	err = describe(d, &p->arena, e, m, &kept);
	if (!err && e->kind == MS_EFF_DETACH && m && !m->parent)
		err = path_below_gone_parent(p, &kept, m);
	if (err > 0)
		err = 0;
	if (!err)
		err = grow(&v, p->n, &p->cap, sizeof(*p->v), 2);
	if (err)
		return err;
	p->v = v;
	if (open_op__is_better(p, e)) {
		p->main = p->n;
		p->main_rank = rank(e);
	}
	p->v[p->n++] = kept;
	return 0;
}

void open_op__drop_kept(struct open_op *p)
{
	p->n = 0;
	p->main_rank = 0;
	arena__reset(&p->arena);
}

/* Kernel threads and namespace calls have mounts as a by-product: no path is their target. */
static bool has_target(unsigned kind)
{
	switch (kind) {
	case MS_OP_UNSHARE:
	case MS_OP_CLONE:
	case MS_OP_CLONE3:
	case MS_OP_SETNS:
	case MS_OP_NS_TEARDOWN:
		return false;
	default:
		return true;
	}
}

void open_op__finish(struct open_op *p, const struct ms_op *op, const struct op_strings *s)
{
	struct operation *o = &p->o;

	o->op = op;
	o->s = *s;
	o->effects = p->v;
	o->nr_kept = p->n;
	o->ns = p->ns;
	o->nr_ns = p->nr_ns;
	o->main = p->main_rank ? &p->v[p->main] : NULL;
	if (op->nr_effects > o->nr_effects)
		o->nr_lost = op->nr_effects - o->nr_effects;
	o->target = has_target(op->kind) ? s->target : (struct str){ "", 0 };
	if (op->ret >= 0 && has_target(op->kind) && o->main && o->main->path.len) {
		o->target = o->main->path;
		o->target_known = true;
	}
}
