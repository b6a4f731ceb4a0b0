/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the mirror share among themselves: world.c, world_*.c. */
#ifndef MS_MODEL_WORLD_IMPL_H
#define MS_MODEL_WORLD_IMPL_H

#include "decode/decode.h"
#include "model/intern.h"
#include "model/world.h"

/* Detaches remembered, for snapshots that were read before them. A power of two. */
#define TOMBS 16384
/* Namespaces remembered after their end. */
#define DEAD_MAX   256
#define NS_BUCKETS 4096

struct node {
	struct mnt m;
	/*
	 * Memo of world__path(): the nearest mount up the tree that is not mounted on the root of
	 * its parent, valid while epoch equals the namespace's.
	 */
	struct node *skip;
	uint64_t epoch;
};

struct ns_node {
	struct mntns n;
	struct world *w;
	struct ns_node *prev;
	struct ns_node *next_dead;
	uint64_t epoch;	    /* moves on whenever a mount that may have mounts on it changes place */
	uint64_t stale_seq; /* a snapshot from before this does not make the mirror good again */
	uint64_t dead_seq;
	uint64_t id_seq;     /* when its ns_id was last told */
	uint64_t move_seq;   /* of the last move in it */
	uint64_t torn_until; /* snapshot was torn: places below a mount moved until then are unsure */
	uint32_t born_mounts; /* as many make it complete without a snapshot */
};

struct tomb {
	uint64_t seq;
	uint32_t id;
	uint32_t ns_inum;
};

/* A line of a snapshot, until the snapshot is complete. */
struct line {
	uint64_t unique_id;
	size_t mp; /* offset of the mountpoint in struct snap.paths */
	uint32_t mp_len;
	uint32_t id;
	uint32_t parent_id;
	uint32_t peer_group;
	uint32_t master_group;
	uint32_t dev;
	uint32_t mnt_flags;
	uint32_t sb_flags;
	uint32_t next; /* in bucket, index + 1 */
	uint16_t flags;
	bool done;	  /* nothing left to take from it */
	const char *root; /* interned */
	const char *fstype;
	const char *source;
};

struct snap {
	bool open;
	bool skip;   /* not for this world: its lines are passed over */
	bool failed; /* memory ended */
	uint64_t seq;
	uint64_t ns_id;
	uint32_t ns_inum;
	struct line *lines;
	size_t n, cap;
	uint32_t *buckets;
	size_t nr_buckets;
	struct strbuf paths;
};

struct slab;

struct world {
	struct mnt **by_id, **by_unique;
	struct mnt **orphans; /* by parent_id: mounts whose parent is not known (yet) */
	size_t size;	      /* of each of the three, a power of two */
	size_t nr_mounts;
	size_t nr_ns; /* alive */
	struct node *free_nodes;
	struct slab *slabs;
	struct intern strings;
	struct ns_node *ns_buckets[NS_BUCKETS];
	struct ns_node *first_ns, *last_ns;
	struct ns_node *first_dead, *last_dead;
	size_t nr_dead;
	struct tomb *tombs; /* a ring once it has grown to TOMBS */
	size_t cap_tombs;
	uint64_t nr_tombs; /* ever written */
	uint64_t last_seq;
	uint64_t lost[MS_LOSS_NR];
	bool truth;
	uint32_t generation;
	struct snap snap;
	char mp[DECODE_PATH_MAX], root[DECODE_PATH_MAX];
};

static inline struct node *node_of(const struct mnt *m)
{
	return (struct node *)(uintptr_t)m;
}

static inline struct ns_node *ns_node_of(const struct mntns *ns)
{
	return (struct ns_node *)(uintptr_t)ns;
}

/* world_tree.c */
struct node *node__new(struct world *w); /* zeroed but for empty strings */
int world__insert(struct world *w, struct node *nd, struct ns_node *ns); /* fields are set */
void world__drop(struct world *w, struct mnt *m);
void world__set_unique(struct world *w, struct mnt *m, uint64_t unique_id);
/* Takes the references of mountpoint; the flag MS_EFF_ABS_PATH says what it is. */
void world__replace(struct world *w, struct mnt *m, uint32_t parent_id, const char *mountpoint,
		    bool abs);
void world__set_root(struct ns_node *ns, uint32_t root_mnt_id, const char *root_path);
void world__drop_all(struct world *w, struct ns_node *ns);
void world__free_tree(struct world *w);
/*
 * The part of a whole path that is below a mount with path parent: "/a/b" under "/a" is "/b", equal
 * paths give "". false: it is not below.
 */
bool path__below(const char *parent, size_t parent_len, const char *path, size_t len,
		 struct str *ret);

/* world_ns.c */
static inline bool ns_ids_differ(uint64_t a, uint64_t b)
{
	return a && b && a != b;
}
/*
 * True when the mirror holds what happened after the first seq effects to that namespace already: by a
 * snapshot, by its end, or because its number was another namespace's then.
 */
bool world__ns_holds(const struct ns_node *ns, uint64_t ns_id, uint64_t seq);
int world__apply_ns(struct world *w, const struct ms_hdr *rec, size_t size);
struct ns_node *world__ns_get(struct world *w, uint32_t inum, uint64_t ns_id);
void world__ns_revive(struct world *w, struct ns_node *ns, uint64_t ns_id);
void world__know_ns_id(struct ns_node *ns, uint64_t ns_id, uint64_t seq); /* 0: not told */
/* Wants a snapshot that holds effect seq. */
void world__make_stale(struct ns_node *ns, uint64_t seq);
/* Up to which effect a mount's state is known to be right. */
static inline uint64_t mnt__as_of(const struct mnt *m)
{
	return max(m->seq, m->ns->snap_seq);
}

/* world_snap.c */
int snap__begin(struct world *w, const struct ms_snap *rec);
int snap__line(struct world *w, const struct ms_hdr *rec, size_t size);
int snap__end(struct world *w, const struct ms_snap *rec, struct str root_path,
	      world_changed_fn changed, void *arg);
void snap__free(struct world *w);
struct line *snap__find(const struct snap *s, uint32_t id); /* after snap__index() */
int snap__index(struct snap *s);

/* world_merge.c: the snapshot taken in replaces what the mirror has of ns. */
int snap__merge(struct world *w, struct ns_node *ns, const struct ms_snap *rec,
		struct str root_path, world_changed_fn changed, void *arg);

#endif
