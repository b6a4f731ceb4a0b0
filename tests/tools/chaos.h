/* SPDX-License-Identifier: BSD-2-Clause */
/* The operations of chaos: what may happen, which one happens next, and doing it. */
#ifndef MS_TESTS_CHAOS_H
#define MS_TESTS_CHAOS_H

#include "mountapi.h"

enum op_kind {
	OP_TMPFS,
	OP_BIND,
	OP_RBIND,
	OP_MOVE,
	OP_UMOUNT,
	OP_UMOUNT_LAZY,
	OP_UMOUNT_EXPIRE,
	OP_PROPAGATION,
	OP_REMOUNT,
	OP_FSMOUNT,	/* fsopen, fsconfig, fsmount, move_mount */
	OP_CLONE_TREE,	/* open_tree, move_mount */
	OP_DROP_TREE,	/* open_tree, closed unattached */
	OP_CHANGE_TREE, /* open_tree, mount_setattr, a mount inside, move_mount */
	OP_SETATTR,
	OP_IDMAP,
	OP_SET_GROUP,
	OP_BENEATH,
	OP_RMDIR, /* of what may be a mountpoint in another namespace */
	OP_PIVOT_ROOT,
	OP_PIN, /* nsfs mount of another worker's namespace */
	OP_UNSHARE,
	OP_SETNS,
	OP_WORKER_KINDS,
	OP_SPAWN = OP_WORKER_KINDS, /* the driver's: a new worker in a new namespace */
	OP_EXIT,		    /* a worker ends, and perhaps its namespace */
	OP_KINDS,
	OP_RUN, /* not an operation: the worker is to run freely */
};

enum op_flags {
	OPF_REC = 1 << 0,
	OPF_RO = 1 << 1,
	OPF_NOSUID = 1 << 2,
	OPF_USER = 1 << 3, /* spawn: in a user namespace of its own */
	OPF_CLONE3 = 1 << 4,
};

enum { OP_PATH_MAX = 24, WORKERS_MAX = 64, RING = 64 };

struct op {
	uint32_t kind;
	uint32_t flags;
	uint32_t propagation; /* MS_SHARED ... */
	pid_t pid;	      /* setns, pin: whose namespace */
	char a[OP_PATH_MAX], b[OP_PATH_MAX];
};

struct tally {
	uint64_t ok, failed;
};

/* Where operations come from: nothing but the seed and what was told by gen__learn() decides. */
struct gen {
	uint64_t rng;
	uint64_t nr;
	uint32_t cap;	 /* live mounts not to exceed by much */
	uint32_t mounts; /* live mounts as last counted */
	pid_t peers[WORKERS_MAX];
	unsigned int nr_peers;
	char ring[RING][OP_PATH_MAX]; /* where something was mounted not long ago */
	unsigned int ring_nr;
};

/* Order to run freely, and the answer to it. */
struct run {
	struct gen gen;
	uint64_t ops;
	struct tally tally[OP_KINDS];
	uint64_t hash;
};

const char *op_kind_name(uint32_t kind);
uint64_t gen__random(struct gen *g);
void gen__next(struct gen *g, struct op *ret);
void gen__learn(struct gen *g, const struct op *op, int result);

/* Performs an operation of a worker: 0 or -errno. proc_fd: /proc, as "/" may be anything. */
int op__do(const struct op *op, int proc_fd);
/* Mounts in the namespace of a process, 0 if it cannot be told. */
uint32_t ns__count(int proc_fd, pid_t pid);
int base__populate(void);

#endif
