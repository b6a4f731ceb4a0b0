// SPDX-License-Identifier: BSD-2-Clause
/* encap: enable, disable, pin and unpin; what it is doing is in encap_show.c. */
#include "cmd/encap.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include "cmd/cmd.h"
#include "cmd/options.h"
#include "encap/apply.h"
#include "encap/generator.h"
#include "encap/unitload.h"

static int set_service(void *opts, const char *value, struct strbuf *why)
{
	struct encap_opts *o = opts;

	if (o->n_services == ENCAP_SERVICES_MAX) {
		strbuf__addf(why, "%d services are the most", ENCAP_SERVICES_MAX);
		return -E2BIG;
	}
	if (unitname__complete(value, o->services[o->n_services])) {
		strbuf__adds(why, "give the name of a service, such as kubelet.service");
		return -EINVAL;
	}
	o->n_services++;
	return 0;
}

static int set_fail(void *opts, const char *value, struct strbuf *why)
{
	if (strcmp(value, "open") && strcmp(value, "closed")) {
		strbuf__adds(why, "give open or closed");
		return -EINVAL;
	}
	((struct encap_opts *)opts)->fail = value;
	return 0;
}

static int set_runtime(void *opts, const char *value, struct strbuf *why)
{
	if (strcmp(value, "auto") && !plan__runtime_services(value)) {
		strbuf__adds(why, "give auto, crio, containerd, k3s or rke2");
		return -EINVAL;
	}
	((struct encap_opts *)opts)->runtime = value;
	return 0;
}

#define AT(field) offsetof(struct encap_opts, field)

static const struct opt encap_rows[] = {
	{ "service", 's', "NAME", "enable: encapsulate this service; may be given again", OPT_CALL,
	  0, set_service, 0 },
	{ "runtime", 'r', "NAME", "enable: those of auto, crio, containerd, k3s or rke2", OPT_CALL,
	  0, set_runtime, 0 },
	{ "fail", 0, "POLICY", "enable: without a pin start on the host (open), or not (closed)",
	  OPT_CALL, 0, set_fail, 0 },
	{ "static", 0, NULL, "enable: with a drop-in for each service, without the generator",
	  OPT_FLAG, AT(static_dropins), NULL, 0 },
	{ "dry-run", 'n', NULL, "enable: only show what would be written", OPT_FLAG, AT(dry_run),
	  NULL, 0 },
	{ "root", 0, "DIR", "enable, disable: on the files below DIR, as of an image", OPT_STRING,
	  AT(root), NULL, 0 },
	{ "probe", 0, NULL, "check: mount for real and look who sees it", OPT_FLAG, AT(probe), NULL,
	  0 },
	{ "force", 0, NULL, "unpin: although processes live inside", OPT_FLAG, AT(force), NULL, 0 },
	{ "json", 'J', NULL, "status, check: as JSON", OPT_FLAG, AT(json), NULL, 0 },
	{},
};

const struct usage encap_usage = {
	.operands = "[status|check|enable|disable|pin|unpin]",
	.opts = encap_rows,
	.opts_size = sizeof(struct encap_opts),
	.max_operands = 1,
	.notes = "status (the default) shows one screen; check exits 1 when something is wrong.",
};

static const struct msg talk = { .who = "mountscope encap", .level = MSG_INFO };

static bool exists(const char *root, const char *path)
{
	char full[1024];
	struct stat st;

	/* lstat: an absolute link below another root points elsewhere. */
	(void)snprintf(full, sizeof(full), "%s%s", root, path);
	return lstat(full, &st) == 0;
}

/* The first of the places that exists below root, or NULL. */
static const char *first_of(const char *root, const char *const *places)
{
	for (; *places; places++)
		if (exists(root, *places))
			return *places;
	return NULL;
}

static bool unit_exists(const char *root, const char *name)
{
	const struct unitload_opts o = { .root = root, .generated = true };
	struct unit_files f;
	int r = unitload__find(&o, name, &f);

	if (!r)
		unit_files__free(&f);
	return !r;
}

static void add_service(struct plan_facts *f, const char *name)
{
	size_t i;

	for (i = 0; i < f->n_services; i++)
		if (!strcmp(f->services[i], name))
			return;
	if (f->n_services < PLAN_SERVICES_MAX)
		(void)snprintf(f->services[f->n_services++], PLAN_NAME_MAX, "%s", name);
}

/* The runtime's services that are installed. */
static int add_runtime(const char *root, const char *runtime, struct plan_facts *f)
{
	bool present[8] = { 0 };
	const char *const *s;
	size_t i;

	for (i = 0; plan__runtimes[i]; i++)
		for (s = plan__runtime_services(plan__runtimes[i]); *s; s++)
			present[i] |= strcmp(*s, "kubelet.service") && unit_exists(root, *s);
	if (!strcmp(runtime, "auto")) {
		runtime = plan__detect(present);
		if (!runtime)
			return fail(EXIT_USAGE,
				    "cannot tell which runtime kubelet uses: none, or several, of crio, "
				    "containerd, k3s and rke2 are installed: say it with --runtime");
	}
	for (s = plan__runtime_services(runtime); *s; s++)
		if (unit_exists(root, *s))
			add_service(f, *s);
	return f->n_services
		       ? 0
		       : fail(EXIT_IMPOSSIBLE,
			      "cannot encapsulate %s: none of its services is installed", runtime);
}

static int gather_plan_facts(const struct encap_opts *o, struct plan_facts *f)
{
	static const char *const pin_units[] = { "/etc/systemd/system/" ENCAP_PIN_UNIT,
						 "/usr/local/lib/systemd/system/" ENCAP_PIN_UNIT,
						 "/usr/lib/systemd/system/" ENCAP_PIN_UNIT,
						 "/lib/systemd/system/" ENCAP_PIN_UNIT, NULL };
	static const char *const kubens[] = { "/usr/lib/systemd/system/kubens.service",
					      "/lib/systemd/system/kubens.service",
					      "/usr/local/lib/systemd/system/kubens.service",
					      NULL };
	static const char *const generators[] = {
		"/etc/systemd/system-generators/mountscope-encap-generator",
		"/usr/local/lib/systemd/system-generators/mountscope-encap-generator",
		"/usr/lib/systemd/system-generators/mountscope-encap-generator", NULL
	};
	size_t i;
	int r = 0;

	for (i = 0; i < o->n_services; i++)
		add_service(f, o->services[i]);
	if (!o->n_services || o->runtime)
		r = add_runtime(o->root, o->runtime ? o->runtime : "auto", f);
	if (r)
		return r;
	f->fail_closed = o->fail && !strcmp(o->fail, "closed");
	f->static_dropins = o->static_dropins;
	f->bindir = exists(o->root, "/usr/bin/kubensenter")	    ? "/usr/bin"
		    : exists(o->root, "/usr/local/bin/kubensenter") ? "/usr/local/bin"
								    : NULL;
	f->pin_unit = first_of(o->root, pin_units);
	f->kubens_unit = first_of(o->root, kubens) != NULL;
	f->switch_file = exists(o->root, ENCAP_OFF_FILE);
	if (!f->bindir || (!o->static_dropins && !first_of(o->root, generators)))
		return fail(EXIT_IMPOSSIBLE,
			    "cannot encapsulate: kubensenter%s not installed: make install-encapsulation%s",
			    f->bindir ? "'s generator is" : " is",
			    f->bindir ? ", or use --static" : "");
	return 0;
}

/* Is each service one that can be wrapped? Shows what it will start. */
static int preview_service(const struct encap_opts *o, const struct plan_facts *f,
			   const char *service)
{
	char wrapper[64];
	struct wrapped w = { 0 };
	const char *p;
	int r, status = 0;

	(void)snprintf(wrapper, sizeof(wrapper), "%s/kubensenter", f->bindir);
	r = generator__wrap(o->root, service, wrapper, &w);
	if (r == -ENOENT || r == -ERFKILL)
		status = fail(EXIT_IMPOSSIBLE, "cannot encapsulate %s: %s", service,
			      strbuf__str(&w.why));
	else if (r == -EALREADY)
		(void)printf("  %s: %s\n", service, strbuf__str(&w.why));
	else if (r)
		status = fail(EXIT_IMPOSSIBLE,
			      "cannot encapsulate %s: %s: it would lose that, or cannot enter",
			      service, strbuf__str(&w.why));
	for (p = r ? NULL : strbuf__str(&w.dropin); p && (p = strstr(p, "\nExecStart=/")); p++)
		(void)printf("  %s will start: %.*s\n", service, (int)strcspn(p + 11, "\n"),
			     p + 11);
	wrapped__free(&w);
	return status;
}

static void print_plan(const struct encap_opts *o, const struct plan *p)
{
	static const char *const verbs[] = {
		[PLAN_WRITE] = "write", [PLAN_LINK] = "link", [PLAN_REMOVE] = "remove"
	};
	size_t i;

	for (i = 0; i < p->n; i++) {
		const struct plan_step *s = &p->step[i];
		const char *line = s->text;

		(void)printf("  %-6s %s%s (%s)\n", verbs[s->what], o->root, s->path, s->why);
		for (; s->what == PLAN_WRITE && *line; line += strcspn(line, "\n") + 1)
			(void)printf("           | %.*s\n", (int)strcspn(line, "\n"), line);
	}
}

static int daemon_reload(void)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		(void)execl("/usr/bin/systemctl", "systemctl", "daemon-reload", (char *)NULL);
		(void)execl("/bin/systemctl", "systemctl", "daemon-reload", (char *)NULL);
		_exit(127);
	}
	if (pid < 0)
		return -errno;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -EIO;
}

/* What is left to do for the administrator. */
static int finish(const struct encap_opts *o, const char *what)
{
	if (*o->root)
		return EXIT_FINE;
	if (daemon_reload())
		return fail(EXIT_FAILED, "cannot have systemd read the files again: systemctl "
					 "daemon-reload failed: run it");
	(void)printf("%s", what);
	return EXIT_FINE;
}

int encap__enable(const struct encap_opts *o)
{
	struct plan_facts *f __cleanup(freep) = calloc(1, sizeof(*f));
	struct plan *p __cleanup(freep) = calloc(1, sizeof(*p));
	const char *why = NULL;
	size_t i;
	int r;

	if (!f || !p)
		return fail(EXIT_FAILED, "cannot plan: %s", strerror(ENOMEM));
	r = gather_plan_facts(o, f);
	if (r)
		return r;
	r = plan__enable(f, p, &why);
	if (r)
		return fail(EXIT_IMPOSSIBLE, "cannot encapsulate: %s", why);
	(void)printf("Plan:\n");
	print_plan(o, p);
	for (i = 0, r = 0; i < f->n_services && !r; i++)
		r = preview_service(o, f, f->services[i]);
	if (!r && !o->dry_run) {
		(void)fflush(stdout);
		r = apply__plan(o->root, p, &talk) ? EXIT_FAILED : 0;
		if (!r)
			r = finish(o,
				   "Enabled. Running services stay where they are, and mounts made "
				   "before the pin\nstay in the host's table: drain the node and "
				   "reboot it, or stop all these\nservices and start them again.\n");
	}
	plan__free(p);
	return r;
}

int encap__disable(const struct encap_opts *o)
{
	int r = apply__undo(o->root, &talk);

	if (r == -ENOENT)
		return fail(EXIT_IMPOSSIBLE,
			    "cannot disable: \"encap enable\" has not been run here (no record in %s%s); "
			    "to turn off what was set up otherwise: touch %s",
			    o->root, APPLY_DIR, ENCAP_OFF_FILE);
	if (r)
		return fail(EXIT_FAILED, "cannot put everything back: %s", strerror(-r));
	return finish(o,
		      "Disabled; all files are as they were. Running services stay inside until "
		      "they are\nstarted again: drain the node and reboot it, or stop them all, then\n"
		      "systemctl stop " ENCAP_PIN_UNIT ", and start them.\n");
}

static void pin_opts__fill(const struct encap_opts *o, struct encap_config *c, struct pin_opts *ret)
{
	size_t i;

	(void)encap_config__load("", &talk, c);
	*ret = (struct pin_opts){
		.path = PIN_PATH, .alias = PIN_PATH_KUBENS, .force = o->force, .msg = &talk
	};
	for (i = 0; i < c->n_prepare; i++)
		ret->prepare[ret->n_prepare++] = c->prepare[i];
}

static int pin_or_unpin(const struct encap_opts *o, int (*action)(const struct pin_opts *))
{
	struct encap_config *c __cleanup(freep) = calloc(1, sizeof(*c));
	struct pin_opts po;

	if (!c)
		return fail(EXIT_FAILED, "cannot pin: %s", strerror(ENOMEM));
	pin_opts__fill(o, c, &po);
	return action(&po) ? EXIT_FAILED : EXIT_FINE;
}

int encap__pin(const struct encap_opts *o)
{
	return pin_or_unpin(o, pin__make);
}

int encap__unpin(const struct encap_opts *o)
{
	return pin_or_unpin(o, pin__undo);
}

int cmd_encap(void *opts, int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(const struct encap_opts *o);
	} actions[] = {
		{ "status", encap__status }, { "check", encap__check },
		{ "enable", encap__enable }, { "disable", encap__disable },
		{ "pin", encap__pin },	     { "unpin", encap__unpin },
	};
	struct encap_opts *o = opts;
	const char *action = argc ? argv[0] : "status";
	size_t i;

	if (!o->root || !strcmp(o->root, "/"))
		o->root = "";
	for (i = 0; i < ARRAY_SIZE(actions); i++)
		if (!strcmp(action, actions[i].name))
			return actions[i].run(o);
	return fail(EXIT_USAGE,
		    "cannot run '%s': there is no such action: see 'mountscope encap --help'",
		    action);
}
