/* SPDX-License-Identifier: BSD-2-Clause */
/* Text of others on a terminal of either kind, and the columns that it takes there. */
#ifndef MS_SINK_SHOW_H
#define MS_SINK_SHOW_H

#include "base/escape.h"

/*
 * escape__text(), and where the terminal has no UTF-8 every byte above 0x7e is an octal escape as
 * well. Returns the columns taken (those of wide
 * characters need LC_CTYPE set).
 */
size_t show__add(struct strbuf *sb, const char *p, size_t len, bool utf8);

#endif
