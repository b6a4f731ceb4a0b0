/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text of others made safe for where it goes: a terminal or log, and JSON.
 *
 * Names, paths and options may hold any byte. What could move a cursor, change how the rest of a line
 * reads, or is not UTF-8, never comes out as it is.
 */
#ifndef MS_BASE_ESCAPE_H
#define MS_BASE_ESCAPE_H

#include "base/strbuf.h"

/*
 * For people: printable UTF-8 as it is; control characters (C0, DEL, C1), line and paragraph
 * separators, bidirectional overrides and isolates, invisible format characters, bytes that are not
 * UTF-8, and the backslash, as octal escapes of their bytes: "\012", as in mountinfo.
 */
void escape__text(struct strbuf *sb, const char *s, size_t len);
/* True when escape__text() would change nothing. */
bool escape__is_clean(const char *s, size_t len);

/* Every byte belongs to a well-formed character: then escape__json() loses nothing. */
bool escape__is_utf8(const char *s, size_t len);

/*
 * The inside of a JSON string, without its quotes. Always valid JSON and valid UTF-8: each byte that
 * is not UTF-8 becomes U+FFFD, so such a name cannot be read back exactly. Control characters,
 * C1 and DEL included, and what is escaped for people come as \uXXXX.
 */
void escape__json(struct strbuf *sb, const char *s, size_t len);
/* With its quotes. */
void escape__json_string(struct strbuf *sb, const char *s, size_t len);

#endif
