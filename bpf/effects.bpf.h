/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What each kernel hook means, whichever way it is attached.
 *
 * All but on_alloc_ns(), on_move_security() and on_remount*() run with namespace_sem held for writing.
 * The set of hooks is the one of docs/kernels.md: leaving any out loses effects.
 */
#ifndef MS_EFFECTS_BPF_H
#define MS_EFFECTS_BPF_H

#include "op.bpf.h"

/* fs/pnode.h, enum umount_tree_flags */
#define UMOUNT_SYNC	 1
#define UMOUNT_PROPAGATE 2

static __always_inline struct op_state *txn_op(u32 kernel_kind)
{
	struct op_state *op = op_now();

	if (op)
		return op;
	op = op_begin(kernel_kind, 0, true);
	if (op) {
		op->lazy = 2;
		ms_txn.lazy = 1;
	}
	return op;
}

static __always_inline bool has_children(struct mount *m)
{
	return (u64)RD(m, mnt_mounts.next) != (u64)m + bpf_core_field_offset(m->mnt_mounts);
}

/* Entry of __attach_mnt(), make_visible() where that is gone: m is linked to its parent. */
static __always_inline int on_attach(struct mount *m)
{
	bool reparent = ms_txn.reparent, copy;
	struct op_state *op;

	ms_txn.reparent = 0;
	if (!RD(m, mnt_ns))
		return 0; /* copy_tree() builds it; its root's attach shows all */
	op = txn_op(MS_OP_KERNEL);
	if (reparent) {
		ms_txn.tucked = (u64)m;
		return emit_effect(m, op, MS_EFF_MOVE, MS_CAUSE_MOVED, 0, ~0u);
	}
	copy = ms_txn.source && ms_txn.source != (u64)m;
	if (has_children(m))
		return ms_walk(scalar(m), copy ? ms_txn.source : 0, MS_EFF_ATTACH,
			       copy ? MS_CAUSE_PROPAGATED : MS_CAUSE_DIRECT);
	return emit_effect(m, op, MS_EFF_ATTACH, copy ? MS_CAUSE_PROPAGATED : MS_CAUSE_DIRECT,
			   copy ? ms_txn.source_id : 0, ~0u);
}

/* Entry of propagate_mnt(): until the transaction ends, what else is attached is a copy of m. */
static __always_inline int on_propagate(struct mount *m)
{
	ms_txn.source = (u64)m;
	ms_txn.source_id = RD(m, mnt_id);
	return 0;
}

static __always_inline int on_ns_dead(struct mnt_namespace *ns, struct op_state *op)
{
	struct ms_ns r = {};

	r.hdr.type = MS_REC_NS;
	r.hdr.size = sizeof(r);
	r.hdr.tid = tid_now();
	r.hdr.ktime_ns = bpf_ktime_get_ns();
	r.hdr.op_id = op ? op->op.hdr.op_id : 0;
	r.seq = ++ms_seq;
	r.ns_id = ns_id(ns);
	r.ns_inum = RD(ns, ns.inum);
	r.nr_mounts = ns_mounts(ns);
	r.event = MS_NS_DEAD;
	if (op) {
		op->op.nr_effects += r.nr_mounts;
		if (op->lazy && !op->op.ns_inum) {
			/* a task that exits has no namespace of its own any more */
			op->op.ns_inum = r.ns_inum;
			op->op.ns_id = r.ns_id;
			op->op.mounts_before = r.nr_mounts;
		}
	}
	send(&r, sizeof(r), BPF_RB_NO_WAKEUP);
	return 0;
}

/* Entry of umount_tree(): m's tree is still in its namespace. */
static __always_inline int on_umount_tree(struct mount *m, u32 how)
{
	struct mnt_namespace *ns = RD(m, mnt_ns);
	u32 cause = how & UMOUNT_SYNC ? MS_CAUSE_DIRECT : MS_CAUSE_LAZY;
	struct op_state *op;

	ms_txn.direct = 1;
	if (!ns || is_err(ns) || ns_anon(ns))
		return 0;
	ms_txn.source_id = RD(m, mnt_id);
	if (!how && RD(ns, root) == m) /* put_mnt_ns() */
		return on_ns_dead(ns, txn_op(MS_OP_NS_TEARDOWN));
	op = txn_op(MS_OP_KERNEL);
	if (has_children(m))
		ms_txn.direct = ms_walk(scalar(m), 0, MS_EFF_DETACH, cause);
	else
		emit_effect(m, op, MS_EFF_DETACH, cause, 0, ~0u);
	return 0;
}

/* Exit of propagate_umount(): the list holds the direct members first, then what it added. */
static __always_inline int on_propagated_umount(struct list_head *list)
{
	struct list_head *first = RD(list, next);
	u32 direct = ms_txn.direct;

	if (direct == 1 && RD(first, next) == list)
		return 0;
	return ms_umounted(scalar(list), direct, ms_txn.source_id);
}

/* Exit of change_mnt_propagation(). Mounts that are going have lost their namespace by now. */
static __always_inline int on_propagation(struct mount *m)
{
	struct mnt_namespace *ns = RD(m, mnt_ns);

	if (!ns)
		return 0;
	return emit_effect(m, txn_op(MS_OP_KERNEL), MS_EFF_PROPAGATION, MS_CAUSE_DIRECT, 0, ~0u);
}

/* Entry of mnt_release_group_id(): a peer group ends, its slaves silently get another master. */
static __always_inline int on_group_end(struct mount *m)
{
	return ms_reslaved(scalar(m));
}

static __always_inline int on_reparent(void)
{
	ms_txn.reparent = 1;
	return 0;
}

/* Exit of alloc_mnt_ns(), not yet under namespace_sem: the tree is copied next. */
static __always_inline int on_alloc_ns(struct mnt_namespace *ns)
{
	struct op_state *op;

	if (!ns || is_err(ns))
		return 0;
	op = op_or_kernel(MS_OP_KERNEL);
	if (!op || op->new_ns)
		return 0;
	if (!op->group_mnt)
		__sync_fetch_and_add(&ms_txn.pending, 1);
	op->new_ns = (u64)ns;
	return 0;
}

/* security_move_mount(): the mount whose group MOVE_MOUNT_SET_GROUP is about to change. */
static __always_inline int on_move_security(struct path *to)
{
	struct op_state *op = op_now();

	if (!op || op->op.kind != MS_OP_MOVE_MOUNT || !(op->op.sys_flags & U_SET_GROUP) ||
	    op->group_mnt)
		return 0;
	if (!op->new_ns)
		__sync_fetch_and_add(&ms_txn.pending, 1);
	op->group_mnt = (u64)container(RD(to, mnt), struct mount, mnt);
	return 0;
}

/* A namespace is complete: its birth, then all its mounts. */
static __always_inline void new_ns(struct op_state *op)
{
	struct mnt_namespace *ns = (void *)op->new_ns, *from = current_ns();
	struct mount *root = BPF_CORE_READ(ns, root), *from_root = NULL;
	struct mnt_namespace___anon *anon = (void *)ns;
	struct ms_ns r = {};

	if (!root)
		return;
	if (bpf_core_field_exists(anon->is_anon)) {
		if (BPF_CORE_READ(anon, is_anon))
			return;
	} else if (!ns_id_of(ns)) {
		return;
	}
	r.hdr.type = MS_REC_NS;
	r.hdr.size = sizeof(r);
	r.hdr.tid = tid_now();
	r.hdr.ktime_ns = bpf_ktime_get_ns();
	r.hdr.op_id = op->op.hdr.op_id;
	r.seq = ms_seq;
	r.ns_id = op->op.new_ns_id = ns_id_of(ns);
	r.ns_inum = op->op.new_ns_inum = BPF_CORE_READ(ns, ns.inum);
	r.user_ns_inum = BPF_CORE_READ(ns, user_ns, ns.inum);
	r.nr_mounts = ns_mounts_of(ns);
	r.root_mnt_id = BPF_CORE_READ(root, mnt_id);
	r.event = MS_NS_BORN;
	if (op->op.kind >= MS_OP_UNSHARE && op->op.kind <= MS_OP_CLONE3) {
		r.from_ns_id = ns_id_of(from);
		r.from_ns_inum = BPF_CORE_READ(from, ns.inum);
		from_root = BPF_CORE_READ(from, root);
	}
	send(&r, sizeof(r), BPF_RB_NO_WAKEUP);
	ms_walk(scalar(root), (u64)from_root, MS_EFF_ATTACH, MS_CAUSE_NS_COPY);
}

static __always_inline void on_pending(void)
{
	struct op_state *op = op_now();

	if (!op || !(op->new_ns || op->group_mnt))
		return;
	if (op->new_ns)
		new_ns(op);
	if (op->group_mnt)
		ms_emit_probed(op->group_mnt, MS_EFF_PROPAGATION, MS_CAUSE_DIRECT, 0, ~0u);
	op->new_ns = op->group_mnt = 0;
	__sync_fetch_and_add(&ms_txn.pending, -1);
}

/* Entry of namespace_unlock(): the transaction ends. */
static __always_inline int on_unlock(void)
{
	struct op_state *op;

	if (ms_txn.pending)
		on_pending();
	if (ms_txn.stormed)
		ms_flush_storm(0);
	if (ms_txn.lazy) {
		op = op_now();
		if (op && op->lazy == 2)
			op_end(op, 0);
	}
	ms_txn.lazy = 0;
	ms_txn.source = 0;
	ms_txn.source_id = 0;
	ms_txn.reparent = 0;
	ms_txn.tucked = 0;
	return 0;
}

/* Exit of count_mounts(): the one place that compares with fs.mount-max. */
static __always_inline int on_count(struct mnt_namespace *ns, int ret)
{
	struct op_state *op;

	if (ret != -ENOSPC)
		return 0;
	op = op_now();
	if (!op)
		return 0;
	op->op.flags |= MS_OPF_LIMIT;
	op->op.mount_max = ms_cfg_mount_max;
	op->op.mounts_after = ns_mounts(ns);
	return 0;
}

/* Entry of path_mount(): the mount that a remount is about. */
static __always_inline int on_path_mount(struct path *path, u64 flags)
{
	struct op_state *op;

	if (!(flags & U_MS_REMOUNT))
		return 0;
	op = op_now();
	if (op && op->op.kind == MS_OP_REMOUNT)
		op->attr_mnt = (u64)container(RD(path, mnt), struct mount, mnt);
	return 0;
}

static __always_inline bool shared_of(struct mount *m)
{
	if (bpf_core_field_exists(m->mnt_t_flags))
		return BPF_CORE_READ(m, mnt_t_flags) & T_SHARED;
	return BPF_CORE_READ(m, mnt.mnt_flags) & MNT_SHARED_OLD;
}

static __always_inline bool unbindable_of(struct mount *m)
{
	if (bpf_core_field_exists(m->mnt_t_flags))
		return BPF_CORE_READ(m, mnt_t_flags) & T_UNBINDABLE;
	return BPF_CORE_READ(m, mnt.mnt_flags) & MNT_UNBINDABLE_OLD;
}

/* Exit of path_mount(), no lock: a record of its own, under the number of the last effect. */
static __always_inline int on_path_mounted(int ret)
{
	struct op_state *op = op_now();
	struct mnt_namespace *ns;
	struct ms_effect e = {};
	struct mount *m;

	if (!op || !op->attr_mnt || ret)
		return 0;
	m = (void *)op->attr_mnt;
	ns = BPF_CORE_READ(m, mnt_ns);
	if (!ns || is_err(ns) || !ns_id_of(ns))
		return 0;
	op->op.nr_effects++;
	e.hdr.type = MS_REC_EFFECT;
	e.hdr.size = sizeof(e);
	e.hdr.tid = tid_now();
	e.hdr.ktime_ns = bpf_ktime_get_ns();
	e.hdr.op_id = op->op.hdr.op_id;
	e.seq = ms_seq;
	e.ns_id = ns_id_of(ns);
	e.ns_inum = BPF_CORE_READ(ns, ns.inum);
	e.mnt_id_unique = bpf_core_field_exists(m->mnt_id_unique) ? BPF_CORE_READ(m, mnt_id_unique)
								  : 0;
	e.mnt_id = BPF_CORE_READ(m, mnt_id);
	e.parent_id = BPF_CORE_READ(m, mnt_parent, mnt_id);
	e.mnt_flags = BPF_CORE_READ(m, mnt.mnt_flags) & MS_MNT_VISIBLE;
	e.sb_flags = BPF_CORE_READ(m, mnt.mnt_sb, s_flags) & 0xffff;
	e.dev = BPF_CORE_READ(m, mnt.mnt_sb, s_dev);
	e.peer_group = shared_of(m) ? BPF_CORE_READ(m, mnt_group_id) : 0;
	e.master_group = BPF_CORE_READ(m, mnt_master, mnt_group_id);
	e.kind = MS_EFF_ATTR;
	e.cause = MS_CAUSE_DIRECT;
	e.flags = MS_EFF_NO_STRINGS | (unbindable_of(m) ? MS_EFF_UNBINDABLE : 0);
	send(&e, sizeof(e), BPF_RB_NO_WAKEUP);
	return 0;
}

/* finish_automount(), mark_mounts_for_expiry(), __detach_mounts(): what the kernel does by itself. */
static __always_inline int on_kernel_enter(u32 kind)
{
	if (!op_now())
		op_begin(kind, 0, true);
	return 0;
}

static __always_inline int on_kernel_exit(u32 kind, long ret)
{
	struct op_state *op = op_now();

	if (op && op->lazy && op->op.kind == kind)
		op_end(op, ret);
	return 0;
}

#endif
