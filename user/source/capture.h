/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading and writing capture files (include/mountscope/capture.h). */
#ifndef MS_SOURCE_CAPTURE_H
#define MS_SOURCE_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "source/source.h"

struct capture_reader;
struct capture_writer;

/*
 * Opens a capture. path "-" is stdin. Errors: -errno of open/read; -ENOMSG: not a capture (magic);
 * -EPROTO: other byte order; -EPROTONOSUPPORT: newer version; -ENODATA: empty or cut inside the header.
 */
int capture_reader__open(const char *path, struct capture_reader **ret);
void capture_reader__free(struct capture_reader *r);
void capture_reader__freep(struct capture_reader **r);

/*
 * Hands every record to fn. Returns fn's non-zero value, 0 at the end, -errno of read, or -EBADMSG
 * when a record's size is impossible (offset says where). A file cut off inside a record ends the
 * run with 0 and sets cut.
 */
int capture_reader__run(struct capture_reader *r, record_fn fn, void *arg);
bool capture_reader__cut(const struct capture_reader *r);
uint64_t
capture_reader__offset(const struct capture_reader *r); /* of the record being read, bytes */

/*
 * Writes to a temporary file beside path; capture_writer__commit() fsyncs and renames it. path "-" is
 * stdout, written directly. Freed without commit: the temporary file is removed.
 */
int capture_writer__open(const char *path, struct capture_writer **ret);
int capture_writer__add(struct capture_writer *w, const struct ms_hdr *rec);
int capture_writer__commit(struct capture_writer *w);
void capture_writer__free(struct capture_writer *w);
void capture_writer__freep(struct capture_writer **w);

#endif
