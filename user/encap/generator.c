// SPDX-License-Identifier: BSD-2-Clause
/* Generates the drop-ins that start services inside the pinned namespace. */
#include "encap/generator.h"

#include <sys/stat.h>

#include "encap/execline.h"
#include "encap/pinfile.h"

void wrapped__free(struct wrapped *w)
{
	strbuf__free(&w->dropin);
	strbuf__free(&w->why);
}

/*
 * Drop-ins apply in the order of their file names, whatever their directory: ours must be the last, or a later one would
 * put the bare command back.
 */
static int choose_name(const struct unit_files *f, char ret[NAME_MAX_DROPIN])
{
	const char *last = f->n_dropins ? strrchr(f->dropins[f->n_dropins - 1], '/') + 1 : "";
	int n;

	if (strcmp(last, GENERATOR_DROPIN) < 0)
		n = snprintf(ret, NAME_MAX_DROPIN, "%s", GENERATOR_DROPIN);
	else
		n = snprintf(ret, NAME_MAX_DROPIN, "%s.%s", last, GENERATOR_DROPIN);
	return n < NAME_MAX_DROPIN ? 0 : -ENAMETOOLONG;
}

static const char *pin_unit(const char *root)
{
	const struct unitload_opts o = { .root = root };
	struct unit_files f;

	if (unitload__find(&o, ENCAP_PIN_UNIT, &f) == 0) {
		unit_files__free(&f);
		return ENCAP_PIN_UNIT;
	}
	if (unitload__find(&o, "kubens.service", &f) == 0) {
		unit_files__free(&f);
		return "kubens.service";
	}
	return ENCAP_PIN_UNIT;
}

static int refuse(struct wrapped *w, int err, const char *why)
{
	strbuf__adds(&w->why, why);
	return err;
}

/* The value of a comment: unit file paths are ours to print, but stay on one line. */
static void add_head(struct wrapped *w, const char *root, const struct unit_files *f)
{
	const char *pin = pin_unit(root);

	strbuf__addf(&w->dropin,
		     "# Written by mountscope-encap-generator from %s and %zu drop-ins; see\n"
		     "# mountscope-encap(1). Switched off by " ENCAP_OFF_PARAM
		     "=0 on the kernel command\n"
		     "# line, or by " ENCAP_OFF_FILE ".\n"
		     "[Unit]\nWants=%s\nAfter=%s\n\n[Service]\nExecStart=\n",
		     f->fragment, f->n_dropins, pin, pin);
}

static int wrap_lines(const struct unit *u, const char *kubensenter, struct wrapped *w)
{
	char wrapper[PIN_PATH_MAX + 16];
	const char *why = NULL;
	size_t i;
	int r;

	(void)snprintf(wrapper, sizeof(wrapper), "%s --service", kubensenter);
	for (i = 0; i < u->n_exec_start; i++) {
		strbuf__adds(&w->dropin, "ExecStart=");
		r = execline__wrap(u->exec_start[i], wrapper, &w->dropin, &why);
		if (r)
			return refuse(w, r, why ? why : strerror(-r));
		strbuf__addc(&w->dropin, '\n');
	}
	return w->dropin.oom ? -ENOMEM : 0;
}

static int wrap_unit(const struct unit_files *f, const struct unit *u, const char *root,
		     const char *kubensenter, struct wrapped *w)
{
	unsigned common = ~0U;
	size_t i;

	if (!u->n_exec_start)
		return refuse(w, -ENODATA, "it has no ExecStart=");
	for (i = 0; i < u->n_exec_start; i++)
		common &= execline__common_flags(u->exec_start[i]);
	if (unit__obstacles(u, common, &w->why))
		return -EOPNOTSUPP;
	if (choose_name(f, w->file))
		return refuse(w, -ENAMETOOLONG, "no name for a drop-in sorts behind its last one");
	add_head(w, root, f);
	return wrap_lines(u, kubensenter, w);
}

int generator__wrap(const char *root, const char *service, const char *kubensenter,
		    struct wrapped *ret)
{
	const struct unitload_opts o = { .root = root };
	struct unit *u __cleanup(unit__freep) = NULL;
	struct unit_files f;
	int r = unitload__find(&o, service, &f);

	(void)snprintf(ret->service, sizeof(ret->service), "%s", service);
	if (r == -ENOENT)
		r = refuse(ret, r, "there is no such unit");
	else if (r == -ERFKILL)
		r = refuse(ret, r, "it is masked");
	else if (r)
		r = refuse(ret, r, strerror(-r));
	if (r) {
		ret->err = r;
		return r;
	}
	(void)snprintf(ret->service, sizeof(ret->service), "%s", f.name);
	r = unitload__read(&o, &f, &u);
	if (r)
		(void)refuse(ret, r, r == -EBADMSG ? "its unit file is not valid" : strerror(-r));
	else
		r = wrap_unit(&f, u, root, kubensenter, ret);
	unit_files__free(&f);
	ret->err = r;
	return r;
}

static bool executable(const char *root, const char *path)
{
	char full[1024];

	(void)snprintf(full, sizeof(full), "%s%s", root, path);
	return access(full, X_OK) == 0;
}

/* The wrapper's path: configured, else where this very program is installed under its own name. */
static int find_kubensenter(const char *root, const struct encap_config *c, char *ret)
{
	static const char *const places[] = { "/usr/bin/kubensenter",
					      "/usr/local/bin/kubensenter" };
	const char *base;
	ssize_t n;
	size_t i;

	if (*c->kubensenter) {
		(void)snprintf(ret, PIN_PATH_MAX, "%s", c->kubensenter);
		return executable(root, ret) ? 0 : -ENOENT;
	}
	n = *root ? -1 : readlink("/proc/self/exe", ret, PIN_PATH_MAX - 1);
	if (n > 0) {
		ret[n] = '\0';
		base = strrchr(ret, '/');
		if (base && !strcmp(base, "/kubensenter") && !strpbrk(ret, " \t\"'\\$%;"))
			return 0;
	}
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		(void)snprintf(ret, PIN_PATH_MAX, "%s", places[i]);
		if (executable(root, ret))
			return 0;
	}
	return -ENOENT;
}

static int write_one(const char *dir, const struct wrapped *w)
{
	char path[PIN_PATH_MAX + UNITNAME_MAX + 8];

	(void)snprintf(path, sizeof(path), "%s/%s.d", dir, w->service);
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return -errno;
	return file__replace(path, w->file, strbuf__str(&w->dropin), 0644);
}

static void remove_one(const char *dir, const struct wrapped *w)
{
	char path[PIN_PATH_MAX + UNITNAME_MAX + NAME_MAX_DROPIN + 8];

	(void)snprintf(path, sizeof(path), "%s/%s.d/%s", dir, w->service, w->file);
	(void)unlink(path);
	*strrchr(path, '/') = '\0';
	(void)rmdir(path);
}

static int write_all(const char *dir, struct wrapped *all, size_t n, const struct msg *m)
{
	size_t i, k;
	int r;

	for (i = 0; i < n; i++) {
		if (all[i].err)
			continue;
		r = write_one(dir, &all[i]);
		if (!r)
			continue;
		msg__error(m,
			   "cannot write the drop-in of %s below %s: %s; wrapping none of the services",
			   all[i].service, dir, strerror(-r));
		for (k = 0; k <= i; k++)
			if (!all[k].err)
				remove_one(dir, &all[k]);
		return r;
	}
	return 0;
}

/* Is the outcome one that leaves the service where the others will be, or absent? */
static bool harmless(int err)
{
	return !err || err == -ENOENT || err == -ERFKILL || err == -EALREADY;
}

static int wrap_all(const char *root, const char *dir, const struct encap_config *c,
		    const char *kubensenter, struct wrapped *all, const struct msg *m)
{
	bool refused = false;
	size_t i, n = 0;

	for (i = 0; i < c->n_services; i++) {
		struct wrapped *w = &all[i];
		int r = generator__wrap(root, c->services[i], kubensenter, w);

		n += !r;
		if (harmless(r)) {
			if (r)
				msg__info(m, "%s: not wrapped: %s", w->service,
					  strbuf__str(&w->why));
			continue;
		}
		refused = true;
		msg__error(m, "%s: refusing to wrap it: %s; unit left as it was", w->service,
			   strbuf__str(&w->why));
	}
	if (refused && n) {
		msg__error(m,
			   "wrapping none of the %zu other services either: all must be in the same "
			   "mount namespace",
			   n);
		return -EOPNOTSUPP;
	}
	return refused ? -EOPNOTSUPP : write_all(dir, all, c->n_services, m);
}

int generator__run(const char *root, const char *dir, const struct msg *m)
{
	struct encap_config *c __cleanup(freep) = calloc(1, sizeof(*c));
	struct wrapped *all __cleanup(freep) = calloc(ENCAP_SERVICES_MAX, sizeof(*all));
	const char *off = encap__switched_off(root);
	char kubensenter[PIN_PATH_MAX];
	size_t i;
	int r;

	if (off) {
		msg__info(m, "encapsulation is switched off by %s", off);
		return 0;
	}
	if (!c || !all)
		return -ENOMEM;
	r = encap_config__load(root, m, c);
	if (r || !c->enabled || !c->n_services) {
		if (r && r != -ENOENT)
			msg__error(m, "cannot read %s: %s; wrapping nothing", ENCAP_CONF,
				   strerror(-r));
		return r == -ENOENT ? 0 : r;
	}
	r = find_kubensenter(root, c, kubensenter);
	if (r) {
		msg__error(m, "kubensenter is not installed; wrapping nothing");
		return r;
	}
	r = wrap_all(root, dir, c, kubensenter, all, m);
	for (i = 0; i < c->n_services; i++)
		wrapped__free(&all[i]);
	return r;
}

/* Always 0: a generator that fails makes systemd complain, and nothing here may stop a boot. */
int generator__main(int argc, char **argv)
{
	struct msg m = { .who = "mountscope-encap-generator", .level = MSG_INFO, .journal = true };
	const char *root = "";
	int i = 1;

	if (i < argc && !strncmp(argv[i], "--root=", 7)) {
		root = argv[i++] + 7;
		m.journal = false;
	}
	if (i >= argc || argv[i][0] != '/') {
		(void)fprintf(stderr, "Usage: %s [--root=DIR] NORMAL-DIR [EARLY-DIR LATE-DIR]\n",
			      argv[0]);
		return 0;
	}
	(void)generator__run(root, argv[i], &m);
	return 0;
}
