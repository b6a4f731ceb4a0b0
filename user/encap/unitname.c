// SPDX-License-Identifier: BSD-2-Clause
/* Takes service names apart as systemd's unit-name.c and dropin.c do. */
#include "encap/unitname.h"

#define SUFFIX ".service"
#define VALID  "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ:-_.\\@"

bool unitname__is_service(const char *name)
{
	size_t n = strlen(name);

	return n > strlen(SUFFIX) && n < UNITNAME_MAX && *name != '@' && *name != '.' &&
	       !strcmp(name + n - strlen(SUFFIX), SUFFIX) && strspn(name, VALID) == n;
}

int unitname__complete(const char *name, char ret[UNITNAME_MAX])
{
	size_t n = strlen(name);
	bool has = n > strlen(SUFFIX) && !strcmp(name + n - strlen(SUFFIX), SUFFIX);
	char full[UNITNAME_MAX];

	if (n + strlen(SUFFIX) >= UNITNAME_MAX)
		return -EINVAL;
	(void)snprintf(full, sizeof(full), "%s%s", name, has ? "" : SUFFIX);
	if (!unitname__is_service(full))
		return -EINVAL;
	memcpy(ret, full, sizeof(full));
	return 0;
}

bool unitname__template(const char *name, char ret[UNITNAME_MAX])
{
	const char *at = strchr(name, '@');

	if (!at || !strcmp(at + 1, SUFFIX))
		return false;
	(void)snprintf(ret, UNITNAME_MAX, "%.*s@" SUFFIX, (int)(at - name), name);
	return true;
}

bool unitname__parent(const char *name, char ret[UNITNAME_MAX])
{
	char prefix[UNITNAME_MAX];
	const char *tail = strchr(name, '@');
	char *dash;
	size_t n;

	if (!tail)
		tail = name + strlen(name) - strlen(SUFFIX);
	n = (size_t)(tail - name);
	memcpy(prefix, name, n);
	prefix[n] = '\0';
	dash = strrchr(prefix, '-');
	/* "a-b-" came from here: its own trailing dash does not count. */
	if (dash && dash > prefix && !dash[1]) {
		*dash = '\0';
		dash = strrchr(prefix, '-');
	}
	if (!dash || dash == prefix || !dash[1])
		return false;
	dash[1] = '\0';
	(void)snprintf(ret, UNITNAME_MAX, "%s%s", prefix, tail);
	return true;
}
