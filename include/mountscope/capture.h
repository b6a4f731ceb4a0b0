/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Capture file: this header, then records (event.h) back to back until the end of the file.
 *
 * A record's size field is never less than sizeof(struct ms_hdr); unknown types are skipped by size.
 */
#ifndef MOUNTSCOPE_CAPTURE_H
#define MOUNTSCOPE_CAPTURE_H

#include <linux/types.h>

#define MS_CAPTURE_MAGIC   "MNTSCOPE"
#define MS_CAPTURE_VERSION 1
#define MS_CAPTURE_ENDIAN  0x01020304

struct ms_capture_hdr {
	char magic[8];	/* MS_CAPTURE_MAGIC, no terminator */
	__u32 endian;	/* MS_CAPTURE_ENDIAN as the writer stores it */
	__u16 version;	/* MS_CAPTURE_VERSION */
	__u16 hdr_size; /* sizeof(struct ms_capture_hdr): records start here */
	__u64 reserved[2];
};
_Static_assert(sizeof(struct ms_capture_hdr) == 32, "capture format");

#endif
