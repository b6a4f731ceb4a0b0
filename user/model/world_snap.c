// SPDX-License-Identifier: BSD-2-Clause
/* Takes a snapshot in, line by line, until it is complete and can be merged (world_merge.c). */
#include "base/util.h"
#include "model/world_impl.h"

static void snap__reset(struct world *w)
{
	struct snap *s = &w->snap;

	for (size_t i = 0; i < s->n; i++) {
		intern__put(&w->strings, s->lines[i].root);
		intern__put(&w->strings, s->lines[i].fstype);
		intern__put(&w->strings, s->lines[i].source);
	}
	s->n = 0;
	s->open = false;
	strbuf__reset(&s->paths);
}

void snap__free(struct world *w)
{
	snap__reset(w);
	free(w->snap.lines);
	free(w->snap.buckets);
	strbuf__free(&w->snap.paths);
	w->snap = (struct snap){};
}

int snap__begin(struct world *w, const struct ms_snap *rec)
{
	struct snap *s = &w->snap;

	snap__reset(w);
	s->open = true;
	s->skip = !!(rec->flags & MS_SNAP_TRUTH) != w->truth;
	s->failed = false;
	s->seq = rec->seq;
	s->ns_id = rec->ns_id;
	s->ns_inum = rec->ns_inum;
	return 0;
}

static struct line *snap__add(struct snap *s)
{
	if (s->n == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 64;
		struct line *lines = reallocarray(s->lines, cap, sizeof(*lines));

		if (!lines)
			return NULL;
		s->lines = lines;
		s->cap = cap;
	}
	return &s->lines[s->n];
}

int snap__line(struct world *w, const struct ms_hdr *rec, size_t size)
{
	struct snap *s = &w->snap;
	const struct ms_effect *e;
	struct effect_strings str;
	struct line *l;
	int err;

	err = decode__effect(rec, size, w->mp, w->root, &e, &str);
	if (err)
		return err;
	if (!e->mnt_id || !e->ns_inum)
		return -EBADMSG;
	if (!s->open || s->skip || s->failed || e->ns_inum != s->ns_inum)
		return 0;
	l = snap__add(s);
	if (!l)
		goto oom;
	*l = (struct line){
		.unique_id = e->mnt_id_unique,
		.mp = s->paths.len,
		.mp_len = (uint32_t)str.mountpoint.len,
		.id = e->mnt_id,
		.parent_id = e->parent_id,
		.peer_group = e->peer_group,
		.master_group = e->master_group,
		.dev = e->dev,
		.mnt_flags = e->mnt_flags & MS_MNT_VISIBLE,
		.sb_flags = e->sb_flags,
		.flags = e->flags,
		.root = intern__get(&w->strings, str.root.p, str.root.len),
		.fstype = intern__get(&w->strings, str.fstype.p, str.fstype.len),
		.source = intern__get(&w->strings, str.source.p, str.source.len),
	};
	strbuf__add(&s->paths, str.mountpoint.p, str.mountpoint.len);
	s->n++;
	if (l->root && l->fstype && l->source && !s->paths.oom)
		return 0;
oom:
	s->failed = true;
	return -ENOMEM;
}

struct line *snap__find(const struct snap *s, uint32_t id)
{
	uint32_t i = s->buckets[id & (s->nr_buckets - 1)];

	while (i && s->lines[i - 1].id != id)
		i = s->lines[i - 1].next;
	return i ? &s->lines[i - 1] : NULL;
}

/* Lines by mount id. Of two lines with one id, which a torn table can have, the later one counts. */
int snap__index(struct snap *s)
{
	size_t want = 64;

	while (want < s->n)
		want *= 2;
	if (want > s->nr_buckets) {
		uint32_t *b = reallocarray(s->buckets, want, sizeof(*b));

		if (!b)
			return -ENOMEM;
		s->buckets = b;
		s->nr_buckets = want;
	}
	memset(s->buckets, 0, s->nr_buckets * sizeof(*s->buckets));
	for (size_t i = 0; i < s->n; i++) {
		struct line *l = &s->lines[i], *dup = snap__find(s, l->id);
		uint32_t *bucket = &s->buckets[l->id & (s->nr_buckets - 1)];

		if (dup)
			dup->done = true;
		l->next = *bucket;
		*bucket = (uint32_t)i + 1;
	}
	return 0;
}

/* The namespace a snapshot is of; *ret NULL: it is gone since, or was another one's number then. */
static int ns_of_snap(struct world *w, const struct snap *s, struct ns_node **ret)
{
	struct ns_node *ns = world__ns_get(w, s->ns_inum, s->ns_id);

	*ret = NULL;
	if (!ns)
		return -ENOMEM;
	/* Ids come never again, but in no order: each CPU has a batch to give out (6.18). */
	if (world__ns_holds(ns, s->ns_id, s->seq))
		return 0;
	if (ns->n.dead || ns_ids_differ(s->ns_id, ns->n.ns_id))
		world__ns_revive(w, ns, s->ns_id);
	world__know_ns_id(ns, s->ns_id, s->seq);
	*ret = ns;
	return 0;
}

int snap__end(struct world *w, const struct ms_snap *rec, struct str root_path,
	      world_changed_fn changed, void *arg)
{
	struct snap *s = &w->snap;
	struct ns_node *ns = NULL;
	int err = 0;

	if (!s->open || s->ns_inum != rec->ns_inum)
		return 0;
	if (s->failed)
		err = -ENOMEM;
	else if (!s->skip && !rec->err)
		err = ns_of_snap(w, s, &ns);
	if (!err && ns)
		err = snap__merge(w, ns, rec, root_path, changed, arg);
	snap__reset(w);
	return err;
}
