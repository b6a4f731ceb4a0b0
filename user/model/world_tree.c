// SPDX-License-Identifier: BSD-2-Clause
/* Mounts of the mirror: memory, tables, the tree, and paths composed from it. */
#include "model/world_impl.h"

enum { FIRST_SIZE = 1024, SLAB_NODES = 256 };

struct slab {
	struct slab *next;
	struct node nodes[SLAB_NODES];
};

struct node *node__new(struct world *w)
{
	struct node *nd = w->free_nodes;

	if (!nd) {
		struct slab *s = malloc(sizeof(*s));

		if (!s)
			return NULL;
		s->next = w->slabs;
		w->slabs = s;
		for (size_t i = 0; i < SLAB_NODES; i++)
			s->nodes[i].skip = i + 1 < SLAB_NODES ? &s->nodes[i + 1] : NULL;
		nd = s->nodes;
	}
	w->free_nodes = nd->skip;
	*nd = (struct node){ .m = {
				     .mountpoint = intern__empty(),
				     .root = intern__empty(),
				     .fstype = intern__empty(),
				     .source = intern__empty(),
			     } };
	return nd;
}

static void node__free(struct world *w, struct node *nd)
{
	intern__put(&w->strings, nd->m.mountpoint);
	intern__put(&w->strings, nd->m.root);
	intern__put(&w->strings, nd->m.fstype);
	intern__put(&w->strings, nd->m.source);
	nd->skip = w->free_nodes;
	w->free_nodes = nd;
}

/* Ids count up: a multiplication spreads them, its high bits are the good ones. */
static size_t bucket_of(const struct world *w, uint64_t id)
{
	return (size_t)((id * 0x9e3779b97f4a7c15ULL) >> 32) & (w->size - 1);
}

static void push_hash(struct mnt **head, struct mnt *m)
{
	m->hash_next = *head;
	*head = m;
}

static void push_unique(struct mnt **head, struct mnt *m)
{
	m->unique_hash_next = *head;
	*head = m;
}

static void push_sibling(struct mnt **head, struct mnt *m)
{
	m->prev_sibling = NULL;
	m->next_sibling = *head;
	if (*head)
		(*head)->prev_sibling = m;
	*head = m;
}

static bool is_own_parent(const struct mnt *m)
{
	return !m->parent_id || m->parent_id == m->id;
}

static int world__grow(struct world *w)
{
	size_t old = w->size, size = old ? old * 2 : FIRST_SIZE;
	struct mnt **v = calloc(size * 3, sizeof(*v)), **by_id = w->by_id;

	if (!v)
		return old ? 0 : -ENOMEM;
	w->size = size;
	w->by_id = v;
	w->by_unique = v + size;
	w->orphans = v + 2 * size;
	for (struct mntns *ns = world__first_ns(w); ns; ns = ns->next) {
		for (struct mnt *m = ns->mounts; m; m = m->next_in_ns) {
			if (m->id)
				push_hash(&w->by_id[bucket_of(w, m->id)], m);
			if (m->unique_id)
				push_unique(&w->by_unique[bucket_of(w, m->unique_id)], m);
			if (!m->parent && !is_own_parent(m))
				push_sibling(&w->orphans[bucket_of(w, m->parent_id)], m);
		}
	}
	free(by_id);
	return 0;
}

struct mnt *world__mnt(const struct world *w, uint32_t mnt_id)
{
	struct mnt *m;

	if (!w->size || !mnt_id)
		return NULL;
	for (m = w->by_id[bucket_of(w, mnt_id)]; m && m->id != mnt_id; m = m->hash_next)
		;
	return m;
}

struct mnt *world__mnt_by_unique(const struct world *w, uint64_t unique_id)
{
	struct mnt *m;

	if (!w->size || !unique_id)
		return NULL;
	m = w->by_unique[bucket_of(w, unique_id)];
	while (m && m->unique_id != unique_id)
		m = m->unique_hash_next;
	return m;
}

/* Hangs a mount below its parent, or where it waits for it. */
static void link_up(struct world *w, struct mnt *m)
{
	struct mnt *p;

	m->parent = NULL;
	m->next_sibling = m->prev_sibling = NULL;
	if (is_own_parent(m))
		return;
	p = world__mnt(w, m->parent_id);
	if (p && p->ns == m->ns) {
		m->parent = p;
		push_sibling(&p->first_child, m);
	} else {
		push_sibling(&w->orphans[bucket_of(w, m->parent_id)], m);
	}
}

static void unlink_up(struct world *w, struct mnt *m)
{
	if (m->next_sibling)
		m->next_sibling->prev_sibling = m->prev_sibling;
	if (m->prev_sibling)
		m->prev_sibling->next_sibling = m->next_sibling;
	else if (m->parent)
		m->parent->first_child = m->next_sibling;
	else if (!is_own_parent(m))
		w->orphans[bucket_of(w, m->parent_id)] = m->next_sibling;
	m->parent = NULL;
	m->next_sibling = m->prev_sibling = NULL;
}

bool path__below(const char *parent, size_t parent_len, const char *path, size_t len,
		 struct str *ret)
{
	if (parent_len == 1) /* "/" */
		parent_len = 0;
	if (len == 1)
		len = 0;
	if (len < parent_len || memcmp(parent, path, parent_len))
		return false;
	if (len > parent_len && path[parent_len] != '/')
		return false;
	*ret = (struct str){ path + parent_len, len - parent_len };
	return true;
}

/* A whole path becomes the part below the parent, now that there is one. */
static void resolve_abs(struct world *w, struct mnt *m)
{
	struct strbuf sb __cleanup(strbuf__free) = {};
	const char *rel;
	struct str s;

	if (!m->parent || !(m->flags & MS_EFF_ABS_PATH) || !world__path(m->parent, &sb) || sb.oom)
		return;
	if (!path__below(sb.buf, sb.len, m->mountpoint, intern__len(m->mountpoint), &s))
		return;
	rel = intern__get(&w->strings, s.p, s.len);
	if (!rel)
		return;
	intern__put(&w->strings, m->mountpoint);
	m->mountpoint = rel;
	m->flags &= (uint16_t)~MS_EFF_ABS_PATH;
}

/* Mounts that waited for m come below it. */
static void adopt_orphans(struct world *w, struct mnt *m)
{
	struct mnt *o, *next;

	if (!m->id)
		return;
	for (o = w->orphans[bucket_of(w, m->id)]; o; o = next) {
		next = o->next_sibling;
		if (o->parent_id != m->id || o->ns != m->ns)
			continue;
		unlink_up(w, o);
		o->parent = m;
		push_sibling(&m->first_child, o);
		/* No new epoch: memos that end at o go on from there. */
		resolve_abs(w, o);
	}
}

int world__insert(struct world *w, struct node *nd, struct ns_node *ns)
{
	struct mnt *m = &nd->m;

	if (w->nr_mounts >= w->size && world__grow(w)) {
		node__free(w, nd);
		return -ENOMEM;
	}
	m->ns = &ns->n;
	m->ns_inum = ns->n.inum;
	m->prev_in_ns = NULL;
	m->next_in_ns = ns->n.mounts;
	if (ns->n.mounts)
		ns->n.mounts->prev_in_ns = m;
	ns->n.mounts = m;
	ns->n.nr_mounts++;
	w->nr_mounts++;
	if (m->id)
		push_hash(&w->by_id[bucket_of(w, m->id)], m);
	if (m->unique_id)
		push_unique(&w->by_unique[bucket_of(w, m->unique_id)], m);
	link_up(w, m);
	resolve_abs(w, m);
	adopt_orphans(w, m);
	return 0;
}

static void unhash_unique(struct world *w, struct mnt *m)
{
	struct mnt **at;

	if (!m->unique_id)
		return;
	at = &w->by_unique[bucket_of(w, m->unique_id)];
	while (*at != m)
		at = &(*at)->unique_hash_next;
	*at = m->unique_hash_next;
}

static void unhash_id(struct world *w, struct mnt *m)
{
	struct mnt **at;

	if (!m->id)
		return;
	at = &w->by_id[bucket_of(w, m->id)];
	while (*at != m)
		at = &(*at)->hash_next;
	*at = m->hash_next;
}

void world__set_unique(struct world *w, struct mnt *m, uint64_t unique_id)
{
	if (m->unique_id == unique_id)
		return;
	unhash_unique(w, m);
	m->unique_id = unique_id;
	if (unique_id)
		push_unique(&w->by_unique[bucket_of(w, unique_id)], m);
}

void world__set_root(struct ns_node *ns, uint32_t root_mnt_id, const char *root_path)
{
	intern__put(&ns->w->strings, ns->n.root_path);
	ns->n.root_mnt_id = root_mnt_id;
	ns->n.root_path = root_path;
	ns->epoch++;
}

void world__drop(struct world *w, struct mnt *m)
{
	struct ns_node *ns = ns_node_of(m->ns);
	struct mnt *child;

	if (m->first_child)
		ns->epoch++;
	while ((child = m->first_child)) {
		unlink_up(w, child);
		push_sibling(&w->orphans[bucket_of(w, m->id)], child);
	}
	unlink_up(w, m);
	unhash_id(w, m);
	unhash_unique(w, m);
	if (m->next_in_ns)
		m->next_in_ns->prev_in_ns = m->prev_in_ns;
	if (m->prev_in_ns)
		m->prev_in_ns->next_in_ns = m->next_in_ns;
	else
		ns->n.mounts = m->next_in_ns;
	ns->n.nr_mounts--;
	w->nr_mounts--;
	if (m->id && m->id == ns->n.root_mnt_id)
		world__set_root(ns, 0, intern__empty());
	node__free(w, node_of(m));
}

void world__drop_all(struct world *w, struct ns_node *ns)
{
	while (ns->n.mounts)
		world__drop(w, ns->n.mounts);
}

void world__replace(struct world *w, struct mnt *m, uint32_t parent_id, const char *mountpoint,
		    bool abs)
{
	struct ns_node *ns = ns_node_of(m->ns);
	bool moved = parent_id != m->parent_id;

	/* After pivot_root(2) the reader's root is another mount: whichever is at the top now. */
	if (moved && m->id == ns->n.root_mnt_id)
		world__set_root(ns, 0, intern__empty());
	intern__put(&w->strings, m->mountpoint);
	m->mountpoint = mountpoint;
	m->flags = (uint16_t)((m->flags & ~MS_EFF_ABS_PATH) | (abs ? MS_EFF_ABS_PATH : 0));
	node_of(m)->epoch = 0;
	if (m->first_child)
		ns->epoch++;
	if (moved) {
		unlink_up(w, m);
		m->parent_id = parent_id;
		link_up(w, m);
	}
	resolve_abs(w, m);
}

void world__free_tree(struct world *w)
{
	struct slab *s, *next;

	for (s = w->slabs; s; s = next) {
		next = s->next;
		free(s);
	}
	free(w->by_id);
}
