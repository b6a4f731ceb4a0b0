// SPDX-License-Identifier: BSD-2-Clause
/* Takes the pin and everything that was made for it away again. */
#include <fcntl.h>
#include <sys/mount.h>

#include "encap/mnttab.h"
#include "encap/pinfile.h"

struct inhabitants {
	unsigned n;
	char names[256];
};

static int count_one(pid_t pid, void *arg)
{
	struct inhabitants *in = arg;
	size_t len = strlen(in->names);
	char comm[32];

	if (pid == getpid())
		return 0;
	if (in->n++ < 4) {
		nsfs__comm(pid, comm, sizeof(comm));
		(void)snprintf(in->names + len, sizeof(in->names) - len, "%s%s[%d]",
			       len ? ", " : "", comm, (int)pid);
	}
	return 0;
}

static int refuse_if_inhabited(const struct pin_opts *o, const char *path)
{
	struct inhabitants in = { 0 };
	int fd __cleanup(closep) = -1;
	struct nsid id;

	if (nsfs__open(path, &fd) || nsfs__id(fd, &id))
		return 0;
	(void)nsfs__for_each_proc(id, count_one, &in);
	if (!in.n)
		return 0;
	if (o->force) {
		msg__info(o->msg, "unpinning although %u processes live inside: %s%s", in.n,
			  in.names, in.n > 4 ? ", ..." : "");
		return 0;
	}
	msg__error(o->msg,
		   "not unpinning %s: %u processes live inside: %s%s; stop them first, or use --force",
		   path, in.n, in.names, in.n > 4 ? ", ..." : "");
	return -EBUSY;
}

static int undo_pin(const struct pin_opts *o, const char *path)
{
	char dir[PIN_PATH_MAX], env[PIN_PATH_MAX + 8];
	int fd __cleanup(closep) = -1;
	int r = pin__dir_of(path, dir);

	if (r)
		return r;
	if (!nsfs__open(path, &fd) && umount2(path, UMOUNT_NOFOLLOW | MNT_DETACH) < 0) {
		r = -errno;
		msg__error(o->msg, "cannot unmount %s: %s", path, strerror(-r));
		return r;
	}
	if (fd < 0 && mnttab__pinned_ino(path)) {
		msg__error(o->msg,
			   "not unpinning %s: something is mounted over it; unmount that first",
			   path);
		return -EBUSY;
	}
	(void)snprintf(env, sizeof(env), "%s/env", dir);
	(void)unlink(env);
	(void)unlink(path);
	return 0;
}

static int undo_bind(const struct pin_opts *o, const char *dir, enum pin_did did)
{
	struct mnt_at at;

	if (mnttab__at(dir, &at) || !at.is_mountpoint)
		return 0;
	if (did == PIN_DID_PREPARE && at.below) {
		msg__info(o->msg, "leaving %s mounted: %d mounts are on it", dir, at.below);
		return 0;
	}
	if (umount2(dir, UMOUNT_NOFOLLOW) < 0) {
		int r = -errno;

		msg__error(o->msg, "cannot unmount %s: %s", dir, strerror(-r));
		/* Somebody's working directory in /run/netns is no reason to keep the pin. */
		return did == PIN_DID_PREPARE ? 0 : r;
	}
	return 0;
}

static int undo_step(const struct pin_opts *o, enum pin_did did, const char *path)
{
	switch (did) {
	case PIN_DID_PIN:
		return undo_pin(o, path);
	case PIN_DID_SELFBIND:
	case PIN_DID_PREPARE:
		return undo_bind(o, path, did);
	case PIN_DID_MKDIR:
		(void)rmdir(path); /* not empty: somebody else uses it */
		return 0;
	}
	return -EINVAL;
}

/* In the order that works whatever the state file's is: pins, then mounts, then directories. */
static int undo_all(const struct pin_opts *o, const char *dir, const struct pin_state *s)
{
	static const enum pin_did order[] = { PIN_DID_PIN, PIN_DID_SELFBIND, PIN_DID_PREPARE };
	char file[PIN_PATH_MAX + 8];
	size_t i, k;
	int r;

	for (k = 0; k < ARRAY_SIZE(order); k++) {
		for (i = s->n; i-- > 0;) {
			if (s->step[i].did != order[k])
				continue;
			r = undo_step(o, order[k], s->step[i].path);
			if (r)
				return r;
		}
	}
	/* The record goes last, so that whoever is interrupted can start again. */
	(void)snprintf(file, sizeof(file), "%s/state", dir);
	(void)unlink(file);
	for (i = s->n; i-- > 0;)
		if (s->step[i].did == PIN_DID_MKDIR)
			(void)undo_step(o, PIN_DID_MKDIR, s->step[i].path);
	return 0;
}

int pin__undo(const struct pin_opts *opts)
{
	int lock __cleanup(closep) = -1;
	struct pin_state state;
	char dir[PIN_PATH_MAX];
	size_t i;
	int r = pin__check_place(opts);

	if (r)
		return r;
	r = pin__dir_of(opts->path, dir);
	if (!r)
		r = pin__lock(dir, &lock);
	if (!r)
		r = pin_state__load(dir, &state);
	/* A pin that somebody else made (kubens.service, by hand) is taken away when asked for. */
	if (!r && !state.n && mnttab__pinned_ino(opts->path)) {
		(void)pin_state__add(&state, PIN_DID_PIN, opts->path);
		r = pin_state__add(&state, PIN_DID_SELFBIND, dir);
	}
	if (r) {
		msg__error(opts->msg, "cannot unpin %s: %s", opts->path, strerror(-r));
		return r;
	}
	for (i = 0; i < state.n; i++) {
		r = state.step[i].did == PIN_DID_PIN ? refuse_if_inhabited(opts, state.step[i].path)
						     : 0;
		if (r)
			return r;
	}
	return undo_all(opts, dir, &state);
}
