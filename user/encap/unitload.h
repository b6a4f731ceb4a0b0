/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds a service's unit file and drop-ins where systemd does, and adds them up. */
#ifndef MS_ENCAP_UNITLOAD_H
#define MS_ENCAP_UNITLOAD_H

#include "encap/unit.h"
#include "encap/unitname.h"

#define UNITLOAD_FILES_MAX 512

struct unit_files {
	char name[UNITNAME_MAX]; /* the unit's own name where the asked one is an alias */
	char *fragment;
	char *dropins[UNITLOAD_FILES_MAX]; /* in the order they apply */
	size_t n_dropins;
};

struct unitload_opts {
	const char *root; /* "" or the directory that stands for / */
	const char *skip; /* name of a drop-in to leave out (our own), or NULL */
	bool generated;	  /* look into the generators' directories too */
};

void unit_files__free(struct unit_files *f);

/* -ENOENT: no such unit; -ERFKILL: masked; -ELOOP: aliases without end. */
int unitload__find(const struct unitload_opts *o, const char *name, struct unit_files *ret);

/* -EBADMSG: systemd would give the unit file up as well. */
int unitload__read(const struct unitload_opts *o, const struct unit_files *f, struct unit **ret);

/* Reads a whole file of at most 4 MiB under the root, following links within it. */
int unitload__slurp(const char *root, const char *path, char **ret, size_t *ret_len);

#endif
