/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The records that BPF programs, captures and user space exchange.
 *
 * Every record starts with struct ms_hdr and holds only the bytes it needs: strings follow the fixed
 * part, at the lengths the fixed part states, without terminators. Enums only ever grow at the end.
 * All integers are in the byte order of the machine that wrote them; the capture header says which.
 */
#ifndef MOUNTSCOPE_EVENT_H
#define MOUNTSCOPE_EVENT_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

enum ms_rec_type {
	MS_REC_OP = 1,	   /* struct ms_op: an operation has ended */
	MS_REC_EFFECT = 2, /* struct ms_effect: what happened to one mount in one namespace */
	MS_REC_STORM = 3,  /* struct ms_storm: effects of one operation in one namespace, counted */
	MS_REC_NS = 4,	   /* struct ms_ns: a mount namespace appeared or went away */
	MS_REC_CGROUP = 5, /* struct ms_cgroup: path of a cgroup id, sent before its first use */
	MS_REC_SNAP_BEGIN = 6, /* struct ms_snap: a snapshot of one namespace follows */
	MS_REC_SNAP_END = 7,   /* struct ms_snap: and is complete */
	MS_REC_LOSS = 8,       /* struct ms_loss: totals so far; user space */
	MS_REC_META = 9,       /* struct ms_meta: how this run sees; user space, first record */
};

/* Header of every record. */
struct ms_hdr {
	__u16 type; /* enum ms_rec_type */
	__u16 size; /* whole record, header included */
	__u32 tid;  /* thread that acted, in the initial pid namespace; 0: kernel or user space */
	__u64 ktime_ns; /* CLOCK_MONOTONIC; of an operation: its start */
	__u64 op_id;	/* joins effects to their operation; 0: none */
};
_Static_assert(sizeof(struct ms_hdr) == 24, "capture format");

/* User actions (by system call), then the kernel's own. Append only. */
enum ms_op_kind {
	MS_OP_UNKNOWN = 0,
	MS_OP_MOUNT = 1,       /* mount(2): a new filesystem */
	MS_OP_BIND = 2,	       /* mount(2) MS_BIND */
	MS_OP_RBIND = 3,       /* mount(2) MS_BIND | MS_REC */
	MS_OP_MOVE = 4,	       /* mount(2) MS_MOVE */
	MS_OP_REMOUNT = 5,     /* mount(2) MS_REMOUNT */
	MS_OP_PROPAGATION = 6, /* mount(2) MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE */
	MS_OP_UMOUNT = 7,      /* umount(2), umount2(2) */
	MS_OP_FSOPEN = 8,
	MS_OP_FSCONFIG = 9,
	MS_OP_FSMOUNT = 10,
	MS_OP_FSPICK = 11,
	MS_OP_OPEN_TREE = 12,
	MS_OP_OPEN_TREE_ATTR = 13,
	MS_OP_MOVE_MOUNT = 14,
	MS_OP_MOUNT_SETATTR = 15,
	MS_OP_PIVOT_ROOT = 16,
	MS_OP_UNSHARE = 17,	/* unshare(2) CLONE_NEWNS */
	MS_OP_CLONE = 18,	/* clone(2) CLONE_NEWNS */
	MS_OP_CLONE3 = 19,	/* clone3(2) CLONE_NEWNS */
	MS_OP_SETNS = 20,	/* setns(2) into a mount namespace */
	MS_OP_AUTOMOUNT = 21,	/* kernel: finish_automount() */
	MS_OP_EXPIRY = 22,	/* kernel: mark_mounts_for_expiry() */
	MS_OP_NS_TEARDOWN = 23, /* kernel: the last reference to a namespace went */
	MS_OP_DETACH_MOUNTS =
		24,	   /* kernel: a mountpoint was removed elsewhere, __detach_mounts() */
	MS_OP_KERNEL = 25, /* kernel: anything else that touched mounts */
	MS_OP_KIND_MAX,
};

enum ms_op_flags {
	MS_OPF_NO_TARGET = 1 << 0, /* target could not be read from user memory */
	MS_OPF_TRUNCATED = 1 << 1, /* a string was longer than the record holds */
	MS_OPF_STORM = 1 << 2,	   /* effects beyond the storm limit were only counted */
	MS_OPF_LIMIT = 1 << 3,	   /* ENOSPC because of fs.mount-max */
	MS_OPF_JOINED = 1 << 4,	   /* effects were joined in user space (tracepoint backend) */
	MS_OPF_SYNTHETIC = 1 << 5, /* made by user space for effects without a system call */
};

/* One operation, sent when it has ended: after all of its effects. */
struct ms_op {
	struct ms_hdr hdr;
	__u64 end_ns; /* CLOCK_MONOTONIC */
	__u64 ns_id;  /* actor's mount namespace before the operation; 0: kernel has no 64-bit id */
	__u64 new_ns_id; /* namespace made or entered */
	__u64 cgroup_id;
	__u64 sys_flags; /* flags of the system call as given */
	__u32 ns_inum;
	__u32 new_ns_inum;
	__u32 pid; /* thread group */
	__u32 ppid;
	__u32 uid;
	__s32 ret;	     /* of the system call: -errno or >= 0 */
	__u16 kind;	     /* enum ms_op_kind */
	__u16 flags;	     /* enum ms_op_flags */
	__u32 nr_effects;    /* all effects in all namespaces, sent or only counted */
	__u32 mounts_before; /* of the actor's namespace */
	__u32 mounts_after;
	__u32 mount_max; /* fs.mount-max when MS_OPF_LIMIT is set */
	__s32 dfd;	 /* directory fd of the target, -100 (AT_FDCWD) if none */
	__u32 new_pid;	 /* clone, clone3: the child, in the initial pid namespace */
	__u32 pad0;
	char comm[16];
	char pcomm[16];	  /* parent's */
	__u16 source_len; /* data: source, target, fstype */
	__u16 target_len;
	__u16 fstype_len;
	__u16 pad;
	char data[];
};
_Static_assert(sizeof(struct ms_op) == 160, "capture format");

enum ms_effect_kind {
	MS_EFF_ATTACH = 1,	/* a mount appeared in the namespace */
	MS_EFF_DETACH = 2,	/* it went away */
	MS_EFF_MOVE = 3,	/* it has another parent or mountpoint */
	MS_EFF_PROPAGATION = 4, /* peer group, master or unbindable changed */
	MS_EFF_ATTR = 5,	/* mount or superblock attributes changed */
	MS_EFF_LISTED = 6,	/* it stands in a snapshot */
};

enum ms_cause {
	MS_CAUSE_UNKNOWN = 0,
	MS_CAUSE_DIRECT = 1,
	MS_CAUSE_PROPAGATED = 2, /* copy of origin_id, or unmounted because a peer was */
	MS_CAUSE_NS_COPY = 3,	 /* copied with a new namespace */
	MS_CAUSE_MOVED = 4,	 /* its tree was moved or reparented */
	MS_CAUSE_LAZY = 5,	 /* lazy umount */
	MS_CAUSE_TEARDOWN = 6,	 /* its namespace ended */
	MS_CAUSE_SNAPSHOT = 7,	 /* found by reading the table again */
	MS_CAUSE_MAX,
};

enum ms_effect_flags {
	MS_EFF_ABS_PATH = 1 << 0, /* mountpoint is a whole path as its reader sees it, one string */
	MS_EFF_MP_TRUNC = 1 << 1, /* mountpoint walk hit its bound */
	MS_EFF_ROOT_TRUNC = 1 << 2, /* root walk hit its bound */
	MS_EFF_UNBINDABLE = 1 << 3,
	MS_EFF_MP_UNLINKED = 1 << 4, /* mountpoint's dentry is gone from its directory */
	MS_EFF_ROOT_UNLINKED = 1 << 5,
	MS_EFF_NS_ROOT = 1 << 6,    /* root mount of its namespace: parent_id is itself */
	MS_EFF_NO_DETAIL = 1 << 7,  /* only ids are known: gone before it could be read */
	MS_EFF_NO_STRINGS = 1 << 8, /* strings left out: the receiver has them (same mount) */
	MS_EFF_LOCKED = 1 << 9,
	MS_EFF_OBSERVED =
		1 << 10, /* seen standing when a system call ended; source/ joins and drops it */
};

/*
 * One mount in one namespace, as it is after the operation (for a detach: as it was before).
 *
 * Data, in this order: mountpoint, root, fstype, source. Unless MS_EFF_ABS_PATH is set, mountpoint and
 * root are dentry names, leaf first, each ended by a NUL, up to the root of the parent mount and the
 * root of the filesystem: "b\0a\0" is /a/b, "" is the root itself.
 */
struct ms_effect {
	struct ms_hdr hdr;
	__u64 seq; /* order of all effects on the machine, from 1, no gaps but for losses */
	__u64 ns_id;
	__u64 mnt_id_unique; /* 0: kernel has none */
	__u32 ns_inum;
	__u32 mnt_id;
	__u32 parent_id;
	__u32 peer_group;   /* 0: not shared */
	__u32 master_group; /* 0: not a slave */
	__u32 origin_id; /* propagated or copied: the mount it is a copy of; 0: unknown or none */
	__u32 dev;	 /* major << 20 | minor, as the kernel's dev_t */
	__u32 mnt_flags; /* MNT_* of the kernel, visible ones (enum ms_mnt_flag) */
	__u32 sb_flags;	 /* SB_* of the kernel, visible ones */
	__u16 flags;	 /* enum ms_effect_flags */
	__u8 kind;	 /* enum ms_effect_kind */
	__u8 cause;	 /* enum ms_cause */
	__u16 mountpoint_len;
	__u16 root_len;
	__u16 fstype_len;
	__u16 source_len;
	char data[];
};
_Static_assert(sizeof(struct ms_effect) == 96, "capture format; at most 128 without path bytes");

/* include/linux/mount.h: MNT_* that a user can see. Values have not moved from 5.10 to 7.3. */
enum ms_mnt_flag {
	MS_MNT_NOSUID = 0x01,
	MS_MNT_NODEV = 0x02,
	MS_MNT_NOEXEC = 0x04,
	MS_MNT_NOATIME = 0x08,
	MS_MNT_NODIRATIME = 0x10,
	MS_MNT_RELATIME = 0x20,
	MS_MNT_READONLY = 0x40,
	MS_MNT_NOSYMFOLLOW = 0x80,
	MS_MNT_VISIBLE = 0xff,
};

/* Effects that were counted, not sent: sent once per operation and namespace, before the operation. */
struct ms_storm {
	struct ms_hdr hdr;
	__u64 seq; /* of the last effect counted here */
	__u64 ns_id;
	__u32 ns_inum;
	__u32 attached;
	__u32 detached;
	__u32 other;
	__u32 nr_mounts; /* of the namespace when this was sent */
	__u32 pad;
};
_Static_assert(sizeof(struct ms_storm) == 64, "capture format");

enum ms_ns_event {
	MS_NS_BORN = 1,
	MS_NS_DEAD = 2,
	MS_NS_SEEN = 3, /* found at start, or by looking again */
	MS_NS_MAYBE_DEAD =
		4, /* its last process ended (tracepoint backend); a pin may still hold it */
};

struct ms_ns {
	struct ms_hdr hdr;
	__u64 seq;
	__u64 ns_id;
	__u64 from_ns_id; /* copied from */
	__u32 ns_inum;
	__u32 from_ns_inum;
	__u32 user_ns_inum;
	__u32 nr_mounts;
	__u32 root_mnt_id;
	__u8 event; /* enum ms_ns_event */
	__u8 pad[3];
};
_Static_assert(sizeof(struct ms_ns) == 72, "capture format");

/* Path of a cgroup: names leaf first, each ended by a NUL, as in struct ms_effect. */
struct ms_cgroup {
	struct ms_hdr hdr;
	__u64 cgroup_id;
	__u16 path_len;
	__u8 truncated;
	__u8 v1; /* taken from a v1 hierarchy */
	__u32 pad;
	char data[];
};
_Static_assert(sizeof(struct ms_cgroup) == 40, "capture format");

enum ms_snap_flags {
	MS_SNAP_TRUTH =
		1 << 0, /* read at the end of a recording to verify the mirror: not to be applied */
	MS_SNAP_TORN =
		1 << 1, /* of the end: the table changed while it was read, it holds no one moment */
};

/*
 * Brackets the MS_EFF_LISTED records of one namespace. seq is the machine-wide effect number read
 * *before* the table was: the state holds every effect up to it, and may hold later ones. Effects
 * state whole values, so applying later ones again is harmless (docs/architecture.md).
 */
struct ms_snap {
	struct ms_hdr hdr;
	__u64 seq;
	__u64 ns_id;
	__u32 ns_inum;
	__u32 user_ns_inum;
	__u32 root_mnt_id; /* mount that was the reader's / ; 0: unknown */
	__u32 nr_mounts;   /* the kernel's own count, hidden ones included; 0: unknown */
	__s32 err;	   /* of the end: 0 or -errno, then the snapshot must not be used */
	__u32 pid;	   /* process through which the table was read; 0: by setns or statmount */
	__u16 root_path_len; /* data: reader's root below that mount, when not its root ("/x") */
	__u16 flags;	     /* enum ms_snap_flags */
	__u32 pad;
	char data[];
};
_Static_assert(sizeof(struct ms_snap) == 72, "capture format");

enum ms_loss_kind {
	MS_LOSS_RING = 0,     /* ring buffer full: records not sent */
	MS_LOSS_OP_MAP = 1,   /* more operations in flight than the map holds */
	MS_LOSS_SCRATCH = 2,  /* an effect could not be built */
	MS_LOSS_WALK = 3,     /* tree larger than a bounded walk */
	MS_LOSS_NS_MAP = 4,   /* storm counters for more namespaces than the map holds */
	MS_LOSS_FANOTIFY = 5, /* FAN_Q_OVERFLOW */
	MS_LOSS_GONE = 6,     /* a mount went before it could be read (tracepoint backend) */
	MS_LOSS_SNAPSHOT = 7, /* a namespace could not be read */
	MS_LOSS_NR = 8,
};

struct ms_loss {
	struct ms_hdr hdr;
	__u64 lost[MS_LOSS_NR]; /* totals since start, by enum ms_loss_kind */
};
_Static_assert(sizeof(struct ms_loss) == 88, "capture format");

enum ms_backend {
	MS_BACKEND_NONE = 0,
	MS_BACKEND_FENTRY = 1,
	MS_BACKEND_KPROBE = 2,
	MS_BACKEND_TRACEPOINT = 3,
	MS_BACKEND_POLL = 4,
	MS_BACKEND_MAX,
};

/* First record of a stream: what a reader elsewhere needs to know about this machine and run. */
struct ms_meta {
	struct ms_hdr hdr;
	__u64 realtime_ns;  /* CLOCK_REALTIME at hdr.ktime_ns */
	__u32 host_ns_inum; /* mount namespace of PID 1 */
	__u32 self_ns_inum; /* of mountscope */
	__u32 self_pid;
	__u32 mount_max;  /* fs.mount-max */
	__u8 backend;	  /* enum ms_backend */
	__u8 blind;	  /* bits: enum ms_blind */
	__u16 kernel_len; /* data: kernel release, host name */
	__u16 host_len;
	__u16 pad;
	char data[];
};
_Static_assert(sizeof(struct ms_meta) == 56, "capture format");

/* What a run cannot see. */
enum ms_blind {
	MS_BLIND_EFFECTS = 1 << 0,     /* effects only by reading tables again */
	MS_BLIND_OPS = 1 << 1,	       /* no operations at all */
	MS_BLIND_KERNEL_OPS = 1 << 2,  /* automount, expiry, teardown not told apart */
	MS_BLIND_PROPAGATION = 1 << 3, /* propagation changes only by reading tables again */
	MS_BLIND_SHORT_NS = 1 << 4,    /* namespaces that live for milliseconds may be missed */
};

#endif
