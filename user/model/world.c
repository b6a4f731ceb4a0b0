// SPDX-License-Identifier: BSD-2-Clause
/*
 * The mirror: namespaces, and effects applied to mounts.
 *
 * What makes any order of effects and snapshots end in the same state: effects come in the order of
 * their seq and state whole values; a snapshot states its seq, up to which it holds everything. So an
 * effect that is not newer than what the mirror knows of the mount is old news and is passed over;
 * world_merge.c does the same the other way round.
 */
#include "model/world_impl.h"

#include "base/util.h"

int world__new(struct world **ret)
{
	struct world *w = calloc(1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	*ret = w;
	return 0;
}

void world__take_truth(struct world *w)
{
	w->truth = true;
}

void world__free(struct world *w)
{
	if (!w)
		return;
	for (struct ns_node *ns = w->first_ns, *next; ns; ns = next) {
		next = (struct ns_node *)ns->n.next;
		free(ns);
	}
	snap__free(w);
	intern__free(&w->strings);
	world__free_tree(w);
	free(w->tombs);
	free(w);
}

void world__freep(struct world **w)
{
	world__free(*w);
}

/*
 * The namespace that an effect is about; *ret is NULL when the effect is old news: the namespace's
 * snapshot holds it, or the namespace has ended since.
 */
static int ns_of_effect(struct world *w, const struct ms_effect *e, struct ns_node **ret)
{
	struct ns_node *ns;

	*ret = NULL;
	/* It may have gone before it could be read. */
	if (!e->ns_inum)
		return e->flags & MS_EFF_NO_DETAIL ? 0 : -EBADMSG;
	ns = world__ns_get(w, e->ns_inum, e->ns_id);
	if (!ns)
		return -ENOMEM;
	if (e->seq && world__ns_holds(ns, e->ns_id, e->seq - 1))
		return 0;
	if (ns->n.dead && e->ns_id && e->ns_id == ns->n.ns_id)
		return 0;
	if (ns->n.dead || ns_ids_differ(ns->n.ns_id, e->ns_id))
		world__ns_revive(w, ns, e->ns_id);
	world__know_ns_id(ns, e->ns_id, e->seq);
	*ret = ns;
	return 0;
}

/*
 * The mount that an effect is about, as the mirror has it. A mount that bears the number but is
 * another one was detached without our hearing of it, or its detach is still to come: it goes.
 * True: the effect is older than what is known, and must be left out.
 */
static bool find_mnt(struct world *w, const struct ms_effect *e, const struct ns_node *ns,
		     struct mnt **ret)
{
	struct mnt *u = world__mnt_by_unique(w, e->mnt_id_unique);
	struct mnt *m = e->mnt_id ? world__mnt(w, e->mnt_id) : u;

	if (m && (m->ns != &ns->n || ns_ids_differ(m->unique_id, e->mnt_id_unique))) {
		if (e->seq && e->seq <= mnt__as_of(m))
			return true;
		world__drop(w, m);
		m = NULL;
		u = world__mnt_by_unique(w, e->mnt_id_unique);
	}
	if (m && e->seq && e->seq < m->seq)
		return true;
	if (u && u != m)
		world__drop(w, u);
	*ret = m;
	return false;
}

struct new_strings {
	const char *mountpoint, *root, *fstype, *source;
};

static const char *intern_new(struct world *w, const char *old, struct str s)
{
	if (intern__len(old) == s.len && !memcmp(old, s.p, s.len))
		return intern__ref(old);
	return intern__get(&w->strings, s.p, s.len);
}

static void put_strings(struct world *w, struct new_strings *ns)
{
	intern__put(&w->strings, ns->mountpoint);
	intern__put(&w->strings, ns->root);
	intern__put(&w->strings, ns->fstype);
	intern__put(&w->strings, ns->source);
}

static int take_strings(struct world *w, const struct mnt *m, const struct effect_strings *s,
			struct new_strings *ret)
{
	struct new_strings ns = {
		.mountpoint = intern_new(w, m->mountpoint, s->mountpoint),
		.root = intern_new(w, m->root, s->root),
		.fstype = intern_new(w, m->fstype, s->fstype),
		.source = intern_new(w, m->source, s->source),
	};

	if (!ns.mountpoint || !ns.root || !ns.fstype || !ns.source) {
		put_strings(w, &ns);
		return -ENOMEM;
	}
	*ret = ns;
	return 0;
}

/* Everything but the place. */
static void set_fields(struct world *w, struct mnt *m, const struct ms_effect *e,
		       struct new_strings *ns)
{
	bool no_strings = e->flags & MS_EFF_NO_STRINGS;

	m->peer_group = e->peer_group;
	m->master_group = e->master_group;
	m->dev = e->dev;
	m->mnt_flags = e->mnt_flags & MS_MNT_VISIBLE;
	m->sb_flags = e->sb_flags;
	/* Whether its strings and the form of its mountpoint are known, the mount knows itself. */
	m->flags =
		(uint16_t)((e->flags & ~(MS_EFF_ABS_PATH | MS_EFF_NO_STRINGS)) |
			   (m->flags & (MS_EFF_ABS_PATH | (no_strings ? MS_EFF_NO_STRINGS : 0))));
	if (no_strings)
		return;
	intern__put(&w->strings, m->root);
	intern__put(&w->strings, m->fstype);
	intern__put(&w->strings, m->source);
	m->root = ns->root;
	m->fstype = ns->fstype;
	m->source = ns->source;
}

static int update_mnt(struct world *w, struct mnt *m, const struct ms_effect *e,
		      const struct effect_strings *s)
{
	bool abs = e->flags & MS_EFF_ABS_PATH, no_strings = e->flags & MS_EFF_NO_STRINGS;
	struct new_strings str = {};
	int err;

	world__set_unique(w, m, e->mnt_id_unique ? e->mnt_id_unique : m->unique_id);
	m->seq = max(m->seq, e->seq);
	if (e->flags & MS_EFF_NO_DETAIL)
		return 0;
	err = no_strings ? 0 : take_strings(w, m, s, &str);
	if (err)
		return err;
	set_fields(w, m, e, &str);
	if (no_strings) {
		str.mountpoint = intern__ref(m->mountpoint);
		abs = m->flags & MS_EFF_ABS_PATH;
	}
	if (m->parent_id == e->parent_id && m->mountpoint == str.mountpoint &&
	    abs == !!(m->flags & MS_EFF_ABS_PATH)) {
		intern__put(&w->strings, str.mountpoint);
		return 0;
	}
	world__replace(w, m, e->parent_id, str.mountpoint, abs);
	return 0;
}

static int insert_mnt(struct world *w, struct ns_node *ns, const struct ms_effect *e,
		      const struct effect_strings *s)
{
	struct node *nd = node__new(w);
	struct new_strings str = {};
	struct mnt *m;
	int err;

	if (!nd)
		return -ENOMEM;
	m = &nd->m;
	m->id = e->mnt_id;
	m->unique_id = e->mnt_id_unique;
	m->parent_id = e->parent_id;
	m->seq = e->seq;
	/* Even of a mount without details or strings, what there is may be used. */
	err = take_strings(w, m, s, &str);
	if (!err) {
		m->mountpoint = str.mountpoint;
		m->flags = s->mountpoint.len ? e->flags & MS_EFF_ABS_PATH : 0;
		set_fields(w, m, e, &str);
		m->flags |= e->flags & MS_EFF_NO_STRINGS;
	}
	err = err ? err : world__insert(w, nd, ns);
	return err;
}

/* A move while a table was read: places of what is below may have been composed wrongly from that. */
static void mind_move(struct ns_node *ns, const struct mnt *m, const struct ms_effect *e)
{
	if (e->kind != MS_EFF_MOVE)
		return;
	ns->move_seq = max(ns->move_seq, e->seq);
	if (m && m->first_child && e->seq <= ns->torn_until)
		world__make_stale(ns, e->seq);
}

static int apply_state(struct world *w, const struct ms_hdr *rec, size_t size)
{
	const struct ms_effect *e;
	struct effect_strings s;
	struct ns_node *ns;
	struct mnt *m = NULL;
	int err;

	err = decode__effect(rec, size, w->mp, w->root, &e, &s);
	if (err)
		return err;
	if (!e->mnt_id && !e->mnt_id_unique)
		return -EBADMSG;
	err = ns_of_effect(w, e, &ns);
	if (err || !ns || find_mnt(w, e, ns, &m))
		return err;
	err = m ? update_mnt(w, m, e, &s) : insert_mnt(w, ns, e, &s);
	if (err)
		return err;
	mind_move(ns, world__mnt(w, e->mnt_id), e);
	if (ns->born_mounts && ns->n.nr_mounts >= ns->born_mounts)
		ns->n.listed = true;
	return 0;
}

/* Remembers a detach; the oldest is forgotten when there are TOMBS. */
static int bury(struct world *w, const struct ms_effect *e)
{
	if (!e->seq || !e->mnt_id)
		return 0;
	if (w->nr_tombs == w->cap_tombs && w->cap_tombs < TOMBS) {
		size_t cap = w->cap_tombs ? w->cap_tombs * 2 : 64;
		struct tomb *tombs = reallocarray(w->tombs, cap, sizeof(*tombs));

		if (!tombs)
			return -ENOMEM;
		w->tombs = tombs;
		w->cap_tombs = cap;
	}
	w->tombs[w->nr_tombs++ % TOMBS] = (struct tomb){ e->seq, e->mnt_id, e->ns_inum };
	return 0;
}

/* Who was detached is not known by this unique id: one of those in a table that we or others read. */
static int apply_detach_unknown(struct world *w, const struct ms_effect *e)
{
	struct ns_node *ns;

	if (e->mnt_id || !e->ns_inum)
		return 0;
	ns = world__ns_get(w, e->ns_inum, e->ns_id);
	if (!ns)
		return -ENOMEM;
	world__make_stale(ns, e->seq);
	return 0;
}

/*
 * True when the mount that bears the number is another one than was detached. After a snapshot, which
 * tells no unique ids, the one that the mirror has may be a former bearer's: then it is no evidence.
 */
static bool is_of_another(const struct ms_effect *e, const struct mnt *m)
{
	if (e->seq && e->seq <= m->seq)
		return e->seq < m->seq;
	if (e->ns_inum && m->ns_inum != e->ns_inum)
		return true;
	return ns_ids_differ(m->unique_id, e->mnt_id_unique) && m->seq > m->ns->snap_seq;
}

static int apply_detach(struct world *w, const struct ms_effect *e)
{
	struct mntns *ns;
	struct mnt *m;
	int err = bury(w, e);

	if (err)
		return err;
	ns = world__ns(w, e->ns_inum);
	if (ns && (ns->dead || (e->seq && e->seq <= ns->snap_seq)))
		return 0;
	m = e->mnt_id ? world__mnt(w, e->mnt_id) : world__mnt_by_unique(w, e->mnt_id_unique);
	if (!m)
		return apply_detach_unknown(w, e);
	if (!is_of_another(e, m))
		world__drop(w, m);
	return 0;
}

static int apply_storm(struct world *w, const struct ms_hdr *rec, size_t size)
{
	const struct ms_storm *st;
	struct ns_node *ns;
	int err;

	err = decode__storm(rec, size, &st);
	if (err)
		return err;
	if (!st->ns_inum)
		return -EBADMSG;
	w->last_seq = max(w->last_seq, st->seq);
	ns = world__ns_get(w, st->ns_inum, st->ns_id);
	if (!ns)
		return -ENOMEM;
	if (ns->n.dead || (st->seq && world__ns_holds(ns, st->ns_id, st->seq - 1)))
		return 0;
	world__make_stale(ns, st->seq);
	ns->n.kernel_mounts = st->nr_mounts;
	return 0;
}

/* Which kinds of loss may have been effects. What was lost is not told, so every namespace is suspect. */
static const bool loses_effects[MS_LOSS_NR] = {
	[MS_LOSS_RING] = true,	 [MS_LOSS_SCRATCH] = true,  [MS_LOSS_WALK] = true,
	[MS_LOSS_NS_MAP] = true, [MS_LOSS_FANOTIFY] = true,
};

static int apply_loss(struct world *w, const struct ms_hdr *rec, size_t size)
{
	const struct ms_loss *loss;
	bool more = false;
	int err;

	err = decode__loss(rec, size, &loss);
	if (err)
		return err;
	for (size_t i = 0; i < MS_LOSS_NR; i++) {
		if (loses_effects[i] && loss->lost[i] > w->lost[i])
			more = true;
		w->lost[i] = loss->lost[i];
	}
	for (struct mntns *ns = world__first_ns(w); more && ns; ns = ns->next)
		world__make_stale(ns_node_of(ns), w->last_seq);
	return 0;
}

static int apply_effect(struct world *w, const struct ms_hdr *rec, size_t size)
{
	const struct ms_effect *e;
	int err = decode__effect_ids(rec, size, &e);

	if (err)
		return err;
	if (e->kind == MS_EFF_LISTED)
		return snap__line(w, rec, size);
	if (w->truth)
		return 0;
	w->last_seq = max(w->last_seq, e->seq);
	return e->kind == MS_EFF_DETACH ? apply_detach(w, e) : apply_state(w, rec, size);
}

static int apply_snap(struct world *w, const struct ms_hdr *rec, size_t size,
		      world_changed_fn changed, void *arg)
{
	const struct ms_snap *snap;
	struct str root_path;
	int err = decode__snap(rec, size, &snap, &root_path);

	if (err)
		return err;
	if (!snap->ns_inum)
		return -EBADMSG;
	if (rec->type == MS_REC_SNAP_BEGIN)
		return snap__begin(w, snap);
	return snap__end(w, snap, root_path, changed, arg);
}

int world__apply(struct world *w, const struct ms_hdr *rec, size_t size, world_changed_fn changed,
		 void *arg)
{
	if (size < sizeof(*rec))
		return -EBADMSG;
	switch (rec->type) {
	case MS_REC_EFFECT:
		return apply_effect(w, rec, size);
	case MS_REC_SNAP_BEGIN:
	case MS_REC_SNAP_END:
		return apply_snap(w, rec, size, changed, arg);
	default:
		break;
	}
	if (w->truth)
		return 0;
	switch (rec->type) {
	case MS_REC_STORM:
		return apply_storm(w, rec, size);
	case MS_REC_NS:
		return world__apply_ns(w, rec, size);
	case MS_REC_LOSS:
		return apply_loss(w, rec, size);
	default:
		return 0;
	}
}
