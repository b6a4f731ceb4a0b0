/* SPDX-License-Identifier: BSD-2-Clause */
/* The syntax of systemd's unit files, as its config_parse() and extract_first_word() read it. Pure. */
#ifndef MS_ENCAP_UNITFILE_H
#define MS_ENCAP_UNITFILE_H

#include "base/strbuf.h"

/* A logical line longer than this ends the file, as in systemd. */
#define UNITFILE_LINE_MAX (1024U * 1024U)

/* One assignment; the strings live for the call only. A non-zero return ends the parse. */
typedef int (*unitfile_fn)(const char *section, const char *key, const char *value, void *arg);

/*
 * Calls fn for each assignment inside a section. 0, what fn returned, or -EBADMSG at a line where
 * systemd gives the file up (a broken section header, invalid UTF-8); what came before has been told.
 */
int unitfile__parse(const char *text, size_t len, unitfile_fn fn, void *arg);

/*
 * Takes the next word off *p: quotes removed, C escapes resolved, *p moved behind it and the blanks after
 * it; unknown escapes stay as they are. 1: a word (perhaps empty), 0: no more, -EINVAL: an open quote,
 * for which systemd refuses the line.
 */
int unitfile__next_word(const char **p, struct strbuf *word);

/* systemd's parse_boolean(): 1, 0 or -EINVAL. */
int unitfile__boolean(const char *value);

bool utf8__is_valid(const char *s);

#endif
