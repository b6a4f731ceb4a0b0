/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Who acts: process, parent, cgroup and mount namespace of the current task. */
#ifndef MS_TASK_BPF_H
#define MS_TASK_BPF_H

#include "fill.bpf.h"

/* Reads p->f: without a helper call where the verifier knows p's type. */
#define T(p, f) (direct ? (p)->f : BPF_CORE_READ(p, f))

/* Direct reads of the current task need bpf_get_current_task_btf() (5.11). */
#define has_task() has_helper(get_current_task_btf)

static __always_inline u64 ns_id_by(struct mnt_namespace *ns, const bool direct)
{
	struct mnt_namespace___seq *old = (void *)ns;

	if (bpf_core_field_exists(ns->ns.ns_id))
		return T(ns, ns.ns_id);
	if (bpf_core_field_exists(old->seq))
		return T(old, seq);
	return 0;
}

static __always_inline u32 ns_mounts_by(struct mnt_namespace *ns, const bool direct)
{
	struct mnt_namespace___count *old = (void *)ns;

	if (bpf_core_field_exists(ns->nr_mounts))
		return T(ns, nr_mounts);
	return T(old, mounts);
}

static __always_inline u64 ns_id_of(struct mnt_namespace *ns)
{
	return ns_id_by(ns, false);
}

static __always_inline u32 ns_mounts_of(struct mnt_namespace *ns)
{
	return ns_mounts_by(ns, false);
}

static __always_inline struct mnt_namespace *current_ns(void)
{
	struct task_struct *t = (void *)bpf_get_current_task();

	return BPF_CORE_READ(t, nsproxy, mnt_ns);
}

static __always_inline struct kernfs_node *kn_parent(struct kernfs_node *kn)
{
	struct kernfs_node___parent *old = (void *)kn;

	if (bpf_core_field_exists(kn->__parent))
		return BPF_CORE_READ(kn, __parent);
	return BPF_CORE_READ(old, parent);
}

#define MS_CGROUP_DEPTH 24

/* Sends a cgroup's path, so that it is known after the cgroup is gone. */
static __noinline void tell_cgroup(struct kernfs_node *kn, u64 id, bool v1)
{
	struct cgroup_buf *b;
	u32 zero = 0, off = 0;
	int i;

	b = bpf_map_lookup_elem(&ms_cgroup_bufs, &zero);
	if (!b)
		return;
	b->c.truncated = 1;
	for (i = 0; i < MS_CGROUP_DEPTH; i++) {
		struct kernfs_node *parent = kn_parent(kn);
		long n;

		if (!parent) {
			b->c.truncated = 0;
			break;
		}
		if (off > 1024)
			break;
		n = bpf_probe_read_kernel_str(&b->data[off], MS_NAME_MAX, BPF_CORE_READ(kn, name));
		if (n <= 0 || n > MS_NAME_MAX)
			break;
		off += n;
		kn = parent;
	}
	b->c.hdr.type = MS_REC_CGROUP;
	b->c.hdr.tid = tid_now();
	b->c.hdr.ktime_ns = bpf_ktime_get_ns();
	b->c.hdr.op_id = 0;
	b->c.cgroup_id = id;
	b->c.path_len = off;
	b->c.v1 = v1;
	b->c.pad = 0;
	b->c.hdr.size = sizeof(b->c) + off;
	send(b, (sizeof(b->c) + off) & 0x7ff, BPF_RB_NO_WAKEUP);
}

/* Path of the memory or pids hierarchy, where the unified one has everything in its root. */
static __always_inline struct kernfs_node *v1_cgroup(struct css_set *set)
{
	struct cgroup_subsys_state *css = NULL;
	u32 idx = 0;

	if (bpf_core_enum_value_exists(enum cgroup_subsys_id, pids_cgrp_id))
		idx = bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id);
	else if (bpf_core_enum_value_exists(enum cgroup_subsys_id, memory_cgrp_id))
		idx = bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id);
	else
		return NULL;
	bpf_probe_read_kernel(&css, sizeof(css),
			      (void *)set + bpf_core_field_offset(set->subsys) + 8 * (u64)idx);
	return css ? BPF_CORE_READ(css, cgroup, kn) : NULL;
}

/* Id of the task's cgroup; its path is sent before the first record that names it. */
static __always_inline u64 note_cgroup(struct op_state *s, struct css_set *set, const bool direct)
{
	struct cgroup *cg = T(set, dfl_cgrp);
	struct kernfs_node *kn = T(cg, kn), *v1;
	bool is_v1 = false;
	u64 id;
	u8 one = 1;

	if (s->css_set == (u64)set && s->cgroup == (u64)kn)
		return s->cgroup_id; /* as in the thread's last operation */
	s->css_set = (u64)set;
	s->cgroup = (u64)kn;
	if (!T(cg, level)) {
		v1 = v1_cgroup(set);
		if (v1 && kn_parent(v1)) {
			kn = v1;
			is_v1 = true;
		}
	}
	id = BPF_CORE_READ(kn, id);
	if (is_v1)
		id |= 1ULL << 63; /* ids are per hierarchy */
	s->cgroup_id = id;
	if (!bpf_map_lookup_elem(&ms_cgroups, &id)) {
		tell_cgroup(kn, id, is_v1);
		bpf_map_update_elem(&ms_cgroups, &id, &one, BPF_ANY);
	}
	return id;
}

static __always_inline void put_comm(char *comm, struct task_struct *t, const bool direct)
{
	if (direct) {
		/* two words: a copy as bytes would be sixteen loads */
		((u64 *)comm)[0] = *(u64 *)&t->comm[0];
		((u64 *)comm)[1] = *(u64 *)&t->comm[8];
	} else {
		bpf_core_read(comm, 16, &t->comm);
	}
	comm[15] = '\0';
}

static __always_inline void put_actor(struct op_state *s, struct task_struct *t, const bool direct)
{
	struct task_struct *parent = T(t, real_parent), *leader = T(parent, group_leader);
	struct ms_op *op = &s->op;

	op->uid = bpf_get_current_uid_gid();
	op->ppid = T(parent, tgid);
	put_comm(op->comm, t, direct);
	put_comm(op->pcomm, leader, direct);
	op->cgroup_id = note_cgroup(s, T(t, cgroups), direct);
}

#endif
