// SPDX-License-Identifier: BSD-2-Clause
/*
 * Snapshots: a namespace's table replaces what the mirror has of it.
 *
 * S is the number of the last effect before the table was read. A line of the table states its mount at
 * some moment after S, each line perhaps at another one. Effects up to S are in the table; later ones
 * may or may not be. Some records of later effects have been applied already when the snapshot comes
 * ("early"), the others come after it ("late"). So that all orders end in the same state:
 *
 *   - effects up to S that come after the snapshot are passed over (world.c compares snap_seq);
 *   - a mount that an early effect has touched (seq > S) is kept as it is: the line may be older than
 *     that effect, and whatever the line has from yet later ones comes as late effects;
 *   - a line whose mount an early effect has detached (there is a tomb of its id, seq > S) is left out;
 *   - a line whose id is known in another namespace, as of an effect after S, is left out;
 *   - every other mount is as the table says: added, changed, or dropped when it is not there.
 *
 * A late effect finds a mount that may have its values already: whole values, so nothing is lost.
 * A mount that the reader cannot see from its root (the hidden rootfs below it) is in no table; such
 * mounts stay while they hang together with the namespace's root.
 *
 * Mountpoints come as whole paths and are turned into paths below the parent's, for which the parent's
 * line is at hand, wherever in the table it stands. In a torn table (MS_SNAP_TORN) the parent may have
 * moved between the two lines: what the mirror knew is better then, and where it knew nothing the
 * namespace stays stale, to be read again.
 */
#include "base/util.h"
#include "model/world_impl.h"

struct change {
	enum ms_effect_kind kind;
	struct mnt *is;
	struct mnt was; /* of MOVE, PROPAGATION, ATTR; strings are referenced */
};

/* One snapshot being merged. */
struct merge {
	struct world *w;
	struct ns_node *ns;
	struct snap *s;
	uint32_t root_mnt_id;
	struct str root_path;
	bool torn;
	bool unsure; /* a mountpoint could not be told: stale */
	world_changed_fn changed;
	void *arg;
	struct change *changes;
	size_t nr_changes, cap_changes;
};

static bool is_early(const struct merge *g, const struct mnt *m)
{
	return m->seq > g->s->seq;
}

/* Lines of mounts that are gone since, by what has been applied already. */
static void leave_out_buried(struct merge *g)
{
	const struct world *w = g->w;
	uint64_t n = min(w->nr_tombs, (uint64_t)TOMBS);

	for (uint64_t i = 0; i < n; i++) {
		const struct tomb *t = &w->tombs[(w->nr_tombs - 1 - i) % TOMBS];
		struct line *l;

		if (t->seq <= g->s->seq || t->ns_inum != g->ns->n.inum)
			continue;
		l = snap__find(g->s, t->id);
		if (l)
			l->done = true;
	}
	/* Full, and none of them old: there were more. */
	if (n == TOMBS && w->tombs[w->nr_tombs % TOMBS].seq > g->s->seq)
		g->unsure = true;
}

/* Marks m and all mounts on it, in pre-order by the links alone: trees can be deep. */
static void mark_tree(struct mnt *top, uint32_t generation)
{
	struct mnt *m = top;

	while (m) {
		if (m->generation != generation && (m->generation = generation, m->first_child)) {
			m = m->first_child;
			continue;
		}
		while (m != top && !m->next_sibling)
			m = m->parent;
		m = m == top ? NULL : m->next_sibling;
	}
}

/*
 * Finds what a reader does not see: w->generation marks mounts that hang together with the
 * namespace's root, and w->generation + 1, laid over it, those below the reader's.
 */
static void mark_visible(struct merge *g)
{
	struct mnt *root = g->root_mnt_id ? world__mnt(g->w, g->root_mnt_id) : NULL;
	struct mnt *m;

	g->w->generation += 2;
	if (!root || root->ns != &g->ns->n)
		return;
	for (m = g->ns->n.mounts; m; m = m->next_in_ns) {
		if (m->flags & MS_EFF_NS_ROOT)
			mark_tree(m, g->w->generation);
	}
	mark_tree(root, g->w->generation + 1);
	if (g->root_path.len)
		root->generation = g->w->generation;
}

static bool is_hidden(const struct merge *g, const struct mnt *m)
{
	return m->generation == g->w->generation;
}

static bool is_another(const struct mnt *m, const struct line *l)
{
	return m->dev != l->dev || m->fstype != l->fstype ||
	       (m->unique_id && l->unique_id && m->unique_id != l->unique_id);
}

/* True when the table says that m, which it should show, is gone. */
static bool is_gone(const struct merge *g, const struct mnt *m)
{
	const struct line *l;

	if (is_early(g, m))
		return false;
	l = m->id ? snap__find(g->s, m->id) : NULL;
	if (l && !l->done)
		return is_another(m, l) && !(m->flags & (MS_EFF_NO_DETAIL | MS_EFF_NO_STRINGS));
	return !is_hidden(g, m);
}

/* Drops what is gone, telling of all before the first one goes: then paths can still be composed. */
static void drop_gone(struct merge *g)
{
	struct mnt *m, *next;

	for (m = g->ns->n.mounts; g->changed && m; m = m->next_in_ns) {
		if (is_gone(g, m))
			g->changed(g->arg, MS_EFF_DETACH, m, m);
	}
	for (m = g->ns->n.mounts; m; m = next) {
		next = m->next_in_ns;
		if (is_gone(g, m))
			world__drop(g->w, m);
	}
}

/* The id is known elsewhere: the newer knowledge counts. True: the line is the older. */
static bool is_elsewhere(struct merge *g, const struct line *l)
{
	struct mnt *m = world__mnt(g->w, l->id);

	if (!m || m->ns == &g->ns->n)
		return false;
	if (mnt__as_of(m) > g->s->seq)
		return true;
	if (g->changed)
		g->changed(g->arg, MS_EFF_DETACH, m, m);
	world__drop(g->w, m);
	return false;
}

static struct str line_mp(const struct merge *g, const struct line *l)
{
	return (struct str){ g->s->paths.buf + l->mp, l->mp_len };
}

static bool str__is(struct str s, const char *p, size_t len)
{
	return s.len == len && (!len || !memcmp(s.p, p, len));
}

/* A whole path whose parent is not in the table: a top, or below what the reader's root is below. */
static const char *place_of_top(struct merge *g, const struct line *l, const struct mnt *m,
				bool *abs)
{
	struct strbuf sb __cleanup(strbuf__free) = {};
	struct mnt *parent = world__mnt(g->w, l->parent_id);
	struct str mp = line_mp(g, l), rel;

	*abs = false;
	if (g->root_path.len && l->parent_id == g->root_mnt_id) {
		strbuf__add(&sb, g->root_path.p, g->root_path.len);
		if (mp.len > 1)
			strbuf__add(&sb, mp.p, mp.len);
		return sb.oom ? NULL : intern__get(&g->w->strings, sb.buf, sb.len);
	}
	if (m && m->parent_id == l->parent_id &&
	    (l->id == g->root_mnt_id || (world__path(m, &sb) && str__is(mp, sb.buf, sb.len)))) {
		*abs = m->flags & MS_EFF_ABS_PATH;
		return intern__ref(m->mountpoint);
	}
	strbuf__reset(&sb);
	if (parent && parent->id != l->id && parent->ns == &g->ns->n && world__path(parent, &sb) &&
	    path__below(sb.buf, sb.len, mp.p, mp.len, &rel))
		return intern__get(&g->w->strings, rel.p, rel.len);
	if (mp.len == 1)
		return intern__empty();
	*abs = true;
	return intern__get(&g->w->strings, mp.p, mp.len);
}

/*
 * The mountpoint of a line below its parent, a reference for the caller; NULL: no memory. m: what the
 * mirror has of the mount, or NULL.
 */
static const char *place_of(struct merge *g, const struct line *l, const struct mnt *m, bool *abs)
{
	const struct line *parent = l->parent_id == l->id ? NULL : snap__find(g->s, l->parent_id);
	struct str mp = line_mp(g, l), rel;

	*abs = false;
	if (!(l->flags & MS_EFF_ABS_PATH))
		return intern__get(&g->w->strings, mp.p, mp.len);
	if (!parent || !(parent->flags & MS_EFF_ABS_PATH))
		return place_of_top(g, l, m, abs);
	if (g->torn && g->ns->move_seq > g->s->seq) {
		/* Something above may have moved between the two lines. */
		if (m && m->parent_id == l->parent_id)
			return intern__ref(m->mountpoint);
		g->unsure = true;
	}
	if (path__below(g->s->paths.buf + parent->mp, parent->mp_len, mp.p, mp.len, &rel))
		return intern__get(&g->w->strings, rel.p, rel.len);
	if (m && m->parent_id == l->parent_id) {
		*abs = m->flags & MS_EFF_ABS_PATH;
		return intern__ref(m->mountpoint);
	}
	g->unsure = true;
	*abs = true;
	return intern__get(&g->w->strings, mp.p, mp.len);
}

static int note_change(struct merge *g, enum ms_effect_kind kind, struct mnt *is,
		       const struct mnt *was)
{
	struct change *c;

	if (!g->changed)
		return 0;
	if (g->nr_changes == g->cap_changes) {
		size_t cap = g->cap_changes ? g->cap_changes * 2 : 64;

		c = reallocarray(g->changes, cap, sizeof(*c));
		if (!c)
			return -ENOMEM;
		g->changes = c;
		g->cap_changes = cap;
	}
	c = &g->changes[g->nr_changes++];
	*c = (struct change){ .kind = kind, .is = is };
	if (!was)
		return 0;
	c->was = *was;
	(void)intern__ref(was->mountpoint);
	(void)intern__ref(was->root);
	(void)intern__ref(was->fstype);
	(void)intern__ref(was->source);
	c->was.parent = c->was.first_child = NULL;
	c->was.next_sibling = c->was.prev_sibling = c->was.next_in_ns = c->was.prev_in_ns = NULL;
	c->was.hash_next = c->was.unique_hash_next = NULL;
	return 0;
}

static void tell_changes(struct merge *g)
{
	for (size_t i = 0; i < g->nr_changes; i++) {
		struct change *c = &g->changes[i];

		g->changed(g->arg, c->kind, c->was.id ? &c->was : NULL, c->is);
	}
	for (size_t i = 0; i < g->nr_changes; i++) {
		if (!g->changes[i].was.id)
			continue;
		intern__put(&g->w->strings, g->changes[i].was.mountpoint);
		intern__put(&g->w->strings, g->changes[i].was.root);
		intern__put(&g->w->strings, g->changes[i].was.fstype);
		intern__put(&g->w->strings, g->changes[i].was.source);
	}
	free(g->changes);
}

static void set_string(struct world *w, const char **at, const char *s)
{
	(void)intern__ref(s);
	intern__put(&w->strings, *at);
	*at = s;
}

/* Everything of a line but its place. */
static void take_line(struct world *w, struct mnt *m, const struct line *l)
{
	static const uint16_t stays = MS_EFF_ABS_PATH | MS_EFF_MP_UNLINKED | MS_EFF_LOCKED;
	static const uint16_t comes = MS_EFF_UNBINDABLE | MS_EFF_ROOT_UNLINKED | MS_EFF_NS_ROOT;

	m->peer_group = l->peer_group;
	m->master_group = l->master_group;
	m->dev = l->dev;
	m->mnt_flags = l->mnt_flags;
	/* A table tells of the superblock's flags only whether it is read-only. */
	m->sb_flags = (m->sb_flags & ~1U) | l->sb_flags;
	m->flags = (uint16_t)((m->flags & stays) | (l->flags & comes) |
			      (l->parent_id == l->id ? MS_EFF_NS_ROOT : 0));
	set_string(w, &m->root, l->root);
	set_string(w, &m->fstype, l->fstype);
	set_string(w, &m->source, l->source);
	if (l->unique_id)
		world__set_unique(w, m, l->unique_id);
}

static int note_differences(struct merge *g, struct mnt *m, const struct line *l, const char *place,
			    bool abs)
{
	static const uint16_t partial = MS_EFF_NO_DETAIL | MS_EFF_NO_STRINGS | MS_EFF_MP_TRUNC;
	bool moved = m->parent_id != l->parent_id ||
		     ((m->mountpoint != place || abs != !!(m->flags & MS_EFF_ABS_PATH)) &&
		      !(m->flags & partial));
	int err = 0;

	if (moved)
		err = note_change(g, MS_EFF_MOVE, m, m);
	if (!err && (m->peer_group != l->peer_group || m->master_group != l->master_group ||
		     ((m->flags ^ l->flags) & MS_EFF_UNBINDABLE)))
		err = note_change(g, MS_EFF_PROPAGATION, m, m);
	if (!err && (m->mnt_flags != l->mnt_flags || ((m->sb_flags ^ l->sb_flags) & 1)))
		err = note_change(g, MS_EFF_ATTR, m, m);
	return err;
}

static int update_from_line(struct merge *g, struct mnt *m, const struct line *l)
{
	static const uint16_t partial = MS_EFF_NO_DETAIL | MS_EFF_NO_STRINGS;
	const char *place;
	bool abs;
	int err;

	if (is_early(g, m) && (!(m->flags & partial) || is_another(m, l)))
		return 0;
	place = place_of(g, l, m, &abs);
	if (!place)
		return -ENOMEM;
	err = is_early(g, m) ? 0 : note_differences(g, m, l, place, abs);
	take_line(g->w, m, l);
	if (m->parent_id == l->parent_id && m->mountpoint == place &&
	    abs == !!(m->flags & MS_EFF_ABS_PATH))
		intern__put(&g->w->strings, place);
	else
		world__replace(g->w, m, l->parent_id, place, abs);
	return err;
}

static int insert_from_line(struct merge *g, const struct line *l)
{
	struct node *nd;
	const char *place;
	bool abs;
	int err;

	place = place_of(g, l, NULL, &abs);
	if (!place)
		return -ENOMEM;
	nd = node__new(g->w);
	if (!nd) {
		intern__put(&g->w->strings, place);
		return -ENOMEM;
	}
	nd->m.id = l->id;
	nd->m.parent_id = l->parent_id;
	nd->m.mountpoint = place;
	nd->m.unique_id = l->unique_id;
	nd->m.flags = abs ? MS_EFF_ABS_PATH : 0;
	take_line(g->w, &nd->m, l);
	err = world__insert(g->w, nd, g->ns);
	return err ? err : note_change(g, MS_EFF_ATTACH, &nd->m, NULL);
}

static int merge_lines(struct merge *g)
{
	int err = 0;

	for (size_t i = 0; !err && i < g->s->n; i++) {
		const struct line *l = &g->s->lines[i];
		struct mnt *m = world__mnt(g->w, l->id);

		if (l->done)
			continue;
		if (m && m->ns == &g->ns->n)
			err = update_from_line(g, m, l);
		else if (!is_elsewhere(g, l))
			err = insert_from_line(g, l);
	}
	return err;
}

static int merge__run(struct merge *g, const struct ms_snap *rec)
{
	struct ns_node *ns = g->ns;
	const char *root_path;
	int err;

	root_path = intern__get(&g->w->strings, g->root_path.p, g->root_path.len);
	if (!root_path)
		return -ENOMEM;
	err = snap__index(g->s);
	if (err) {
		intern__put(&g->w->strings, root_path);
		return err;
	}
	leave_out_buried(g);
	mark_visible(g);
	drop_gone(g);
	world__set_root(ns, g->root_mnt_id, intern__ref(root_path));
	err = merge_lines(g);
	/* Again: when the root mount has moved, it was unset. */
	world__set_root(ns, g->root_mnt_id, root_path);
	tell_changes(g);
	if (err)
		return err;
	ns->n.snap_seq = g->s->seq;
	ns->n.listed = true;
	if (rec->user_ns_inum)
		ns->n.user_ns_inum = rec->user_ns_inum;
	if (rec->nr_mounts)
		ns->n.kernel_mounts = rec->nr_mounts;
	ns->n.stale = g->unsure || (ns->n.stale && ns->stale_seq > g->s->seq);
	ns->torn_until = 0;
	if (g->torn)
		ns->torn_until = rec->seq > g->s->seq ? rec->seq : UINT64_MAX;
	return 0;
}

int snap__merge(struct world *w, struct ns_node *ns, const struct ms_snap *rec,
		struct str root_path, world_changed_fn changed, void *arg)
{
	struct merge g = {
		.w = w,
		.ns = ns,
		.s = &w->snap,
		.root_mnt_id = rec->root_mnt_id,
		.root_path = root_path,
		.torn = rec->flags & MS_SNAP_TORN,
		.changed = changed,
		.arg = arg,
	};

	return merge__run(&g, rec);
}
