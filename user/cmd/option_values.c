// SPDX-License-Identifier: BSD-2-Clause
/* Option values that several commands take. */
#include "cmd/option_values.h"

#include "cmd/cmd.h"

/* ring_bytes is 32 bits wide. */
#define MAX_BUFFER_MIB 2048u

void option__add_names(struct strbuf *sb, unsigned end, value_name_fn name)
{
	for (unsigned i = 1; i < end; i++) {
		if (i > 1)
			strbuf__addc(sb, ' ');
		strbuf__adds(sb, name(i));
	}
}

int option__bad_name(struct strbuf *why, struct str bad, const char *what, unsigned end,
		     value_name_fn name)
{
	strbuf__addf(why, "there is no %s '%.*s': there are ", what, (int)bad.len, bad.p);
	option__add_names(why, end, name);
	return -EINVAL;
}

int option__backend(enum ms_backend *ret, const char *value, struct strbuf *why)
{
	unsigned backend = backend__from_name(value);

	if (!backend)
		return option__bad_name(why, (struct str){ value, strlen(value) }, "backend",
					MS_BACKEND_MAX, backend__name);
	*ret = backend;
	return 0;
}

int option__check_buffer(uint32_t mib)
{
	if (mib <= MAX_BUFFER_MIB)
		return 0;
	return fail(EXIT_USAGE, "cannot use --buffer %u: at most %u MiB", mib, MAX_BUFFER_MIB);
}
