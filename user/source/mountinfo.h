/* SPDX-License-Identifier: BSD-2-Clause */
/* One line of /proc/PID/mountinfo (proc_pid_mountinfo(5)), as show_mountinfo() of the kernel prints it. */
#ifndef MS_SOURCE_MOUNTINFO_H
#define MS_SOURCE_MOUNTINFO_H

#include <stddef.h>
#include <stdint.h>

struct mountinfo_str {
	const char *p; /* not NUL-terminated; holds no NUL */
	size_t len;
};

struct mountinfo {
	uint32_t id;
	uint32_t parent_id;
	uint32_t dev;	       /* major << 20 | minor */
	uint32_t peer_group;   /* shared:N */
	uint32_t master_group; /* master:N */
	uint32_t mnt_flags;    /* enum ms_mnt_flag */
	uint32_t sb_flags;     /* 1 (SB_RDONLY) or 0 */
	uint16_t flags;	       /* MS_EFF_UNBINDABLE, MS_EFF_ROOT_UNLINKED, MS_EFF_NS_ROOT */
	struct mountinfo_str root, mountpoint, fstype, source; /* unescaped */
};

/*
 * Reads a line, without or with its newline. Escapes are undone in place, so line is changed. Fields
 * and options that newer kernels add are passed over. 0, or -EBADMSG for what no kernel prints; then
 * *ret is not written to.
 */
int mountinfo__parse(char *line, size_t len, struct mountinfo *ret);

#endif
