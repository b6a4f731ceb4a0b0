/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Beginning and ending operations, whichever hook it is that sees the system call. */
#ifndef MS_OP_BPF_H
#define MS_OP_BPF_H

#include "task.bpf.h"

/* include/uapi/linux/{mount,sched}.h */
#define U_MS_REMOUNT	 32
#define U_MS_BIND	 4096
#define U_MS_MOVE	 8192
#define U_MS_REC	 16384
#define U_MS_PROPAGATION (0xfUL << 17) /* UNBINDABLE, PRIVATE, SLAVE, SHARED */
#define U_CLONE_NEWNS	 0x20000
#define U_SET_GROUP	 0x100

/*
 * Unique, and growing for each thread: time since load with the CPU in its low bits. One CPU begins no
 * two operations within 256 ns. (Atomic operations that return a value would need 5.12.)
 */
static __always_inline u64 op_id_at(u64 now)
{
	return ((now - ms_cfg_start_ns) & ~0xffULL) | (bpf_get_smp_processor_id() & 0xff);
}

static __always_inline bool filtered(struct op_state *s)
{
	if (ms_cfg_filter_tgid && s->op.pid != ms_cfg_filter_tgid)
		return true;
	if (ms_cfg_filter_ns && s->op.ns_inum != ms_cfg_filter_ns)
		return true;
	return false;
}

/* An operation's place, all zero but for what is kept of the thread; NULL: no room (counted). */
static __always_inline struct op_state *op_place(u32 tid)
{
	struct op_state *s = NULL;

	if (ms_cfg_task_storage) {
		s = bpf_task_storage_get(&ms_op_store, bpf_get_current_task_btf(), NULL,
					 BPF_LOCAL_STORAGE_GET_F_CREATE);
		if (s) {
			__builtin_memset(&s->op, 0, sizeof(s->op));
			s->new_ns = s->group_mnt = s->attr_mnt = 0;
			s->sent = 0;
			return s;
		}
		ms_hashed = 1; /* no memory for it, or another program of this CPU is in it */
	}
	/* from a constant: it would fill more than half of the stack */
	if (!bpf_map_update_elem(&ms_ops, &tid, (void *)&ms_no_op, BPF_ANY))
		s = bpf_map_lookup_elem(&ms_ops, &tid);
	if (!s)
		lose(MS_LOSS_OP_MAP);
	return s;
}

static __always_inline void put_ns(struct ms_op *op, struct mnt_namespace *ns, const bool direct)
{
	if (!ns)
		return;
	op->ns_id = ns_id_by(ns, direct);
	op->ns_inum = T(ns, ns.inum);
	op->mounts_before = ns_mounts_by(ns, direct);
}

static __always_inline struct op_state *op_begin(u32 kind, u64 sys_flags, bool lazy)
{
	u64 pt = bpf_get_current_pid_tgid();
	struct op_state *s;
	u32 tid = pt;

	if (ms_cfg_self_tgid && pt >> 32 == ms_cfg_self_tgid)
		return NULL;
	s = op_place(tid);
	if (!s)
		return NULL;
	s->op.hdr.type = MS_REC_OP;
	s->op.hdr.tid = tid;
	s->op.hdr.ktime_ns = bpf_ktime_get_ns();
	s->op.hdr.op_id = op_id_at(s->op.hdr.ktime_ns);
	s->op.kind = kind;
	s->op.pid = pt >> 32;
	s->op.sys_flags = sys_flags;
	s->op.dfd = AT_FDCWD;
	s->lazy = lazy;
	s->active = 1;
	if (has_task()) {
		struct nsproxy *p = bpf_get_current_task_btf()->nsproxy;

		put_ns(&s->op, p ? p->mnt_ns : NULL, true);
	} else {
		put_ns(&s->op, current_ns(), false);
	}
	s->filtered = filtered(s);
	return s;
}

/* The operation that the current thread is in; made up when the kernel acts by itself. */
static __always_inline struct op_state *op_or_kernel(u32 kind)
{
	struct op_state *op = op_now();

	return op ? op : op_begin(kind, 0, true);
}

static __always_inline u32 mount_kind(u64 flags)
{
	/* the order of path_mount(), fs/namespace.c */
	if (flags & U_MS_REMOUNT)
		return MS_OP_REMOUNT;
	if (flags & U_MS_BIND)
		return flags & U_MS_REC ? MS_OP_RBIND : MS_OP_BIND;
	if (flags & U_MS_PROPAGATION)
		return MS_OP_PROPAGATION;
	if (flags & U_MS_MOVE)
		return MS_OP_MOVE;
	return MS_OP_MOUNT;
}

static __always_inline u32 put_user(struct op_buf *b, u32 off, u64 from, u32 room, u16 *len)
{
	long n;

	*len = 0;
	if (!from || off > sizeof(b->data) - room)
		return off;
	n = bpf_probe_read_user_str(&b->data[off], room, (void *)from);
	if (n <= 0 || n > room) {
		b->op.flags |= MS_OPF_NO_TARGET;
		return off;
	}
	if (n == room)
		b->op.flags |= MS_OPF_TRUNCATED;
	*len = n - 1;
	return off + n - 1;
}

/*
 * Whether the path that was given says nothing that the effects do not say better. Reading it costs as
 * much as all numbers of a record together.
 */
static __always_inline bool target_is_known(const struct op_state *s)
{
	return s->sent && s->op.nr_effects <= MS_SHOWN_BY_EFFECTS && s->op.kind <= MS_OP_UMOUNT &&
	       s->op.kind != MS_OP_PROPAGATION && s->op.kind != MS_OP_REMOUNT;
}

static __always_inline void send_op(struct op_state *s)
{
	u32 zero = 0, off = 0;
	struct op_buf *b = bpf_map_lookup_elem(&ms_op_bufs, &zero);

	if (!b)
		return;
	if (b->busy) {
		/* a preempted program of this CPU is using it: go without strings */
		s->op.flags |= MS_OPF_NO_TARGET;
		s->op.hdr.size = sizeof(s->op);
		send(&s->op, sizeof(s->op), wake_flags());
		return;
	}
	b->busy = 1;
	b->op = s->op;
	off = put_user(b, off, s->source, MS_MAX_SOURCE, &b->op.source_len);
	if (target_is_known(s))
		b->op.target_len = 0;
	else
		off = put_user(b, off, s->target, MS_MAX_TARGET, &b->op.target_len);
	off = put_user(b, off, s->fstype, MS_MAX_FSTYPE, &b->op.fstype_len);
	off += sizeof(b->op);
	b->op.hdr.size = off;
	if (off <= sizeof(b->op) + sizeof(b->data))
		send(b, off, wake_flags());
	b->busy = 0;
}

static __always_inline void op_drop(struct op_state *s)
{
	u32 tid;

	if (s->new_ns || s->group_mnt)
		__sync_fetch_and_add(&ms_txn.pending, -1);
	s->active = 0;
	if (!ms_cfg_task_storage || ms_hashed) {
		tid = tid_now();
		bpf_map_delete_elem(&ms_ops, &tid);
	}
}

static __always_inline void put_mounts_after(struct ms_op *op, struct mnt_namespace *ns,
					     const bool direct)
{
	if (ns && !(op->flags & MS_OPF_LIMIT))
		op->mounts_after = ns_mounts_by(ns, direct);
}

/* Ends the current thread's operation and sends it. */
static __always_inline void op_end(struct op_state *s, long ret)
{
	if (s->lazy && !s->op.nr_effects) {
		op_drop(s);
		return;
	}
	s->op.end_ns = bpf_ktime_get_ns();
	s->op.ret = ret;
	if (s->filtered) {
		op_drop(s);
		return;
	}
	if (has_task()) {
		struct task_struct *t = bpf_get_current_task_btf();
		struct nsproxy *p = t->nsproxy;

		put_mounts_after(&s->op, p ? p->mnt_ns : NULL, true);
		put_actor(s, t, true);
	} else {
		put_mounts_after(&s->op, current_ns(), false);
		put_actor(s, (void *)bpf_get_current_task(), false);
	}
	send_op(s);
	op_drop(s);
}

/* setns(2) counts when it changed the mount namespace, or was told to. */
static __always_inline bool setns_counts(struct op_state *s)
{
	struct mnt_namespace *ns = current_ns();
	u32 inum = ns ? BPF_CORE_READ(ns, ns.inum) : 0;

	if (inum != s->op.ns_inum) {
		s->op.new_ns_inum = inum;
		s->op.new_ns_id = ns_id_of(ns);
		return true;
	}
	return s->op.sys_flags & U_CLONE_NEWNS;
}

static __always_inline struct op_state *sys_begin(u32 kind, u64 flags, u64 source, u64 target,
						  u64 fstype, s32 dfd)
{
	struct op_state *s = op_begin(kind, flags, false);

	if (!s)
		return NULL;
	s->source = source;
	s->target = target;
	s->fstype = fstype;
	s->op.dfd = dfd;
	return s;
}

static __always_inline void sys_end(long ret)
{
	struct op_state *s = op_now();

	if (!s)
		return;
	if (s->op.kind == MS_OP_SETNS && !setns_counts(s))
		op_drop(s);
	else
		op_end(s, ret);
}

#endif
