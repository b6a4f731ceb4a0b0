// SPDX-License-Identifier: BSD-2-Clause
/*
 * The generator on unit files below a directory that stands for /. With --dump DIR it writes all cases there instead, one
 * directory each, for comparison with a real systemd.
 */
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "encap/generator.h"
#include "encap_cases.h"

#define WRAPPER "/usr/bin/kubensenter"

static void make_parents(const char *path)
{
	char dir[1024], *p;

	(void)snprintf(dir, sizeof(dir), "%s", path);
	for (p = dir + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		(void)mkdir(dir, 0755);
		*p = '/';
	}
}

static void put(const char *root, const char *path, const char *text)
{
	char full[1024];
	FILE *f;

	(void)snprintf(full, sizeof(full), "%s%s", root, path);
	make_parents(full);
	if (!strncmp(text, "->", 2)) {
		assert_int_equal(symlink(text + 2, full), 0);
		return;
	}
	f = fopen(full, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int setup_root(void **state)
{
	char *root = strdup("/tmp/test_encap_XXXXXX");

	*state = root;
	return root && mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
	(void)nftw(*state, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(*state);
	return 0;
}

static void put_case(const char *root, const struct generator_case *c)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(c->files) && c->files[i].path; i++)
		put(root, c->files[i].path, c->files[i].text);
}

/* What follows the resetting "ExecStart=" in a drop-in. */
static const char *exec_lines(const struct wrapped *w)
{
	const char *p = strstr(strbuf__str(&w->dropin), "\nExecStart=\n");

	return p ? p + strlen("\nExecStart=\n") : "";
}

static void check_case(const char *root, const struct generator_case *c)
{
	struct wrapped w = { 0 };
	char want[4096] = "";
	const char *p;
	size_t n = 0;
	int r;

	put_case(root, c);
	r = generator__wrap(root, c->unit, WRAPPER, &w);
	if (c->refused) {
		if (!r || !strstr(strbuf__str(&w.why), c->refused))
			fail_msg("%s: got %d '%s', want a refusal with '%s'", c->name, r,
				 r ? strbuf__str(&w.why) : exec_lines(&w), c->refused);
	} else {
		for (p = c->want; p && *p; p = strchr(p, '\n') + 1)
			n += (size_t)snprintf(want + n, sizeof(want) - n, "ExecStart=%.*s\n",
					      (int)strcspn(p, "\n"), p);
		if (r || strcmp(exec_lines(&w), want) != 0)
			fail_msg("%s:\n got %d %s%s\nwant %s", c->name, r, exec_lines(&w),
				 strbuf__str(&w.why), want);
		assert_string_equal(w.file, c->file ? c->file : GENERATOR_DROPIN);
	}
	wrapped__free(&w);
}

/* One cmocka test a case: its initial state is the case, which setup trades for a directory. */
struct case_state {
	const struct generator_case *c;
	char root[32];
};

static int setup_case(void **state)
{
	struct case_state *s = calloc(1, sizeof(*s));

	if (!s)
		return -1;
	s->c = *state;
	(void)snprintf(s->root, sizeof(s->root), "/tmp/test_encap_XXXXXX");
	*state = s;
	return mkdtemp(s->root) ? 0 : -1;
}

static int teardown_case(void **state)
{
	struct case_state *s = *state;

	(void)nftw(s->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(s);
	return 0;
}

static void one_case(void **state)
{
	struct case_state *s = *state;

	check_case(s->root, s->c);
}

#define UNITS "/usr/lib/systemd/system/"

static const struct msg quiet = { .who = "test", .level = MSG_NOTHING };

static void put_node(const char *root)
{
	char wrapper[256];

	put(root, ENCAP_CONF, "[Encapsulation]\nServices=kubelet crio.service\n");
	put(root, UNITS "kubelet.service", "[Service]\nExecStart=/usr/bin/kubelet\n");
	put(root, UNITS "crio.service", "[Service]\nExecStart=/usr/bin/crio\n");
	put(root, WRAPPER, "#!/bin/sh\n");
	(void)snprintf(wrapper, sizeof(wrapper), "%s" WRAPPER, root);
	assert_int_equal(chmod(wrapper, 0755), 0);
}

/* Runs the generator; which of the two drop-ins are there then, as "kubelet crio". */
static const char *run(const char *root)
{
	static char got[64];
	char out[256], path[512];
	const char *const names[] = { "kubelet", "crio" };
	size_t i;

	(void)snprintf(out, sizeof(out), "%s/out", root);
	(void)mkdir(out, 0755);
	(void)generator__run(root, out, &quiet);
	got[0] = '\0';
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		size_t n = strlen(got);

		(void)snprintf(path, sizeof(path), "%s/%s.service.d/" GENERATOR_DROPIN, out,
			       names[i]);
		if (access(path, F_OK) == 0)
			(void)snprintf(got + n, sizeof(got) - n, "%s%s", n ? " " : "", names[i]);
	}
	return got;
}

static void all_listed_services_are_wrapped(void **state)
{
	put_node(*state);
	assert_string_equal(run(*state), "kubelet crio");
}

static void without_a_configuration_nothing_is_wrapped(void **state)
{
	char conf[256];

	put_node(*state);
	(void)snprintf(conf, sizeof(conf), "%s" ENCAP_CONF, (char *)*state);
	assert_int_equal(unlink(conf), 0);
	assert_string_equal(run(*state), "");
}

static void one_refused_service_leaves_all_unwrapped(void **state)
{
	put_node(*state);
	put(*state, "/etc/systemd/system/crio.service.d/x.conf", "[Service]\nPrivateTmp=yes\n");
	assert_string_equal(run(*state), "");
}

static void a_service_that_is_not_installed_keeps_none_back(void **state)
{
	put_node(*state);
	put(*state, ENCAP_CONF, "[Encapsulation]\nServices=kubelet crio containerd k3s\n");
	assert_string_equal(run(*state), "kubelet crio");
}

static void enabled_no_turns_it_off(void **state)
{
	put_node(*state);
	put(*state, ENCAP_CONF, "[Encapsulation]\nEnabled=no\nServices=kubelet crio\n");
	assert_string_equal(run(*state), "");
}

static void the_switch_file_turns_it_off(void **state)
{
	put_node(*state);
	put(*state, ENCAP_OFF_FILE, "");
	assert_string_equal(run(*state), "");
}

static void the_kernel_parameter_turns_it_off(void **state)
{
	put_node(*state);
	put(*state, "/proc/cmdline", "root=/dev/x mountscope.encapsulation=0 quiet\n");
	assert_string_equal(run(*state), "");
}

static void the_last_kernel_parameter_counts(void **state)
{
	put_node(*state);
	put(*state, "/proc/cmdline", "mountscope.encapsulation=0 mountscope.encapsulation=1\n");
	assert_string_equal(run(*state), "kubelet crio");
}

static void a_parameter_that_only_looks_alike_does_nothing(void **state)
{
	put_node(*state);
	put(*state, "/proc/cmdline", "xmountscope.encapsulation=0 mountscope.encapsulation0\n");
	assert_string_equal(run(*state), "kubelet crio");
}

static void without_the_wrapper_nothing_is_wrapped(void **state)
{
	char path[256];

	put_node(*state);
	(void)snprintf(path, sizeof(path), "%s" WRAPPER, (char *)*state);
	assert_int_equal(unlink(path), 0);
	assert_string_equal(run(*state), "");
}

static void an_output_directory_that_cannot_be_written_leaves_nothing(void **state)
{
	char out[256];

	put_node(*state);
	put(*state, "/out/crio.service.d", "a file in the place of a directory");
	assert_string_equal(run(*state), "");
	(void)snprintf(out, sizeof(out), "%s/out/kubelet.service.d", (char *)*state);
	assert_int_equal(access(out, F_OK), -1);
}

static void names_of_services_in_the_configuration_are_checked(void **state)
{
	struct encap_config *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	put(*state, ENCAP_CONF,
	    "[Encapsulation]\nServices=../../x kubelet a/b.service x@.service crio.socket\n"
	    "Services=kubelet.service\nPrepareDirectories=relative /run/x\nFail=closed\n");
	assert_int_equal(encap_config__load(*state, &quiet, c), 0);
	assert_int_equal(c->n_services, 2);
	assert_string_equal(c->services[0], "kubelet.service");
	assert_string_equal(c->services[1], "crio.socket.service");
	assert_int_equal(c->n_prepare, 1);
	assert_string_equal(c->prepare[0], "/run/x");
	assert_true(c->fail_closed);
	free(c);
}

static void an_alias_is_wrapped_under_the_units_own_name(void **state)
{
	struct wrapped w = { 0 };

	put(*state, UNITS "crio.service", "[Service]\nExecStart=/usr/bin/crio\n");
	put(*state, "/etc/systemd/system/cri-o.service", "->" UNITS "crio.service");
	assert_int_equal(generator__wrap(*state, "cri-o.service", WRAPPER, &w), 0);
	assert_string_equal(w.service, "crio.service");
	wrapped__free(&w);
}

static void aliases_in_a_circle_are_refused(void **state)
{
	struct wrapped w = { 0 };

	put(*state, "/etc/systemd/system/a.service", "->b.service");
	put(*state, "/etc/systemd/system/b.service", "->a.service");
	assert_int_equal(generator__wrap(*state, "a.service", WRAPPER, &w), -ELOOP);
	wrapped__free(&w);
}

static void the_dropin_waits_for_the_pin(void **state)
{
	struct wrapped w = { 0 };

	put(*state, UNITS "a.service", "[Service]\nExecStart=/bin/true\n");
	assert_int_equal(generator__wrap(*state, "a.service", WRAPPER, &w), 0);
	assert_non_null(
		strstr(strbuf__str(&w.dropin), "\nWants=container-mount-namespace.service\n"));
	assert_non_null(
		strstr(strbuf__str(&w.dropin), "\nAfter=container-mount-namespace.service\n"));
	wrapped__free(&w);
	memset(&w, 0, sizeof(w));
	put(*state, UNITS "kubens.service", "[Service]\nExecStart=/bin/true\n");
	assert_int_equal(generator__wrap(*state, "a.service", WRAPPER, &w), 0);
	assert_non_null(strstr(strbuf__str(&w.dropin), "\nAfter=kubens.service\n"));
	wrapped__free(&w);
}

/* DIR/N/name, unit and refused or wrapped say what the case is; DIR/N/root/ holds its files. */
static int dump(const char *dir)
{
	char root[512];
	size_t i;

	for (i = 0; i < n_generator_cases; i++) {
		const struct generator_case *c = &generator_cases[i];

		(void)snprintf(root, sizeof(root), "%s/%02zu", dir, i + 1);
		put(root, "/name", c->name);
		put(root, "/unit", c->unit);
		put(root, c->refused ? "/refused" : "/wrapped", "");
		(void)snprintf(root, sizeof(root), "%s/%02zu/root", dir, i + 1);
		put_case(root, c);
	}
	return 0;
}

#define ON_ROOT(t) cmocka_unit_test_setup_teardown(t, setup_root, remove_root)

int main(int argc, char **argv)
{
	const struct CMUnitTest others[] = {
		ON_ROOT(all_listed_services_are_wrapped),
		ON_ROOT(without_a_configuration_nothing_is_wrapped),
		ON_ROOT(one_refused_service_leaves_all_unwrapped),
		ON_ROOT(a_service_that_is_not_installed_keeps_none_back),
		ON_ROOT(enabled_no_turns_it_off),
		ON_ROOT(the_switch_file_turns_it_off),
		ON_ROOT(the_kernel_parameter_turns_it_off),
		ON_ROOT(the_last_kernel_parameter_counts),
		ON_ROOT(a_parameter_that_only_looks_alike_does_nothing),
		ON_ROOT(without_the_wrapper_nothing_is_wrapped),
		ON_ROOT(an_output_directory_that_cannot_be_written_leaves_nothing),
		ON_ROOT(names_of_services_in_the_configuration_are_checked),
		ON_ROOT(an_alias_is_wrapped_under_the_units_own_name),
		ON_ROOT(aliases_in_a_circle_are_refused),
		ON_ROOT(the_dropin_waits_for_the_pin),
	};
	struct CMUnitTest *tests;
	size_t i;
	int r;

	if (argc == 3 && !strcmp(argv[1], "--dump"))
		return dump(argv[2]);
	tests = calloc(n_generator_cases + ARRAY_SIZE(others), sizeof(*tests));
	if (!tests)
		return 1;
	for (i = 0; i < n_generator_cases; i++)
		tests[i] = (struct CMUnitTest){ .name = generator_cases[i].name,
						.test_func = one_case,
						.setup_func = setup_case,
						.teardown_func = teardown_case,
						.initial_state = (void *)&generator_cases[i] };
	memcpy(tests + n_generator_cases, others, sizeof(others));
	r = _cmocka_run_group_tests("encap generator", tests,
				    n_generator_cases + ARRAY_SIZE(others), NULL, NULL);
	free(tests);
	return r;
}
