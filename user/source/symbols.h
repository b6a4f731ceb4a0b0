/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of kernel functions (/proc/kallsyms), and whether probes on them are possible at all. */
#ifndef MS_SOURCE_SYMBOLS_H
#define MS_SOURCE_SYMBOLS_H

#include <stdbool.h>

/* include/linux/errno.h: the kernel leaks it to user space. */
#define ENOTSUPP_KERNEL 524

struct symbols;

/* Reads the functions of the core kernel. 0, -errno of reading, -ENOMEM. */
int symbols__read(struct symbols **ret);
void symbols__free(struct symbols *s);
void symbols__freep(struct symbols **s);

/*
 * The symbol under which a function stands: its own name, or with what a compiler adds to a clone of
 * it that has another signature or place (.isra.N, .constprop.N). NULL: none. Owned by s.
 */
const char *symbols__find(const struct symbols *s, const char *function);

/* "__x64_sys_" or what this architecture has. */
const char *symbols__sys_prefix(void);

/* 0 when kprobes can be had through perf_event_open(2), else -errno. */
int kprobe__possible(void);
const char *kprobe__words(int err);

/* 0 when fanotify reports mounts (FAN_REPORT_MNT, 6.15), else -errno. */
int fanotify_mnt__possible(void);

#endif
