// SPDX-License-Identifier: BSD-2-Clause
/* Turns the facts about a node's encapsulation into findings. Pure. */
#include <stdarg.h>

#include "encap/check.h"

const char *check_place__name(enum check_place p)
{
	static const char *const names[] = { [PLACE_STOPPED] = "stopped",
					     [PLACE_HOST] = "host",
					     [PLACE_INSIDE] = "inside",
					     [PLACE_OTHER] = "other" };

	return names[p];
}

static void __printf(4, 5) find(struct check_findings *f, enum check_severity severity,
				const char *id, const char *fmt, ...)
{
	struct check_finding *one = &f->v[f->n];
	char text[1024];
	va_list ap;

	if (f->n == ARRAY_SIZE(f->v))
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	one->severity = severity;
	one->id = id;
	strbuf__adds(&one->text, text);
	f->n++;
	f->problems += severity == CHECK_PROBLEM;
}

static void judge_pin(const struct check_facts *f, struct check_findings *out)
{
	if (f->pin_covered)
		find(out, CHECK_PROBLEM, "pin-covered",
		     "something is mounted over %s: services that start now run on the host",
		     PIN_PATH);
	else if (!f->pin_ns)
		find(out, CHECK_PROBLEM, "pin-missing",
		     "no namespace is pinned at %s or %s: systemctl start " ENCAP_PIN_UNIT,
		     PIN_PATH, PIN_PATH_KUBENS);
	else if (!f->pin_good)
		find(out, CHECK_PROBLEM, "pin-unusable", "the namespace pinned at %s: %s",
		     f->pin_at, f->pin_why);
	else if (!f->env_file)
		find(out, CHECK_PROBLEM, "env-file",
		     "%s has no env file beside it that names it: a CRI-O that joins by itself does not",
		     f->pin_at);
}

static void judge_service(const struct check_facts *f, const struct check_service *s,
			  struct check_findings *out)
{
	if (s->obstacles.len)
		find(out, CHECK_PROBLEM, "sandbox", "%s cannot be wrapped: %s", s->name,
		     strbuf__str(&s->obstacles));
	else if (s->installed && s->wrapped == WRAPPED_NO && s->place != PLACE_INSIDE)
		find(out, CHECK_PROBLEM, "not-wrapped",
		     "%s has no wrapper in its unit: systemctl daemon-reload, then look for "
		     "mountscope-encap-generator in the journal",
		     s->name);
	if (s->place == PLACE_HOST)
		find(out, CHECK_PROBLEM, "service-outside",
		     "%s[%d] runs in the host's mount namespace: drain and reboot, or stop all listed "
		     "services and start them again",
		     s->name, (int)s->pid);
	if (s->place == PLACE_OTHER)
		find(out, CHECK_PROBLEM, f->pin_ns ? "pin-stale" : "namespace-unpinned",
		     "%s[%d] runs in mount namespace %lu, which is not the pinned one", s->name,
		     (int)s->pid, (unsigned long)s->ns);
	if (f->selinux && strstr(s->label, ":init_t:"))
		find(out, CHECK_PROBLEM, "selinux-label",
		     "%s[%d] runs as %s: the wrapper's file label has kept it from its own domain",
		     s->name, (int)s->pid, s->label);
}

/* Kubelet in one namespace and its runtime in another: volumes that one mounts the other cannot see. */
static void judge_together(const struct check_facts *f, struct check_findings *out)
{
	const struct check_service *first = NULL;
	size_t i;

	for (i = 0; i < f->n_services; i++) {
		const struct check_service *s = &f->service[i];

		if (s->place == PLACE_STOPPED)
			continue;
		if (first && first->ns != s->ns)
			find(out, CHECK_PROBLEM, "split",
			     "%s[%d] is %s, %s[%d] is %s: they do not see each other's mounts",
			     first->name, (int)first->pid, check_place__name(first->place), s->name,
			     (int)s->pid, check_place__name(s->place));
		if (!first)
			first = s;
	}
}

static void judge_containers(const struct check_facts *f, struct check_findings *out)
{
	unsigned wrong = f->shims[PLACE_HOST] + f->shims[PLACE_OTHER];

	if (wrong)
		find(out, CHECK_PROBLEM, "containers-outside",
		     "%u containers were started before the services came inside (%u are inside): drain "
		     "and reboot",
		     wrong, f->shims[PLACE_INSIDE]);
	if (f->host_leftover)
		find(out, CHECK_PROBLEM, "host-leftover",
		     "%u mounts of kubelet or containers are in the host's table: made before the pin; "
		     "they stay until a reboot",
		     f->host_leftover);
	if (f->shadowed)
		find(out, CHECK_PROBLEM, "shadowed",
		     "%u mounts inside are hidden by a later one on a directory above, as %s",
		     f->shadowed, f->shadowed_first);
}

void check__judge(const struct check_facts *f, struct check_findings *out)
{
	size_t i;

	memset(out, 0, sizeof(*out));
	if (f->off)
		find(out, CHECK_PROBLEM, "switched-off", "encapsulation is switched off by %s",
		     f->off);
	if (!f->n_services)
		find(out, CHECK_PROBLEM, "not-enabled",
		     "no service is listed in %s: mountscope encap enable", ENCAP_CONF);
	if (!f->systemd)
		find(out, CHECK_PROBLEM, "systemd",
		     "systemd does not say which processes the services "
		     "have");
	judge_pin(f, out);
	for (i = 0; i < f->n_services; i++)
		judge_service(f, &f->service[i], out);
	judge_together(f, out);
	judge_containers(f, out);
	if (f->selinux && *f->binary_label && !strstr(f->binary_label, ":bin_t:") &&
	    !strstr(f->binary_label, "_exec_t:"))
		find(out, CHECK_PROBLEM, "selinux-file",
		     "kubensenter is labelled %s: restorecon it, or systemd may not run it",
		     f->binary_label);
}

void check_findings__free(struct check_findings *f)
{
	while (f->n)
		strbuf__free(&f->v[--f->n].text);
}
