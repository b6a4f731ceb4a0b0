// SPDX-License-Identifier: BSD-2-Clause
/* The static multi-call binary: everything that a node needs at boot, chosen by the name it is called by. */
#include "encap/enter.h"
#include "encap/extract.h"
#include "encap/generator.h"

/* kubensenter with one option in front. */
static int with_option(const char *option, int argc, char **argv)
{
	char **v = calloc((size_t)argc + 2, sizeof(*v));

	if (!v)
		return ENTER_EXIT_FAILED;
	v[0] = argv[0];
	v[1] = (char *)option;
	memcpy(v + 2, argv + 1, (size_t)(argc - 1) * sizeof(*v));
	return kubensenter__main(argc + 1, v);
}

/* Joins or fails, as the original one-line script did. */
static int nsenter_cms(int argc, char **argv)
{
	return with_option("--fail=closed", argc, argv);
}

static int pin(int argc, char **argv)
{
	return with_option("--pin", argc, argv);
}

static int unpin(int argc, char **argv)
{
	return with_option("--unpin", argc, argv);
}

static const struct applet {
	const char *name;
	int (*main)(int argc, char **argv);
} applets[] = {
	{ "kubensenter", kubensenter__main },
	{ "nsenterCms", nsenter_cms },
	{ "nsenterCmns", nsenter_cms }, /* its name in the first published prototype */
	{ "kubens-pin", pin },
	{ "kubens-unpin", unpin },
	{ "extractExecStart", extract__main },
	{ "mountscope-encap-generator", generator__main },
};

static const struct applet *find(const char *name)
{
	const char *slash = strrchr(name, '/');
	size_t i;

	name = slash ? slash + 1 : name;
	for (i = 0; i < ARRAY_SIZE(applets); i++)
		if (!strcmp(name, applets[i].name))
			return &applets[i];
	return NULL;
}

/*
 * "kubensenter --applet=NAME ARGV0 [ARGUMENT]..." is what the kernel makes of a script that begins with
 * "#!/usr/local/bin/kubensenter --applet=NAME", for places where there can be no symbolic links.
 */
int main(int argc, char **argv)
{
	static const char option[] = "--applet=";
	const struct applet *a = NULL;

	if (argc < 1 || !argv[0])
		return ENTER_EXIT_FAILED;
	if (argc > 2 && !strncmp(argv[1], option, strlen(option))) {
		a = find(argv[1] + strlen(option));
		if (a)
			return a->main(argc - 2, argv + 2);
	}
	a = find(argv[0]);
	return a ? a->main(argc, argv) : kubensenter__main(argc, argv);
}
