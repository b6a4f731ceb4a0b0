// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Operations by the raw system call tracepoints, for kernels that permit no trampolines and have no
 * kprobes. Every system call on the machine passes here: a call that is not ours costs one look at its
 * number. Effects come from fanotify (source/fanotify.c), except what stands in the caller's own
 * namespace when its call ends: that is read here, before it can be gone.
 */
#include "calls.bpf.h"

#if defined(__TARGET_ARCH_x86)
#define NR_mount      165
#define NR_umount2    166
#define NR_clone      56
#define NR_pivot_root 155
#define NR_unshare    272
#define NR_setns      308
#define NR_OF(regs)   ((regs)->orig_ax)
#elif defined(__TARGET_ARCH_arm64)
#define NR_mount      40
#define NR_umount2    39
#define NR_clone      220
#define NR_pivot_root 41
#define NR_unshare    97
#define NR_setns      268
#define NR_OF(regs)   ((regs)->syscallno)
#endif

/* The same everywhere since 5.1. */
#define NR_open_tree	  428
#define NR_move_mount	  429
#define NR_fsopen	  430
#define NR_fsconfig	  431
#define NR_fsmount	  432
#define NR_fspick	  433
#define NR_clone3	  435
#define NR_mount_setattr  442
#define NR_open_tree_attr 467

#define MS_MAX_OBSERVED 16   /* mounts of the caller's namespace */
#define MS_MAX_NS_COPY	1024 /* mounts of a new namespace */
#define MS_MAX_COPIES	256  /* in other namespaces, by peer group and by slave list */
#define MS_MAX_OLD	4    /* members that are not new, before a walk ends */

static __always_inline bool ours(long nr)
{
	if (nr >= NR_open_tree)
		return nr <= NR_fspick || nr == NR_clone3 || nr == NR_mount_setattr ||
		       nr == NR_open_tree_attr;
	return nr == NR_mount || nr == NR_umount2 || nr == NR_clone || nr == NR_unshare ||
	       nr == NR_setns || nr == NR_pivot_root;
}

/* Newest unique id in the namespace: its tree is sorted by it, the last node is cached (6.15). */
static __always_inline u64 newest(struct mnt_namespace *ns)
{
	struct rb_node *n;

	if (!bpf_core_field_exists(ns->mnt_last_node))
		return 0;
	n = BPF_CORE_READ(ns, mnt_last_node);
	return n ? BPF_CORE_READ(container(n, struct mount, mnt_node), mnt_id_unique) : 0;
}

static __always_inline void begin(struct pt_regs *regs, long nr)
{
	struct op_state *op;

	switch (nr) {
	case NR_mount:
		call_mount(regs);
		break;
	case NR_umount2:
		call_umount(regs);
		break;
	case NR_open_tree:
		call_open_tree(regs);
		break;
	case NR_move_mount:
		call_move_mount(regs);
		break;
	case NR_fsopen:
		call_fsopen(regs);
		break;
	case NR_fsconfig:
		call_fsconfig(regs);
		break;
	case NR_fsmount:
		call_fsmount(regs);
		break;
	case NR_fspick:
		call_fspick(regs);
		break;
	case NR_mount_setattr:
		call_mount_setattr(regs);
		break;
	case NR_open_tree_attr:
		call_open_tree_attr(regs);
		break;
	case NR_pivot_root:
		call_pivot_root(regs);
		break;
	case NR_unshare:
		call_unshare(regs);
		break;
	case NR_clone:
		call_clone(regs);
		break;
	case NR_clone3:
		call_clone3(regs);
		break;
	case NR_setns:
		call_setns(regs);
		break;
	}
	op = op_now();
	if (op)
		op->last_id = newest(current_ns());
}

/* 32-bit calls have other numbers: TS_COMPAT, arch/x86/include/asm/thread_info.h. */
static __always_inline bool is_compat(void)
{
#if defined(__TARGET_ARCH_x86)
	struct task_struct___ti *t = (void *)bpf_get_current_task();

	return BPF_CORE_READ(t, thread_info.status) & 2;
#else
	return false; /* arm64: its 32-bit calls are not told apart */
#endif
}

SEC("tp_btf/sys_enter")
int BPF_PROG(tp_sys_enter, struct pt_regs *regs, long nr)
{
	if (ours(nr) && !is_compat())
		begin(regs, nr);
	return 0;
}

/* The mount before m in its namespace's tree (rb_prev); NULL when a few steps do not find it. */
static __always_inline struct mount *previous_mount(struct mount *m)
{
	struct rb_node *n, *p;
	int i;

	n = (void *)m + bpf_core_field_offset(m->mnt_node);
	p = BPF_CORE_READ(n, rb_left);
	if (p) {
		for (i = 0; i < 16; i++) {
			n = p;
			p = BPF_CORE_READ(n, rb_right);
			if (!p)
				return container(n, struct mount, mnt_node);
		}
		return NULL;
	}
	for (i = 0; i < 16; i++) {
		p = (void *)(BPF_CORE_READ(n, __rb_parent_color) & ~3UL);
		if (!p)
			return NULL;
		if (BPF_CORE_READ(p, rb_right) == n)
			return container(p, struct mount, mnt_node);
		n = p;
	}
	return NULL;
}

/* The same as a global function: the verifier looks at it once. */
__noinline u64 ms_previous(u64 mnt)
{
	struct mount *m = (void *)mnt;

	if (!bpf_core_field_exists(m->mnt_node))
		return 0;
	return (u64)previous_mount(m);
}

struct obs_buf_map {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct effect_buf);
} ms_obs_bufs SEC(".maps");

/* Sends one mount that stands. Global: the verifier looks at it once. */
__noinline int ms_observe(u64 mnt, u64 op_id, u32 cause)
{
	struct mount *m = (void *)mnt;
	struct mnt_namespace *ns = BPF_CORE_READ(m, mnt_ns);
	struct effect_buf *b;
	u32 zero = 0, size;

	b = bpf_map_lookup_elem(&ms_obs_bufs, &zero);
	if (!b || !ns || is_err(ns) || ns_anon(ns))
		return 0;
	size = fill_effect(b, m, ns, ns_id_of(ns), true);
	b->e.hdr.op_id = op_id;
	b->e.hdr.ktime_ns = 0; /* the join sets it */
	b->e.kind = MS_EFF_ATTACH;
	b->e.cause = cause;
	b->e.flags |= MS_EFF_OBSERVED;
	send(b, size & 0x3fff, BPF_RB_NO_WAKEUP);
	return 0;
}

/* Unique ids: 6.8. Without them nothing is observed. */
static __always_inline u64 unique_of(struct mount *m)
{
	if (!bpf_core_field_exists(m->mnt_id_unique))
		return 0;
	return BPF_CORE_READ(m, mnt_id_unique);
}

/*
 * Slaves of one member of a group: the copies that slave groups got hang there, at the head of its
 * list. Peers and slaves that are not new end a walk after a few.
 */
__noinline int ms_observe_slaves(u64 mnt, u64 op_id, u64 last_id)
{
	struct mount *m = (void *)mnt, *s;
	struct hlist_node *n;
	int i, old = 0;

	if (bpf_core_field_size(m->mnt_slave_list) != sizeof(struct hlist_head))
		return 0;
	n = BPF_CORE_READ(m, mnt_slave_list.first);
	for (i = 0; i < MS_MAX_COPIES; i++) {
		if (!n)
			break;
		s = container(n, struct mount, mnt_slave);
		if (unique_of(s) > last_id)
			ms_observe((u64)s, op_id, MS_CAUSE_PROPAGATED);
		else if (++old > MS_MAX_OLD)
			break;
		n = BPF_CORE_READ(n, next);
	}
	return 0;
}

/*
 * A new mount's copies in other namespaces: where propagation made any, they stand behind it in its
 * peer group, or are slaves of it, and are newer than the operation (propagate_one(), clone_mnt()).
 */
__noinline int ms_observe_copies(u64 mnt, u64 op_id, u64 last_id)
{
	struct mount *first = (void *)mnt, *m = first;
	int i, old = 0;

	for (i = 0; i < MS_MAX_COPIES; i++) {
		ms_observe_slaves((u64)m, op_id, last_id);
		m = container(BPF_CORE_READ(m, mnt_share.next), struct mount, mnt_share);
		if (m == first)
			break;
		if (unique_of(m) > last_id)
			ms_observe((u64)m, op_id, MS_CAUSE_PROPAGATED);
		else if (++old > MS_MAX_OLD)
			break;
	}
	return 0;
}

/* Sends all mounts of a namespace that has just been made, newest first. */
__noinline int ms_observe_ns(u64 mnt_ns, u64 op_id)
{
	struct mnt_namespace *ns = (void *)mnt_ns;
	struct rb_node *n;
	u64 m;
	int i;

	if (!bpf_core_field_exists(ns->mnt_last_node))
		return 0;
	n = BPF_CORE_READ(ns, mnt_last_node);
	if (!n)
		return 0;
	m = (u64)container(n, struct mount, mnt_node);
	for (i = 0; i < MS_MAX_NS_COPY; i++) {
		if (!m)
			break;
		ms_observe(m, op_id, MS_CAUSE_NS_COPY);
		m = ms_previous(m);
	}
	return 0;
}

/*
 * Sends the mounts that stand in the caller's namespace now and did not when its call began: unique
 * ids only grow. Read without a lock, as RCU readers do: what another thread mounts meanwhile is sent
 * too, and fanotify, which knows who attached what, decides (source/fanotify.c).
 */
static __always_inline void send_observed(struct op_state *op)
{
	struct mnt_namespace *ns = current_ns();
	struct rb_node *n;
	struct mount *m;
	int i;

	if (!ns || !bpf_core_field_exists(ns->mnt_last_node))
		return;
	n = BPF_CORE_READ(ns, mnt_last_node);
	if (!n)
		return;
	m = container(n, struct mount, mnt_node);
	for (i = 0; i < MS_MAX_OBSERVED; i++) {
		if (!m || unique_of(m) <= op->last_id)
			break;
		ms_observe((u64)m, op->op.hdr.op_id, MS_CAUSE_DIRECT);
		ms_observe_copies((u64)m, op->op.hdr.op_id, op->last_id);
		m = (void *)ms_previous((u64)m);
	}
}

/* Calls that can leave a new mount in the caller's namespace. */
static __always_inline bool can_attach(u32 kind)
{
	return kind <= MS_OP_MOVE || kind == MS_OP_MOVE_MOUNT;
}

/*
 * ENOSPC of anything but a new file system is fs.mount-max (count_mounts(), or the ids ran out); of a
 * new one it may be the file system's own, so the limit must be near.
 */
static __always_inline void note_limit(struct op_state *op)
{
	struct mnt_namespace *ns = current_ns();
	u32 mounts = ns ? ns_mounts_of(ns) : 0;

	if (op->op.kind == MS_OP_MOUNT && 2 * (u64)mounts + 1 < ms_cfg_mount_max)
		return;
	op->op.flags |= MS_OPF_LIMIT;
	op->op.mount_max = ms_cfg_mount_max;
	op->op.mounts_after = mounts;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(tp_sys_exit, struct pt_regs *regs, long ret)
{
	struct op_state *op;
	struct mnt_namespace *ns;

	if (!ours(NR_OF(regs)))
		return 0;
	op = op_now();
	if (!op)
		return 0;
	if (op->op.kind == MS_OP_UNSHARE && !ret) {
		ns = current_ns();
		if (ns) {
			op->op.new_ns_inum = BPF_CORE_READ(ns, ns.inum);
			op->op.new_ns_id = ns_id_of(ns);
			ms_observe_ns((u64)ns, op->op.hdr.op_id);
		}
	}
	if (!ret && can_attach(op->op.kind))
		send_observed(op);
	if (ret == -ENOSPC)
		note_limit(op);
	sys_end(ret);
	return 0;
}

/* A child in a mount namespace of its own: clone(2) and clone3(2) return only to the parent. */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(tp_fork, struct task_struct *parent, struct task_struct *child)
{
	struct mnt_namespace *ns = child->nsproxy->mnt_ns;
	struct op_state *op;

	if (ns == parent->nsproxy->mnt_ns)
		return 0;
	op = op_now();
	if (!op)
		return 0;
	ns = BPF_CORE_READ(child, nsproxy, mnt_ns); /* as a number, which a global function takes */
	op->op.new_pid = child->tgid;
	op->op.new_ns_inum = BPF_CORE_READ(ns, ns.inum);
	op->op.new_ns_id = ns_id_of(ns);
	ms_observe_ns((u64)ns, op->op.hdr.op_id);
	return 0;
}

static __always_inline int users(struct nsproxy *p)
{
	struct nsproxy___count *c = (void *)p;
	int n = 0;

	bpf_probe_read_kernel(&n, sizeof(n), (void *)p + bpf_core_field_offset(c->count));
	return n;
}

/* The last process of a namespace ends: unless a pin or an fd holds it, so does the namespace. */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(tp_exit, struct task_struct *t)
{
	struct nsproxy *p = t->nsproxy;
	struct mnt_namespace *ns;
	struct ms_ns r = {};

	if (!p || users(p) > 1)
		return 0;
	ns = p->mnt_ns;
	if (!ns)
		return 0;
	r.hdr.type = MS_REC_NS;
	r.hdr.size = sizeof(r);
	r.hdr.tid = t->pid;
	r.hdr.ktime_ns = bpf_ktime_get_ns();
	r.seq = ms_seq;
	r.ns_id = ns_id_of(ns);
	r.ns_inum = ns->ns.inum;
	r.nr_mounts = ns_mounts_of(ns);
	r.event = MS_NS_MAYBE_DEAD;
	send(&r, sizeof(r), BPF_RB_NO_WAKEUP);
	return 0;
}
