/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Fields, enums and helpers that moved between kernels 5.10 and 7.3, as CO-RE flavours.
 *
 * RD(p, f) reads p->f: directly where the verifier knows p's type (MS_DIRECT, in trampoline and tp_btf
 * programs), else by bpf_probe_read_kernel().
 */
#ifndef MS_COMPAT_BPF_H
#define MS_COMPAT_BPF_H

#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

/* <= 6.16, mnt_flags (commit "take IS_MNT_SHARED ... out of mnt_flags", 6.17); then mnt_t_flags. */
#define MNT_SHARED_OLD	   0x1000
#define MNT_UNBINDABLE_OLD 0x2000
#define T_SHARED	   1
#define T_UNBINDABLE	   2
#define MNT_LOCKED	   0x800000
#define MNT_UMOUNT	   0x8000000 /* on its way out, set before its namespace is cleared */

/* <= 6.17: the namespace's own 64-bit id. 6.18 has it in ns_common. */
struct mnt_namespace___seq {
	u64 seq;
} __attribute__((preserve_access_index));

/* <= 6.7: `mounts` is the count; 6.8 made it the tree and added nr_mounts. */
struct mnt_namespace___count {
	unsigned int mounts;
} __attribute__((preserve_access_index));

struct mnt_namespace___anon {
	bool is_anon;
} __attribute__((preserve_access_index));

/* <= 6.16: slaves hang in a list_head; later in an hlist. */
struct mount___slave_list {
	struct list_head mnt_slave_list;
	struct list_head mnt_slave;
} __attribute__((preserve_access_index));

/* <= 6.14: kernfs_node.parent; 6.15 put it under RCU as __parent. */
struct kernfs_node___parent {
	struct kernfs_node *parent;
} __attribute__((preserve_access_index));

/* Only its status: the whole of thread_info is the architecture's. */
struct thread_info___ms {
	u32 status;
} __attribute__((preserve_access_index));

struct task_struct___ti {
	struct thread_info___ms thread_info;
} __attribute__((preserve_access_index));

/* atomic_t, refcount_t from 6.4 on: either is a structure that starts with the number. */
struct nsproxy___count {
	struct {
		int n;
	} count;
} __attribute__((preserve_access_index));

/* Helpers by number, under names of our own: whether this kernel has them. */
enum bpf_func_id___ms {
	BPF_FUNC_get_current_task_btf___ms = 158, /* 5.11 */
};

#define has_helper(name) bpf_core_enum_value_exists(enum bpf_func_id___ms, BPF_FUNC_##name##___ms)

#define container(ptr, type, member)                                                               \
	((type *)((void *)(ptr)-__builtin_preserve_field_info(((type *)0)->member,                 \
							      BPF_FIELD_BYTE_OFFSET)))

#ifndef EPERM
#define EPERM  1
#define ENOSPC 28
#endif
#define AT_FDCWD (-100)

#endif
