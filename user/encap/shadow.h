/* SPDX-License-Identifier: BSD-2-Clause */
/* Mounts that another one on a directory above them hides. */
#ifndef MS_ENCAP_SHADOW_H
#define MS_ENCAP_SHADOW_H

struct shadow_result {
	unsigned mounts;
	unsigned shadowed;
	char first[256]; /* mountpoint of one of them */
};

/*
 * Of two mounts on the same parent, the one on /a hides the one on /a/b: had the other come later, its parent would be
 * the first.
 */
int shadow__read(const char *mountinfo, struct shadow_result *ret);

#endif
