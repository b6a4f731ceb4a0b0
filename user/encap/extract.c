// SPDX-License-Identifier: BSD-2-Clause
/* Extracts a unit's ExecStart= into an environment file that systemd reads. */
#include "encap/extract.h"

#include "encap/config.h"
#include "encap/execline.h"
#include "encap/pinfile.h"
#include "encap/specifier.h"
#include "encap/unitload.h"

static void warn_of_flags(const struct msg *m, const char *unit, unsigned flags)
{
	static const struct {
		unsigned flag;
		const char *text;
	} lost[] = {
		{ EXEC_IGNORE_FAILURE, "-" }, { EXEC_PRIVILEGED, "+" }, { EXEC_NO_SETUID, "!" },
		{ EXEC_AMBIENT, "!!" },	      { EXEC_SHELL, "|" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lost); i++)
		if (flags & lost[i].flag)
			msg__error(m,
				   "%s: prefix %s of ExecStart= cannot be kept by the static drop-in; the "
				   "generator keeps it",
				   unit, lost[i].text);
}

static int add_value(const struct specifier_ctx *ctx, const char *value, const struct msg *m,
		     struct strbuf *out)
{
	struct exec_cmd c = { 0 };
	const char *p = value, *why = NULL;
	char unknown;
	int r;

	while ((r = exec_cmd__next(&p, &c, &why)) > 0)
		warn_of_flags(m, ctx->unit, c.flags);
	exec_cmd__free(&c);
	if (r < 0) {
		msg__error(m, "%s: ExecStart=%s: %s", ctx->unit, value, why ? why : strerror(-r));
		return r;
	}
	if (out->len)
		strbuf__adds(out, " ; ");
	unknown = specifier__expand(ctx, value, out);
	if (unknown)
		msg__error(m, "%s: ExecStart=: %%%c is not known here and stays", ctx->unit,
			   unknown);
	return out->oom ? -ENOMEM : 0;
}

int extract__exec_start(const char *root, const char *name, const struct msg *m, struct strbuf *out)
{
	const struct unitload_opts o = { .root = root, .skip = ENCAP_STATIC_DROPIN };
	struct unit *u __cleanup(unit__freep) = NULL;
	struct specifier_ctx ctx = { .root = root };
	char unit[UNITNAME_MAX];
	struct unit_files f;
	size_t i;
	int r = unitname__complete(name, unit);

	if (!r)
		r = unitload__find(&o, unit, &f);
	if (r) {
		msg__error(m, "%s: %s", name,
			   r == -ENOENT	   ? "there is no such unit"
			   : r == -ERFKILL ? "the unit is masked"
					   : strerror(-r));
		return r;
	}
	r = unitload__read(&o, &f, &u);
	if (r)
		msg__error(m, "%s: cannot read %s: %s", unit, f.fragment, strerror(-r));
	ctx.unit = unit;
	ctx.fragment = f.fragment;
	for (i = 0; !r && i < u->n_exec_start; i++)
		r = add_value(&ctx, u->exec_start[i], m, out);
	if (!r && !u->n_exec_start) {
		msg__error(m, "%s: there is no ExecStart= besides the wrapper's", unit);
		r = -ENODATA;
	}
	unit_files__free(&f);
	return r;
}

/* In double quotes an environment file takes these four with a backslash, and the rest as it is. */
static void add_env_quoted(struct strbuf *out, const char *value)
{
	strbuf__addc(out, '"');
	for (; *value; value++) {
		if (strchr("\"\\`$", *value))
			strbuf__addc(out, '\\');
		strbuf__addc(out, *value);
	}
	strbuf__addc(out, '"');
}

static bool valid_variable(const char *name)
{
	return *name && (*name < '0' || *name > '9') &&
	       strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789") ==
		       strlen(name);
}

static int write_env_file(const char *path, const char *variable, const char *value)
{
	struct strbuf text __cleanup(strbuf__free) = { 0 };
	char dir[PIN_PATH_MAX];
	int r = pin__dir_of(path, dir);

	if (r)
		return r;
	strbuf__addf(&text, "%s=", variable);
	add_env_quoted(&text, value);
	strbuf__addc(&text, '\n');
	if (text.oom)
		return -ENOMEM;
	return file__replace(dir, strrchr(path, '/') + 1, strbuf__str(&text), 0600);
}

int extract__main(int argc, char **argv)
{
	const struct msg m = { .who = "extractExecStart", .level = MSG_INFO };
	const char *variable = argc > 3 ? argv[3] : "EXECSTART";
	struct strbuf value __cleanup(strbuf__free) = { 0 };
	int r;

	if (argc < 2 || argc > 4 || argv[1][0] == '-' || !valid_variable(variable)) {
		(void)fputs("Usage: extractExecStart UNIT [ENVFILE [VARIABLE]]\n"
			    "Prints the unit's ExecStart= as its files and drop-ins have it, without " ENCAP_STATIC_DROPIN
			    ",\nor writes it to ENVFILE as VARIABLE (EXECSTART).\n",
			    argc > 1 && !strcmp(argv[1], "--help") ? stdout : stderr);
		return argc > 1 && !strcmp(argv[1], "--help") ? 0 : 2;
	}
	r = extract__exec_start("", argv[1], &m, &value);
	if (r)
		return 1;
	if (argc == 2)
		return printf("%s\n", strbuf__str(&value)) < 0 || fflush(stdout) ? 1 : 0;
	r = write_env_file(argv[2], variable, strbuf__str(&value));
	if (r)
		msg__error(&m, "cannot write %s: %s", argv[2], strerror(-r));
	return r ? 1 : 0;
}
