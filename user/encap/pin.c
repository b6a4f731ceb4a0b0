// SPDX-License-Identifier: BSD-2-Clause
/* Pins the mount namespace and prepares the host for it. */
#include "encap/pin.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "encap/mnttab.h"
#include "encap/nsmake.h"
#include "encap/pinfile.h"

/* Exit statuses of the child that looks at the namespace from within. */
enum {
	LOOK_GOOD,
	LOOK_NO_ENTER,
	LOOK_NO_TABLE,
	LOOK_NOT_SHARED,
	LOOK_NOT_SLAVE,
	LOOK_OTHER_MASTER
};

static const char *const look_words[] = {
	[LOOK_GOOD] = "good",
	[LOOK_NO_ENTER] = "cannot be entered",
	[LOOK_NO_TABLE] = "its mount table cannot be read",
	[LOOK_NOT_SHARED] = "its / is not shared, so containers would not see each other's mounts",
	[LOOK_NOT_SLAVE] = "its / is no slave, so it does not receive the host's mounts",
	[LOOK_OTHER_MASTER] = "its / receives from another peer group than the host's /",
};

static _Noreturn void look(int ns_fd, int host_group)
{
	struct mnt_at root;

	if (setns(ns_fd, CLONE_NEWNS) < 0)
		_exit(LOOK_NO_ENTER);
	if (mnttab__at("/", &root) < 0)
		_exit(LOOK_NO_TABLE);
	if (!root.shared)
		_exit(LOOK_NOT_SHARED);
	/* Where the host's own / is private there is nothing to receive. */
	if (host_group && !root.master)
		_exit(LOOK_NOT_SLAVE);
	_exit(host_group && root.master != host_group ? LOOK_OTHER_MASTER : LOOK_GOOD);
}

bool pin__good(int ns_fd, const char **ret_why)
{
	struct mnt_at root = { 0 };
	struct nsid its, own;
	int status;
	pid_t pid;

	*ret_why = "is the host's own namespace";
	if (nsfs__id(ns_fd, &its) || nsfs__id_of(0, &own) || nsid__equal(its, own))
		return false;
	(void)mnttab__at("/", &root);
	*ret_why = look_words[LOOK_NO_ENTER];
	pid = fork();
	if (pid < 0)
		return false;
	if (pid == 0)
		look(ns_fd, root.shared);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	if (!WIFEXITED(status) || (size_t)WEXITSTATUS(status) >= ARRAY_SIZE(look_words))
		return false;
	*ret_why = look_words[WEXITSTATUS(status)];
	return WEXITSTATUS(status) == LOOK_GOOD;
}

struct making {
	const struct pin_opts *o;
	struct pin_state state;
	char dir[PIN_PATH_MAX];
	char alias_dir[PIN_PATH_MAX];
	bool recording; /* the state file's directory exists */
};

/* Notes a step before it is taken: whoever is killed between the two loses nothing by undoing it. */
static int note(struct making *m, enum pin_did did, const char *path)
{
	int r = pin_state__add(&m->state, did, path);

	if (!r && m->recording)
		r = pin_state__save(m->dir, &m->state);
	if (r)
		msg__error(m->o->msg, "cannot write %s/state: %s", m->dir, strerror(-r));
	return r;
}

static int make_dir(struct making *m, const char *dir)
{
	struct stat st;

	if (mkdir(dir, 0755) == 0)
		return note(m, PIN_DID_MKDIR, dir);
	if (errno != EEXIST) {
		int r = -errno;

		msg__error(m->o->msg, "cannot make the directory %s: %s", dir, strerror(-r));
		return r;
	}
	if (lstat(dir, &st) < 0 || !S_ISDIR(st.st_mode)) {
		msg__error(m->o->msg, "%s is not a directory; remove it", dir);
		return -ENOTDIR;
	}
	return 0;
}

static int bind_on_itself(const char *dir, bool bind, unsigned long propagation)
{
	if (bind && mount(dir, dir, NULL, MS_BIND, NULL) < 0)
		return -errno;
	return mount(NULL, dir, NULL, propagation, NULL) < 0 ? -errno : 0;
}

/* Mounts dir on itself unless it is a mountpoint, then sets its propagation. */
static int self_bind(struct making *m, const char *dir, enum pin_did did)
{
	bool prepare = did == PIN_DID_PREPARE;
	struct mnt_at at;
	int r = make_dir(m, dir);

	if (!r)
		r = mnttab__at(dir, &at);
	if (!r && at.is_mountpoint && (prepare || at.unbindable))
		return 0; /* in place, whoever did it */
	if (!r && !at.is_mountpoint)
		r = note(m, did, dir);
	if (!r)
		r = bind_on_itself(dir, !at.is_mountpoint, prepare ? MS_SHARED : MS_UNBINDABLE);
	if (r)
		msg__error(m->o->msg, "cannot bind %s on itself: %s", dir, strerror(-r));
	return r;
}

static int make_file(const struct msg *msg, const char *path)
{
	int fd __cleanup(closep) =
		open(path, O_RDONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0444);
	int r = fd < 0 ? -errno : 0;

	if (r)
		msg__error(msg, "cannot create %s: %s", path, strerror(-r));
	return r;
}

static int write_env(const struct msg *msg, const char *dir, const char *path)
{
	char text[PIN_PATH_MAX + 16];
	int r;

	(void)snprintf(text, sizeof(text), "KUBENSMNT=%s\n", path);
	r = file__replace(dir, "env", text, 0644);
	if (r)
		msg__error(msg, "cannot write %s/env: %s", dir, strerror(-r));
	return r;
}

/* The namespace at path, if it is one worth keeping; -ENOENT when there is none. */
static int adopt(struct making *m, const char *path, int *ret_fd)
{
	int fd __cleanup(closep) = -1;
	const char *why = NULL;

	if (!path)
		return -ENOENT;
	if (nsfs__open(path, &fd)) {
		if (!mnttab__pinned_ino(path))
			return -ENOENT;
		/* A second namespace would part kubelet from what runs in the first. */
		why = "something is mounted over it";
	} else if (pin__good(fd, &why)) {
		*ret_fd = take_fd(&fd);
		return 0;
	}
	msg__error(m->o->msg,
		   "the namespace pinned at %s is unusable: %s; correct that, or unpin it "
		   "(kubensenter --unpin --at %s)",
		   path, why, path);
	return -EADDRINUSE;
}

/* Binds the namespace at one of the two places, with its directory and env file. */
static int place(struct making *m, const char *dir, const char *path, int *ns_fd)
{
	const char *leave[] = { m->dir, m->o->alias ? m->alias_dir : NULL, NULL };
	struct nsmake_opts nso = { .target = path, .leave = leave, .msg = m->o->msg };
	char src[64];
	int r;

	r = note(m, PIN_DID_PIN, path);
	if (!r)
		r = make_file(m->o->msg, path);
	if (r)
		return r;
	if (*ns_fd < 0) {
		r = nsmake__pin(&nso, ns_fd);
	} else {
		(void)snprintf(src, sizeof(src), "/proc/self/fd/%d", *ns_fd);
		r = mount(src, path, NULL, MS_BIND, NULL) < 0 ? -errno : 0;
		if (r)
			msg__error(m->o->msg, "cannot pin at %s: %s", path, strerror(-r));
	}
	return r ? r : write_env(m->o->msg, dir, path);
}

static int prepare_host(struct making *m, bool new)
{
	size_t i;
	int r = self_bind(m, m->dir, PIN_DID_SELFBIND);

	if (!r && m->o->alias)
		r = self_bind(m, m->alias_dir, PIN_DID_SELFBIND);
	/* Only before a new namespace: later they would hide in it what they are meant to keep visible. */
	for (i = 0; !r && new &&i < m->o->n_prepare; i++)
		r = self_bind(m, m->o->prepare[i], PIN_DID_PREPARE);
	return r;
}

/* Finds the namespace to keep: *ret_fd stays -1 when a new one is needed. */
static int look_around(struct making *m, bool *ret_here, bool *ret_there, int *ret_fd)
{
	int here __cleanup(closep) = -1, there __cleanup(closep) = -1;
	struct mnt_at root;
	struct nsid a, b;
	int r = adopt(m, m->o->path, &here);

	if (r && r != -ENOENT)
		return r;
	r = adopt(m, m->o->alias, &there);
	if (r && r != -ENOENT)
		return r;
	if (here >= 0 && there >= 0 && !nsfs__id(here, &a) && !nsfs__id(there, &b) &&
	    !nsid__equal(a, b)) {
		msg__error(m->o->msg, "%s and %s pin different namespaces; unpin one of them",
			   m->o->path, m->o->alias);
		return -EADDRINUSE;
	}
	*ret_here = here >= 0;
	*ret_there = there >= 0;
	if (here >= 0 || there >= 0)
		msg__info(m->o->msg, "keeping the namespace pinned at %s",
			  here >= 0 ? m->o->path : m->o->alias);
	else if (!mnttab__at("/", &root) && !root.shared)
		msg__error(m->o->msg,
			   "the host's / is not shared: mounts made on the host later will "
			   "not be seen inside (mount --make-rshared / changes it)");
	*ret_fd = take_fd(here >= 0 ? &here : &there);
	return 0;
}

static int make_locked(struct making *m)
{
	int fd __cleanup(closep) = -1;
	bool here = false, there = false;
	int r = look_around(m, &here, &there, &fd);

	if (!r)
		r = prepare_host(m, fd < 0);
	if (!r && !here)
		r = place(m, m->dir, m->o->path, &fd);
	else if (!r)
		r = write_env(m->o->msg, m->dir, m->o->path);
	if (!r && m->o->alias && !there)
		r = place(m, m->alias_dir, m->o->alias, &fd);
	return r;
}

int pin__make(const struct pin_opts *opts)
{
	struct making m = { .o = opts };
	int lock __cleanup(closep) = -1;
	int r = pin__check_place(opts);

	if (r)
		return r;
	r = pin__dir_of(opts->path, m.dir);
	if (!r && opts->alias)
		r = pin__dir_of(opts->alias, m.alias_dir);
	if (!r)
		r = pin__lock(m.dir, &lock);
	if (!r)
		r = pin_state__load(m.dir, &m.state);
	if (r) {
		msg__error(opts->msg, "cannot pin at %s: %s", opts->path, strerror(-r));
		return r;
	}
	r = make_dir(&m, m.dir);
	if (r)
		return r;
	m.recording = true;
	return make_locked(&m);
}
