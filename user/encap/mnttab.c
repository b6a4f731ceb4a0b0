// SPDX-License-Identifier: BSD-2-Clause
/* Reads mountinfo line by line. */
#include "encap/mnttab.h"

#include <fcntl.h>

/* seq_path() writes blank, tab, newline and backslash as three octal digits. */
static void unescape(char *s)
{
	char *out = s;

	for (; *s; s++) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' &&
		    s[3] >= '0' && s[3] <= '7') {
			*out++ = (char)((s[1] - '0') * 64 + (s[2] - '0') * 8 + (s[3] - '0'));
			s += 3;
		} else {
			*out++ = *s;
		}
	}
	*out = '\0';
}

static char *next_field(char **line)
{
	char *f = *line, *end;

	if (!f || !*f)
		return NULL;
	end = strchr(f, ' ');
	if (end)
		*end++ = '\0';
	*line = end;
	return f;
}

static bool parse_tags(char **line, struct mnt_line *l)
{
	char *f;

	while ((f = next_field(line)) && strcmp(f, "-") != 0) {
		if (!strncmp(f, "shared:", 7))
			l->shared = atoi(f + 7);
		else if (!strncmp(f, "master:", 7))
			l->master = atoi(f + 7);
		else if (!strcmp(f, "unbindable"))
			l->unbindable = true;
	}
	return f != NULL;
}

bool mnt_line__parse(char *line, struct mnt_line *ret)
{
	struct mnt_line l = { 0 };
	char *id, *parent, *root, *where, *fstype;

	line[strcspn(line, "\n")] = '\0';
	id = next_field(&line);
	parent = next_field(&line);
	(void)next_field(&line); /* major:minor */
	root = next_field(&line);
	where = next_field(&line);
	(void)next_field(&line); /* options */
	if (!where || !parse_tags(&line, &l))
		return false;
	fstype = next_field(&line);
	if (!fstype)
		return false;
	unescape(root);
	unescape(where);
	l.id = atoi(id);
	l.parent = atoi(parent);
	l.root = root;
	l.where = where;
	l.fstype = fstype;
	*ret = l;
	return true;
}

int mnttab__for_each(const char *file, mnt_line_fn fn, void *arg)
{
	FILE *f __cleanup(fclosep) = fopen(file, "re");
	char *line __cleanup(freep) = NULL;
	size_t cap = 0;
	struct mnt_line l;
	int r;

	if (!f)
		return -errno;
	while (getline(&line, &cap, f) > 0) {
		if (!mnt_line__parse(line, &l))
			continue;
		r = fn(&l, arg);
		if (r)
			return r;
	}
	return ferror(f) ? -EIO : 0;
}

/* fdinfo's mnt_id is what path lookup really reached: exact where one mount hides another. */
static int mount_id_of(const char *path)
{
	char name[64], buf[512], *p;
	int fd __cleanup(closep) = open(path, O_PATH | O_CLOEXEC);
	int info __cleanup(closep) = -1;
	ssize_t n;

	if (fd < 0)
		return -errno;
	(void)snprintf(name, sizeof(name), "/proc/self/fdinfo/%d", fd);
	info = open(name, O_RDONLY | O_CLOEXEC);
	if (info < 0)
		return -errno;
	n = read(info, buf, sizeof(buf) - 1);
	if (n <= 0)
		return -EIO;
	buf[n] = '\0';
	p = strstr(buf, "mnt_id:");
	return p ? atoi(p + 7) : -ENODATA;
}

struct at_arg {
	struct mnt_at at;
	bool found;
};

static int at_line(const struct mnt_line *l, void *arg)
{
	struct at_arg *a = arg;

	if (l->parent == a->at.id)
		a->at.below++;
	if (l->id != a->at.id)
		return 0;
	a->found = true;
	a->at.is_nsfs = !strcmp(l->fstype, "nsfs");
	a->at.unbindable = l->unbindable;
	a->at.shared = l->shared;
	a->at.master = l->master;
	return 0;
}

/* By mount IDs, not names: a path with symbolic links in it compares right too. */
static int is_mountpoint(const char *path, int id, bool *ret)
{
	char parent[512];
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;
	int r;

	if (!strcmp(path, "/")) {
		*ret = true;
		return 0;
	}
	if (!slash || len >= sizeof(parent) - 1)
		return -EINVAL;
	memcpy(parent, path, len + 1); /* keeps the slash: "/" stays "/" */
	parent[len + 1] = '\0';
	r = mount_id_of(parent);
	if (r < 0)
		return r;
	*ret = r != id;
	return 0;
}

int mnttab__at(const char *path, struct mnt_at *ret)
{
	struct at_arg a = { 0 };
	int r = mount_id_of(path);

	if (r < 0)
		return r;
	a.at.id = r;
	r = is_mountpoint(path, a.at.id, &a.at.is_mountpoint);
	if (r < 0)
		return r;
	r = mnttab__for_each("/proc/self/mountinfo", at_line, &a);
	if (r < 0)
		return r;
	if (!a.found)
		return -ENOENT;
	*ret = a.at;
	return 0;
}

struct pinned_arg {
	const char *path;
	unsigned long ino;
};

static int pinned_line(const struct mnt_line *l, void *arg)
{
	struct pinned_arg *p = arg;

	if (!strcmp(l->fstype, "nsfs") && !strncmp(l->root, "mnt:[", 5) &&
	    !strcmp(l->where, p->path))
		p->ino = strtoul(l->root + 5, NULL, 10);
	return 0;
}

unsigned long mnttab__pinned_ino(const char *path)
{
	struct pinned_arg p = { .path = path };

	(void)mnttab__for_each("/proc/1/mountinfo", pinned_line, &p);
	return p.ino;
}
