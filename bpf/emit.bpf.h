/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What every program shares: the ring, operation states, loss counters and how records get out. */
#ifndef MS_EMIT_BPF_H
#define MS_EMIT_BPF_H

#include "compat.bpf.h"
#include "mountscope/event.h"

#define MS_MAX_PATH	    4096 /* bytes of names a walk may collect, and a bit: see MS_NAME_MAX */
#define MS_NAME_MAX	    256
#define MS_MAX_DEPTH	    64 /* path components of one walk */
#define MS_MAX_SOURCE	    256
#define MS_MAX_TARGET	    1024
#define MS_MAX_FSTYPE	    32
#define MS_SHOWN_BY_EFFECTS 64 /* an operation with at most so many: its target is in the mirror */
#define MS_MAX_STORMED	    1024 /* namespaces counted in one storm */

/*
 * One operation in flight, by thread. Kernel-made ones (automount, expiry, teardown) are lazy: sent
 * only if they had effects.
 */
struct op_state {
	struct ms_op op;
	u64 source; /* user pointers of the strings; 0: none */
	u64 target;
	u64 fstype;
	u64 new_ns;    /* struct mnt_namespace * made by this operation, to be walked at unlock */
	u64 group_mnt; /* struct mount * that MOVE_MOUNT_SET_GROUP changes */
	u64 attr_mnt;  /* struct mount * that a remount changes */
	u64 last_id;   /* tracepoint backend: newest unique id of the actor's namespace at entry */
	u32 sent;      /* effects sent one by one */
	u8 active;     /* it has begun and not ended: storage outlives it */
	u8 lazy;       /* 1: ends with its hook, 2: ends with the transaction */
	u8 filtered;
	u8 pad;
	u64 css_set; /* the thread's, when its cgroup was last looked up: v1 and v2 alike */
	u64 cgroup;  /* struct kernfs_node * in the unified hierarchy, likewise */
	u64 cgroup_id;
};

struct effect_buf {
	struct ms_effect e;
	char data[2 * (MS_MAX_PATH + MS_NAME_MAX) + 2 * MS_MAX_FSTYPE + MS_MAX_SOURCE];
	u16 walked;  /* see forget() */
	u64 fs_name; /* the last file system's: its name, as pointer, length and text */
	u64 fs_len;
	u64 fs_text[MS_MAX_FSTYPE / 8];
};

struct op_buf {
	struct ms_op op;
	char data[MS_MAX_SOURCE + MS_MAX_TARGET + MS_MAX_FSTYPE];
	u32 busy;
};

struct storm_slot {
	u64 ns; /* struct mnt_namespace * */
	u64 ns_id;
	u32 inum;
	u32 attached;
	u32 detached;
	u32 other;
};

struct ops_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2048);
	__type(key, u32);
	__type(value, struct op_state);
};

/* Where the kernel lets tracing programs keep it with the task (5.12): no hashing, nothing to delete. */
struct op_store_map {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct op_state);
};

struct ring_map {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 << 20);
};

struct cgroups_map {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, u64);
	__type(value, u8);
};

struct storm_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MS_MAX_STORMED);
	__type(key, u64);
	__type(value, u32);
};

struct op_buf_map {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct op_buf);
};

struct cgroup_buf {
	struct ms_cgroup c;
	char data[1024 + MS_NAME_MAX];
};

struct cgroup_buf_map {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct cgroup_buf);
};

extern struct cgroup_buf_map ms_cgroup_bufs SEC(".maps");
extern struct op_store_map ms_op_store SEC(".maps");
extern struct ops_map ms_ops SEC(".maps");
extern struct ring_map ms_ring SEC(".maps");
extern struct cgroups_map ms_cgroups SEC(".maps");
extern struct storm_map ms_storms SEC(".maps");
extern struct op_buf_map ms_op_bufs SEC(".maps");

/* Settings, frozen at load. */
extern const volatile u32 ms_cfg_self_tgid;
extern const volatile u32 ms_cfg_filter_tgid;
extern const volatile u32 ms_cfg_filter_ns;

extern const volatile u32 ms_cfg_storm_limit;
extern const volatile u32 ms_cfg_mount_max;
extern const volatile u64 ms_cfg_start_ns;
extern const volatile bool ms_cfg_task_storage;
extern const volatile u32 ms_cfg_alloc_ns_args;
extern const struct op_state ms_no_op; /* all zero */

/*
 * Written only with namespace_sem held for writing (fs/namespace.c), which serialises the machine:
 * plain variables. Losses are approximate under races between operations; they only say "not zero".
 */
extern u64 ms_seq;
extern u64 ms_lost[MS_LOSS_NR];
extern u32 ms_consumer_waiting;
extern u32 ms_hashed; /* an operation is, or was, in ms_ops for want of task storage */

/* The transaction that holds namespace_sem. */
struct txn {
	u64 source; /* struct mount * being propagated */
	u64 tucked; /* struct mount * that has just been put on top of the mount attached next */
	u32 source_id;
	u32 direct;  /* mounts that umount_tree() itself put on the list */
	u32 stormed; /* slots in use */
	u8 cause;
	u8 reparent; /* the attach that follows is mnt_change_mountpoint()'s */
	u8 pad[2];
	u32 lazy;    /* an operation was made up in this transaction */
	u32 pending; /* operations with new_ns or group_mnt set, machine-wide; atomic */
	u64 ptr;     /* see scalar() */
};
extern struct txn ms_txn;
extern struct effect_buf ms_buf;
extern struct storm_slot ms_slots[MS_MAX_STORMED];

/* Walks a tree of mounts in pre-order and emits an effect each; see walk.bpf.c. */
int ms_walk(u64 root, u64 src, u32 kind, u32 cause);
/* Emits one effect by probing reads; master: group that overrides, ~0u for none. */
int ms_emit_probed(u64 mnt, u32 kind, u32 cause, u32 origin, u32 master);
/* Emits what propagate_umount() added to its list behind the first skip; see walk.bpf.c. */
int ms_umounted(u64 list, u32 skip, u32 origin);
/* Emits the slaves of a peer group that ends, under the master that they get. */
int ms_reslaved(u64 mnt);
/* Sends counts of a storm, and clears them. */
int ms_flush_storm(u32 nothing);

/* A pointer that the verifier knows, as the plain number that a global function takes. */
static __always_inline u64 scalar(const void *p)
{
	*(volatile u64 *)&ms_txn.ptr = (u64)p;
	return *(volatile u64 *)&ms_txn.ptr;
}

static __always_inline void lose(u32 kind)
{
	if (kind < MS_LOSS_NR)
		__sync_fetch_and_add(&ms_lost[kind], 1);
}

/* Wakes the consumer only when it says that it sleeps: a busy one drains by itself (live.c). */
static __always_inline u64 wake_flags(void)
{
	if (!ms_consumer_waiting)
		return BPF_RB_NO_WAKEUP;
	ms_consumer_waiting = 0;
	return BPF_RB_FORCE_WAKEUP;
}

static __always_inline void send(void *rec, u32 size, u64 flags)
{
	if (bpf_ringbuf_output(&ms_ring, rec, size, flags))
		lose(MS_LOSS_RING);
}

/* mnt_ns is an ERR_PTR for mounts that belong to the kernel (MNT_NS_INTERNAL). */
static __always_inline bool is_err(const void *p)
{
	return (u64)p > (u64)-4096;
}

static __always_inline u32 tid_now(void)
{
	return (u32)bpf_get_current_pid_tgid();
}

static __always_inline struct op_state *op_now(void)
{
	struct op_state *s;
	u32 tid;

	if (ms_cfg_task_storage) {
		s = bpf_task_storage_get(&ms_op_store, bpf_get_current_task_btf(), NULL, 0);
		if (s && s->active)
			return s;
		if (!ms_hashed)
			return NULL;
	}
	tid = tid_now();
	return bpf_map_lookup_elem(&ms_ops, &tid);
}

#endif
