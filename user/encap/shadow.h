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
 * the first. What is hidden in the table "except" as well (the host's; NULL: none) was so before, and is not counted.
 */
int shadow__read(const char *mountinfo, const char *except, struct shadow_result *ret);

#endif
