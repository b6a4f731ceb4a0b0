// SPDX-License-Identifier: BSD-2-Clause
/* Looks unit files and drop-ins up in systemd's search path. */
#include "encap/unitload.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "encap/unitfile.h"

#define FILE_MAX_BYTES (4U * 1024U * 1024U)
#define HOPS_MAX       16
#define PATH_LEN       1024

/* Highest priority first; systemd.unit(5), system units. */
static const struct {
	const char *path;
	bool generated;
} search_path[] = {
	{ "/etc/systemd/system.control", false }, { "/run/systemd/system.control", false },
	{ "/run/systemd/transient", false },	  { "/run/systemd/generator.early", true },
	{ "/etc/systemd/system", false },	  { "/etc/systemd/system.attached", false },
	{ "/run/systemd/system", false },	  { "/run/systemd/system.attached", false },
	{ "/run/systemd/generator", true },	  { "/usr/local/lib/systemd/system", false },
	{ "/usr/lib/systemd/system", false },	  { "/lib/systemd/system", false },
	{ "/run/systemd/generator.late", true },
};

static void closedirp(DIR **d)
{
	if (*d)
		(void)closedir(*d);
}

static bool used(const struct unitload_opts *o, size_t i)
{
	return o->generated || !search_path[i].generated;
}

static bool join(char out[PATH_LEN], const char *a, const char *b, const char *c)
{
	int n = snprintf(out, PATH_LEN, "%s%s%s", a, b, c);

	return n > 0 && n < PATH_LEN;
}

/* Where a symbolic link points, still without the root; -EINVAL: not a link. */
static int read_link(const char *root, const char *path, char ret[PATH_LEN])
{
	char full[PATH_LEN], target[PATH_LEN], *slash;
	ssize_t n;

	if (!join(full, root, path, ""))
		return -ENAMETOOLONG;
	n = readlink(full, target, sizeof(target) - 1);
	if (n < 0)
		return -errno;
	target[n] = '\0';
	if (*target == '/')
		return join(ret, target, "", "") ? 0 : -ENAMETOOLONG;
	(void)snprintf(full, sizeof(full), "%s", path);
	slash = strrchr(full, '/');
	if (slash)
		slash[1] = '\0';
	return join(ret, full, target, "") ? 0 : -ENAMETOOLONG;
}

/* Follows links from path to what is none, within the root. */
static int follow(const char *root, const char *path, char ret[PATH_LEN])
{
	char next[PATH_LEN];
	int hops, r;

	if (!join(ret, path, "", ""))
		return -ENAMETOOLONG;
	for (hops = 0; hops < HOPS_MAX; hops++) {
		r = strcmp(ret, "/dev/null") ? read_link(root, ret, next) : -EINVAL;
		if (r == -EINVAL)
			return 0;
		if (r)
			return r;
		(void)snprintf(ret, PATH_LEN, "%s", next);
	}
	return -ELOOP;
}

int unitload__slurp(const char *root, const char *path, char **ret, size_t *ret_len)
{
	char real[PATH_LEN], full[PATH_LEN];
	char *buf __cleanup(freep) = NULL;
	int fd __cleanup(closep) = -1;
	size_t len = 0;
	struct stat st;
	ssize_t n;
	int r = follow(root, path, real);

	if (r)
		return r;
	/* A root that stands for / need not have devices. */
	if (!join(full, strcmp(real, "/dev/null") ? root : "", real, ""))
		return -ENAMETOOLONG;
	fd = open(full, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode)) /* /dev/null, or something worse: empty */
		st.st_size = 0;
	if (st.st_size > FILE_MAX_BYTES)
		return -EFBIG;
	buf = malloc((size_t)st.st_size + 1);
	if (!buf)
		return -ENOMEM;
	while (len < (size_t)st.st_size) {
		n = read(fd, buf + len, (size_t)st.st_size - len);
		if (n < 0)
			return -errno;
		if (!n)
			break;
		len += (size_t)n;
	}
	buf[len] = '\0';
	*ret = take_ptr(buf);
	*ret_len = len;
	return 0;
}

void unit_files__free(struct unit_files *f)
{
	free(f->fragment);
	while (f->n_dropins)
		free(f->dropins[--f->n_dropins]);
	f->fragment = NULL;
}

/* The file of a name in the search path; -ENOENT. */
static int find_file(const struct unitload_opts *o, const char *name, char ret[PATH_LEN])
{
	char full[PATH_LEN];
	struct stat st;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(search_path); i++) {
		if (!used(o, i) || !join(ret, search_path[i].path, "/", name) ||
		    !join(full, o->root, ret, ""))
			continue;
		if (lstat(full, &st) == 0 && (S_ISREG(st.st_mode) || S_ISLNK(st.st_mode)))
			return 0;
	}
	return -ENOENT;
}

/* Does the file mask its unit: an empty file, or a link to /dev/null? */
static int check_masked(const struct unitload_opts *o, const char *path)
{
	char real[PATH_LEN], full[PATH_LEN];
	struct stat st;
	int r = follow(o->root, path, real);

	if (r)
		return r;
	if (!strcmp(real, "/dev/null"))
		return -ERFKILL;
	if (!join(full, o->root, real, "") || stat(full, &st) < 0)
		return -ENOENT;
	return S_ISREG(st.st_mode) && st.st_size ? 0 : -ERFKILL;
}

/* Follows aliases from a name to the unit's own: name.service -> other.service. */
static int resolve(const struct unitload_opts *o, const char *asked, char name[UNITNAME_MAX],
		   char file[PATH_LEN])
{
	char target[PATH_LEN], template[UNITNAME_MAX];
	const char *tail;
	int hops, r;

	(void)snprintf(name, UNITNAME_MAX, "%s", asked);
	for (hops = 0; hops < HOPS_MAX; hops++) {
		r = find_file(o, name, file);
		if (r == -ENOENT && unitname__template(name, template))
			return find_file(o, template, file);
		if (r)
			return r;
		if (read_link(o->root, file, target))
			return 0;
		tail = strrchr(target, '/');
		tail = tail ? tail + 1 : target;
		if (!strcmp(tail, name) || !unitname__is_service(tail) || strchr(tail, '@'))
			return 0; /* /dev/null, or a unit file linked from elsewhere */
		memcpy(name, tail, strlen(tail) + 1); /* is_service() has checked its length */
	}
	return -ELOOP;
}

struct dirs {
	char path[256][PATH_LEN];
	size_t n;
};

static void add_dir(struct dirs *d, const struct unitload_opts *o, size_t i, const char *name)
{
	char *slot = d->path[d->n], full[PATH_LEN];
	struct stat st;

	if (d->n == ARRAY_SIZE(d->path))
		return;
	if (snprintf(slot, PATH_LEN, "%s/%s.d", search_path[i].path, name) >= PATH_LEN)
		return;
	if (join(full, o->root, slot, "") && stat(full, &st) == 0 && S_ISDIR(st.st_mode))
		d->n++;
}

/* The unit's directory, its template's, and those of its "a-b-" prefixes, under one search directory. */
static void add_name_dirs(struct dirs *d, const struct unitload_opts *o, size_t i, const char *name)
{
	char now[UNITNAME_MAX], template[UNITNAME_MAX], next[UNITNAME_MAX];

	(void)snprintf(now, sizeof(now), "%s", name);
	for (;;) {
		add_dir(d, o, i, now);
		if (unitname__template(now, template))
			add_dir(d, o, i, template);
		if (!unitname__parent(now, next))
			return;
		memcpy(now, next, sizeof(now));
	}
}

static void add_search_dirs(struct dirs *d, const struct unitload_opts *o, const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(search_path); i++)
		if (used(o, i))
			add_name_dirs(d, o, i, name);
}

/* Every other name that is a link to this unit has drop-ins for it as well. */
static void add_alias_dirs(struct dirs *d, const struct unitload_opts *o, const char *own,
			   const char *asked)
{
	char full[PATH_LEN], name[UNITNAME_MAX], file[PATH_LEN];
	struct dirent *e;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(search_path); i++) {
		DIR *dir __cleanup(closedirp) = NULL;

		if (used(o, i) && join(full, o->root, search_path[i].path, ""))
			dir = opendir(full);
		while (dir && (e = readdir(dir))) {
			if ((e->d_type != DT_LNK && e->d_type != DT_UNKNOWN) ||
			    !unitname__is_service(e->d_name) || !strcmp(e->d_name, own) ||
			    !strcmp(e->d_name, asked))
				continue;
			if (!resolve(o, e->d_name, name, file) && !strcmp(name, own))
				add_search_dirs(d, o, e->d_name);
		}
	}
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool have_dropin(const struct unit_files *f, const char *name)
{
	size_t i;

	for (i = 0; i < f->n_dropins; i++)
		if (!strcmp(base_name(f->dropins[i]), name))
			return true;
	return false;
}

static bool is_dropin_name(const char *name)
{
	size_t n = strlen(name);

	return *name != '.' && n > 5 && !strcmp(name + n - 5, ".conf");
}

static int add_dropins(const struct unitload_opts *o, const char *dir, struct unit_files *f)
{
	char full[PATH_LEN], path[PATH_LEN], real[PATH_LEN];
	DIR *d __cleanup(closedirp) = NULL;
	struct dirent *e;
	struct stat st;

	if (join(full, o->root, dir, ""))
		d = opendir(full);
	while (d && (e = readdir(d))) {
		if (!is_dropin_name(e->d_name) || have_dropin(f, e->d_name))
			continue;
		if (o->skip && !strcmp(e->d_name, o->skip))
			continue;
		if (snprintf(path, sizeof(path), "%s/%s", dir, e->d_name) >= PATH_LEN ||
		    follow(o->root, path, real) || !join(full, o->root, real, ""))
			continue;
		/* A link to /dev/null masks the same name elsewhere: it stays, and reads as empty. */
		if (strcmp(real, "/dev/null") && (stat(full, &st) < 0 || !S_ISREG(st.st_mode)))
			continue;
		if (f->n_dropins == UNITLOAD_FILES_MAX)
			return -E2BIG;
		f->dropins[f->n_dropins] = strdup(path);
		if (!f->dropins[f->n_dropins])
			return -ENOMEM;
		f->n_dropins++;
	}
	return 0;
}

static int by_base_name(const void *a, const void *b)
{
	return strcmp(base_name(*(char *const *)a), base_name(*(char *const *)b));
}

static int find_dropins(const struct unitload_opts *o, const char *asked, struct unit_files *f)
{
	struct dirs *d __cleanup(freep) = calloc(1, sizeof(*d));
	size_t i;
	int r = 0;

	if (!d)
		return -ENOMEM;
	add_search_dirs(d, o, f->name);
	if (strcmp(asked, f->name) != 0)
		add_search_dirs(d, o, asked);
	add_alias_dirs(d, o, f->name, asked);
	for (i = 0; i < ARRAY_SIZE(search_path); i++)
		if (used(o, i))
			add_dir(d, o, i, "service");
	for (i = 0; i < d->n && !r; i++)
		r = add_dropins(o, d->path[i], f);
	qsort(f->dropins, f->n_dropins, sizeof(f->dropins[0]), by_base_name);
	return r;
}

int unitload__find(const struct unitload_opts *o, const char *name, struct unit_files *ret)
{
	char file[PATH_LEN];
	int r;

	memset(ret, 0, sizeof(*ret));
	r = resolve(o, name, ret->name, file);
	if (!r)
		r = check_masked(o, file);
	if (r)
		return r;
	ret->fragment = strdup(file);
	r = ret->fragment ? find_dropins(o, name, ret) : -ENOMEM;
	if (r)
		unit_files__free(ret);
	return r;
}

static int read_one(const struct unitload_opts *o, const char *path, struct unit *u)
{
	char *text __cleanup(freep) = NULL;
	size_t len;
	int r = unitload__slurp(o->root, path, &text, &len);

	return r ? r : unitfile__parse(text, len, unit__assign, u);
}

int unitload__read(const struct unitload_opts *o, const struct unit_files *f, struct unit **ret)
{
	struct unit *u __cleanup(unit__freep) = unit__new();
	size_t i;
	int r;

	if (!u)
		return -ENOMEM;
	r = read_one(o, f->fragment, u);
	if (r)
		return r;
	for (i = 0; i < f->n_dropins; i++) {
		r = read_one(o, f->dropins[i], u);
		if (r == -ENOMEM)
			return r;
		/* systemd too keeps what it read before the bad line, and goes on. */
	}
	*ret = take_ptr(u);
	return 0;
}
