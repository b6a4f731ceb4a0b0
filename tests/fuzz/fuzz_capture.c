// SPDX-License-Identifier: BSD-2-Clause
/* Any bytes as a capture file: an error, or records of the size they state, in order, up to a cut. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mountscope/capture.h"
#include "source/capture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	uint64_t bytes;
	unsigned last; /* so that each byte is read */
};

static int take(void *arg, const struct ms_hdr *rec, size_t size)
{
	struct seen *s = arg;

	if (size != rec->size || size < sizeof(*rec) || (uintptr_t)rec % 8)
		abort();
	s->bytes += size;
	for (size_t i = 0; i < size; i++)
		s->last += ((const unsigned char *)rec)[i];
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	static char path[32];
	struct capture_reader *r = NULL;
	struct seen s = {};
	int err;

	if (fd < 0) {
		fd = memfd_create("capture", MFD_CLOEXEC);
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	if (ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	if (capture_reader__open(path, &r))
		return 0;
	err = capture_reader__run(r, take, &s);
	if (capture_reader__offset(r) > size || s.bytes > size)
		abort();
	/* Whole: all of it was handed out. */
	if (!err && !capture_reader__cut(r) && capture_reader__offset(r) != size)
		abort();
	capture_reader__free(r);
	return 0;
}
