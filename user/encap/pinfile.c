// SPDX-License-Identifier: BSD-2-Clause
/* Writes files by rename; reads and writes the pin's state file. */
#include "encap/pinfile.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

static const char *const did_names[] = {
	[PIN_DID_MKDIR] = "mkdir",
	[PIN_DID_SELFBIND] = "selfbind",
	[PIN_DID_PREPARE] = "prepare",
	[PIN_DID_PIN] = "pin",
};

static int write_all(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left) {
		ssize_t n = write(fd, text, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		left -= (size_t)n;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

int file__replace(const char *dir, const char *name, const char *text, unsigned mode)
{
	int dfd __cleanup(closep) = open(dir, O_DIRECTORY | O_PATH | O_CLOEXEC);
	int fd __cleanup(closep) = -1;
	char tmp[PIN_PATH_MAX];
	int r;

	if (dfd < 0)
		return -errno;
	r = snprintf(tmp, sizeof(tmp), ".#%s.%d", name, (int)getpid());
	if (r < 0 || (size_t)r >= sizeof(tmp))
		return -ENAMETOOLONG;
	fd = openat(dfd, tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0)
		return -errno;
	r = fchmod(fd, mode) < 0 ? -errno : write_all(fd, text);
	if (!r && renameat(dfd, tmp, dfd, name) < 0)
		r = -errno;
	if (r)
		(void)unlinkat(dfd, tmp, 0);
	return r;
}

int pin_state__add(struct pin_state *s, enum pin_did did, const char *path)
{
	if (pin_state__has(s, did, path))
		return 0;
	if (s->n == ARRAY_SIZE(s->step))
		return -E2BIG;
	if (strlen(path) >= sizeof(s->step[0].path) || strpbrk(path, "\n\r"))
		return -EINVAL;
	s->step[s->n].did = did;
	(void)snprintf(s->step[s->n].path, sizeof(s->step[0].path), "%s", path);
	s->n++;
	return 0;
}

bool pin_state__has(const struct pin_state *s, enum pin_did did, const char *path)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->step[i].did == did && !strcmp(s->step[i].path, path))
			return true;
	return false;
}

static void load_line(struct pin_state *s, char *line)
{
	char *value = strchr(line, '=');
	size_t i;

	line[strcspn(line, "\n")] = '\0';
	if (!value || value[1] != '/')
		return;
	*value++ = '\0';
	for (i = 0; i < ARRAY_SIZE(did_names); i++)
		if (!strcmp(line, did_names[i]))
			(void)pin_state__add(s, (enum pin_did)i, value);
}

int pin_state__load(const char *dir, struct pin_state *ret)
{
	char path[PIN_PATH_MAX + 8], line[PIN_PATH_MAX + 32];
	FILE *f __cleanup(fclosep) = NULL;

	ret->n = 0;
	(void)snprintf(path, sizeof(path), "%s/state", dir);
	f = fopen(path, "re");
	if (!f)
		return errno == ENOENT ? 0 : -errno;
	while (fgets(line, sizeof(line), f))
		load_line(ret, line);
	return 0;
}

int pin_state__save(const char *dir, const struct pin_state *s)
{
	char *text __cleanup(freep) = malloc(s->n * (PIN_PATH_MAX + 16) + 1);
	size_t len = 0, i;

	if (!text)
		return -ENOMEM;
	text[0] = '\0';
	for (i = 0; i < s->n; i++)
		len += (size_t)snprintf(text + len, PIN_PATH_MAX + 16, "%s=%s\n",
					did_names[s->step[i].did], s->step[i].path);
	return file__replace(dir, "state", text, 0644);
}

int pin__dir_of(const char *path, char *ret)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;

	/* DIR/env, DIR/state and their temporary names must fit as well. */
	if (path[0] != '/' || !len || !slash[1] || len > PIN_PATH_MAX - 32 ||
	    strlen(path) >= PIN_PATH_MAX || strpbrk(path, "\n\r"))
		return -EINVAL;
	memcpy(ret, path, len);
	ret[len] = '\0';
	return 0;
}

int pin__check_place(const struct pin_opts *opts)
{
	struct nsid own, host;
	int r;

	if (geteuid() != 0) {
		msg__error(opts->msg, "pinning a mount namespace needs root");
		return -EPERM;
	}
	r = nsfs__id_of(0, &own);
	if (!r)
		r = nsfs__id_of(1, &host);
	if (r) {
		msg__error(opts->msg, "cannot read /proc/1/ns/mnt: %s; mount /proc", strerror(-r));
		return r;
	}
	if (!nsid__equal(own, host)) {
		msg__error(opts->msg,
			   "not in the host's mount namespace: a pin made here would vanish "
			   "with it; run it through 'kubensenter --host'");
		return -EXDEV;
	}
	return 0;
}

int pin__lock(const char *dir, int *ret_fd)
{
	int fd __cleanup(closep) = -1;
	char parent[PIN_PATH_MAX];
	char *slash;

	(void)snprintf(parent, sizeof(parent), "%s", dir);
	slash = strrchr(parent, '/');
	slash[slash == parent ? 1 : 0] = '\0';
	fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return -errno;
	*ret_fd = take_fd(&fd);
	return 0;
}
