// SPDX-License-Identifier: BSD-2-Clause
/* Finds the pinned namespace, decides whether to join it, and joins. */
#include "encap/enter.h"

#include <limits.h>
#include <sched.h>
#include <sys/stat.h>

#include "encap/group.h"
#include "encap/mnttab.h"

struct pin_ref {
	int fd;
	char path[PATH_MAX]; /* where it was found */
	bool explicit_;	     /* $KUBENSMNT named it */
	bool stale;	     /* something is there, but no mount namespace */
};

static const char *env(const char *name)
{
	const char *v = getenv(name);

	return v && *v ? v : NULL;
}

/*
 * Pins are not copied into new mount namespaces: there, and inside the pinned one, the path is an empty file. PID 1's
 * root still has it.
 */
static int open_anywhere(const char *path, struct pin_ref *ref)
{
	int r = nsfs__open(path, &ref->fd), r1;

	(void)snprintf(ref->path, sizeof(ref->path), "%s", path);
	if (!r || *path != '/' || strlen(path) + sizeof("/proc/1/root") > sizeof(ref->path))
		return r;
	(void)snprintf(ref->path, sizeof(ref->path), "/proc/1/root%s", path);
	r1 = nsfs__open(ref->path, &ref->fd);
	if (r1)
		(void)snprintf(ref->path, sizeof(ref->path), "%s", path);
	return r1 ? r : 0;
}

/* $KUBENSMNT, else $DEFAULT_KUBENSMNT, else our place and kubens.service's. */
static int find_pin(const struct msg *m, struct pin_ref *ref)
{
	const char *named = env("KUBENSMNT"), *def = env("DEFAULT_KUBENSMNT");
	const char *places[] = { def ? def : PIN_PATH, def ? NULL : PIN_PATH_KUBENS };
	size_t i;
	int r = -ENOENT;

	if (named) {
		msg__debug(m, "Autodetect: $KUBENSMNT already set");
		ref->explicit_ = true;
		r = open_anywhere(named, ref);
		if (r)
			msg__error(m, "KUBENSMNT=%s: %s", named, nsfs__strerror(r));
		return r;
	}
	for (i = 0; i < ARRAY_SIZE(places) && places[i] && r; i++) {
		r = open_anywhere(places[i], ref);
		if (!r) {
			msg__info(m, "Autodetect: container mount namespace found at %s",
				  ref->path);
		} else if (r == -ENOENT || r == -ENOTDIR) {
			msg__debug(m, "Autodetect: No mount namespace found at %s", places[i]);
		} else {
			ref->stale = true;
			msg__info(m, "Autodetect: Stale or mismatched namespace at %s: %s",
				  places[i], nsfs__strerror(r));
		}
	}
	return r;
}

/* setns(2) moves the process to the namespace's root: go back to where it was, if that exists there. */
static void restore_cwd(const struct msg *m, const char *cwd, const struct stat *before)
{
	struct stat after;

	if (!*cwd || chdir(cwd) < 0) {
		msg__info(m, "the working directory %s does not exist in the namespace; in / now",
			  *cwd ? cwd : "(unreachable)");
		(void)!chdir("/");
		return;
	}
	if (stat(".", &after) == 0 &&
	    (after.st_dev != before->st_dev || after.st_ino != before->st_ino))
		msg__debug(m, "the working directory %s is another directory in the namespace",
			   cwd);
}

static int join(const struct msg *m, int fd, const char *path)
{
	struct stat before = { 0 };
	struct nsid own, its;
	char cwd[PATH_MAX];

	if (!nsfs__id(fd, &its) && !nsfs__id_of(0, &own) && nsid__equal(own, its)) {
		msg__debug(m, "already inside the mount namespace of %s", path);
		return 0;
	}
	if (!getcwd(cwd, sizeof(cwd)) || *cwd != '/')
		cwd[0] = '\0';
	(void)stat(".", &before);
	if (setns(fd, CLONE_NEWNS) < 0) {
		int e = errno;

		msg__error(m, "cannot join the mount namespace of %s: %s%s", path, strerror(e),
			   e == EPERM ? " (that takes CAP_SYS_ADMIN and CAP_SYS_CHROOT: root)"
				      : "");
		return -e;
	}
	msg__debug(m, "joined the mount namespace of %s", path);
	restore_cwd(m, cwd, &before);
	return 0;
}

static int join_proc(const struct msg *m, pid_t pid, const char *who)
{
	int fd __cleanup(closep) = -1;
	char path[64];
	int r;

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)pid);
	r = nsfs__open(path, &fd);
	if (r) {
		msg__error(m, "cannot open the mount namespace of %s: %s: %s", who, path,
			   nsfs__strerror(r));
		return r;
	}
	return join(m, fd, path);
}

static enum enter_fail fail_policy(const struct enter_opts *o, const struct encap_config *c,
				   bool explicit_)
{
	if (o->fail != ENTER_FAIL_DEFAULT)
		return o->fail;
	if (o->service)
		return c->fail_closed ? ENTER_FAIL_CLOSED : ENTER_FAIL_OPEN;
	return explicit_ ? ENTER_FAIL_CLOSED : ENTER_FAIL_OPEN;
}

static int without_pin(const struct enter_opts *o, enum enter_fail fail, bool is_explicit, int err)
{
	if (fail == ENTER_FAIL_CLOSED) {
		if (!is_explicit)
			msg__error(o->msg,
				   "no container mount namespace is pinned: %s; start " ENCAP_PIN_UNIT
				   " first (or use --fail=open)",
				   nsfs__strerror(err));
		return err;
	}
	if (o->service || is_explicit)
		msg__error(o->msg, "no container mount namespace: running in the current one");
	else
		msg__debug(o->msg, "KUBENSMNT not set; running normally");
	return 0;
}

/* As a command of a person or script: the pin, or the policy. */
static int move_plain(const struct enter_opts *o, const struct encap_config *c, struct pin_ref *ref)
{
	int r = find_pin(o->msg, ref);
	enum enter_fail fail = fail_policy(o, c, ref->explicit_);

	if (r)
		return without_pin(o, fail, ref->explicit_, r);
	r = join(o->msg, ref->fd, ref->path);
	if (r && o->fail == ENTER_FAIL_OPEN) {
		msg__error(o->msg, "running in the current mount namespace (--fail=open)");
		return 0;
	}
	return r;
}

/* As a service: the others first, then the pin, then the policy. */
static int move_service(const struct enter_opts *o, const struct encap_config *c,
			struct pin_ref *ref)
{
	int r = find_pin(o->msg, ref), s;
	enum enter_fail fail = fail_policy(o, c, ref->explicit_);
	struct group_state g = { 0 };
	char own[UNITNAME_MAX];
	struct nsid id = { .ino = r ? mnttab__pinned_ino(PIN_PATH) : 0 };

	if (!r)
		(void)nsfs__id(ref->fd, &id);
	group__own_unit(own);
	s = group__survey(c, own, id.ino, &g);
	if (s)
		msg__debug(o->msg, "systemd does not say where the other services are: %s",
			   strerror(-s));
	if (g.inside && g.host)
		msg__error(o->msg,
			   "split: %s[%d] runs inside, %s[%d] on the host; stop both, then start "
			   "them",
			   g.inside_name, (int)g.inside, g.host_name, (int)g.host);
	else if (g.host) {
		msg__error(o->msg,
			   "%s[%d] runs on the host, so staying with it; stop both, then start "
			   "them, to encapsulate",
			   g.host_name, (int)g.host);
		return 0;
	}
	if (r && g.inside) {
		msg__error(o->msg, "no usable pin; following %s[%d] into its mount namespace",
			   g.inside_name, (int)g.inside);
		return join_proc(o->msg, g.inside, g.inside_name);
	}
	if (r)
		return without_pin(o, fail, false, r);
	r = join(o->msg, ref->fd, ref->path);
	if (r && fail == ENTER_FAIL_OPEN && !g.inside) {
		msg__error(o->msg, "running in the current mount namespace (Fail=open)");
		return 0;
	}
	return r;
}

int enter__move(const struct enter_opts *o, int *ret_lock)
{
	struct encap_config *c __cleanup(freep) = calloc(1, sizeof(*c));
	struct pin_ref ref = { .fd = -1 };
	const char *off;
	int r;

	*ret_lock = -1;
	if (!c)
		return -ENOMEM;
	if (o->host)
		return join_proc(o->msg, 1, "the host");
	if (!o->service) {
		r = move_plain(o, c, &ref);
	} else {
		off = encap__switched_off(o->root);
		if (off) {
			msg__info(o->msg, "encapsulation is switched off by %s", off);
			return 0;
		}
		(void)encap_config__load(o->root, o->msg, c);
		encap_config__add_wrapped(o->root, c);
		*ret_lock = group__lock();
		r = move_service(o, c, &ref);
	}
	closep(&ref.fd);
	return r;
}
