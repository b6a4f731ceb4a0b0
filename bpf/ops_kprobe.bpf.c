// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Operations by kprobes on each system call's own function: nothing is added to any other call. */
#include "calls.bpf.h"

#define CALL(name)                                                                                 \
	SEC("kprobe/" SYS_PREFIX #name)                                                            \
	int BPF_KPROBE(kp_sys_##name, struct pt_regs *regs)                                        \
	{                                                                                          \
		call_##name(regs);                                                                 \
		return 0;                                                                          \
	}                                                                                          \
	SEC("kretprobe/" SYS_PREFIX #name)                                                         \
	int BPF_KRETPROBE(kx_sys_##name, long ret)                                                 \
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
