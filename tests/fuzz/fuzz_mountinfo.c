// SPDX-License-Identifier: BSD-2-Clause
/* Any bytes as a line of mountinfo: refused, or fields that lie within it and hold what they may. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "source/mountinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_str(struct mountinfo_str s, const char *line, size_t len)
{
	if (s.p < line || s.p + s.len > line + len || memchr(s.p, '\0', s.len))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = malloc(size ? size : 1); /* of just this size: sanitizers see a byte too far */
	struct mountinfo mi;

	memcpy(line, data, size);
	if (!mountinfo__parse(line, size, &mi)) {
		check_str(mi.root, line, size);
		check_str(mi.mountpoint, line, size);
		check_str(mi.fstype, line, size);
		check_str(mi.source, line, size);
		if (!mi.id || !mi.root.len || !mi.mountpoint.len || mi.mountpoint.p[0] != '/' ||
		    mi.sb_flags > 1)
			abort();
	}
	free(line);
	return 0;
}
