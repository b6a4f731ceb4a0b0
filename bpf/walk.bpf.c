// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Walks mount trees in pre-order, as next_mnt() of fs/namespace.c does, and emits an effect a mount.
 *
 * Global functions: the verifier checks them once, however many programs call them. They take scalars
 * only (5.10), so reads are probed; single mounts, the common case, take the direct path of their
 * program. The state is global because namespace_sem is held for writing.
 */
#include "fill.bpf.h"

struct walk {
	u64 cur, root;
	u64 src, src_root; /* tree that is copied, walked beside; 0: none */
	u64 skip; /* was there before, and has just been put on top of root's tree; 0: none */
	u32 kind, cause;
	u32 done;
	u32 pad;
};

struct walk ms_w = {};

static __always_inline struct mount *child_or_null(struct mount *m)
{
	struct list_head *next = BPF_CORE_READ(m, mnt_mounts.next);

	if ((u64)next == (u64)m + bpf_core_field_offset(m->mnt_mounts))
		return NULL;
	return container(next, struct mount, mnt_child);
}

/* The mount after m's subtree, or NULL at the end of root's tree. Climbs at most 16 levels a call. */
static __always_inline struct mount *after_subtree(struct mount *m, struct mount *root, bool *more)
{
	struct list_head *next;
	struct mount *parent;
	int i;

	*more = false;
	for (i = 0; i < 16; i++) {
		if (m == root)
			return NULL;
		parent = BPF_CORE_READ(m, mnt_parent);
		next = BPF_CORE_READ(m, mnt_child.next);
		if ((u64)next != (u64)parent + bpf_core_field_offset(parent->mnt_mounts))
			return container(next, struct mount, mnt_child);
		m = parent;
	}
	*more = true;
	return m;
}

/*
 * Calls NAME_step() until it returns not 0: at most 2^18 times. Two levels of bounded loops over global
 * functions, each verified once, cost the verifier 2 x 512 turns; they need no bpf_loop(), whose mere
 * presence a 5.10 kernel refuses.
 */
#define TURNS 512
#define LOOP(name)                                                                                 \
	__noinline int name##_turns(u32 nothing)                                                   \
	{                                                                                          \
		int i;                                                                             \
                                                                                                   \
		for (i = 0; i < TURNS; i++) {                                                      \
			if (name##_step(0))                                                        \
				return 1;                                                          \
		}                                                                                  \
		return 0;                                                                          \
	}                                                                                          \
                                                                                                   \
	static __always_inline void name##_loop(u32 nothing)                                       \
	{                                                                                          \
		int i;                                                                             \
                                                                                                   \
		for (i = 0; i < TURNS; i++) {                                                      \
			if (name##_turns(0))                                                       \
				break;                                                             \
		}                                                                                  \
	}

/* State of a climb that has not ended: the low bit of cur says that cur's subtree is done. */
#define CLIMBING 1UL

static __always_inline u64 next_mount(u64 at, u64 root)
{
	struct mount *m = (void *)(at & ~CLIMBING), *n;
	bool more;

	if (!(at & CLIMBING)) {
		n = child_or_null(m);
		if (n)
			return (u64)n;
	}
	n = after_subtree(m, (void *)root, &more);
	return n ? (u64)n | (more ? CLIMBING : 0) : 0;
}

/*
 * The mount that cur is a copy of: copies keep the order of their source, which may have more (mounts
 * that copy_tree() leaves out). Skips what has another root dentry, a few a step.
 */
static __always_inline u32 match_source(struct mount *cur)
{
	struct dentry *want = BPF_CORE_READ(cur, mnt.mnt_root);
	u64 src = ms_w.src;
	int i;

	for (i = 0; i < 8 && src; i++) {
		struct mount *s = (void *)(src & ~CLIMBING);

		if (!(src & CLIMBING) && BPF_CORE_READ(s, mnt.mnt_root) == want) {
			ms_w.src = next_mount(src, ms_w.src_root);
			return BPF_CORE_READ(s, mnt_id);
		}
		src = next_mount(src, ms_w.src_root);
	}
	ms_w.src = 0;
	return 0;
}

__noinline int ms_emit_probed(u64 mnt, u32 kind, u32 cause, u32 origin, u32 master)
{
	return emit_effect((void *)mnt, op_now(), kind, cause, origin, master);
}

/* One step: emits cur and moves on. 1: the walk is over. */
__noinline int ms_walk_step(u32 nothing)
{
	struct mount *cur = (void *)(ms_w.cur & ~CLIMBING);
	u32 origin = 0;

	if (!ms_w.cur)
		return 1;
	if (ms_w.cur == ms_w.skip) {
		ms_w.cur |= CLIMBING;
	} else if (!(ms_w.cur & CLIMBING)) {
		if (ms_w.src)
			origin = match_source(cur);
		ms_emit_probed((u64)cur, ms_w.kind, ms_w.cause, origin, ~0u);
		ms_w.done++;
	}
	ms_w.cur = next_mount(ms_w.cur, ms_w.root);
	return !ms_w.cur;
}

LOOP(ms_walk)

__noinline int ms_walk(u64 root, u64 src, u32 kind, u32 cause)
{
	ms_w.root = ms_w.cur = root;
	ms_w.src = ms_w.src_root = src;
	ms_w.skip = ms_txn.tucked;
	ms_txn.tucked = 0;
	ms_w.kind = kind;
	ms_w.cause = cause;
	ms_w.done = 0;
	ms_walk_loop(0);
	if (ms_w.cur)
		lose(MS_LOSS_WALK);
	return ms_w.done;
}

/* Lists of mounts: the same two ways of looping as above. */
struct list_walk {
	u64 at, end;
	u32 skip, origin;
	u32 master;
	u32 slaves;
};

struct list_walk ms_l = {};

__noinline int ms_umounted_step(u32 nothing)
{
	struct list_head *at = (void *)ms_l.at;

	if (!at || ms_l.at == ms_l.end)
		return 1;
	if (ms_l.skip)
		ms_l.skip--;
	else
		ms_emit_probed((u64)container(at, struct mount, mnt_list), MS_EFF_DETACH,
			       MS_CAUSE_PROPAGATED, ms_l.origin, ~0u);
	ms_l.at = (u64)BPF_CORE_READ(at, next);
	return 0;
}

LOOP(ms_umounted)

__noinline int ms_umounted(u64 list, u32 skip, u32 origin)
{
	ms_l.end = list;
	ms_l.at = (u64)BPF_CORE_READ((struct list_head *)list, next);
	ms_l.skip = skip;
	ms_l.origin = origin;
	ms_umounted_loop(0);
	if (ms_l.at != ms_l.end)
		lose(MS_LOSS_WALK);
	return 0;
}

/* Slaves hang in an hlist from 6.17 on (commit "mount: convert mnt_slave_list to hlist"). */
static __always_inline u64 first_slave(struct mount *m)
{
	struct mount___slave_list *old = (void *)m;

	if (bpf_core_field_size(m->mnt_slave_list) == sizeof(struct hlist_head))
		return (u64)BPF_CORE_READ(m, mnt_slave_list.first);
	return (u64)BPF_CORE_READ(old, mnt_slave_list.next);
}

static __always_inline u64 no_slave(struct mount *m)
{
	if (bpf_core_field_size(m->mnt_slave_list) == sizeof(struct hlist_head))
		return 0;
	return (u64)m + bpf_core_field_offset(m->mnt_slave_list);
}

__noinline int ms_reslaved_step(u32 nothing)
{
	u64 at = ms_l.at;

	if (!at || at == ms_l.end)
		return 1;
	ms_emit_probed(at - bpf_core_field_offset(((struct mount *)0)->mnt_slave),
		       MS_EFF_PROPAGATION, MS_CAUSE_UNKNOWN, 0, ms_l.master);
	/* next is the first member of either kind of node */
	ms_l.at = (u64)BPF_CORE_READ((struct list_head *)at, next);
	return 0;
}

LOOP(ms_reslaved)

__noinline int ms_reslaved(u64 mnt)
{
	struct mount *m = (void *)mnt, *mm;
	u32 group = 0;
	int i;

	ms_l.at = first_slave(m);
	ms_l.end = no_slave(m);
	if (!ms_l.at || ms_l.at == ms_l.end)
		return 0;
	mm = BPF_CORE_READ(m, mnt_master);
	for (i = 0; i < 32 && mm; i++) {
		group = BPF_CORE_READ(mm, mnt_group_id);
		if (group)
			break;
		mm = BPF_CORE_READ(mm, mnt_master);
	}
	ms_l.master = group;
	ms_reslaved_loop(0);
	return 0;
}

static __always_inline int flush_slot(u32 i)
{
	struct ms_storm s = {};
	struct storm_slot *slot = &ms_slots[i & (MS_MAX_STORMED - 1)];
	u64 key = slot->ns;
	struct op_state *op = op_now();

	s.hdr.type = MS_REC_STORM;
	s.hdr.size = sizeof(s);
	s.hdr.tid = tid_now();
	s.hdr.ktime_ns = bpf_ktime_get_ns();
	s.hdr.op_id = op ? op->op.hdr.op_id : 0;
	s.seq = ms_seq;
	s.ns_id = slot->ns_id;
	s.ns_inum = slot->inum;
	s.attached = slot->attached;
	s.detached = slot->detached;
	s.other = slot->other;
	s.nr_mounts = ns_mounts((void *)key);
	send(&s, sizeof(s), BPF_RB_NO_WAKEUP);
	bpf_map_delete_elem(&ms_storms, &key);
	return 0;
}

__noinline int ms_flush_storm(u32 nothing)
{
	u32 i;

	for (i = 0; i < MS_MAX_STORMED; i++) {
		if (i >= ms_txn.stormed)
			break;
		flush_slot(i);
	}
	ms_txn.stormed = 0;
	return 0;
}
