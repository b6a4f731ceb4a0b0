// SPDX-License-Identifier: BSD-2-Clause
/*
 * The operations of chaos. Every path is relative to the working directory, which is the tmpfs of
 * this run, and never contains "..": nothing outside can be reached, whatever the seed.
 */
#include "chaos.h"

#include <sys/ioctl.h>

/* <linux/nsfs.h> since 6.12 */
struct t_mnt_ns_info {
	uint32_t size;
	uint32_t nr_mounts;
	uint64_t mnt_ns_id;
};
#define T_NS_MNT_GET_INFO _IOR(0xb7, 10, struct t_mnt_ns_info)

enum { DIRS = 8, RMDIRS = 4 };

static const struct {
	const char *name;
	unsigned int weight;
} kinds[OP_KINDS] = {
	[OP_TMPFS] = { "tmpfs", 12 },
	[OP_BIND] = { "bind", 14 },
	[OP_RBIND] = { "rbind", 6 },
	[OP_MOVE] = { "move", 8 },
	[OP_UMOUNT] = { "umount", 12 },
	[OP_UMOUNT_LAZY] = { "umount-lazy", 10 },
	[OP_UMOUNT_EXPIRE] = { "umount-expire", 2 },
	[OP_PROPAGATION] = { "propagation", 12 },
	[OP_REMOUNT] = { "remount", 4 },
	[OP_FSMOUNT] = { "fsmount", 5 },
	[OP_CLONE_TREE] = { "clone-tree", 5 },
	[OP_DROP_TREE] = { "drop-tree", 2 },
	[OP_CHANGE_TREE] = { "change-tree", 3 },
	[OP_SETATTR] = { "setattr", 5 },
	[OP_IDMAP] = { "idmap", 1 },
	[OP_SET_GROUP] = { "set-group", 4 },
	[OP_BENEATH] = { "beneath", 4 },
	[OP_RMDIR] = { "rmdir", 4 },
	[OP_PIVOT_ROOT] = { "pivot-root", 1 },
	[OP_PIN] = { "pin", 1 },
	[OP_UNSHARE] = { "unshare", 2 },
	[OP_SETNS] = { "setns", 2 },
	[OP_SPAWN] = { "spawn", 2 },
	[OP_EXIT] = { "exit", 2 },
};

const char *op_kind_name(uint32_t kind)
{
	return kind < OP_KINDS ? kinds[kind].name : "?";
}

/* splitmix64 */
uint64_t gen__random(struct gen *g)
{
	uint64_t z = g->rng += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static unsigned int gen__below(struct gen *g, unsigned int n)
{
	return gen__random(g) % n;
}

static bool gen__chance(struct gen *g, unsigned int percent)
{
	return gen__below(g, 100) < percent;
}

static void gen__any_path(struct gen *g, char *ret)
{
	unsigned int depth = 1 + gen__below(g, 3);
	int n = snprintf(ret, OP_PATH_MAX, "d%u", gen__below(g, DIRS));

	while (--depth)
		n += snprintf(ret + n, OP_PATH_MAX - n, "/d%u", gen__below(g, DIRS));
}

/* A path on which something probably is mounted. */
static void gen__used_path(struct gen *g, char *ret)
{
	unsigned int n = g->ring_nr < RING ? g->ring_nr : RING;

	if (n && gen__chance(g, 85))
		snprintf(ret, OP_PATH_MAX, "%s", g->ring[gen__below(g, n)]);
	else
		gen__any_path(g, ret);
}

static void gen__target(struct gen *g, char *ret)
{
	if (gen__chance(g, 12))
		snprintf(ret, OP_PATH_MAX, "r%u", gen__below(g, RMDIRS));
	else if (gen__chance(g, 25))
		gen__used_path(g, ret);
	else
		gen__any_path(g, ret);
}

static bool kind__grows(uint32_t kind)
{
	switch (kind) {
	case OP_TMPFS:
	case OP_BIND:
	case OP_RBIND:
	case OP_FSMOUNT:
	case OP_CLONE_TREE:
	case OP_CHANGE_TREE:
	case OP_IDMAP:
	case OP_SET_GROUP:
	case OP_BENEATH:
	case OP_PIN:
	case OP_MOVE:
	case OP_SPAWN:
	case OP_UNSHARE:
		return true;
	default:
		return false;
	}
}

/* Copying a tree of T mounts to P peers makes T * P: only while the table is small. */
static bool kind__multiplies(const struct op *op)
{
	return op->kind == OP_RBIND || op->kind == OP_MOVE || op->kind == OP_CHANGE_TREE ||
	       (op->kind == OP_CLONE_TREE && op->flags & OPF_REC);
}

static uint32_t gen__kind(struct gen *g)
{
	unsigned int total = 0, at;
	uint32_t kind;

	for (kind = 0; kind < OP_KINDS; kind++)
		total += kinds[kind].weight;
	at = gen__below(g, total);
	for (kind = 0; at >= kinds[kind].weight; kind++)
		at -= kinds[kind].weight;
	return kind;
}

static void gen__paths(struct gen *g, struct op *op)
{
	switch (op->kind) {
	case OP_RMDIR:
		snprintf(op->a, OP_PATH_MAX, "r%u", gen__below(g, RMDIRS));
		break;
	case OP_UMOUNT:
	case OP_UMOUNT_LAZY:
	case OP_UMOUNT_EXPIRE:
	case OP_PROPAGATION:
	case OP_REMOUNT:
	case OP_SETATTR:
		gen__used_path(g, op->a);
		/* Nothing moves out of a shared parent, so that must not always be one. */
		if (op->kind == OP_PROPAGATION && gen__chance(g, 15))
			snprintf(op->a, OP_PATH_MAX, ".");
		break;
	case OP_SET_GROUP:
		gen__used_path(g, op->a);
		gen__target(g, op->b);
		break;
	case OP_MOVE:
		gen__used_path(g, op->a);
		gen__target(g, op->b);
		break;
	case OP_BENEATH:
		gen__used_path(g, op->b);
		break;
	default:
		gen__used_path(g, op->a);
		if (gen__chance(g, 50))
			gen__any_path(g, op->a);
		gen__target(g, op->b);
		/* What doubles: a directory on itself. */
		if (op->kind == OP_BIND && gen__chance(g, 10))
			snprintf(op->b, OP_PATH_MAX, "%s", op->a);
	}
}

void gen__next(struct gen *g, struct op *ret)
{
	static const uint32_t propagations[] = { MS_SHARED, MS_SHARED,	MS_SHARED,
						 MS_SLAVE,  MS_PRIVATE, MS_UNBINDABLE };
	struct op *op = ret;

	memset(op, 0, sizeof(*op));
	op->kind = gen__kind(g);
	op->flags = gen__below(g, 32);
	op->propagation = propagations[gen__below(g, ARRAY_SIZE(propagations))];
	op->pid = g->nr_peers ? g->peers[gen__below(g, g->nr_peers)] : 0;
	if (g->mounts > g->cap || (g->mounts > g->cap / 2 && kind__grows(op->kind)) ||
	    (g->mounts > g->cap / 4 && kind__multiplies(op)))
		op->kind = g->mounts > g->cap && gen__chance(g, 20) ? OP_EXIT : OP_UMOUNT_LAZY;
	gen__paths(g, op);
	/* So that a cure always comes: whole trees at the top level. */
	if (g->mounts > g->cap && op->kind == OP_UMOUNT_LAZY && gen__chance(g, 70))
		snprintf(op->a, OP_PATH_MAX, "d%u", gen__below(g, DIRS));
	g->nr++;
}

void gen__learn(struct gen *g, const struct op *op, int result)
{
	if (result || !*op->b)
		return;
	snprintf(g->ring[g->ring_nr++ % RING], OP_PATH_MAX, "%s", op->b);
}

/* Makes a directory and those above it where they are missing. Failure shows in what comes next. */
static void make_dirs(const char *path)
{
	char buf[OP_PATH_MAX];

	snprintf(buf, sizeof(buf), "%s", path);
	for (char *p = buf; (p = strchr(p, '/')); *p++ = '/') {
		*p = '\0';
		(void)mkdir(buf, 0755);
	}
	(void)mkdir(buf, 0755);
}

int base__populate(void)
{
	char path[OP_PATH_MAX];

	for (int i = 0; i < DIRS; i++) {
		snprintf(path, sizeof(path), "d%d", i);
		if (mkdir(path, 0755))
			return -errno;
	}
	return 0;
}

static int result_of(int ret)
{
	return ret < 0 ? -errno : 0;
}

/* Attaches a detached tree and gives the fd back. */
static int attach(int fd, const char *to, unsigned int flags)
{
	int err = result_of(t_move_mount(fd, "", AT_FDCWD, to, flags | T_MOVE_F_EMPTY_PATH));

	close(fd);
	return err;
}

static int new_mount(void)
{
	int fs = t_fsopen("tmpfs"), fd = -1, err = 0;

	if (fs < 0)
		return -errno;
	if (t_fsconfig(fs, T_FSCONFIG_SET_STRING, "size", "64k", 0) ||
	    t_fsconfig(fs, T_FSCONFIG_CMD_CREATE, NULL, NULL, 0) || (fd = t_fsmount(fs, 0, 0)) < 0)
		err = -errno;
	close(fs);
	return err ? err : fd;
}

static int clone_tree(const char *path, bool rec)
{
	int fd = t_open_tree(AT_FDCWD, path,
			     T_OPEN_TREE_CLONE | T_OPEN_TREE_CLOEXEC | (rec ? T_AT_RECURSIVE : 0));

	return fd < 0 ? -errno : fd;
}

static int setattr(int dfd, const char *path, const struct op *op)
{
	struct t_mount_attr attr = {
		.attr_set = (op->flags & OPF_RO ? T_ATTR_RDONLY : 0) |
			    (op->flags & OPF_NOSUID ? T_ATTR_NOSUID : 0),
		.attr_clr = op->flags & OPF_RO ? 0 : T_ATTR_RDONLY,
		.propagation = op->flags & OPF_USER ? op->propagation : 0,
	};

	return result_of(t_mount_setattr(dfd, path,
					 (*path ? 0 : AT_EMPTY_PATH) |
						 (op->flags & OPF_REC ? T_AT_RECURSIVE : 0),
					 &attr));
}

/* A detached tree that changes before it is attached: some kernels mount into it, too. */
static int change_tree(const struct op *op)
{
	int fd = clone_tree(op->a, op->flags & OPF_REC), inner, err;

	if (fd < 0)
		return fd;
	err = setattr(fd, "", op);
	inner = new_mount();
	if (inner >= 0) {
		(void)mkdirat(fd, "d0", 0755);
		(void)t_move_mount(inner, "", fd, "d0", T_MOVE_F_EMPTY_PATH);
		close(inner);
	}
	if (err) {
		close(fd);
		return err;
	}
	return attach(fd, op->b, 0);
}

static int write_map(int proc_fd, pid_t pid, const char *file)
{
	static const char map[] = "0 100000 65536";
	char path[64];
	int fd, err;

	snprintf(path, sizeof(path), "%d/%s", pid, file);
	fd = openat(proc_fd, path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = write(fd, map, sizeof(map) - 1) < 0 ? -errno : 0;
	close(fd);
	return err;
}

static int open_userns(int proc_fd)
{
	pid_t pid = t_clone(CLONE_NEWUSER);
	char path[64];
	int ret;

	if (pid < 0)
		return -errno;
	if (!pid)
		for (;;)
			pause();
	ret = write_map(proc_fd, pid, "uid_map");
	if (!ret)
		ret = write_map(proc_fd, pid, "gid_map");
	if (!ret) {
		snprintf(path, sizeof(path), "%d/ns/user", pid);
		ret = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
		if (ret < 0)
			ret = -errno;
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return ret;
}

static int idmap(const struct op *op, int proc_fd)
{
	struct t_mount_attr attr = { .attr_set = T_ATTR_IDMAP };
	int userns = open_userns(proc_fd), fd, err;

	if (userns < 0)
		return userns;
	attr.userns_fd = userns;
	fd = clone_tree(op->a, false);
	err = fd < 0 ? fd : result_of(t_mount_setattr(fd, "", AT_EMPTY_PATH, &attr));
	close(userns);
	if (err) {
		if (fd >= 0)
			close(fd);
		return err;
	}
	return attach(fd, op->b, 0);
}

static int beneath(const struct op *op)
{
	int fd = op->flags & OPF_RO ? new_mount() : clone_tree("d0", false);

	return fd < 0 ? fd : attach(fd, op->b, T_MOVE_BENEATH);
}

/* pivot_root(2) wants a new root whose parent is not shared; the working directory stays. */
static int pivot_root(void)
{
	int err;

	make_dirs("d0");
	if (t_mount("pivot", "d0", "tmpfs", 0, "size=64k") ||
	    t_mount(NULL, "d0", NULL, MS_PRIVATE, NULL) || mkdir("d0/d1", 0755) ||
	    t_mount("pivot", "d0/d1", "tmpfs", 0, "size=64k") || mkdir("d0/d1/d2", 0755))
		return -errno;
	err = result_of(t_pivot_root("d0/d1", "d0/d1/d2"));
	if (err)
		(void)t_umount("d0", MNT_DETACH);
	return err;
}

/* setns(2) moves the working directory to the other root: take the peer's instead. */
static int enter(const struct op *op, int proc_fd)
{
	char path[64];
	int cwd, ns, err;

	snprintf(path, sizeof(path), "%d/cwd", op->pid);
	cwd = openat(proc_fd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (cwd < 0)
		return -errno;
	snprintf(path, sizeof(path), "%d/ns/mnt", op->pid);
	ns = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
	err = ns < 0 ? -errno : result_of(setns(ns, CLONE_NEWNS));
	if (!err && fchdir(cwd))
		_exit(1); /* nothing here is ours: touch nothing */
	if (ns >= 0)
		close(ns);
	close(cwd);
	return err;
}

static int pin(const struct op *op, int proc_fd)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%d/ns/mnt", op->pid);
	fd = t_open_tree(proc_fd, path, T_OPEN_TREE_CLONE | T_OPEN_TREE_CLOEXEC);
	if (fd < 0)
		return -errno;
	snprintf(path, sizeof(path), "p%u", op->flags % 4);
	close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
	return attach(fd, path, 0);
}

static int propagate(const struct op *op)
{
	return result_of(t_mount(NULL, op->a, NULL,
				 op->propagation | (op->flags & OPF_REC ? MS_REC : 0), NULL));
}

static int fsmount_at(const char *to)
{
	int fd = new_mount();

	return fd < 0 ? fd : attach(fd, to, 0);
}

static int clone_at(const struct op *op)
{
	int fd = clone_tree(op->a, op->flags & OPF_REC);

	return fd < 0 ? fd : attach(fd, op->b, 0);
}

/* The kernel wants a target that is private and shows a part of what the source shows. */
static int set_group(const struct op *op)
{
	if (t_mount(op->a, op->b, NULL, MS_BIND, NULL) ||
	    t_mount(NULL, op->b, NULL, MS_PRIVATE, NULL))
		return -errno;
	return result_of(t_move_mount(AT_FDCWD, op->a, AT_FDCWD, op->b, T_MOVE_SET_GROUP));
}

static int drop_tree(const struct op *op)
{
	int fd = clone_tree(op->a, op->flags & OPF_REC);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

int op__do(const struct op *op, int proc_fd)
{
	unsigned long remount = MS_REMOUNT | MS_BIND | (op->flags & OPF_RO ? MS_RDONLY : 0) |
				(op->flags & OPF_NOSUID ? MS_NOSUID : 0);

	if (*op->b && op->kind != OP_BENEATH)
		make_dirs(op->b);
	switch (op->kind) {
	case OP_TMPFS:
		return result_of(t_mount("chaos", op->b, "tmpfs", 0, "size=64k"));
	case OP_BIND:
		return result_of(t_mount(op->a, op->b, NULL, MS_BIND, NULL));
	case OP_RBIND:
		return result_of(t_mount(op->a, op->b, NULL, MS_BIND | MS_REC, NULL));
	case OP_MOVE:
		return result_of(t_mount(op->a, op->b, NULL, MS_MOVE, NULL));
	case OP_UMOUNT:
		return result_of(t_umount(op->a, 0));
	case OP_UMOUNT_LAZY:
		return result_of(t_umount(op->a, MNT_DETACH));
	case OP_UMOUNT_EXPIRE:
		(void)t_umount(op->a, MNT_EXPIRE);
		return result_of(t_umount(op->a, MNT_EXPIRE));
	case OP_PROPAGATION:
		return propagate(op);
	case OP_REMOUNT:
		return result_of(t_mount(NULL, op->a, NULL, remount, NULL));
	case OP_FSMOUNT:
		return fsmount_at(op->b);
	case OP_CLONE_TREE:
		return clone_at(op);
	case OP_DROP_TREE:
		return drop_tree(op);
	case OP_CHANGE_TREE:
		return change_tree(op);
	case OP_SETATTR:
		return setattr(AT_FDCWD, op->a, op);
	case OP_IDMAP:
		return idmap(op, proc_fd);
	case OP_SET_GROUP:
		return set_group(op);
	case OP_BENEATH:
		return beneath(op);
	case OP_RMDIR:
		return result_of(rmdir(op->a));
	case OP_PIVOT_ROOT:
		return pivot_root();
	case OP_PIN:
		return pin(op, proc_fd);
	case OP_UNSHARE:
		return result_of(unshare(CLONE_NEWNS));
	case OP_SETNS:
		return enter(op, proc_fd);
	default:
		return -ENOSYS;
	}
}

/* Without the ioctl of 6.12 the lines of the table have to be counted. */
static uint32_t count_lines(int proc_fd, pid_t pid)
{
	char buf[65536];
	uint32_t lines = 0;
	ssize_t n;
	int fd;

	snprintf(buf, sizeof(buf), "%d/mountinfo", pid);
	fd = openat(proc_fd, buf, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		for (ssize_t i = 0; i < n; i++)
			lines += buf[i] == '\n';
	close(fd);
	return lines;
}

uint32_t ns__count(int proc_fd, pid_t pid)
{
	struct t_mnt_ns_info info = { .size = sizeof(info) };
	char path[64];
	int fd, err;

	snprintf(path, sizeof(path), "%d/ns/mnt", pid);
	fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	err = ioctl(fd, T_NS_MNT_GET_INFO, &info);
	close(fd);
	return err ? count_lines(proc_fd, pid) : info.nr_mounts;
}
