// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Mount effects by kprobes: hooks of effects.bpf.h, for functions without a trampoline. A kretprobe
 * does not see the arguments, so its entry keeps them: under namespace_sem one variable is enough.
 */
#include "effects.bpf.h"

#define KPROBE(fn, args...)                                                                        \
	SEC("kprobe/" #fn)                                                                         \
	int BPF_KPROBE(kp_##fn, ##args)
#define KRETPROBE(fn, args...)                                                                     \
	SEC("kretprobe/" #fn)                                                                      \
	int BPF_KRETPROBE(kx_##fn, ##args)

u64 ms_kept_list = 0;
u64 ms_kept_mnt = 0;
u64 ms_kept_ns = 0;

KPROBE(__attach_mnt, struct mount *m)
{
	on_attach(m);
	return 0;
}

KPROBE(make_visible, struct mount *m)
{
	on_attach(m);
	return 0;
}

KPROBE(propagate_mnt, struct mount *dest, struct mountpoint *mp, struct mount *source)
{
	on_propagate(source);
	return 0;
}

KPROBE(mnt_change_mountpoint)
{
	on_reparent();
	return 0;
}

KPROBE(umount_tree, struct mount *m, u32 how)
{
	on_umount_tree(m, how);
	return 0;
}

KPROBE(propagate_umount, struct list_head *list)
{
	ms_kept_list = (u64)list;
	return 0;
}

KRETPROBE(propagate_umount)
{
	on_propagated_umount((void *)ms_kept_list);
	return 0;
}

KPROBE(change_mnt_propagation, struct mount *m)
{
	ms_kept_mnt = (u64)m;
	return 0;
}

KRETPROBE(change_mnt_propagation)
{
	on_propagation((void *)ms_kept_mnt);
	return 0;
}

KPROBE(mnt_release_group_id, struct mount *m)
{
	on_group_end(m);
	return 0;
}

KRETPROBE(alloc_mnt_ns, struct mnt_namespace *ns)
{
	on_alloc_ns(ns);
	return 0;
}

KPROBE(security_move_mount, struct path *from, struct path *to)
{
	on_move_security(to);
	return 0;
}

KPROBE(namespace_unlock)
{
	on_unlock();
	return 0;
}

KPROBE(count_mounts, struct mnt_namespace *ns)
{
	ms_kept_ns = (u64)ns;
	return 0;
}

KRETPROBE(count_mounts, int ret)
{
	on_count((void *)ms_kept_ns, ret);
	return 0;
}

KPROBE(path_mount, const char *dev, struct path *path, const char *type, unsigned long flags)
{
	on_path_mount(path, flags);
	return 0;
}

KRETPROBE(path_mount, int ret)
{
	on_path_mounted(ret);
	return 0;
}

KPROBE(finish_automount)
{
	on_kernel_enter(MS_OP_AUTOMOUNT);
	return 0;
}

KRETPROBE(finish_automount, int ret)
{
	on_kernel_exit(MS_OP_AUTOMOUNT, ret);
	return 0;
}

KPROBE(mark_mounts_for_expiry)
{
	on_kernel_enter(MS_OP_EXPIRY);
	return 0;
}

KRETPROBE(mark_mounts_for_expiry)
{
	on_kernel_exit(MS_OP_EXPIRY, 0);
	return 0;
}

KPROBE(__detach_mounts)
{
	on_kernel_enter(MS_OP_DETACH_MOUNTS);
	return 0;
}

KRETPROBE(__detach_mounts)
{
	on_kernel_exit(MS_OP_DETACH_MOUNTS, 0);
	return 0;
}
