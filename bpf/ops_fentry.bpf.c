// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Operations by BPF trampolines on each system call's own function: nothing is added to any other call. */
#define MS_DIRECT
#include "calls.bpf.h"

#define CALL(name)                                                                                 \
	SEC("fentry/" SYS_PREFIX #name)                                                            \
	int BPF_PROG(fe_sys_##name, struct pt_regs *regs)                                          \
	{                                                                                          \
		call_##name(regs);                                                                 \
		return 0;                                                                          \
	}                                                                                          \
	SEC("fexit/" SYS_PREFIX #name)                                                             \
	int BPF_PROG(fx_sys_##name, struct pt_regs *regs, long ret)                                \
	{                                                                                          \
		sys_end(ret);                                                                      \
		return 0;                                                                          \
	}

CALL(mount)
CALL(umount)
CALL(fsopen)
CALL(fsconfig)
CALL(fsmount)
CALL(fspick)
CALL(open_tree)
CALL(open_tree_attr)
CALL(move_mount)
CALL(mount_setattr)
CALL(pivot_root)
CALL(unshare)
CALL(clone)
CALL(clone3)
CALL(setns)
