/* SPDX-License-Identifier: BSD-2-Clause */
/* systemd's %-specifiers, for the one place where systemd does not expand them itself. */
#ifndef MS_ENCAP_SPECIFIER_H
#define MS_ENCAP_SPECIFIER_H

#include "base/strbuf.h"

struct specifier_ctx {
	const char *root;     /* "" or what stands for / */
	const char *unit;     /* "name@instance.service" */
	const char *fragment; /* path of its unit file */
};

/*
 * Adds text to out with its specifiers replaced by the system manager's values. One that is not known stays as it is;
 * returns the first such letter, or 0.
 */
char specifier__expand(const struct specifier_ctx *ctx, const char *text, struct strbuf *out);

#endif
