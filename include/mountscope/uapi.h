/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Kernel interfaces that are newer than the headers of Debian 12. User space only.
 *
 * Constants give way to the system's own. A structure that grew after it first appeared has a name of
 * ours, so that any age of system header compiles; the kernel is told its size.
 */
#ifndef MOUNTSCOPE_UAPI_H
#define MOUNTSCOPE_UAPI_H

#include <linux/fanotify.h>
#include <linux/ioctl.h>
#include <linux/nsfs.h>
#include <linux/types.h>

/* <linux/nsfs.h> */
#ifndef NSIO
#define NSIO 0xb7
#endif
#ifndef NS_GET_USERNS
#define NS_GET_USERNS _IO(NSIO, 0x1)
#endif
#ifndef NS_GET_MNTNS_ID /* 6.11 */
#define NS_GET_MNTNS_ID _IOR(NSIO, 0x5, __u64)
#endif
#ifndef NS_MNT_GET_INFO /* 6.12 */
struct mnt_ns_info {
	__u32 size;
	__u32 nr_mounts;
	__u64 mnt_ns_id;
};
#define MNT_NS_INFO_SIZE_VER0 16
#define NS_MNT_GET_INFO	      _IOR(NSIO, 10, struct mnt_ns_info)
#endif

/* <linux/magic.h> has it from 5.17 on under this name. */
#ifndef NSFS_MAGIC
#define NSFS_MAGIC 0x6e736673
#endif

/* <linux/stat.h> */
#ifndef STATX_MNT_ID /* 5.8 */
#define STATX_MNT_ID 0x00001000U
#endif
#ifndef STATX_MNT_ID_UNIQUE /* 6.8 */
#define STATX_MNT_ID_UNIQUE 0x00004000U
#endif
#ifndef STATX_ATTR_MOUNT_ROOT /* 5.8 */
#define STATX_ATTR_MOUNT_ROOT 0x00002000
#endif

/* <linux/mount.h>, statmount(2) and listmount(2): 6.8. The numbers are the same on every architecture. */
#ifndef __NR_statmount
#define __NR_statmount 457
#endif
#ifndef __NR_listmount
#define __NR_listmount 458
#endif

/* struct statmount of 6.16. The fixed part has been 512 bytes since 6.8; str begins there. */
struct ms_statmount {
	__u32 size; /* of all of it, strings included */
	__u32 mnt_opts;
	__u64 mask;
	__u32 sb_dev_major;
	__u32 sb_dev_minor;
	__u64 sb_magic;
	__u32 sb_flags;
	__u32 fs_type;
	__u64 mnt_id;
	__u64 mnt_parent_id;
	__u32 mnt_id_old;
	__u32 mnt_parent_id_old;
	__u64 mnt_attr;
	__u64 mnt_propagation;
	__u64 mnt_peer_group;
	__u64 mnt_master;
	__u64 propagate_from;
	__u32 mnt_root;
	__u32 mnt_point;
	__u64 mnt_ns_id;
	__u32 fs_subtype;
	__u32 sb_source;
	__u32 opt_num;
	__u32 opt_array;
	__u32 opt_sec_num;
	__u32 opt_sec_array;
	__u64 supported_mask;
	__u64 spare[45];
	char str[];
};
_Static_assert(sizeof(struct ms_statmount) == 512, "kernel ABI");

/* struct mnt_id_req, version 1 (6.11). Version 0 ends before mnt_ns_id. */
struct ms_mnt_id_req {
	__u32 size;
	__u32 spare;
	__u64 mnt_id;
	__u64 param; /* statmount: mask; listmount: last id seen */
	__u64 mnt_ns_id;
};
_Static_assert(sizeof(struct ms_mnt_id_req) == 32, "kernel ABI");

#ifndef MNT_ID_REQ_SIZE_VER0
#define MNT_ID_REQ_SIZE_VER0 24
#endif
#ifndef MNT_ID_REQ_SIZE_VER1
#define MNT_ID_REQ_SIZE_VER1 32
#endif
#ifndef STATMOUNT_SB_BASIC
#define STATMOUNT_SB_BASIC	 0x00000001U
#define STATMOUNT_MNT_BASIC	 0x00000002U
#define STATMOUNT_PROPAGATE_FROM 0x00000004U
#define STATMOUNT_MNT_ROOT	 0x00000008U
#define STATMOUNT_MNT_POINT	 0x00000010U
#define STATMOUNT_FS_TYPE	 0x00000020U
#endif
#ifndef STATMOUNT_MNT_NS_ID
#define STATMOUNT_MNT_NS_ID 0x00000040U
#endif
#ifndef STATMOUNT_MNT_OPTS
#define STATMOUNT_MNT_OPTS 0x00000080U
#endif
#ifndef STATMOUNT_FS_SUBTYPE
#define STATMOUNT_FS_SUBTYPE 0x00000100U
#endif
#ifndef STATMOUNT_SB_SOURCE
#define STATMOUNT_SB_SOURCE 0x00000200U
#endif
#ifndef STATMOUNT_SUPPORTED_MASK
#define STATMOUNT_SUPPORTED_MASK 0x00001000U
#endif
#ifndef LSMT_ROOT
#define LSMT_ROOT 0xffffffffffffffff
#endif
#ifndef LISTMOUNT_REVERSE
#define LISTMOUNT_REVERSE (1 << 0)
#endif

/* <linux/fanotify.h>: mount events, 6.15. */
#ifndef FAN_MNT_ATTACH
#define FAN_MNT_ATTACH 0x01000000
#endif
#ifndef FAN_MNT_DETACH
#define FAN_MNT_DETACH 0x02000000
#endif
#ifndef FAN_REPORT_MNT
#define FAN_REPORT_MNT 0x00004000
#endif
#ifndef FAN_MARK_MNTNS
#define FAN_MARK_MNTNS 0x00000110
#endif
#ifndef FAN_EVENT_INFO_TYPE_MNT
#define FAN_EVENT_INFO_TYPE_MNT 7
struct fanotify_event_info_mnt {
	struct fanotify_event_info_header hdr;
	__u64 mnt_id; /* unique id */
};
#endif

#endif
