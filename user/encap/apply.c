// SPDX-License-Identifier: BSD-2-Clause
/* Writes files with a manifest of what was there before. */
#include "encap/apply.h"

#include <dirent.h>
#include <limits.h>
#include <sys/stat.h>

#include "encap/pinfile.h"
#include "encap/unitload.h"

/*
 * The manifest, oldest entry first, a line each:
 *	mkdir PATH		a directory that was not there
 *	new PATH		a file that was not there
 *	old BACKUP MODE PATH	a file that was, and its copy beside the manifest
 *	link BACKUP 0 PATH	a symbolic link that was; the copy holds its target
 */
struct record {
	const char *root;
	const struct msg *msg;
	struct strbuf text;
	unsigned backups;
};

static void full_path(char ret[PATH_MAX], const char *root, const char *path)
{
	(void)snprintf(ret, PATH_MAX, "%s%s", root, path);
}

static int save(struct record *rec)
{
	char dir[PATH_MAX];

	if (rec->text.oom)
		return -ENOMEM;
	full_path(dir, rec->root, APPLY_DIR);
	return file__replace(dir, "manifest", strbuf__str(&rec->text), 0600);
}

/* Does the manifest know the path already, from this run or an earlier one? */
static bool known(const struct record *rec, const char *path)
{
	const char *p = strbuf__str(&rec->text);
	size_t n = strlen(path);

	while ((p = strstr(p, path))) {
		if (p[-1] == ' ' && p[n] == '\n')
			return true;
		p += n;
	}
	return false;
}

static int make_dirs(struct record *rec, const char *path, bool saving)
{
	char full[PATH_MAX], part[PATH_MAX];
	const char *slash;
	int r;

	for (slash = path; (slash = strchr(slash + 1, '/'));) {
		(void)snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
		full_path(full, rec->root, part);
		if (access(full, F_OK) == 0)
			continue;
		if (!known(rec, part))
			strbuf__addf(&rec->text, "mkdir %s\n", part);
		r = saving ? save(rec) : 0;
		if (!r && mkdir(full, 0755) < 0 && errno != EEXIST)
			r = -errno;
		if (r)
			return r;
	}
	return 0;
}

static int backup(struct record *rec, const char *path, const struct stat *st)
{
	char full[PATH_MAX], dir[PATH_MAX], name[32], target[PATH_MAX];
	char *text __cleanup(freep) = NULL;
	bool link = S_ISLNK(st->st_mode);
	size_t len;
	ssize_t n;
	int r;

	full_path(full, rec->root, path);
	full_path(dir, rec->root, APPLY_DIR);
	(void)snprintf(name, sizeof(name), "backup.%u", ++rec->backups);
	if (link) {
		n = readlink(full, target, sizeof(target) - 1);
		if (n < 0)
			return -errno;
		target[n] = '\0';
		r = file__replace(dir, name, target, 0600);
	} else {
		r = unitload__slurp("", full, &text, &len);
		if (!r && strlen(text) != len)
			r = -EINVAL; /* a text file is expected there */
		if (!r)
			r = file__replace(dir, name, text, 0600);
	}
	strbuf__addf(&rec->text, "%s %s %o %s\n", link ? "link" : "old", name,
		     link ? 0 : st->st_mode & 07777, path);
	return r;
}

/* Notes what is at path now, unless the record has it from before. */
static int remember(struct record *rec, const char *path)
{
	char full[PATH_MAX];
	struct stat st;
	int r = 0;

	if (known(rec, path))
		return 0;
	full_path(full, rec->root, path);
	if (lstat(full, &st) == 0)
		r = S_ISDIR(st.st_mode) ? -EISDIR : backup(rec, path, &st);
	else if (errno == ENOENT)
		strbuf__addf(&rec->text, "new %s\n", path);
	else
		r = -errno;
	return r ? r : save(rec);
}

/* What a run that was killed has left of NAME: ".#NAME.PID". name "": of any. */
static void remove_temporary(const char *dir, const char *name)
{
	size_t n = strlen(name);
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (!strncmp(e->d_name, ".#", 2) && !strncmp(e->d_name + 2, name, n) &&
		    (!n || e->d_name[2 + n] == '.'))
			(void)unlinkat(dirfd(d), e->d_name, 0);
	if (d)
		(void)closedir(d);
}

static void remove_temporary_of(const char *full)
{
	char dir[PATH_MAX];
	char *slash;

	(void)snprintf(dir, sizeof(dir), "%s", full);
	slash = strrchr(dir, '/');
	*slash = '\0';
	remove_temporary(dir, slash + 1);
}

static int put_link(const char *full, const char *target)
{
	int dir = (int)(strrchr(full, '/') + 1 - full);
	char tmp[PATH_MAX];

	if (snprintf(tmp, sizeof(tmp), "%.*s.#%s.%d", dir, full, full + dir, (int)getpid()) >=
	    PATH_MAX)
		return -ENAMETOOLONG;
	(void)unlink(tmp);
	if (symlink(target, tmp) < 0)
		return -errno;
	if (rename(tmp, full) < 0) {
		int r = -errno;

		(void)unlink(tmp);
		return r;
	}
	return 0;
}

static int put_file(const char *full, const char *text, unsigned mode)
{
	char dir[PATH_MAX];
	char *slash;

	(void)snprintf(dir, sizeof(dir), "%s", full);
	slash = strrchr(dir, '/');
	*slash = '\0';
	return file__replace(dir, slash + 1, text, mode);
}

static int do_step(struct record *rec, const struct plan_step *s)
{
	char full[PATH_MAX];
	int r = make_dirs(rec, s->path, true);

	if (!r)
		r = remember(rec, s->path);
	if (r)
		return r;
	full_path(full, rec->root, s->path);
	remove_temporary_of(full);
	switch (s->what) {
	case PLAN_WRITE:
		return put_file(full, s->text, 0644);
	case PLAN_LINK:
		return put_link(full, s->text);
	case PLAN_REMOVE:
		return unlink(full) < 0 && errno != ENOENT ? -errno : 0;
	}
	return -EINVAL;
}

static int load(struct record *rec)
{
	char *text __cleanup(freep) = NULL;
	const char *p;
	size_t len;
	int r = unitload__slurp(rec->root, APPLY_DIR "/manifest", &text, &len);

	if (r)
		return r;
	strbuf__adds(&rec->text, text);
	for (p = text; (p = strstr(p, " backup.")); p++)
		rec->backups = max(rec->backups, (unsigned)strtoul(p + 8, NULL, 10));
	return 0;
}

int apply__plan(const char *root, const struct plan *p, const struct msg *m)
{
	struct record rec = { .root = root, .msg = m };
	size_t i;
	int r = load(&rec);

	if (r == -ENOENT)
		r = make_dirs(&rec, APPLY_DIR "/", false);
	if (!r)
		r = save(&rec);
	if (r)
		msg__error(m, "cannot keep a record in %s%s: %s", root, APPLY_DIR, strerror(-r));
	for (i = 0; !r && i < p->n; i++) {
		r = do_step(&rec, &p->step[i]);
		if (r)
			msg__error(m, "cannot write %s%s: %s; \"disable\" puts back what was done",
				   root, p->step[i].path, strerror(-r));
	}
	strbuf__free(&rec.text);
	return r;
}

static int restore(const struct record *rec, const char *verb, const char *name, unsigned mode,
		   const char *path)
{
	char copy[PATH_MAX], full[PATH_MAX];
	char *text __cleanup(freep) = NULL;
	size_t len;
	int r;

	(void)snprintf(copy, sizeof(copy), APPLY_DIR "/%s", name);
	full_path(full, rec->root, path);
	r = unitload__slurp(rec->root, copy, &text, &len);
	if (r)
		return r;
	return strcmp(verb, "link") ? put_file(full, text, mode) : put_link(full, text);
}

/* Undoes one entry of the manifest; line is cut up. */
static int undo_line(const struct record *rec, char *line)
{
	char *save_ptr, *verb = strtok_r(line, " ", &save_ptr), *name, *mode, *path;
	char full[PATH_MAX];

	if (!verb)
		return 0;
	if (!strcmp(verb, "old") || !strcmp(verb, "link")) {
		name = strtok_r(NULL, " ", &save_ptr);
		mode = strtok_r(NULL, " ", &save_ptr);
		path = strtok_r(NULL, "", &save_ptr);
		if (!name || !mode || !path || *path != '/' || strncmp(name, "backup.", 7) ||
		    strchr(name, '/'))
			return -EBADMSG;
		full_path(full, rec->root, path);
		remove_temporary_of(full);
		return restore(rec, verb, name, (unsigned)strtoul(mode, NULL, 8), path);
	}
	path = strtok_r(NULL, "", &save_ptr);
	if (!path || *path != '/')
		return -EBADMSG;
	full_path(full, rec->root, path);
	remove_temporary_of(full);
	if (!strcmp(verb, "new"))
		return unlink(full) < 0 && errno != ENOENT ? -errno : 0;
	return 0; /* directories go last */
}

static void remove_record(const struct record *rec)
{
	char path[PATH_MAX];
	unsigned i;

	for (i = 1; i <= rec->backups; i++) {
		(void)snprintf(path, sizeof(path), "%s" APPLY_DIR "/backup.%u", rec->root, i);
		(void)unlink(path);
	}
	full_path(path, rec->root, APPLY_DIR "/manifest");
	(void)unlink(path);
	full_path(path, rec->root, APPLY_DIR);
	remove_temporary(path, "");
}

/* The lines, last first: the files, or the directories. */
static int walk_back(struct record *rec, bool dirs)
{
	char *text __cleanup(freep) = strdup(strbuf__str(&rec->text));
	char full[PATH_MAX], *line, *end;
	int r;

	if (!text)
		return -ENOMEM;
	for (end = text + strlen(text); end > text; end = line) {
		end[-1] = '\0';
		line = strrchr(text, '\n');
		line = line ? line + 1 : text;
		if (dirs && !strncmp(line, "mkdir /", 7)) {
			full_path(full, rec->root, line + 6);
			(void)rmdir(full); /* somebody else's files keep it */
		}
		r = dirs ? 0 : undo_line(rec, line);
		if (r) {
			msg__error(rec->msg, "cannot put back '%s': %s", line, strerror(-r));
			return r;
		}
	}
	return 0;
}

int apply__undo(const char *root, const struct msg *m)
{
	struct record rec = { .root = root, .msg = m };
	int r = load(&rec);

	if (!r)
		r = walk_back(&rec, false);
	if (!r) {
		remove_record(&rec);
		r = walk_back(&rec, true);
	}
	strbuf__free(&rec.text);
	return r;
}

bool apply__is_enabled(const char *root)
{
	char path[PATH_MAX];

	full_path(path, root, APPLY_DIR "/manifest");
	return access(path, F_OK) == 0;
}
