// SPDX-License-Identifier: BSD-2-Clause
/* Numbers and times as users write them. */
#include "cmd/parse.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Moves *s behind the digits. */
static int digits(const char **s, uint64_t max, uint64_t *ret)
{
	uint64_t v = 0;

	if (!is_digit(**s))
		return -EINVAL;
	for (; is_digit(**s); (*s)++) {
		unsigned d = (unsigned)(**s - '0');

		if (v > (max - d) / 10)
			return -ERANGE;
		v = v * 10 + d;
	}
	*ret = v;
	return 0;
}

int parse__u64(const char *s, uint64_t max, uint64_t *ret)
{
	uint64_t v;
	int err = digits(&s, max, &v);

	if (err)
		return err;
	if (*s)
		return -EINVAL;
	*ret = v;
	return 0;
}

static const struct unit {
	const char *name;
	uint64_t ns;
} units[] = {
	{ "", 1000000000 },
	{ "s", 1000000000 },
	{ "ms", 1000000 },
	{ "us", 1000 },
	{ "ns", 1 },
	{ "m", 60 * 1000000000ULL },
	{ "min", 60 * 1000000000ULL },
	{ "h", 3600 * 1000000000ULL },
};

static const struct unit *find_unit(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (!strcmp(units[i].name, name))
			return &units[i];
	return NULL;
}

int parse__duration(const char *s, uint64_t *ret_ns)
{
	uint64_t whole, fraction = 0, scale = 1, ns;
	const struct unit *u;
	int err;

	err = digits(&s, UINT64_MAX, &whole);
	if (err)
		return err;
	if (*s == '.') {
		if (!is_digit(*++s))
			return -EINVAL;
		/* Nine digits: what is below a nanosecond of a second is of no use to anybody. */
		for (; is_digit(*s); s++) {
			if (scale >= 1000000000)
				continue;
			fraction = fraction * 10 + (unsigned)(*s - '0');
			scale *= 10;
		}
	}
	u = find_unit(s);
	if (!u)
		return -EINVAL;
	if (__builtin_mul_overflow(whole, u->ns, &ns))
		return -ERANGE;
	/* fraction < 10^9; dividing before multiplying by minutes and hours stays in range. */
	fraction = u->ns >= scale ? fraction * (u->ns / scale) : fraction * u->ns / scale;
	if (__builtin_add_overflow(ns, fraction, &ns))
		return -ERANGE;
	*ret_ns = ns;
	return 0;
}
