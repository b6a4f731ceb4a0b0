// SPDX-License-Identifier: BSD-2-Clause
/* encap status and encap check: the facts for people, the findings for both. */
#include "cmd/cmd.h"
#include "cmd/encap.h"
#include "encap/check.h"
#include "encap/probe.h"
#include "sink/json.h"

static const struct msg talk = { .who = "mountscope encap", .level = MSG_ERROR };

static const char *wrapped_name(enum check_wrapped w)
{
	static const char *const names[] = { [WRAPPED_NO] = "no",
					     [WRAPPED_GENERATOR] = "generator",
					     [WRAPPED_STATIC] = "static drop-in",
					     [WRAPPED_ITSELF] = "by itself" };

	return names[w];
}

static void print_facts(const struct check_facts *f)
{
	size_t i;

	(void)printf("encapsulation  %s\n", f->off	    ? "switched off"
					    : f->n_services ? "configured"
							    : "not configured");
	(void)printf("host           mount namespace %lu, %u mounts\n", (unsigned long)f->host_ns,
		     f->host_mounts);
	if (f->pin_ns)
		(void)printf("pin            mount namespace %lu, %u mounts, at %s (%s)\n",
			     (unsigned long)f->pin_ns, f->inside_mounts, f->pin_at,
			     f->pin_covered ? "mounted over"
			     : f->pin_good  ? "slave and shared"
					    : f->pin_why);
	else
		(void)printf("pin            none\n");
	(void)printf("containers     %u inside, %u on the host, %u elsewhere\n",
		     f->shims[PLACE_INSIDE], f->shims[PLACE_HOST], f->shims[PLACE_OTHER]);
	if (f->n_services)
		(void)printf("\n%-28s %-8s %-8s %-12s %s\n", "SERVICE", "PID", "WHERE", "NAMESPACE",
			     "WRAPPED");
	for (i = 0; i < f->n_services; i++) {
		const struct check_service *s = &f->service[i];

		(void)printf("%-28s %-8d %-8s %-12lu %s\n", s->name, (int)s->pid,
			     s->installed ? check_place__name(s->place) : "absent",
			     (unsigned long)s->ns, wrapped_name(s->wrapped));
	}
}

static void print_findings(const struct check_findings *fs, FILE *out)
{
	size_t i;

	for (i = 0; i < fs->n; i++)
		(void)fprintf(out, "%s: %s\n", fs->v[i].id, strbuf__str(&fs->v[i].text));
}

static void json_service(struct json *j, const struct check_service *s)
{
	json__begin(j, '{');
	json__member_cstr(j, "name", s->name);
	json__key(j, "installed");
	json__bool(j, s->installed);
	json__member_cstr(j, "wrapped", wrapped_name(s->wrapped));
	json__member_cstr(j, "where", check_place__name(s->place));
	json__member_u64(j, "pid", (uint64_t)s->pid);
	json__member_u64(j, "mntns", s->ns);
	json__member_cstr(j, "selinux", *s->label ? s->label : NULL);
	json__end(j, '}');
}

static void json_places(struct json *j, const char *key, const unsigned *counts)
{
	json__key(j, key);
	json__begin(j, '{');
	json__member_u64(j, "inside", counts[PLACE_INSIDE]);
	json__member_u64(j, "host", counts[PLACE_HOST]);
	json__member_u64(j, "other", counts[PLACE_OTHER]);
	json__end(j, '}');
}

static void json_facts(struct json *j, const struct check_facts *f)
{
	size_t i;

	json__member_cstr(j, "switched_off", f->off);
	json__member_u64(j, "host_mntns", f->host_ns);
	json__member_u64(j, "pin_mntns", f->pin_ns);
	json__member_cstr(j, "pin_path", f->pin_ns ? f->pin_at : NULL);
	json__key(j, "pin_good");
	json__bool(j, f->pin_good);
	json__member_u64(j, "host_mounts", f->host_mounts);
	json__member_u64(j, "inside_mounts", f->inside_mounts);
	json__member_u64(j, "host_leftover", f->host_leftover);
	json__member_u64(j, "shadowed", f->shadowed);
	json_places(j, "shims", f->shims);
	json_places(j, "containers", f->containers);
	json__key(j, "services");
	json__begin(j, '[');
	for (i = 0; i < f->n_services; i++)
		json_service(j, &f->service[i]);
	json__end(j, ']');
}

static void json_findings(struct json *j, const struct check_findings *fs)
{
	size_t i;

	json__key(j, "findings");
	json__begin(j, '[');
	for (i = 0; i < fs->n; i++) {
		json__begin(j, '{');
		json__member_cstr(j, "id", fs->v[i].id);
		json__member_cstr(j, "severity",
				  fs->v[i].severity == CHECK_PROBLEM ? "problem" : "note");
		json__member_cstr(j, "text", strbuf__str(&fs->v[i].text));
		json__end(j, '}');
	}
	json__end(j, ']');
}

static void json_probe(struct json *j, const bool holds[GUARANTEE__MAX])
{
	size_t i;

	json__key(j, "probe");
	json__begin(j, '[');
	for (i = 0; i < GUARANTEE__MAX; i++) {
		json__begin(j, '{');
		json__member_cstr(j, "guarantee", encap_guarantee_words[i]);
		json__key(j, "holds");
		json__bool(j, holds[i]);
		json__end(j, '}');
	}
	json__end(j, ']');
}

static int print_json(const struct check_facts *f, const struct check_findings *fs,
		      const bool *probed, bool ok)
{
	struct strbuf sb __cleanup(strbuf__free) = { 0 };
	struct json j = { .sb = &sb };

	json__begin(&j, '{');
	json__key(&j, "ok");
	json__bool(&j, ok);
	json_facts(&j, f);
	json_findings(&j, fs);
	if (probed)
		json_probe(&j, probed);
	json__end(&j, '}');
	if (sb.oom)
		return fail(EXIT_FAILED, "cannot print: %s", strerror(ENOMEM));
	(void)puts(strbuf__str(&sb));
	return EXIT_FINE;
}

/* The guarantees, tried out; false when one does not hold or nothing could be tried. */
static bool run_probe(const struct check_facts *f, bool holds[GUARANTEE__MAX])
{
	int fd __cleanup(closep) = -1;
	bool all = true;
	size_t i;
	int r = f->pin_ns && !f->pin_covered ? nsfs__open(f->pin_at, &fd) : -ENOENT;

	memset(holds, 0, GUARANTEE__MAX * sizeof(*holds));
	if (!r)
		r = encap_probe__run(fd, &talk, holds);
	for (i = 0; i < GUARANTEE__MAX; i++)
		all = all && holds[i];
	return !r && all;
}

static void print_probe(const bool holds[GUARANTEE__MAX])
{
	size_t i;

	for (i = 0; i < GUARANTEE__MAX; i++)
		(void)printf("%-4s %s\n", holds[i] ? "ok" : "NO", encap_guarantee_words[i]);
}

int encap__status(const struct encap_opts *o)
{
	struct check_facts *f __cleanup(freep) = calloc(1, sizeof(*f));
	struct check_findings *fs __cleanup(freep) = calloc(1, sizeof(*fs));
	int r;

	if (!f || !fs)
		return fail(EXIT_FAILED, "cannot look: %s", strerror(ENOMEM));
	r = check__gather("", &talk, f);
	if (r)
		return fail(EXIT_FAILED, "cannot look at PID 1: %s", strerror(-r));
	check__judge(f, fs);
	r = EXIT_FINE;
	if (o->json) {
		r = print_json(f, fs, NULL, !fs->problems);
	} else {
		print_facts(f);
		(void)printf(fs->n ? "\n" : "");
		print_findings(fs, stdout);
	}
	check_findings__free(fs);
	check_facts__free(f);
	return r;
}

int encap__check(const struct encap_opts *o)
{
	struct check_facts *f __cleanup(freep) = calloc(1, sizeof(*f));
	struct check_findings *fs __cleanup(freep) = calloc(1, sizeof(*fs));
	bool holds[GUARANTEE__MAX], ok;
	int r;

	if (!f || !fs)
		return fail(EXIT_FAILED, "cannot check: %s", strerror(ENOMEM));
	r = check__gather("", &talk, f);
	if (r)
		return fail(EXIT_FAILED, "cannot look at PID 1: %s", strerror(-r));
	check__judge(f, fs);
	ok = !fs->problems;
	if (o->probe)
		ok = run_probe(f, holds) && ok;
	r = EXIT_FINE;
	if (o->json) {
		r = print_json(f, fs, o->probe ? holds : NULL, ok);
	} else {
		if (o->probe)
			print_probe(holds);
		print_findings(fs, stdout);
		if (ok)
			(void)puts("encapsulated");
	}
	check_findings__free(fs);
	check_facts__free(f);
	return r ? r : ok ? EXIT_FINE : EXIT_FINDINGS;
}
