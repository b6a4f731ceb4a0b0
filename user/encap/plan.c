// SPDX-License-Identifier: BSD-2-Clause
/* Plans which files make a node's services run in the pinned namespace. */
#include "encap/plan.h"

#define CONF	    "/etc/mountscope/encapsulation.conf"
#define SWITCH	    "/etc/mountscope/encapsulation.disabled"
#define UNITS	    "/etc/systemd/system/"
#define STATIC_NAME "20-container-mount-namespace.conf"

/* As deploy/systemd/20-container-mount-namespace.conf.in; a test compares the two. */
static const char static_dropin[] =
	"# SPDX-License-Identifier: BSD-2-Clause\n"
	"# Drop-in for any service, unedited: starts what the unit's files and other drop-ins say, inside the\n"
	"# container mount namespace. For systems that cannot run the generator, which does this better.\n"
	"[Unit]\n"
	"Wants=container-mount-namespace.service\n"
	"After=container-mount-namespace.service\n"
	"\n"
	"[Service]\n"
	"ExecStartPre=-@BINDIR@/extractExecStart %n %t/%N-execstart.env ORIG_EXECSTART\n"
	"EnvironmentFile=-%t/%N-execstart.env\n"
	"ExecStart=\n"
	"ExecStart=@BINDIR@/kubensenter --service --command=ORIG_EXECSTART --unit=%n\n";

const char *const plan__runtimes[] = { "crio", "containerd", "k3s", "rke2", NULL };

const char *const *plan__runtime_services(const char *runtime)
{
	static const char *const crio[] = { "kubelet.service", "crio.service", NULL };
	static const char *const containerd[] = { "kubelet.service", "containerd.service", NULL };
	/* These two are kubelet and containerd in one service, server or agent. */
	static const char *const k3s[] = { "k3s.service", "k3s-agent.service", NULL };
	static const char *const rke2[] = { "rke2-server.service", "rke2-agent.service", NULL };
	static const char *const *const all[] = { crio, containerd, k3s, rke2 };
	size_t i;

	for (i = 0; plan__runtimes[i]; i++)
		if (!strcmp(runtime, plan__runtimes[i]))
			return all[i];
	return NULL;
}

const char *plan__detect(const bool *present)
{
	const char *found = NULL;
	size_t i;

	for (i = 0; plan__runtimes[i]; i++) {
		if (!present[i])
			continue;
		if (found)
			return NULL;
		found = plan__runtimes[i];
	}
	return found;
}

void plan__free(struct plan *p)
{
	while (p->n)
		free(p->step[--p->n].text);
}

static void add(struct plan *p, enum plan_do what, const char *path, const char *text,
		const char *why)
{
	struct plan_step *s = &p->step[p->n];
	char *copy = strdup(text);

	if (p->n == PLAN_STEPS_MAX || !copy || strlen(path) >= sizeof(s->path)) {
		free(copy);
		p->oom = true;
		return;
	}
	s->what = what;
	(void)snprintf(s->path, sizeof(s->path), "%s", path);
	s->text = copy;
	s->why = why;
	p->n++;
}

static void add_static_dropins(const struct plan_facts *f, struct plan *p)
{
	struct strbuf text = { 0 };
	char path[2 * PLAN_NAME_MAX];
	const char *s, *at;
	size_t i;

	for (s = static_dropin; (at = strstr(s, "@BINDIR@")); s = at + strlen("@BINDIR@")) {
		strbuf__add(&text, s, (size_t)(at - s));
		strbuf__adds(&text, f->bindir);
	}
	strbuf__adds(&text, s);
	for (i = 0; i < f->n_services; i++) {
		(void)snprintf(path, sizeof(path), UNITS "%.255s.d/" STATIC_NAME, f->services[i]);
		add(p, PLAN_WRITE, path, strbuf__str(&text), "starts the service inside");
	}
	p->oom |= text.oom;
	strbuf__free(&text);
}

static void add_conf(const struct plan_facts *f, struct plan *p)
{
	struct strbuf text = { 0 };
	size_t i;

	strbuf__adds(&text, "# Written by \"mountscope encap enable\"; see mountscope-encap(1).\n"
			    "[Encapsulation]\n");
	strbuf__addf(&text, "Enabled=%s\n", f->static_dropins ? "no" : "yes");
	strbuf__adds(&text, "Services=");
	for (i = 0; i < f->n_services; i++)
		strbuf__addf(&text, "%s%s", i ? " " : "", f->services[i]);
	strbuf__addf(&text, "\nFail=%s\n", f->fail_closed ? "closed" : "open");
	add(p, PLAN_WRITE, CONF, strbuf__str(&text),
	    f->static_dropins ? "the services that share the namespace"
			      : "the services that the generator wraps");
	p->oom |= text.oom;
	strbuf__free(&text);
}

int plan__enable(const struct plan_facts *f, struct plan *ret, const char **ret_why)
{
	struct plan p = { 0 };

	if (!f->n_services) {
		*ret_why = "no service to encapsulate: name one with --service";
		return -ENOENT;
	}
	if (!f->pin_unit) {
		*ret_why = "container-mount-namespace.service is not installed: "
			   "make install-encapsulation";
		return -ENOENT;
	}
	if (f->switch_file)
		add(&p, PLAN_REMOVE, SWITCH, "", "the emergency switch, which turns it off");
	if (!f->kubens_unit)
		add(&p, PLAN_LINK, UNITS "kubens.service", f->pin_unit,
		    "for units that wait for kubens.service");
	/* What takes effect comes last: with drop-ins those, else the configuration. */
	if (f->static_dropins) {
		add_conf(f, &p);
		add_static_dropins(f, &p);
	} else {
		add_conf(f, &p);
	}
	if (p.oom) {
		plan__free(&p);
		*ret_why = "out of memory, or too many services";
		return -ENOMEM;
	}
	*ret = p;
	return 0;
}
