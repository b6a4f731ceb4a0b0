/* SPDX-License-Identifier: BSD-2-Clause */
/* Which hooks this kernel permits, and why not. */
#ifndef MS_SOURCE_PROBE_H
#define MS_SOURCE_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#include "mountscope/event.h"

enum hook_flags {
	HOOK_ENTRY = 1 << 0,
	HOOK_EXIT = 1 << 1,
	HOOK_KEEP = 1 << 2,    /* a kretprobe needs the entry too, which keeps the arguments */
	HOOK_SYSCALL = 1 << 3, /* name stands for the system call's own function */
	HOOK_EFFECTS = 1 << 4, /* without it effects are lost */
	HOOK_LATER = 1 << 5,   /* newer kernels have it: its absence is no defect */
	HOOK_TP = 1 << 6,      /* tp_btf tracepoint */
	HOOK_FANOTIFY = 1 << 7,
};

struct hook {
	const char *name;    /* what is wanted: "propagate_mnt", "sys_mount" */
	const char *gives;   /* in words, for the table: "origin of copies" */
	const char *instead; /* hook that does the same on other kernels; NULL none */
	unsigned flags;	     /* enum hook_flags */
	char symbol[64];     /* what is used: "attach_recursive_mnt.isra.0"; "" none */
	enum ms_backend how; /* MS_BACKEND_NONE: not hooked */
	char reason[96];     /* why not a better one; "" when the best is used */
};

struct hook_table {
	struct hook *v;
	size_t n;
	enum ms_backend backend; /* that these hooks make */
	char reason[200];	 /* why no better backend; "" when it is fentry */
};

/* Releases what a table holds, not the table itself. */
void hook_table__free(struct hook_table *t);

/*
 * Chooses the best permitted backend (want: MS_BACKEND_NONE), or want itself, and a way for each hook.
 * Tries things out with throw-away programs and leaves nothing behind. 0; -EPERM: no privilege to load
 * BPF; -EOPNOTSUPP: want is not possible here; -ENOMEM. reason says why in either case.
 */
int hook_table__probe(enum ms_backend want, struct hook_table *ret);

/*
 * After the kernel refused trampolines that BTF promised (their reason is set): gives these hooks to
 * kprobes. 0, or -EOPNOTSUPP when that leaves effects unseen.
 */
int hook_table__refused(struct hook_table *t);

/* What a run with these hooks cannot see: enum ms_blind. */
unsigned hook_table__blind(const struct hook_table *t);

/* One sentence for each bit of enum ms_blind; NULL for an unknown bit. */
const char *blind__words(unsigned bit);

#endif
