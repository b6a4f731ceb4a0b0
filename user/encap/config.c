// SPDX-License-Identifier: BSD-2-Clause
/* Reads the configuration file, the kernel command line and the switch file. */
#include "encap/config.h"

#include <dirent.h>
#include <sys/stat.h>

#include "encap/unitfile.h"
#include "encap/unitload.h"

struct reading {
	struct encap_config *c;
	const struct msg *msg;
};

static void add_service(struct encap_config *c, const char *word, const struct msg *m)
{
	char name[UNITNAME_MAX];
	size_t i;

	if (unitname__complete(word, name) || strstr(name, "@.")) {
		msg__error(m, "Services=: '%s' is not the name of a service; skipped", word);
		return;
	}
	for (i = 0; i < c->n_services; i++)
		if (!strcmp(c->services[i], name))
			return;
	if (c->n_services == ENCAP_SERVICES_MAX) {
		msg__error(m, "Services=: more than %d; '%s' skipped", ENCAP_SERVICES_MAX, word);
		return;
	}
	memcpy(c->services[c->n_services++], name, sizeof(name));
}

static bool good_path(const char *path)
{
	return *path == '/' && path[1] && strlen(path) < PIN_PATH_MAX - 32 &&
	       !strstr(path, "/../") && !strpbrk(path, "\n\r");
}

static void add_prepare(struct encap_config *c, const char *word, const struct msg *m)
{
	if (!good_path(word) || c->n_prepare == PIN_PREPARE_MAX) {
		msg__error(m, "PrepareDirectories=: '%s' skipped", word);
		return;
	}
	(void)snprintf(c->prepare[c->n_prepare++], PIN_PATH_MAX, "%s", word);
}

/* A list: empty clears it, otherwise words are added. */
static void assign_list(struct encap_config *c, const char *value, const struct msg *m,
			void (*add)(struct encap_config *, const char *, const struct msg *))
{
	struct strbuf word = { 0 };

	while (unitfile__next_word(&value, &word) > 0)
		add(c, strbuf__str(&word), m);
	strbuf__free(&word);
}

static int assign(const char *section, const char *key, const char *value, void *arg)
{
	struct reading *rd = arg;
	struct encap_config *c = rd->c;

	if (strcmp(section, "Encapsulation") != 0)
		return 0;
	if (!strcmp(key, "Enabled") && unitfile__boolean(value) >= 0) {
		c->enabled = unitfile__boolean(value);
	} else if (!strcmp(key, "Fail") && (!strcmp(value, "open") || !strcmp(value, "closed"))) {
		c->fail_closed = !strcmp(value, "closed");
	} else if (!strcmp(key, "Services")) {
		c->n_services = *value ? c->n_services : 0;
		assign_list(c, value, rd->msg, add_service);
	} else if (!strcmp(key, "PrepareDirectories")) {
		c->n_prepare = 0; /* what is written replaces the default */
		assign_list(c, value, rd->msg, add_prepare);
	} else if (!strcmp(key, "Kubensenter") && good_path(value)) {
		(void)snprintf(c->kubensenter, sizeof(c->kubensenter), "%s", value);
	} else {
		msg__error(rd->msg, "%s: '%s=%s' is not understood; skipped", ENCAP_CONF, key,
			   value);
	}
	return 0;
}

int encap_config__load(const char *root, const struct msg *m, struct encap_config *ret)
{
	static const char *const places[] = { ENCAP_CONF, "/run/mountscope/encapsulation.conf",
					      "/usr/lib/mountscope/encapsulation.conf" };
	struct reading rd = { .c = ret, .msg = m };
	char *text __cleanup(freep) = NULL;
	size_t len = 0, i;
	int r = -ENOENT;

	memset(ret, 0, sizeof(*ret));
	ret->enabled = true;
	(void)snprintf(ret->prepare[ret->n_prepare++], PIN_PATH_MAX, "/run/netns");
	for (i = 0; i < ARRAY_SIZE(places) && r == -ENOENT; i++)
		r = unitload__slurp(root, places[i], &text, &len);
	if (r)
		return r;
	return unitfile__parse(text, len, assign, &rd);
}

/* The last mountscope.encapsulation= on the kernel's command line: 1, 0, or -1 where there is none. */
static int kernel_param(const char *root)
{
	char path[512], line[4096], *save, *word;
	FILE *f __cleanup(fclosep) = NULL;
	size_t n = strlen(ENCAP_OFF_PARAM);
	int value = -1;

	(void)snprintf(path, sizeof(path), "%s/proc/cmdline", root);
	f = fopen(path, "re");
	if (!f || !fgets(line, sizeof(line), f))
		return -1;
	for (word = strtok_r(line, " \t\n", &save); word; word = strtok_r(NULL, " \t\n", &save))
		if (!strncmp(word, ENCAP_OFF_PARAM "=", n + 1) &&
		    unitfile__boolean(word + n + 1) >= 0)
			value = unitfile__boolean(word + n + 1);
	return value;
}

const char *encap__switched_off(const char *root)
{
	static const char *const files[] = { ENCAP_OFF_FILE,
					     "/run/mountscope/encapsulation.disabled" };
	char path[512];
	struct stat st;
	size_t i;

	if (kernel_param(root) == 0)
		return "kernel command line: " ENCAP_OFF_PARAM "=0";
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", root, files[i]);
		if (stat(path, &st) == 0)
			return files[i];
	}
	return NULL;
}

void encap_config__add_wrapped(const char *root, struct encap_config *c)
{
	static const char *const dirs[] = { "/etc/systemd/system", "/run/systemd/system",
					    "/usr/lib/systemd/system" };
	const struct msg quiet = { .who = "", .level = MSG_NOTHING };
	char path[1024], name[UNITNAME_MAX];
	struct dirent *e;
	struct stat st;
	size_t i, n;
	DIR *d;

	for (i = 0; i < ARRAY_SIZE(dirs); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", root, dirs[i]);
		d = opendir(path);
		while (d && (e = readdir(d))) {
			n = strlen(e->d_name);
			if (n < 3 || n - 2 >= sizeof(name) || strcmp(e->d_name + n - 2, ".d") != 0)
				continue;
			(void)snprintf(path, sizeof(path), "%s%s/%s/" ENCAP_STATIC_DROPIN, root,
				       dirs[i], e->d_name);
			if (stat(path, &st) < 0)
				continue;
			(void)snprintf(name, sizeof(name), "%.*s", (int)(n - 2), e->d_name);
			if (unitname__is_service(name) && !strstr(name, "@."))
				add_service(c, name, &quiet);
		}
		if (d)
			(void)closedir(d);
	}
}
