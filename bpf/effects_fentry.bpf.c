// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Mount effects by BPF trampolines (fentry, fexit): hooks of effects.bpf.h. */
#define MS_DIRECT
#include "effects.bpf.h"

#define FENTRY(fn, args...)                                                                        \
	SEC("fentry/" #fn)                                                                         \
	int BPF_PROG(fe_##fn, ##args)
#define FEXIT(fn, args...)                                                                         \
	SEC("fexit/" #fn)                                                                          \
	int BPF_PROG(fx_##fn, ##args)

FENTRY(__attach_mnt, struct mount *m)
{
	on_attach(m);
	return 0;
}

FENTRY(make_visible, struct mount *m)
{
	on_attach(m);
	return 0;
}

FENTRY(propagate_mnt, struct mount *dest, struct mountpoint *mp, struct mount *source)
{
	on_propagate(source);
	return 0;
}

FENTRY(mnt_change_mountpoint)
{
	on_reparent();
	return 0;
}

FENTRY(umount_tree, struct mount *m, u32 how)
{
	on_umount_tree(m, how);
	return 0;
}

FEXIT(propagate_umount, struct list_head *list)
{
	on_propagated_umount(list);
	return 0;
}

FEXIT(change_mnt_propagation, struct mount *m)
{
	on_propagation(m);
	return 0;
}

FENTRY(mnt_release_group_id, struct mount *m)
{
	on_group_end(m);
	return 0;
}

/* The result stands behind the arguments, whose number user space reads from BTF. */
SEC("fexit/alloc_mnt_ns")
int fx_alloc_mnt_ns(u64 *ctx)
{
	if (ms_cfg_alloc_ns_args == 1)
		on_alloc_ns((void *)ctx[1]);
	if (ms_cfg_alloc_ns_args == 2)
		on_alloc_ns((void *)ctx[2]);
	if (ms_cfg_alloc_ns_args == 3)
		on_alloc_ns((void *)ctx[3]);
	return 0;
}

FENTRY(security_move_mount, struct path *from, struct path *to)
{
	on_move_security(to);
	return 0;
}

FENTRY(namespace_unlock)
{
	on_unlock();
	return 0;
}

FEXIT(count_mounts, struct mnt_namespace *ns, struct mount *m, int ret)
{
	on_count(ns, ret);
	return 0;
}

FENTRY(path_mount, const char *dev, struct path *path, const char *type, unsigned long flags)
{
	on_path_mount(path, flags);
	return 0;
}

FEXIT(path_mount, const char *dev, struct path *path, const char *type, unsigned long flags,
      void *data, int ret)
{
	if (flags & U_MS_REMOUNT)
		on_path_mounted(ret);
	return 0;
}

FENTRY(finish_automount)
{
	on_kernel_enter(MS_OP_AUTOMOUNT);
	return 0;
}

FEXIT(finish_automount, struct vfsmount *m, struct path *path, int ret)
{
	on_kernel_exit(MS_OP_AUTOMOUNT, ret);
	return 0;
}

FENTRY(mark_mounts_for_expiry)
{
	on_kernel_enter(MS_OP_EXPIRY);
	return 0;
}

FEXIT(mark_mounts_for_expiry)
{
	on_kernel_exit(MS_OP_EXPIRY, 0);
	return 0;
}

FENTRY(__detach_mounts)
{
	on_kernel_enter(MS_OP_DETACH_MOUNTS);
	return 0;
}

FEXIT(__detach_mounts)
{
	on_kernel_exit(MS_OP_DETACH_MOUNTS, 0);
	return 0;
}
