// SPDX-License-Identifier: BSD-2-Clause
/* The verbs of mountops that are system calls on mounts and files. */
#include "mountops.h"

static struct {
	char name[32];
	int fd;
} fds[32];

int fd__get(const char *name)
{
	if (*name != '@')
		return -EBADF;
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		if (!strcmp(fds[i].name, name))
			return fds[i].fd;
	return -EBADF;
}

void fd__put(const char *name, int fd)
{
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		if (*fds[i].name && strcmp(fds[i].name, name))
			continue;
		if (*fds[i].name)
			close(fds[i].fd);
		snprintf(fds[i].name, sizeof(fds[i].name), "%s", name);
		fds[i].fd = fd;
		return;
	}
}

static const struct {
	const char *name;
	unsigned long mount, attr;
} flag_names[] = {
	{ "ro", MS_RDONLY, T_ATTR_RDONLY },
	{ "nosuid", MS_NOSUID, T_ATTR_NOSUID },
	{ "nodev", MS_NODEV, T_ATTR_NODEV },
	{ "noexec", MS_NOEXEC, T_ATTR_NOEXEC },
	{ "noatime", MS_NOATIME, T_ATTR_NOATIME },
	{ "bind", MS_BIND, 0 },
	{ "silent", MS_SILENT, 0 },
};

/* "ro,nosuid" as bits of mount(2), or of mount_setattr(2) and fsmount(2). */
static unsigned long flags__parse(const char *list, bool attr)
{
	unsigned long flags = 0;
	char buf[256], *save;

	snprintf(buf, sizeof(buf), "%s", list);
	for (char *w = strtok_r(buf, ",", &save); w; w = strtok_r(NULL, ",", &save))
		for (size_t i = 0; i < ARRAY_SIZE(flag_names); i++)
			if (!strcmp(w, flag_names[i].name))
				flags |= attr ? flag_names[i].attr : flag_names[i].mount;
	return flags;
}

/* The propagation a word names, as MS_*; 0 if it names none. */
static unsigned long propagation__take(struct step *s)
{
	if (flag__take(s, "shared"))
		return MS_SHARED;
	if (flag__take(s, "slave"))
		return MS_SLAVE;
	if (flag__take(s, "private"))
		return MS_PRIVATE;
	if (flag__take(s, "unbindable"))
		return MS_UNBINDABLE;
	return 0;
}

static int verb_mount(struct step *s)
{
	char **a = s->argv;

	return report(s, "mount", "mount",
		      t_mount(a[2], a[3], a[1], s->argc > 4 ? flags__parse(a[4], false) : 0,
			      s->argc > 5 ? a[5] : NULL));
}

static int verb_bind(struct step *s)
{
	return report(s, "bind", "mount", t_mount(s->argv[1], s->argv[2], NULL, MS_BIND, NULL));
}

static int verb_rbind(struct step *s)
{
	return report(s, "rbind", "mount",
		      t_mount(s->argv[1], s->argv[2], NULL, MS_BIND | MS_REC, NULL));
}

static int verb_move(struct step *s)
{
	return report(s, "move", "mount", t_mount(s->argv[1], s->argv[2], NULL, MS_MOVE, NULL));
}

static int verb_remount(struct step *s)
{
	return report(s, "remount", "mount",
		      t_mount(NULL, s->argv[1], NULL, MS_REMOUNT | flags__parse(s->argv[2], false),
			      s->argc > 3 ? s->argv[3] : NULL));
}

static int verb_make(struct step *s)
{
	unsigned long flags = propagation__take(s) | (flag__take(s, "rec") ? MS_REC : 0);

	if (s->argc < 2 || !(flags & ~MS_REC))
		return -EINVAL;
	return report(s, "propagation", "mount", t_mount(NULL, s->argv[1], NULL, flags, NULL));
}

static int verb_umount(struct step *s)
{
	int flags = (flag__take(s, "lazy") ? MNT_DETACH : 0) |
		    (flag__take(s, "force") ? MNT_FORCE : 0) |
		    (flag__take(s, "expire") ? MNT_EXPIRE : 0) |
		    (flag__take(s, "nofollow") ? UMOUNT_NOFOLLOW : 0);

	if (s->argc < 2)
		return -EINVAL;
	return report(s, "umount", "umount2", t_umount(s->argv[1], flags));
}

/* Path or "@fd": the dfd, path and flag with which the new system calls name it. */
struct place {
	int dfd;
	const char *path;
	bool empty;
};

static struct place place__of(const char *word)
{
	if (*word == '@')
		return (struct place){ fd__get(word), "", true };
	return (struct place){ AT_FDCWD, word, false };
}

static int do_move_mount(struct step *s, unsigned int flags)
{
	struct place from = place__of(s->argv[1]), to = place__of(s->argv[2]);

	flags |= (from.empty ? T_MOVE_F_EMPTY_PATH : 0) | (to.empty ? T_MOVE_T_EMPTY_PATH : 0);
	return report(s, "move_mount", "move_mount",
		      t_move_mount(from.dfd, from.path, to.dfd, to.path, flags));
}

static int verb_move_mount(struct step *s)
{
	return do_move_mount(s, 0);
}

static int verb_beneath(struct step *s)
{
	return do_move_mount(s, T_MOVE_BENEATH);
}

static int verb_set_group(struct step *s)
{
	return do_move_mount(s, T_MOVE_SET_GROUP);
}

static int keep_fd(const char *name, int fd)
{
	if (fd >= 0)
		fd__put(name, fd);
	return fd < 0 ? fd : 0;
}

static int verb_fsopen(struct step *s)
{
	return keep_fd(s->argv[1], report(s, "fsopen", "fsopen", t_fsopen(s->argv[2])));
}

static int verb_fspick(struct step *s)
{
	return keep_fd(s->argv[1], report(s, "fspick", "fspick", t_fspick(AT_FDCWD, s->argv[2])));
}

static int verb_fsconfig(struct step *s)
{
	int fd = fd__get(s->argv[1]);
	const char *what = s->argv[2], *key = s->argc > 3 ? s->argv[3] : NULL;
	int ret;

	if (!strcmp(what, "create"))
		ret = t_fsconfig(fd, T_FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	else if (!strcmp(what, "reconfigure"))
		ret = t_fsconfig(fd, T_FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0);
	else if (!strcmp(what, "flag"))
		ret = t_fsconfig(fd, T_FSCONFIG_SET_FLAG, key, NULL, 0);
	else if (!strcmp(what, "string") && s->argc > 4)
		ret = t_fsconfig(fd, T_FSCONFIG_SET_STRING, key, s->argv[4], 0);
	else
		return -EINVAL;
	return report(s, "fsconfig", "fsconfig", ret);
}

static int verb_fsmount(struct step *s)
{
	unsigned int flags = flag__take(s, "ns") ? T_FSMOUNT_NAMESPACE : 0;
	unsigned int attrs = s->argc > 3 ? flags__parse(s->argv[3], true) : 0;

	return keep_fd(s->argv[2], report(s, "fsmount", "fsmount",
					  t_fsmount(fd__get(s->argv[1]), flags, attrs)));
}

static unsigned int open_tree_flags(struct step *s)
{
	return T_OPEN_TREE_CLOEXEC | (flag__take(s, "clone") ? T_OPEN_TREE_CLONE : 0) |
	       (flag__take(s, "ns") ? T_OPEN_TREE_NAMESPACE : 0) |
	       (flag__take(s, "rec") ? T_AT_RECURSIVE : 0);
}

static int verb_open_tree(struct step *s)
{
	unsigned int flags = open_tree_flags(s);
	struct place at = place__of(s->argv[2]);

	return keep_fd(s->argv[1], report(s, "open_tree", "open_tree",
					  t_open_tree(at.dfd, at.path,
						      flags | (at.empty ? AT_EMPTY_PATH : 0))));
}

int userns__open(void)
{
	char path[64];
	pid_t pid = t_clone(CLONE_NEWUSER);
	int fd;

	if (pid < 0)
		return -errno;
	if (!pid)
		for (;;)
			pause();
	snprintf(path, sizeof(path), "/proc/%d/uid_map", pid);
	(void)t_write_file(path, "0 100000 65536");
	snprintf(path, sizeof(path), "/proc/%d/gid_map", pid);
	(void)t_write_file(path, "0 100000 65536");
	snprintf(path, sizeof(path), "/proc/%d/ns/user", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return fd;
}

/* [rec] [PROPAGATION] [idmap] [rw] [FLAG,...] after the first `skip` words. */
static int attr__parse(struct step *s, int skip, struct t_mount_attr *attr)
{
	*attr = (struct t_mount_attr){ .propagation = propagation__take(s) };
	if (flag__take(s, "rw"))
		attr->attr_clr = T_ATTR_RDONLY;
	if (flag__take(s, "idmap")) {
		int fd = userns__open();

		if (fd < 0)
			return fd;
		attr->attr_set = T_ATTR_IDMAP;
		attr->userns_fd = fd;
	}
	for (int i = skip; i < s->argc; i++)
		attr->attr_set |= flags__parse(s->argv[i], true);
	if (attr->attr_set & T_ATTR_NOATIME)
		attr->attr_clr |= T_ATTR__ATIME;
	return 0;
}

static void attr__close(struct t_mount_attr *attr)
{
	int saved = errno;

	if (attr->userns_fd)
		close(attr->userns_fd);
	errno = saved;
}

static int verb_mount_setattr(struct step *s)
{
	unsigned int flags = flag__take(s, "rec") ? T_AT_RECURSIVE : 0;
	struct place at = place__of(s->argv[1]);
	struct t_mount_attr attr;
	int err = attr__parse(s, 2, &attr);

	if (err)
		return err;
	err = t_mount_setattr(at.dfd, at.path, flags | (at.empty ? AT_EMPTY_PATH : 0), &attr);
	attr__close(&attr);
	return report(s, "mount_setattr", "mount_setattr", err);
}

static int verb_open_tree_attr(struct step *s)
{
	unsigned int flags = open_tree_flags(s);
	struct place at = place__of(s->argv[2]);
	struct t_mount_attr attr;
	int err = attr__parse(s, 3, &attr);

	if (err)
		return err;
	err = t_open_tree_attr(at.dfd, at.path, flags | (at.empty ? AT_EMPTY_PATH : 0), &attr);
	attr__close(&attr);
	return keep_fd(s->argv[1], report(s, "open_tree_attr", "open_tree_attr", err));
}

static int verb_pivot_root(struct step *s)
{
	return report(s, "pivot_root", "pivot_root", t_pivot_root(s->argv[1], s->argv[2]));
}

static int verb_open(struct step *s)
{
	return keep_fd(s->argv[1], report(s, "-", "open", open(s->argv[2], O_RDONLY | O_CLOEXEC)));
}

static int verb_close(struct step *s)
{
	int fd = fd__get(s->argv[1]), dup;

	if (fd < 0)
		return fd;
	/* The slot needs a number that stays its own. */
	dup = open("/", O_PATH | O_CLOEXEC);
	fd__put(s->argv[1], dup);
	return report(s, "-", "close", 0);
}

/* Walks into a directory, which is what triggers an automount; a mere stat(2) does not. */
static int verb_access(struct step *s)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/.", s->argv[1]);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	return report(s, "-", "open", fd < 0 ? -1 : 0);
}

static int verb_mkdir(struct step *s)
{
	return report(s, "-", "mkdir", mkdir(s->argv[1], 0755));
}

static int verb_rmdir(struct step *s)
{
	return report(s, "-", "rmdir", rmdir(s->argv[1]));
}

static int verb_touch(struct step *s)
{
	int fd = open(s->argv[1], O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	if (fd >= 0)
		close(fd);
	return report(s, "-", "creat", fd < 0 ? -1 : 0);
}

static int verb_unlink(struct step *s)
{
	return report(s, "-", "unlink", unlink(s->argv[1]));
}

static int verb_rename(struct step *s)
{
	return report(s, "-", "rename", rename(s->argv[1], s->argv[2]));
}

static int verb_symlink(struct step *s)
{
	return report(s, "-", "symlink", symlink(s->argv[1], s->argv[2]));
}

static int verb_chdir(struct step *s)
{
	return report(s, "-", "chdir", chdir(s->argv[1]));
}

static int verb_chroot(struct step *s)
{
	return report(s, "-", "chroot", chroot(s->argv[1]));
}

/* The kernel's own view at this very moment, for processes that are gone before a test can look. */
static int verb_mountinfo(struct step *s)
{
	int fd = openat(proc_fd, "thread-self/mountinfo", O_RDONLY | O_CLOEXEC);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
	char *line = NULL;
	size_t size = 0;

	if (!f)
		return -errno;
	while (getline(&line, &size, f) > 0) {
		char point[4097] = "";

		(void)sscanf(line, "%*s %*s %*s %*s %4096s", point);
		if (s->argc < 2 || !strncmp(point, s->argv[1], strlen(s->argv[1])))
			dprintf(STDOUT_FILENO, "mountinfo pid=%d ns=%u %s", getpid(),
				t_ns_inum(proc_fd, "thread-self/ns/mnt"), line);
	}
	free(line);
	fclose(f);
	return 0;
}

const struct verb call_verbs[] = {
	{ "mount", 3, verb_mount, "FSTYPE SOURCE TARGET [FLAG,...|0] [DATA]", false },
	{ "bind", 2, verb_bind, "FROM TO", false },
	{ "rbind", 2, verb_rbind, "FROM TO", false },
	{ "move", 2, verb_move, "FROM TO: mount(2) MS_MOVE", false },
	{ "remount", 2, verb_remount, "TARGET FLAG,...|0 [DATA]", false },
	{ "make", 2, verb_make, "TARGET shared|slave|private|unbindable [rec]", false },
	{ "umount", 1, verb_umount, "TARGET [lazy] [force] [expire] [nofollow]", false },
	{ "move_mount", 2, verb_move_mount, "FROM|@FD TO|@FD", false },
	{ "beneath", 2, verb_beneath, "FROM|@FD TO: MOVE_MOUNT_BENEATH", false },
	{ "set_group", 2, verb_set_group, "FROM|@FD TO|@FD: MOVE_MOUNT_SET_GROUP", false },
	{ "fsopen", 2, verb_fsopen, "@FD FSTYPE", false },
	{ "fspick", 2, verb_fspick, "@FD PATH", false },
	{ "fsconfig", 2, verb_fsconfig, "@FD create | reconfigure | flag KEY | string KEY VALUE",
	  false },
	{ "fsmount", 2, verb_fsmount, "@CONTEXT @FD [FLAG,...] [ns]", false },
	{ "open_tree", 2, verb_open_tree, "@FD PATH|@FD [clone] [rec] [ns]", false },
	{ "open_tree_attr", 2, verb_open_tree_attr, "@FD PATH|@FD [clone] [rec] ATTR...", false },
	{ "mount_setattr", 2, verb_mount_setattr,
	  "PATH|@FD [rec] ATTR...: FLAG,... rw idmap shared slave private unbindable", false },
	{ "pivot_root", 2, verb_pivot_root, "NEW OLD", false },
	{ "open", 2, verb_open, "@FD PATH", false },
	{ "close", 1, verb_close, "@FD", false },
	{ "access", 1, verb_access, "DIR: walk into it, triggers an automount", false },
	{ "mkdir", 1, verb_mkdir, "DIR", false },
	{ "rmdir", 1, verb_rmdir, "DIR", false },
	{ "touch", 1, verb_touch, "FILE", false },
	{ "unlink", 1, verb_unlink, "FILE", false },
	{ "rename", 2, verb_rename, "FROM TO", false },
	{ "symlink", 2, verb_symlink, "TEXT PATH", false },
	{ "chdir", 1, verb_chdir, "DIR", false },
	{ "chroot", 1, verb_chroot, "DIR", false },
	{ "mountinfo", 0, verb_mountinfo, "[PREFIX]: prints the table of this process", false },
	{ NULL, 0, NULL, NULL, false },
};
