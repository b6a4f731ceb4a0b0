/* SPDX-License-Identifier: BSD-2-Clause */
/* Option values that several commands take. */
#ifndef MS_CMD_OPTION_VALUES_H
#define MS_CMD_OPTION_VALUES_H

#include "base/strbuf.h"
#include "decode/decode.h"

typedef const char *(*value_name_fn)(unsigned value);

/* "a b c", the names of 1 up to end. */
void option__add_names(struct strbuf *sb, unsigned end, value_name_fn name);
/* Says into why that there is no such thing, and what there is. -EINVAL. */
int option__bad_name(struct strbuf *why, struct str bad, const char *what, unsigned end,
		     value_name_fn name);
int option__backend(enum ms_backend *ret, const char *value, struct strbuf *why);

/* --buffer: MiB of the ring. 0 or an exit status, after saying why. */
int option__check_buffer(uint32_t mib);

#endif
