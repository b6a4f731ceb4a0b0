/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The system calls on mounts: which argument is what. */
#ifndef MS_CALLS_BPF_H
#define MS_CALLS_BPF_H

#include "op.bpf.h"

#if defined(__TARGET_ARCH_x86)
#define SYS_PREFIX "__x64_sys_"
#define A0(r)	   RD(r, di)
#define A1(r)	   RD(r, si)
#define A2(r)	   RD(r, dx)
#define A3(r)	   RD(r, r10)
#define A4(r)	   RD(r, r8)
#elif defined(__TARGET_ARCH_arm64)
#define SYS_PREFIX "__arm64_sys_"
#define A0(r)	   RD(r, regs[0])
#define A1(r)	   RD(r, regs[1])
#define A2(r)	   RD(r, regs[2])
#define A3(r)	   RD(r, regs[3])
#define A4(r)	   RD(r, regs[4])
#endif

static __always_inline void call_mount(struct pt_regs *r)
{
	u64 flags = A3(r);
	u32 kind = mount_kind(flags);

	/* the kernel ignores the others, and callers leave anything there */
	sys_begin(kind, flags, kind <= MS_OP_MOVE ? A0(r) : 0, A1(r),
		  kind == MS_OP_MOUNT ? A2(r) : 0, AT_FDCWD);
}

static __always_inline void call_umount(struct pt_regs *r)
{
	sys_begin(MS_OP_UMOUNT, A1(r), 0, A0(r), 0, AT_FDCWD);
}

static __always_inline void call_fsopen(struct pt_regs *r)
{
	sys_begin(MS_OP_FSOPEN, A1(r), 0, 0, A0(r), AT_FDCWD);
}

/* The key is shown as target; values may be secrets and are never read. */
static __always_inline void call_fsconfig(struct pt_regs *r)
{
	sys_begin(MS_OP_FSCONFIG, A1(r), 0, A2(r), 0, A0(r));
}

static __always_inline void call_fsmount(struct pt_regs *r)
{
	sys_begin(MS_OP_FSMOUNT, A1(r), 0, 0, 0, A0(r));
}

static __always_inline void call_fspick(struct pt_regs *r)
{
	sys_begin(MS_OP_FSPICK, A2(r), 0, A1(r), 0, A0(r));
}

static __always_inline void call_open_tree(struct pt_regs *r)
{
	sys_begin(MS_OP_OPEN_TREE, A2(r), 0, A1(r), 0, A0(r));
}

static __always_inline void call_open_tree_attr(struct pt_regs *r)
{
	sys_begin(MS_OP_OPEN_TREE_ATTR, A2(r), 0, A1(r), 0, A0(r));
}

static __always_inline void call_move_mount(struct pt_regs *r)
{
	sys_begin(MS_OP_MOVE_MOUNT, A4(r), A1(r), A3(r), 0, A2(r));
}

static __always_inline void call_mount_setattr(struct pt_regs *r)
{
	sys_begin(MS_OP_MOUNT_SETATTR, A2(r), 0, A1(r), 0, A0(r));
}

static __always_inline void call_pivot_root(struct pt_regs *r)
{
	sys_begin(MS_OP_PIVOT_ROOT, 0, A1(r), A0(r), 0, AT_FDCWD);
}

static __always_inline void call_unshare(struct pt_regs *r)
{
	if (A0(r) & U_CLONE_NEWNS)
		sys_begin(MS_OP_UNSHARE, A0(r), 0, 0, 0, AT_FDCWD);
}

static __always_inline void call_clone(struct pt_regs *r)
{
	if (A0(r) & U_CLONE_NEWNS)
		sys_begin(MS_OP_CLONE, A0(r), 0, 0, 0, AT_FDCWD);
}

static __always_inline void call_clone3(struct pt_regs *r)
{
	u64 flags = 0;

	/* struct clone_args starts with the flags */
	if (bpf_probe_read_user(&flags, sizeof(flags), (void *)A0(r)))
		return;
	if (flags & U_CLONE_NEWNS)
		sys_begin(MS_OP_CLONE3, flags, 0, 0, 0, AT_FDCWD);
}

static __always_inline void call_setns(struct pt_regs *r)
{
	sys_begin(MS_OP_SETNS, A1(r), 0, 0, 0, A0(r));
}

#endif
