// SPDX-License-Identifier: BSD-2-Clause
/* Expands %n and its kind as systemd.unit(5) lists them for the system manager. */
#include "encap/specifier.h"

#include <sys/utsname.h>

#include "encap/unitload.h"

static void add_unescaped(struct strbuf *out, const char *s, size_t n)
{
	char hex[3] = "", *end;
	size_t i;
	long v;

	for (i = 0; i < n; i++) {
		if (s[i] == '\\' && i + 3 < n && s[i + 1] == 'x') {
			memcpy(hex, s + i + 2, 2);
			v = strtol(hex, &end, 16);
			strbuf__addc(out, *end ? '?' : (char)v);
			i += 3;
		} else {
			strbuf__addc(out, s[i] == '-' ? '/' : s[i]);
		}
	}
}

/* prefix@instance.service: any of the parts; instance may be empty. */
static void add_name_part(const struct specifier_ctx *ctx, char which, struct strbuf *out)
{
	const char *name = ctx->unit, *at = strchr(name, '@'), *dot = strrchr(name, '.');
	const char *end = dot ? dot : name + strlen(name);
	const char *prefix_end = at ? at : end;
	const char *instance = at ? at + 1 : end;
	const char *dash = prefix_end;
	size_t p = (size_t)(prefix_end - name), i = (size_t)(end - instance);

	while (dash > name && dash[-1] != '-')
		dash--;
	switch (which) {
	case 'n':
		strbuf__adds(out, name);
		break;
	case 'N':
		strbuf__add(out, name, (size_t)(end - name));
		break;
	case 'p':
		strbuf__add(out, name, p);
		break;
	case 'P':
		add_unescaped(out, name, p);
		break;
	case 'i':
		strbuf__add(out, instance, i);
		break;
	case 'I':
		add_unescaped(out, instance, i);
		break;
	case 'j':
		strbuf__add(out, dash, (size_t)(prefix_end - dash));
		break;
	case 'J':
		add_unescaped(out, dash, (size_t)(prefix_end - dash));
		break;
	default: /* f */
		strbuf__addc(out, '/');
		add_unescaped(out, i ? instance : name, i ? i : p);
		break;
	}
}

static void add_first_line(const struct specifier_ctx *ctx, const char *path, bool is_id,
			   struct strbuf *out)
{
	char full[512], line[128] = "";
	FILE *f __cleanup(fclosep) = NULL;
	char *s;

	(void)snprintf(full, sizeof(full), "%s%s", ctx->root, path);
	f = fopen(full, "re");
	if (!f || !fgets(line, sizeof(line), f))
		return;
	for (s = line; *s && *s != '\n'; s++)
		if (!is_id || *s != '-') /* the boot ID is written without dashes */
			strbuf__addc(out, *s);
}

static void add_os_release(const struct specifier_ctx *ctx, const char *key, struct strbuf *out)
{
	char *text __cleanup(freep) = NULL;
	size_t len, n = strlen(key);
	char *line, *save, *v;

	if (unitload__slurp(ctx->root, "/etc/os-release", &text, &len) &&
	    unitload__slurp(ctx->root, "/usr/lib/os-release", &text, &len))
		return;
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (strncmp(line, key, n) != 0 || line[n] != '=')
			continue;
		for (v = line + n + 1; *v; v++)
			if (*v != '"' && *v != '\'')
				strbuf__addc(out, *v);
		return;
	}
}

static void add_uname(char which, struct strbuf *out)
{
	struct utsname u;

	if (uname(&u) < 0)
		return;
	if (which == 'v')
		strbuf__adds(out, u.release);
	else if (which == 'a')
		strbuf__adds(out, !strcmp(u.machine, "x86_64")	  ? "x86-64"
				  : !strcmp(u.machine, "aarch64") ? "arm64"
								  : u.machine);
	else
		strbuf__add(out, u.nodename,
			    which == 'l' ? strcspn(u.nodename, ".") : strlen(u.nodename));
}

static const char *constant(char which)
{
	static const struct {
		char letter;
		const char *text;
	} table[] = {
		{ 't', "/run" },    { 'S', "/var/lib" }, { 'C', "/var/cache" }, { 'L', "/var/log" },
		{ 'E', "/etc" },    { 'T', "/tmp" },	 { 'V', "/var/tmp" },	{ 'u', "root" },
		{ 'U', "0" },	    { 'g', "root" },	 { 'G', "0" },		{ 'h', "/root" },
		{ 's', "/bin/sh" }, { '%', "%" },	 { 'D', "/usr/share" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++)
		if (table[i].letter == which)
			return table[i].text;
	return NULL;
}

static const char *os_release_key(char which)
{
	switch (which) {
	case 'o':
		return "ID";
	case 'w':
		return "VERSION_ID";
	case 'B':
		return "BUILD_ID";
	case 'W':
		return "VARIANT_ID";
	case 'M':
		return "IMAGE_ID";
	case 'A':
		return "IMAGE_VERSION";
	default:
		return NULL;
	}
}

static bool expand_one(const struct specifier_ctx *ctx, char which, struct strbuf *out)
{
	const char *text = constant(which), *key = os_release_key(which);
	const char *slash;

	if (text) {
		strbuf__adds(out, text);
	} else if (key) {
		add_os_release(ctx, key, out);
	} else if (strchr("nNpPiIjJf", which)) {
		add_name_part(ctx, which, out);
	} else if (strchr("vaHl", which)) {
		add_uname(which, out);
	} else if (which == 'm') {
		add_first_line(ctx, "/etc/machine-id", true, out);
	} else if (which == 'b') {
		add_first_line(ctx, "/proc/sys/kernel/random/boot_id", true, out);
	} else if (which == 'd') {
		strbuf__addf(out, "/run/credentials/%s", ctx->unit);
	} else if (which == 'y' || which == 'Y') {
		slash = strrchr(ctx->fragment, '/');
		strbuf__add(out, ctx->fragment,
			    which == 'Y' && slash ? (size_t)(slash - ctx->fragment)
						  : strlen(ctx->fragment));
	} else {
		return false;
	}
	return true;
}

char specifier__expand(const struct specifier_ctx *ctx, const char *text, struct strbuf *out)
{
	char unknown = 0;

	for (; *text; text++) {
		if (*text == '%' && text[1] && expand_one(ctx, text[1], out)) {
			text++;
			continue;
		}
		if (*text == '%' && text[1] && !unknown)
			unknown = text[1];
		strbuf__addc(out, *text);
	}
	return unknown;
}
