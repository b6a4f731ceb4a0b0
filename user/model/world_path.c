// SPDX-License-Identifier: BSD-2-Clause
/*
 * Whole paths, composed from the tree.
 *
 * A sick table is a stack: 65,535 mounts, each on the root of the one before. Walking it to the bottom
 * for each of them would be quadratic, so a mount on its parent's root remembers how far up the first
 * one is that is not: the stack is walked once, not once a mount. The memo is as good as the
 * namespace's epoch (world_impl.h); keeping it is why a const mount is written to here.
 */
#include "model/world_impl.h"

/* Why a walk up the tree ended. */
enum top {
	TOP_ROOT,	 /* at the reader's root, the root of a mount */
	TOP_BELOW_ROOT,	 /* at the mount that the reader's root is somewhere below */
	TOP_ABS,	 /* at a mount whose whole path is known */
	TOP_UNREACHABLE, /* outside of the reader's root */
	TOP_LOOP,
};

struct walk {
	const struct mnt *at;
	const struct mnt *top; /* where it ended; its own mountpoint counts with include_top */
	bool include_top;
	size_t len; /* of all mountpoints */
	size_t steps;
};

static bool on_parents_root(const struct mnt *m)
{
	return !m->mountpoint[0] && m->parent && !(m->flags & MS_EFF_ABS_PATH);
}

/* True when the walk ends at m. */
static bool ends_at(const struct mnt *m, struct walk *wk, enum top *ret)
{
	const struct mntns *ns = m->ns;
	bool at_root = ns->root_mnt_id && m->id == ns->root_mnt_id;

	wk->top = m;
	wk->include_top = true;
	if (at_root) {
		*ret = ns->root_path[0] ? TOP_BELOW_ROOT : TOP_ROOT;
		wk->include_top = false;
	} else if (m->flags & MS_EFF_ABS_PATH) {
		*ret = TOP_ABS;
	} else if (m->parent) {
		return false;
	} else if (!ns->root_mnt_id) {
		*ret = TOP_ROOT;
	} else if (m->parent_id == ns->root_mnt_id) {
		*ret = TOP_BELOW_ROOT;
	} else {
		/* A root that is nowhere in the mirror cannot tell what is outside of it. */
		*ret = world__mnt(ns_node_of(ns)->w, ns->root_mnt_id) ? TOP_UNREACHABLE : TOP_ROOT;
	}
	return true;
}

/* From m, which is on its parent's root, to the first mount up the tree that is not. NULL: a loop. */
static const struct mnt *skip_stack(const struct mnt *m, struct walk *wk)
{
	struct ns_node *ns = ns_node_of(m->ns);
	const struct mnt *at = m;
	struct node *end;

	while (on_parents_root(at) && at->id != ns->n.root_mnt_id) {
		struct node *nd = node_of(at);

		if (++wk->steps > ns->n.nr_mounts)
			return NULL;
		at = nd->epoch == ns->epoch ? &nd->skip->m : at->parent;
	}
	end = node_of(at);
	while (m != at) {
		struct node *nd = node_of(m);

		m = nd->epoch == ns->epoch ? &nd->skip->m : m->parent;
		nd->skip = end;
		nd->epoch = ns->epoch;
	}
	return at;
}

static enum top walk_up(const struct mnt *m, struct walk *wk)
{
	enum top top;

	for (wk->at = m; !ends_at(wk->at, wk, &top);) {
		if (on_parents_root(wk->at)) {
			wk->at = skip_stack(wk->at, wk);
			if (!wk->at)
				return TOP_LOOP;
			continue;
		}
		if (++wk->steps > m->ns->nr_mounts)
			return TOP_LOOP;
		wk->len += intern__len(wk->at->mountpoint);
		wk->at = wk->at->parent;
	}
	if (wk->include_top)
		wk->len += intern__len(wk->top->mountpoint);
	return top;
}

/* Mountpoints from m up to the top, written from the end of buf, which holds exactly them. */
static void fill_backwards(const struct mnt *m, const struct walk *wk, char *buf)
{
	char *at = buf + wk->len;
	size_t n;

	while (m != wk->top) {
		if (on_parents_root(m)) {
			m = &node_of(m)->skip->m;
			continue;
		}
		n = intern__len(m->mountpoint);
		at -= n;
		memcpy(at, m->mountpoint, n);
		m = m->parent;
	}
	if (wk->include_top)
		memcpy(buf, m->mountpoint, intern__len(m->mountpoint));
}

/* A reader whose root is a directory sees only what is below it, and that without its path. */
static bool strip_root(const struct mntns *ns, const char **path, size_t *len)
{
	size_t root_len = intern__len(ns->root_path);
	struct str s;

	if (!root_len)
		return true;
	if (!path__below(ns->root_path, root_len, *path, *len, &s))
		return false;
	*path = s.p;
	*len = s.len;
	return true;
}

bool world__path(const struct mnt *m, struct strbuf *sb)
{
	char small[512], *buf = small;
	struct walk wk = {};
	const char *path;
	bool ok = true;
	enum top top;

	if (!m->ns || !m->id)
		return false;
	top = walk_up(m, &wk);
	if (top == TOP_UNREACHABLE || top == TOP_LOOP ||
	    (top == TOP_BELOW_ROOT && m == wk.top && !wk.include_top))
		return false;
	if (wk.len > sizeof(small)) {
		buf = malloc(wk.len);
		if (!buf)
			return false;
	}
	fill_backwards(m, &wk, buf);
	path = buf;
	if (top == TOP_BELOW_ROOT)
		ok = strip_root(m->ns, &path, &wk.len);
	/* The whole path of a top is "/" when it is the root: nothing, if more follows. */
	if (ok && wk.len > 1 && path[0] == '/' && path[1] == '/')
		path++, wk.len--;
	if (ok)
		strbuf__add(sb, wk.len ? path : "/", wk.len ? wk.len : 1);
	if (buf != small)
		free(buf);
	return ok;
}
