/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers and times as users write them. */
#ifndef MS_CMD_PARSE_H
#define MS_CMD_PARSE_H

#include <stdint.h>

#include "base/util.h"

/* Decimal digits only. 0, -EINVAL (not a number) or -ERANGE (above max). */
int parse__u64(const char *s, uint64_t max, uint64_t *ret);
/* "100us", "5ms", "1.5s", "2m", "1h", and seconds without a unit. 0, -EINVAL or -ERANGE. */
int parse__duration(const char *s, uint64_t *ret_ns);

#endif
