// SPDX-License-Identifier: BSD-2-Clause
/* Namespaces of the mirror: found by inode number, which a later namespace may be given again. */
#include "base/util.h"
#include "model/world_impl.h"

static struct ns_node **ns_bucket(const struct world *w, uint32_t inum)
{
	return (struct ns_node **)&w->ns_buckets[inum * 0x9e3779b1U >> 20];
}
_Static_assert(NS_BUCKETS == 1 << (32 - 20), "ns_bucket() takes that many bits");

struct mntns *world__ns(const struct world *w, uint32_t inum)
{
	struct mntns *ns = (struct mntns *)*ns_bucket(w, inum);

	while (ns && ns->inum != inum)
		ns = ns->hash_next;
	return ns;
}

struct mntns *world__first_ns(const struct world *w)
{
	return (struct mntns *)w->first_ns;
}

size_t world__nr_ns(const struct world *w)
{
	return w->nr_ns;
}

size_t world__nr_mounts(const struct world *w)
{
	return w->nr_mounts;
}

struct ns_node *world__ns_get(struct world *w, uint32_t inum, uint64_t ns_id)
{
	struct ns_node *ns = ns_node_of(world__ns(w, inum)), **bucket;

	if (ns)
		return ns;
	ns = calloc(1, sizeof(*ns));
	if (!ns)
		return NULL;
	bucket = ns_bucket(w, inum);
	*ns = (struct ns_node){ .w = w, .prev = w->last_ns, .epoch = 1 };
	ns->n = (struct mntns){ .inum = inum,
				.ns_id = ns_id,
				.root_path = intern__empty(),
				.hash_next = (struct mntns *)*bucket };
	*bucket = ns;
	if (w->last_ns)
		w->last_ns->n.next = &ns->n;
	else
		w->first_ns = ns;
	w->last_ns = ns;
	w->nr_ns++;
	return ns;
}

static void ns__forget(struct world *w, struct ns_node *ns)
{
	struct mntns **at = (struct mntns **)ns_bucket(w, ns->n.inum);

	while (*at != &ns->n)
		at = &(*at)->hash_next;
	*at = ns->n.hash_next;
	if (ns->prev)
		ns->prev->n.next = ns->n.next;
	else
		w->first_ns = ns_node_of(ns->n.next);
	if (ns->n.next)
		ns_node_of(ns->n.next)->prev = ns->prev;
	else
		w->last_ns = ns->prev;
	intern__put(&w->strings, ns->n.root_path);
	free(ns);
}

static void ns__die(struct world *w, struct ns_node *ns, uint64_t seq)
{
	world__drop_all(w, ns);
	if (ns->n.dead)
		return;
	ns->n.dead = true;
	ns->n.stale = false;
	ns->dead_seq = seq;
	w->nr_ns--;
	ns->next_dead = NULL;
	if (w->last_dead)
		w->last_dead->next_dead = ns;
	else
		w->first_dead = ns;
	w->last_dead = ns;
	if (++w->nr_dead <= DEAD_MAX)
		return;
	ns = w->first_dead;
	w->first_dead = ns->next_dead;
	w->nr_dead--;
	ns__forget(w, ns);
}

/* Its number was given to a new namespace: nothing that was known of it holds. */
void world__ns_revive(struct world *w, struct ns_node *ns, uint64_t ns_id)
{
	struct ns_node **at = &w->first_dead, *prev = NULL;

	world__drop_all(w, ns);
	world__set_root(ns, 0, intern__empty());
	if (ns->n.dead) {
		while (*at != ns) {
			prev = *at;
			at = &(*at)->next_dead;
		}
		*at = ns->next_dead;
		if (w->last_dead == ns)
			w->last_dead = prev;
		w->nr_dead--;
		w->nr_ns++;
	}
	ns->n = (struct mntns){ .inum = ns->n.inum,
				.ns_id = ns_id,
				.root_path = intern__empty(),
				.next = ns->n.next,
				.hash_next = ns->n.hash_next };
	ns->stale_seq = ns->dead_seq = ns->torn_until = ns->move_seq = ns->id_seq = 0;
	ns->born_mounts = 0;
}

bool world__ns_holds(const struct ns_node *ns, uint64_t ns_id, uint64_t seq)
{
	if (ns_ids_differ(ns->n.ns_id, ns_id))
		return seq < ns->id_seq;
	if (ns->n.dead && ns_id && ns_id == ns->n.ns_id)
		return true;
	return seq < max(ns->n.snap_seq, ns->dead_seq);
}

void world__make_stale(struct ns_node *ns, uint64_t seq)
{
	if (ns->n.dead)
		return;
	ns->n.stale = true;
	ns->stale_seq = max(ns->stale_seq, seq);
}

void world__know_ns_id(struct ns_node *ns, uint64_t ns_id, uint64_t seq)
{
	if (!ns_id)
		return;
	ns->n.ns_id = ns_id;
	ns->id_seq = max(ns->id_seq, seq);
}

static void ns__born(struct ns_node *ns, const struct ms_ns *rec)
{
	ns->n.kernel_mounts = rec->nr_mounts;
	if (rec->event != MS_NS_BORN)
		return;
	ns->born_mounts = rec->nr_mounts;
	if (ns->born_mounts && ns->n.nr_mounts >= ns->born_mounts)
		ns->n.listed = true;
}

int world__apply_ns(struct world *w, const struct ms_hdr *rec, size_t size)
{
	const struct ms_ns *r;
	struct ns_node *ns;
	int err;

	err = decode__ns(rec, size, &r);
	if (err)
		return err;
	if (!r->ns_inum)
		return -EBADMSG;
	if (r->event == MS_NS_MAYBE_DEAD) /* for whoever can look; MS_NS_DEAD follows if so */
		return 0;
	if (r->event == MS_NS_DEAD && !world__ns(w, r->ns_inum))
		return 0;
	ns = world__ns_get(w, r->ns_inum, r->ns_id);
	if (!ns)
		return -ENOMEM;
	if (r->seq && world__ns_holds(ns, r->ns_id, r->seq))
		return 0;
	if (r->event == MS_NS_DEAD) {
		if (!ns_ids_differ(ns->n.ns_id, r->ns_id))
			ns__die(w, ns, r->seq);
		return 0;
	}
	if (ns_ids_differ(ns->n.ns_id, r->ns_id) || (ns->n.dead && (!r->ns_id || !ns->n.ns_id)))
		world__ns_revive(w, ns, r->ns_id);
	if (ns->n.dead)
		return 0;
	world__know_ns_id(ns, r->ns_id, r->seq);
	if (r->user_ns_inum)
		ns->n.user_ns_inum = r->user_ns_inum;
	if (r->root_mnt_id && !ns->n.root_mnt_id)
		world__set_root(ns, r->root_mnt_id, intern__empty());
	if (r->nr_mounts)
		ns__born(ns, r);
	return 0;
}
