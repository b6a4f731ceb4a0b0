// SPDX-License-Identifier: BSD-2-Clause
/*
 * Compares the mirror with a mount table as the kernel prints it.
 *
 * Whole mountpoints are not composed to be compared: where parents agree, mountpoints below them
 * agree exactly if the whole ones do, and one wrong mount is one difference, not one for each mount
 * on it. Paths are composed for what is printed.
 */
#include "model/verify.h"

#include <stdio.h>

#include "base/util.h"

struct cmp {
	const struct world *mirror;
	const struct world *truth;
	diff_fn fn;
	void *arg;
	size_t n;
};

static void tell(struct cmp *c, const struct diff *d)
{
	c->n++;
	if (c->fn)
		c->fn(c->arg, d);
}

static void tell_field(struct cmp *c, const struct mnt *want, const char *field, const char *w,
		       const char *g)
{
	struct diff d = { DIFF_FIELD, want->ns_inum, want->id, field, w, g };

	tell(c, &d);
}

static void tell_u32(struct cmp *c, const struct mnt *want, const char *field, uint32_t w,
		     uint32_t g)
{
	char ws[16], gs[16];

	(void)snprintf(ws, sizeof(ws), "%u", w);
	(void)snprintf(gs, sizeof(gs), "%u", g);
	tell_field(c, want, field, ws, gs);
}

static void tell_dev(struct cmp *c, const struct mnt *want, uint32_t w, uint32_t g)
{
	char ws[32], gs[32];

	(void)snprintf(ws, sizeof(ws), "%u:%u", w >> 20, w & 0xfffff);
	(void)snprintf(gs, sizeof(gs), "%u:%u", g >> 20, g & 0xfffff);
	tell_field(c, want, "device", ws, gs);
}

static void tell_flags(struct cmp *c, const struct mnt *want, uint32_t w, uint32_t g)
{
	static const char *const names[] = { "nosuid",	   "nodev",    "noexec", "noatime",
					     "nodiratime", "relatime", "ro",	 "nosymfollow" };
	char buf[2][96];
	uint32_t v[2] = { w, g };

	for (size_t i = 0; i < 2; i++) {
		size_t n = 0;

		buf[i][0] = '\0';
		for (size_t b = 0; b < ARRAY_SIZE(names); b++) {
			if (v[i] & 1U << b)
				n += (size_t)snprintf(buf[i] + n, sizeof(buf[i]) - n, "%s%s",
						      n ? "," : "", names[b]);
		}
	}
	tell_field(c, want, "flags", buf[0], buf[1]);
}

static void path_of(const struct mnt *m, struct strbuf *sb)
{
	if (!world__path(m, sb))
		strbuf__adds(sb, "(unreachable)");
}

static void tell_path(struct cmp *c, const struct mnt *want, const struct mnt *got)
{
	struct strbuf w __cleanup(strbuf__free) = {}, g __cleanup(strbuf__free) = {};

	path_of(want, &w);
	path_of(got, &g);
	tell_field(c, want, "mountpoint", strbuf__str(&w), strbuf__str(&g));
}

/* At the top of what the reader sees there is no parent to compare below: the whole path counts. */
static bool same_whole_path(const struct mnt *want, const struct mnt *got)
{
	struct strbuf w __cleanup(strbuf__free) = {}, g __cleanup(strbuf__free) = {};

	/* The reader's root is where the reader says it is. */
	if (want->id == want->ns->root_mnt_id)
		return true;
	path_of(want, &w);
	path_of(got, &g);
	return w.len == g.len && !strcmp(strbuf__str(&w), strbuf__str(&g));
}

static bool same_mountpoint(const struct mnt *want, const struct mnt *got)
{
	bool whole = (want->flags | got->flags) & MS_EFF_ABS_PATH;

	if (!whole && (want->parent_id == got->parent_id) &&
	    !strcmp(want->mountpoint, got->mountpoint))
		return true;
	if (!whole && want->parent && got->parent && want->parent_id == got->parent_id)
		return false;
	return same_whole_path(want, got);
}

/*
 * A table shows what the filesystem wants to show: nsfs and some others make the root up ("mnt:[1]"),
 * NFS always says "/", and a cgroup's is relative to the reader's cgroup namespace. The mirror has the
 * dentry's path.
 */
static bool same_root(const struct mnt *want, const struct mnt *got)
{
	if (!strcmp(want->root, got->root))
		return true;
	if (want->root[0] != '/' || got->root[0] != '/')
		return true;
	if (!strncmp(want->fstype, "nfs", 3) && !want->root[1])
		return true;
	return !strncmp(want->fstype, "cgroup", 6) && !strncmp(want->root, "/..", 3);
}

/* A device that was never named is printed as "none". */
static bool same_source(const char *want, const char *got)
{
	return !strcmp(want, got) || (!strcmp(want, "none") && !got[0]);
}

static void compare_mnt(struct cmp *c, const struct mnt *want, const struct mnt *got)
{
	if (want->parent_id != got->parent_id)
		tell_u32(c, want, "parent", want->parent_id, got->parent_id);
	if (!same_mountpoint(want, got))
		tell_path(c, want, got);
	if (!same_root(want, got))
		tell_field(c, want, "root", want->root, got->root);
	if (want->dev != got->dev)
		tell_dev(c, want, want->dev, got->dev);
	if (strcmp(want->fstype, got->fstype))
		tell_field(c, want, "fstype", want->fstype, got->fstype);
	if (!same_source(want->source, got->source))
		tell_field(c, want, "source", want->source, got->source);
	if (want->peer_group != got->peer_group)
		tell_u32(c, want, "peer group", want->peer_group, got->peer_group);
	if (want->master_group != got->master_group)
		tell_u32(c, want, "master", want->master_group, got->master_group);
	if ((want->flags ^ got->flags) & MS_EFF_UNBINDABLE)
		tell_u32(c, want, "unbindable", !!(want->flags & MS_EFF_UNBINDABLE),
			 !!(got->flags & MS_EFF_UNBINDABLE));
	if (want->mnt_flags != got->mnt_flags)
		tell_flags(c, want, want->mnt_flags, got->mnt_flags);
}

static const struct mnt *in_ns(const struct world *w, uint32_t id, uint32_t inum)
{
	const struct mnt *m = world__mnt(w, id);

	return m && m->ns_inum == inum ? m : NULL;
}

static void tell_mount(struct cmp *c, enum diff_kind kind, const struct mnt *m)
{
	struct strbuf path __cleanup(strbuf__free) = {};
	struct diff d = { .kind = kind, .ns_inum = m->ns_inum, .mnt_id = m->id };

	path_of(m, &path);
	if (kind == DIFF_MISSING)
		d.want = strbuf__str(&path);
	else
		d.got = strbuf__str(&path);
	tell(c, &d);
}

/*
 * Mounts on top that the mirror has and the table has not, in pre-order by the links alone. steps bounds
 * a tree that is not sound.
 */
static void tell_extra_below(struct cmp *c, const struct mnt *top, bool with_top)
{
	const struct mnt *m = top;
	size_t steps = 0;

	while (m && steps++ <= top->ns->nr_mounts) {
		if ((m != top || with_top) && m->id && !in_ns(c->truth, m->id, m->ns_inum))
			tell_mount(c, DIFF_EXTRA, m);
		if (m->first_child) {
			m = m->first_child;
			continue;
		}
		while (m != top && !m->next_sibling)
			m = m->parent;
		m = m == top ? NULL : m->next_sibling;
	}
}

/* A mount that hangs on nothing, and is not at the top where a hidden mount may be its parent. */
static bool is_adrift(const struct mnt *m, const struct mnt *truth_root)
{
	if (m->parent || m->parent_id == m->id || (m->flags & MS_EFF_NS_ROOT) || !m->id)
		return false;
	return !truth_root || m->parent_id != truth_root->parent_id;
}

static void compare_extra(struct cmp *c, const struct mntns *truth, const struct mntns *mirror)
{
	const struct mnt *root = in_ns(c->mirror, truth->root_mnt_id, mirror->inum), *m;
	const struct mnt *truth_root = in_ns(c->truth, truth->root_mnt_id, truth->inum);
	bool with_root = !truth->root_path[0];

	if (truth->root_mnt_id && root)
		tell_extra_below(c, root, with_root);
	for (m = mirror->mounts; m; m = m->next_in_ns) {
		if (m->parent || m == root || in_ns(c->truth, m->id, m->ns_inum) != NULL)
			continue;
		if (is_adrift(m, truth_root))
			tell_extra_below(c, m, true);
	}
	if (root)
		return;
	/* No root to start from: from each top that both have. */
	for (m = truth->mounts; m; m = m->next_in_ns) {
		const struct mnt *top = m->parent ? NULL : in_ns(c->mirror, m->id, m->ns_inum);

		if (top)
			tell_extra_below(c, top, true);
	}
}

static void compare_ns(struct cmp *c, const struct mntns *truth)
{
	const struct mntns *mirror = world__ns(c->mirror, truth->inum);
	struct diff d = { .kind = DIFF_NS_MISSING, .ns_inum = truth->inum };

	if (!mirror || mirror->dead) {
		tell(c, &d);
		return;
	}
	for (const struct mnt *m = truth->mounts; m; m = m->next_in_ns) {
		const struct mnt *got = in_ns(c->mirror, m->id, m->ns_inum);

		/* Known by its unique id only: no line of a table can be it. */
		if (!m->id)
			continue;
		if (got)
			compare_mnt(c, m, got);
		else
			tell_mount(c, DIFF_MISSING, m);
	}
	compare_extra(c, truth, mirror);
}

size_t verify__compare(const struct world *mirror, const struct world *truth, diff_fn fn, void *arg)
{
	struct cmp c = { mirror, truth, fn, arg, 0 };
	const struct mntns *ns;

	for (ns = world__first_ns(truth); ns; ns = ns->next) {
		if (!ns->dead)
			compare_ns(&c, ns);
	}
	for (ns = world__first_ns(mirror); ns; ns = ns->next) {
		struct diff d = { .kind = DIFF_NS_EXTRA, .ns_inum = ns->inum };
		const struct mntns *t = world__ns(truth, ns->inum);

		if (!ns->dead && (!t || t->dead))
			tell(&c, &d);
	}
	return c.n;
}
