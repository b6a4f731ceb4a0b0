/* SPDX-License-Identifier: BSD-2-Clause */
/* Checks a record's sizes and makes its strings usable. Pure: no I/O, clock or globals. */
#ifndef MS_DECODE_DECODE_H
#define MS_DECODE_DECODE_H

#include <stddef.h>

#include "mountscope/event.h"

/* Not NUL-terminated, may hold any byte. */
struct str {
	const char *p;
	size_t len;
};

struct op_strings {
	struct str source, target, fstype;
};

struct effect_strings {
	struct str mountpoint, root, fstype, source;
};

/* Longest path that decode makes from leaf-first names, with its NUL. */
#define DECODE_PATH_MAX 8192

/*
 * Each returns 0, or -EBADMSG when the record is shorter than its type or its string lengths need, is
 * of another type, or has an enum value that this version does not know. Strings point into the
 * record (or, for paths, into the caller's buffers).
 */
int decode__op(const struct ms_hdr *rec, size_t size, const struct ms_op **ret,
	       struct op_strings *ret_s);

/*
 * mp and root: buffers of DECODE_PATH_MAX bytes for the turned-round paths. A relative mountpoint is
 * given as "/a/b", the root itself as "" (so that parent path + mountpoint is the path); a root is
 * "/a/b" or "/". Truncated walks start with "/..." .
 */
int decode__effect(const struct ms_hdr *rec, size_t size, char *mp, char *root,
		   const struct ms_effect **ret, struct effect_strings *ret_s);
/* The fixed part only, where no string is wanted: a detach. */
int decode__effect_ids(const struct ms_hdr *rec, size_t size, const struct ms_effect **ret);
int decode__storm(const struct ms_hdr *rec, size_t size, const struct ms_storm **ret);
int decode__ns(const struct ms_hdr *rec, size_t size, const struct ms_ns **ret);
int decode__loss(const struct ms_hdr *rec, size_t size, const struct ms_loss **ret);
int decode__snap(const struct ms_hdr *rec, size_t size, const struct ms_snap **ret,
		 struct str *ret_root_path);
int decode__cgroup(const struct ms_hdr *rec, size_t size, char *path, const struct ms_cgroup **ret,
		   struct str *ret_path);
int decode__meta(const struct ms_hdr *rec, size_t size, const struct ms_meta **ret,
		 struct str *ret_kernel, struct str *ret_host);

/* Names as the user types and reads them ("bind", "propagated", ...); NULL for unknown values. */
const char *op_kind__name(unsigned kind);
const char *effect_kind__name(unsigned kind);
const char *cause__name(unsigned cause);
const char *backend__name(unsigned backend);
const char *loss__name(unsigned kind);
/* The reverse; 0 (MS_OP_UNKNOWN, MS_CAUSE_UNKNOWN, MS_BACKEND_NONE) when there is no such name. */
unsigned op_kind__from_name(const char *name);
unsigned cause__from_name(const char *name);
unsigned backend__from_name(const char *name);

#endif
