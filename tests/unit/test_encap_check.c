// SPDX-License-Identifier: BSD-2-Clause
/* What check makes of facts, and what plan makes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "encap/check.h"
#include "encap/plan.h"
#include "encap/shadow.h"

/* A node on which all is well. */
static struct check_facts *good_node(void)
{
	struct check_facts *f = calloc(1, sizeof(*f));
	size_t i;

	assert_non_null(f);
	f->configured = f->systemd = f->env_file = f->pin_good = true;
	f->host_ns = 1;
	f->pin_ns = 2;
	f->pin_at = PIN_PATH;
	f->n_services = 2;
	for (i = 0; i < 2; i++) {
		struct check_service *s = &f->service[i];

		(void)snprintf(s->name, sizeof(s->name), "%s",
			       i ? "crio.service" : "kubelet.service");
		s->installed = true;
		s->wrapped = WRAPPED_GENERATOR;
		s->pid = 100 + (pid_t)i;
		s->ns = 2;
		s->place = PLACE_INSIDE;
	}
	return f;
}

/* The identifiers of the findings, by blank. */
static void expect(struct check_facts *f, const char *want)
{
	struct check_findings *fs = calloc(1, sizeof(*fs));
	struct strbuf got = { 0 };
	size_t i;

	assert_non_null(fs);
	check__judge(f, fs);
	for (i = 0; i < fs->n; i++)
		strbuf__addf(&got, "%s%s", i ? " " : "", fs->v[i].id);
	assert_string_equal(strbuf__str(&got), want);
	strbuf__free(&got);
	check_findings__free(fs);
	check_facts__free(f);
	free(fs);
	free(f);
}

static void put_on_host(struct check_service *s)
{
	s->ns = 1;
	s->place = PLACE_HOST;
}

static void a_good_node_has_no_findings(void **state)
{
	(void)state;
	expect(good_node(), "");
}

static void kubelet_inside_and_its_runtime_outside_is_a_split(void **state)
{
	struct check_facts *f = good_node();

	(void)state;
	put_on_host(&f->service[1]);
	expect(f, "service-outside split");
}

static void both_outside_is_no_split(void **state)
{
	struct check_facts *f = good_node();

	(void)state;
	put_on_host(&f->service[0]);
	put_on_host(&f->service[1]);
	expect(f, "service-outside service-outside");
}

static void services_of_an_earlier_pin_are_stale(void **state)
{
	struct check_facts *f = good_node();

	(void)state;
	f->service[0].ns = f->service[1].ns = 3;
	f->service[0].place = f->service[1].place = PLACE_OTHER;
	expect(f, "pin-stale pin-stale");
}

static void a_missing_covered_or_bad_pin_is_told_apart(void **state)
{
	struct check_facts *f = good_node();

	(void)state;
	f->pin_covered = true;
	expect(f, "pin-covered");
	f = good_node();
	f->pin_good = false;
	f->pin_why = "reason";
	expect(f, "pin-unusable");
	f = good_node();
	f->pin_ns = 0;
	f->service[0].place = f->service[1].place = PLACE_OTHER;
	expect(f, "pin-missing namespace-unpinned namespace-unpinned");
}

static void containers_and_mounts_from_before_are_counted(void **state)
{
	struct check_facts *f = good_node();

	(void)state;
	f->shims[PLACE_HOST] = 3;
	f->host_leftover = 7;
	expect(f, "containers-outside host-leftover");
}

static void sandboxed_and_unwrapped_services_are_named(void **state)
{
	struct check_facts *f = good_node();

	(void)state;
	strbuf__adds(&f->service[0].obstacles, "PrivateTmp=yes");
	f->service[1].wrapped = WRAPPED_NO;
	put_on_host(&f->service[0]);
	put_on_host(&f->service[1]);
	expect(f, "sandbox service-outside not-wrapped service-outside");
}

static void a_service_that_init_runs_in_its_own_domain_is_mislabelled(void **state)
{
	struct check_facts *f = good_node();

	(void)state;
	f->selinux = true;
	(void)snprintf(f->service[0].label, sizeof(f->service[0].label),
		       "system_u:system_r:init_t:s0");
	(void)snprintf(f->service[1].label, sizeof(f->service[1].label),
		       "system_u:system_r:container_runtime_t:s0");
	(void)snprintf(f->binary_label, sizeof(f->binary_label), "system_u:object_r:tmp_t:s0");
	expect(f, "selinux-label selinux-file");
}

static void switched_off_and_not_enabled_are_said(void **state)
{
	struct check_facts *f = good_node();

	(void)state;
	f->off = "a file";
	expect(f, "switched-off");
	f = good_node();
	f->n_services = 0;
	f->systemd = false;
	expect(f, "not-enabled systemd");
}

static struct plan_facts node_to_plan(void)
{
	struct plan_facts f = { .n_services = 1, .bindir = "/usr/bin", .pin_unit = "/u" };

	(void)snprintf(f.services[0], sizeof(f.services[0]), "kubelet.service");
	return f;
}

static void the_configuration_is_written_last(void **state)
{
	struct plan_facts f = node_to_plan();
	const char *why = NULL;
	struct plan p;

	(void)state;
	f.switch_file = true;
	assert_int_equal(plan__enable(&f, &p, &why), 0);
	assert_int_equal(p.n, 3);
	assert_int_equal(p.step[0].what, PLAN_REMOVE);
	assert_int_equal(p.step[1].what, PLAN_LINK);
	assert_string_equal(p.step[1].text, "/u");
	assert_string_equal(p.step[2].path, "/etc/mountscope/encapsulation.conf");
	assert_non_null(strstr(p.step[2].text, "\nServices=kubelet.service\nFail=open\n"));
	plan__free(&p);
}

static void the_platforms_own_kubens_service_is_left_alone(void **state)
{
	struct plan_facts f = node_to_plan();
	const char *why = NULL;
	struct plan p;

	(void)state;
	f.kubens_unit = true;
	assert_int_equal(plan__enable(&f, &p, &why), 0);
	assert_int_equal(p.n, 1);
	plan__free(&p);
}

static void one_runtime_is_found_and_several_are_not_guessed(void **state)
{
	const bool crio[] = { true, false, false, false }, both[] = { true, true, false, false };
	const bool k3s[] = { false, false, true, false }, none[4] = { false };

	(void)state;
	assert_string_equal(plan__detect(crio), "crio");
	assert_string_equal(plan__detect(k3s), "k3s");
	assert_null(plan__detect(both));
	assert_null(plan__detect(none));
	assert_null(plan__runtime_services("docker"));
}

static void check_shadow(const char *table, unsigned want, const char *first)
{
	char path[] = "/tmp/test_encap_shadow_XXXXXX";
	int fd = mkstemp(path);
	struct shadow_result got;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, table, strlen(table)), strlen(table));
	(void)close(fd);
	assert_int_equal(shadow__read(path, NULL, &got), 0);
	(void)unlink(path);
	assert_int_equal(got.shadowed, want);
	assert_string_equal(got.first, first);
}

static void a_mount_above_hides_what_is_below_on_the_same_parent(void **state)
{
	(void)state;
	check_shadow("1 0 0:1 / / rw - a a rw\n"
		     "2 1 0:2 / /run/a/b rw - a a rw\n"
		     "3 1 0:3 / /run/a rw - a a rw\n",
		     1, "/run/a/b");
	/* on top of it, not hidden by it */
	check_shadow("1 0 0:1 / / rw - a a rw\n"
		     "3 1 0:3 / /run/a rw - a a rw\n"
		     "2 3 0:2 / /run/a/b rw - a a rw\n",
		     0, "");
	/* beside it, though the name begins alike and sorts between */
	check_shadow("1 0 0:1 / / rw - a a rw\n"
		     "2 1 0:2 / /run/a-b rw - a a rw\n"
		     "3 1 0:3 / /run/a rw - a a rw\n"
		     "4 1 0:3 / /run/a/c rw - a a rw\n",
		     1, "/run/a/c");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_node_has_no_findings),
		cmocka_unit_test(kubelet_inside_and_its_runtime_outside_is_a_split),
		cmocka_unit_test(both_outside_is_no_split),
		cmocka_unit_test(services_of_an_earlier_pin_are_stale),
		cmocka_unit_test(a_missing_covered_or_bad_pin_is_told_apart),
		cmocka_unit_test(containers_and_mounts_from_before_are_counted),
		cmocka_unit_test(sandboxed_and_unwrapped_services_are_named),
		cmocka_unit_test(a_service_that_init_runs_in_its_own_domain_is_mislabelled),
		cmocka_unit_test(switched_off_and_not_enabled_are_said),
		cmocka_unit_test(the_configuration_is_written_last),
		cmocka_unit_test(the_platforms_own_kubens_service_is_left_alone),
		cmocka_unit_test(one_runtime_is_found_and_several_are_not_guessed),
		cmocka_unit_test(a_mount_above_hides_what_is_below_on_the_same_parent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
