/* SPDX-License-Identifier: BSD-2-Clause */
/* Scoped release, ownership transfer and small arithmetic that every stage uses. */
#ifndef MS_BASE_UTIL_H
#define MS_BASE_UTIL_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/banned.h"

#define ARRAY_SIZE(a)  (sizeof(a) / sizeof((a)[0]))
#define __cleanup(fn)  __attribute__((cleanup(fn)))
#define __printf(f, a) __attribute__((format(printf, f, a)))
#define __unused       __attribute__((unused))

#define min(a, b)                                                                                  \
	({                                                                                         \
		__typeof__(a) a_ = (a);                                                            \
		__typeof__(b) b_ = (b);                                                            \
		a_ < b_ ? a_ : b_;                                                                 \
	})
#define max(a, b)                                                                                  \
	({                                                                                         \
		__typeof__(a) a_ = (a);                                                            \
		__typeof__(b) b_ = (b);                                                            \
		a_ > b_ ? a_ : b_;                                                                 \
	})

/* Gives a pointer away: returns it and clears the variable, so that __cleanup finds NULL. */
#define take_ptr(p)                                                                                \
	({                                                                                         \
		__typeof__(p) p_ = (p);                                                            \
		(p) = NULL;                                                                        \
		p_;                                                                                \
	})

static inline int take_fd(int *fd)
{
	int r = *fd;

	*fd = -1;
	return r;
}

static inline void freep(void *p)
{
	free(*(void **)p);
}

static inline void fclosep(FILE **f)
{
	if (*f)
		(void)fclose(*f);
}

/* Closes *fd when it is open; keeps errno. */
static inline void closep(int *fd)
{
	int e = errno;

	if (*fd >= 0)
		(void)close(*fd);
	errno = e;
}

#endif
