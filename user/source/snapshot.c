// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reads whole mount tables and hands them out as records.
 *
 * The kernel gives a table out page by page and lets go of namespace_sem in between, so a table can
 * hold pieces of different moments. Whether that happened is known afterwards: poll(2) on mountinfo
 * tells of changes since it was opened (mounts_poll()). Small tables are then read again, large ones
 * handed out as torn.
 */
#include "source/snapshot.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/util.h"
#include "mountscope/uapi.h"
#include "source/mountinfo.h"
#include "source/procfs.h"

#ifndef PROC_SUPER_MAGIC
#define PROC_SUPER_MAGIC 0x9fa0
#endif

enum {
	REREAD_BYTES = 256 * 1024, /* a larger table is not read again for being torn */
	REREADS = 3,
	CLIMB_MAX = 256, /* directories from a reader's root up to its mount's root */
	/* What a record holds of a string. No path of these lengths is an honest one. */
	MOUNTPOINT_MAX = 32 * 1024,
	ROOT_MAX = 16 * 1024,
	SOURCE_MAX = 8 * 1024,
	FSTYPE_MAX = 1024,
};
_Static_assert(sizeof(struct ms_effect) + MOUNTPOINT_MAX + ROOT_MAX + SOURCE_MAX + FSTYPE_MAX <=
		       UINT16_MAX,
	       "a record's size is a __u16");

struct table {
	int fd; /* of mountinfo */
	uint32_t pid;
	uint32_t root_mnt_id;
	char *root_path; /* NULL: the reader's root is the root of that mount */
	struct ns_facts facts;
	char *text;
	size_t len;
	bool torn;
};

static void table__close(struct table *t)
{
	closep(&t->fd);
	free(t->root_path);
	free(t->text);
}

static bool is_mount_root(const struct statx *stx)
{
	return stx->stx_attributes_mask & STATX_ATTR_MOUNT_ROOT &&
	       stx->stx_attributes & STATX_ATTR_MOUNT_ROOT;
}

static int link_of_fd(int proc_fd, int fd, char **ret)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "self/fd/%d", fd);
	return procfs__readlink(proc_fd, path, ret);
}

/*
 * Where a reader's root is below the root of its mount: climbs to that, and takes its path off. Both
 * paths are of one moment only by luck, but then a process that is chrooted is the second choice.
 */
static int path_below_mount(int proc_fd, int root_fd, char **ret)
{
	char *path __cleanup(freep) = NULL, *top __cleanup(freep) = NULL;
	int at __cleanup(closep) = fcntl(root_fd, F_DUPFD_CLOEXEC, 0);
	struct statx stx = {};
	size_t n;
	int err;

	for (int i = 0; at >= 0 && i < CLIMB_MAX && !is_mount_root(&stx); i++) {
		int up = openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

		closep(&at);
		at = up;
		if (at < 0 || statx(at, "", AT_EMPTY_PATH, STATX_MNT_ID, &stx))
			return -errno;
	}
	if (at < 0 || !is_mount_root(&stx))
		return -ELOOP;
	err = link_of_fd(proc_fd, root_fd, &path);
	if (!err)
		err = link_of_fd(proc_fd, at, &top);
	if (err)
		return err;
	n = strcmp(top, "/") ? strlen(top) : 0;
	if (strncmp(path, top, n) || path[n] != '/' || !path[n + 1])
		return -ESTALE;
	*ret = strdup(path + n);
	return *ret ? 0 : -ENOMEM;
}

/* The mount that the reader's / is on, and where on it. What cannot be told is left out. */
static void describe_root(struct table *t, int proc_fd, int dir_fd, const char *root)
{
	struct statfs fs;
	struct statx stx;
	int fd __cleanup(closep) = -1;

	/* A fixture's links lead nowhere, or to this machine's root. */
	if (fstatfs(proc_fd, &fs) || fs.f_type != PROC_SUPER_MAGIC)
		return;
	fd = openat(dir_fd, root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &stx) ||
	    !(stx.stx_mask & STATX_MNT_ID))
		return;
	if (!is_mount_root(&stx) && path_below_mount(proc_fd, fd, &t->root_path))
		return;
	t->root_mnt_id = (uint32_t)stx.stx_mnt_id;
}

static int table__check_ns(int dir_fd, const struct ns_ref *ref)
{
	uint32_t inum;
	int err = procfs__ns_inum(dir_fd, "ns/mnt", &inum);

	if (err)
		return err == -ENOENT ? -ESRCH : err;
	return inum == ref->inum ? 0 : -ESRCH;
}

/* Through a process that is in the namespace. Its directory's fd holds on to it: pids come again. */
static int table__open_proc(struct table *t, int proc_fd, const struct ns_ref *ref)
{
	int dir __cleanup(closep) = -1, ns_fd __cleanup(closep) = -1;
	char pid[16];
	int err;

	(void)snprintf(pid, sizeof(pid), "%u", ref->pid);
	dir = openat(proc_fd, pid, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	err = table__check_ns(dir, ref);
	if (err)
		return err;
	t->fd = openat(dir, "mountinfo", O_RDONLY | O_CLOEXEC);
	/* EINVAL: it has no namespaces any more (mounts_open_common()). */
	if (t->fd < 0)
		return errno == ENOENT || errno == EINVAL ? -ESRCH : -errno;
	describe_root(t, proc_fd, dir, "root");
	/* Again: it may have gone elsewhere by setns(2) before the table was opened. */
	err = table__check_ns(dir, ref);
	if (err)
		return err;
	t->pid = ref->pid;
	ns_fd = procfs__open_ns(proc_fd, ref);
	if (ns_fd >= 0)
		procfs__ns_facts(ns_fd, &t->facts);
	return 0;
}

struct visit {
	struct table *t;
	int proc_fd;
	int ns_fd;
	int err;
};

/*
 * Enters the namespace and opens its table; the open file remembers namespace and root. proc_fd is of
 * the /proc that we came from. The thread's own cwd and root go with it.
 */
static void *visit_ns(void *arg)
{
	struct visit *v = arg;

	v->err = 0;
	if (unshare(CLONE_FS) || setns(v->ns_fd, CLONE_NEWNS)) {
		v->err = -errno;
		return NULL;
	}
	v->t->fd = openat(v->proc_fd, "thread-self/mountinfo", O_RDONLY | O_CLOEXEC);
	if (v->t->fd < 0)
		v->err = -errno;
	else
		describe_root(v->t, v->proc_fd, v->proc_fd, "thread-self/root");
	return NULL;
}

/* A namespace without processes: a thread of ours visits it. */
static int table__open_visit(struct table *t, int proc_fd, const struct ns_ref *ref)
{
	int ns_fd __cleanup(closep) = procfs__open_ns(proc_fd, ref);
	struct visit v = { t, proc_fd, ns_fd, 0 };
	pthread_t thread;
	int err;

	if (ns_fd < 0)
		return ns_fd;
	procfs__ns_facts(ns_fd, &t->facts);
	err = pthread_create(&thread, NULL, visit_ns, &v);
	if (err)
		return -err;
	(void)pthread_join(thread, NULL);
	return v.err;
}

/* True when the table has changed since it was opened, or since this was asked. */
static bool table__changed(const struct table *t)
{
	struct pollfd p = { .fd = t->fd, .events = POLLPRI };

	return poll(&p, 1, 0) == 1 && p.revents & (POLLPRI | POLLERR);
}

static int table__read(struct table *t)
{
	int err;

	for (int i = 0;; i++) {
		free(take_ptr(t->text));
		err = procfs__read_all(t->fd, 0, &t->text, &t->len);
		if (err)
			return err == -EINVAL ? -ESRCH : err;
		t->torn = table__changed(t);
		if (!t->torn || i == REREADS || t->len > REREAD_BYTES)
			return 0;
		if (lseek(t->fd, 0, SEEK_SET) < 0)
			return -errno;
	}
}

/* Fixed values of all records of one snapshot. */
struct out {
	const struct table *t;
	const struct ns_ref *ref;
	uint64_t seq, now_ns;
	record_fn fn;
	void *arg;
};

static int out__bracket(const struct out *o, unsigned type, int err)
{
	_Alignas(struct ms_snap) char buf[sizeof(struct ms_snap) + PATH_MAX];
	struct ms_snap *s = (struct ms_snap *)buf;
	size_t len = o->t->root_path ? min(strlen(o->t->root_path), (size_t)PATH_MAX) : 0;

	*s = (struct ms_snap){
		.hdr = { .type = (uint16_t)type,
			 .size = (uint16_t)(sizeof(*s) + len),
			 .ktime_ns = o->now_ns },
		.seq = o->seq,
		.ns_id = o->t->facts.ns_id ? o->t->facts.ns_id : o->ref->ns_id,
		.ns_inum = o->ref->inum,
		.user_ns_inum = o->t->facts.user_ns_inum,
		.root_mnt_id = o->t->root_mnt_id,
		.nr_mounts = o->t->facts.nr_mounts,
		.err = err,
		.pid = o->t->pid,
		.root_path_len = (uint16_t)len,
		.flags = o->t->torn ? MS_SNAP_TORN : 0,
	};
	if (len)
		memcpy(buf + sizeof(*s), o->t->root_path, len);
	return o->fn(o->arg, &s->hdr, s->hdr.size);
}

static uint16_t put_str(char **at, struct mountinfo_str s, size_t most)
{
	size_t len = min(s.len, most);

	memcpy(*at, s.p, len);
	*at += len;
	return (uint16_t)len;
}

/* A path that is too long keeps its end, which tells more. */
static uint16_t put_path(char **at, struct mountinfo_str s, size_t most, uint16_t cut_flag,
			 uint16_t *flags)
{
	static const char mark[] = "/...";
	const char *from = s.p;

	if (s.len <= most)
		return put_str(at, s, most);
	from = memchr(s.p + s.len - most + sizeof(mark), '/', most - sizeof(mark));
	from = from ? from : s.p + s.len;
	memcpy(*at, mark, sizeof(mark) - 1);
	*at += sizeof(mark) - 1;
	*flags |= cut_flag;
	s = (struct mountinfo_str){ from, (size_t)(s.p + s.len - from) };
	return (uint16_t)(sizeof(mark) - 1 + put_str(at, s, most));
}

static int out__mount(const struct out *o, struct ms_effect *e, const struct mountinfo *mi)
{
	char *at = (char *)(e + 1);

	*e = (struct ms_effect){
		.hdr = { .type = MS_REC_EFFECT, .ktime_ns = o->now_ns },
		.ns_id = o->t->facts.ns_id ? o->t->facts.ns_id : o->ref->ns_id,
		.ns_inum = o->ref->inum,
		.mnt_id = mi->id,
		.parent_id = mi->parent_id,
		.peer_group = mi->peer_group,
		.master_group = mi->master_group,
		.dev = mi->dev,
		.mnt_flags = mi->mnt_flags,
		.sb_flags = mi->sb_flags,
		.flags = mi->flags | MS_EFF_ABS_PATH,
		.kind = MS_EFF_LISTED,
		.cause = MS_CAUSE_SNAPSHOT,
	};
	e->mountpoint_len =
		put_path(&at, mi->mountpoint, MOUNTPOINT_MAX, MS_EFF_MP_TRUNC, &e->flags);
	e->root_len = put_path(&at, mi->root, ROOT_MAX, MS_EFF_ROOT_TRUNC, &e->flags);
	e->fstype_len = put_str(&at, mi->fstype, FSTYPE_MAX);
	e->source_len = put_str(&at, mi->source, SOURCE_MAX);
	e->hdr.size = (uint16_t)(at - (char *)e);
	return o->fn(o->arg, &e->hdr, e->hdr.size);
}

/* Every line. A positive value or another than -EBADMSG is fn's. */
static int out__lines(const struct out *o, bool *ret_bad)
{
	_Alignas(struct ms_effect) char rec[UINT16_MAX + 1];
	char *at = o->t->text, *end = at + o->t->len, *nl;
	struct mountinfo mi;
	int err = 0;

	*ret_bad = false;
	for (; !err && at < end; at = nl + 1) {
		nl = memchr(at, '\n', (size_t)(end - at));
		/* Without its newline a line is not whole, however good it looks. */
		if (!nl || mountinfo__parse(at, (size_t)(nl - at), &mi)) {
			*ret_bad = true;
			return 0;
		}
		err = out__mount(o, (struct ms_effect *)rec, &mi);
	}
	return err;
}

static int out__table(const struct out *o)
{
	bool bad = false;
	int err = out__bracket(o, MS_REC_SNAP_BEGIN, 0);

	if (!err)
		err = out__lines(o, &bad);
	if (!err)
		err = out__bracket(o, MS_REC_SNAP_END, bad ? -EBADMSG : 0);
	return err ? err : bad ? -EBADMSG : 0;
}

int snapshot__read(int root_fd, const struct ns_ref *ref, uint64_t seq, uint64_t now_ns,
		   record_fn fn, void *arg)
{
	struct table t __cleanup(table__close) = { .fd = -1 };
	struct out o = { &t, ref, seq, now_ns, fn, arg };
	int proc_fd __cleanup(closep) = procfs__open(root_fd);
	int err;

	if (proc_fd < 0)
		return proc_fd;
	if (ref->via == NS_VIA_PROC)
		err = table__open_proc(&t, proc_fd, ref);
	else
		err = table__open_visit(&t, proc_fd, ref);
	if (!err)
		err = table__read(&t);
	return err ? err : out__table(&o);
}

int ns_ref__open(int root_fd, const struct ns_ref *ref)
{
	int proc_fd __cleanup(closep) = procfs__open(root_fd);

	return proc_fd < 0 ? proc_fd : procfs__open_ns(proc_fd, ref);
}
