/* SPDX-License-Identifier: BSD-2-Clause */
/* The few facts of mountinfo that pinning needs, without libmount. */
#ifndef MS_ENCAP_MNTTAB_H
#define MS_ENCAP_MNTTAB_H

#include "base/util.h"

/* One line; the strings live in the line and are unescaped. */
struct mnt_line {
	int id;
	int parent;
	const char *root;
	const char *where;
	const char *fstype;
	int shared; /* peer group, or 0 */
	int master; /* master's peer group, or 0 */
	bool unbindable;
};

/* Splits one line in place; false when it is not a mountinfo line. */
bool mnt_line__parse(char *line, struct mnt_line *ret);

/* Calls fn for each line of FILE (/proc/PID/mountinfo); a non-zero return stops it. */
typedef int (*mnt_line_fn)(const struct mnt_line *l, void *arg);
int mnttab__for_each(const char *file, mnt_line_fn fn, void *arg);

/*
 * What one sees at PATH: the mount ID of the topmost mount on which it lies, and whether PATH is
 * that mount's mountpoint.
 */
struct mnt_at {
	int id;
	bool is_mountpoint;
	bool is_nsfs;
	bool unbindable;
	int shared;
	int master;
	int below; /* mounts on this one */
};

int mnttab__at(const char *path, struct mnt_at *ret);

/* The inode of a mount namespace pinned at PATH in PID 1's table even when overmounted, or 0. */
unsigned long mnttab__pinned_ino(const char *path);

#endif
