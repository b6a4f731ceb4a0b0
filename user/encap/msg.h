/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages of the tools that run at boot: to stderr, and from the generator to the journal. */
#ifndef MS_ENCAP_MSG_H
#define MS_ENCAP_MSG_H

#include "base/util.h"

enum {
	MSG_NOTHING = -100, /* as a level: silence */
	MSG_ERROR = 0,	    /* printed whatever -q asks for */
	MSG_INFO = 1,	    /* printed by default, silenced by -q */
	MSG_DEBUG = 2,	    /* printed with -v */
};

struct msg {
	const char *who; /* name in front of each line */
	int level;
	bool journal; /* also to the journal, or to the kernel log when it does not run yet */
};

/* Control characters are printed as \xNN: names and paths in messages are not ours. */
void msg__say(const struct msg *m, int level, const char *fmt, ...) __printf(3, 4);

#define msg__error(m, ...) msg__say(m, MSG_ERROR, __VA_ARGS__)
#define msg__info(m, ...)  msg__say(m, MSG_INFO, __VA_ARGS__)
#define msg__debug(m, ...) msg__say(m, MSG_DEBUG, __VA_ARGS__)

#endif
