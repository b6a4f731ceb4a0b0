// SPDX-License-Identifier: BSD-2-Clause
/* Which directives of a service speak against running it in another mount namespace. */
#include "encap/execline.h"
#include "encap/unit.h"
#include "encap/unitfile.h"

/*
 * From exec_needs_mount_namespace() of systemd 247 to 258, and what takes setns(2) away. A service that
 * joins the pinned namespace leaves the one these gave it, and so everything they protected.
 */
static const struct {
	const char *key;
	enum sandbox_kind kind;
	const char *harmless; /* a value, besides false and empty, that asks for nothing */
	bool list;	      /* values add up */
} directives[] = {
	{ "BindLogSockets", SANDBOX_MOUNT, NULL, false },
	{ "BindPaths", SANDBOX_MOUNT, NULL, true },
	{ "BindReadOnlyPaths", SANDBOX_MOUNT, NULL, true },
	{ "DynamicUser", SANDBOX_MOUNT, NULL, false },
	{ "ExecPaths", SANDBOX_MOUNT, NULL, true },
	{ "ExtensionDirectories", SANDBOX_MOUNT, NULL, true },
	{ "ExtensionImages", SANDBOX_MOUNT, NULL, true },
	{ "InaccessibleDirectories", SANDBOX_MOUNT, NULL, true },
	{ "InaccessiblePaths", SANDBOX_MOUNT, NULL, true },
	{ "LogNamespace", SANDBOX_MOUNT, NULL, false },
	{ "MountFlags", SANDBOX_MOUNT, "shared", false },
	{ "MountImages", SANDBOX_MOUNT, NULL, true },
	{ "NoExecPaths", SANDBOX_MOUNT, NULL, true },
	{ "PrivateBPF", SANDBOX_MOUNT, NULL, false },
	{ "PrivateDevices", SANDBOX_MOUNT, NULL, false },
	{ "PrivateIPC", SANDBOX_MOUNT, NULL, false },
	{ "PrivateMounts", SANDBOX_MOUNT, NULL, false },
	{ "PrivateNetwork", SANDBOX_MOUNT, NULL, false },
	{ "PrivatePIDs", SANDBOX_MOUNT, NULL, false },
	{ "PrivateTmp", SANDBOX_MOUNT, NULL, false },
	{ "PrivateUsers", SANDBOX_CAPS, NULL, false },
	{ "ProcSubset", SANDBOX_MOUNT, "all", false },
	{ "ProtectControlGroups", SANDBOX_MOUNT, NULL, false },
	{ "ProtectHome", SANDBOX_MOUNT, NULL, false },
	{ "ProtectHostname", SANDBOX_MOUNT, NULL, false },
	{ "ProtectKernelLogs", SANDBOX_MOUNT, NULL, false },
	{ "ProtectKernelModules", SANDBOX_MOUNT, NULL, false },
	{ "ProtectKernelTunables", SANDBOX_MOUNT, NULL, false },
	{ "ProtectProc", SANDBOX_MOUNT, "default", false },
	{ "ProtectSystem", SANDBOX_MOUNT, NULL, false },
	{ "ReadOnlyDirectories", SANDBOX_MOUNT, NULL, true },
	{ "ReadOnlyPaths", SANDBOX_MOUNT, NULL, true },
	{ "ReadWriteDirectories", SANDBOX_MOUNT, NULL, true },
	{ "ReadWritePaths", SANDBOX_MOUNT, NULL, true },
	{ "RestrictFileSystems", SANDBOX_CAPS, NULL, true },
	{ "RestrictNamespaces", SANDBOX_CAPS, NULL, true },
	{ "RootDirectory", SANDBOX_MOUNT, "/", false },
	{ "RootEphemeral", SANDBOX_MOUNT, NULL, false },
	{ "RootImage", SANDBOX_MOUNT, NULL, false },
	{ "RootMStack", SANDBOX_MOUNT, NULL, false },
	{ "SystemCallFilter", SANDBOX_CAPS, NULL, true },
	{ "TemporaryFileSystem", SANDBOX_MOUNT, NULL, true },
	{ "User", SANDBOX_USER, "root", false },
};

_Static_assert(ARRAY_SIZE(directives) <= ARRAY_SIZE(((struct unit *)0)->sandbox), "sandbox slots");

/* Does the blank-separated list have the word? */
static bool has_word(const char *list, const char *word)
{
	size_t n = strlen(word);
	const char *p = list;

	while ((p = strstr(p, word))) {
		bool starts = p == list || strchr(" \t", p[-1]);

		if (starts && (!p[n] || strchr(" \t", p[n])))
			return true;
		p += n;
	}
	return false;
}

/* A set of which "X" makes X the only members, "~X" takes X out, and empty leaves none. */
static void assign_caps(struct unit *u, const char *value)
{
	bool invert = *value == '~';
	bool admin = has_word(value + invert, "CAP_SYS_ADMIN");
	bool chroot_ = has_word(value + invert, "CAP_SYS_CHROOT");

	if (!*value) {
		u->cap_admin = u->cap_chroot = 0;
	} else if (!strcmp(value, "~")) {
		u->cap_admin = u->cap_chroot = 1;
	} else if (invert) {
		u->cap_admin = admin ? 0 : u->cap_admin;
		u->cap_chroot = chroot_ ? 0 : u->cap_chroot;
	} else {
		u->cap_admin = admin || u->cap_admin == 1;
		u->cap_chroot = chroot_ || u->cap_chroot == 1;
	}
}

static void assign_value(struct unit *u, size_t i, const char *value)
{
	size_t old = u->sandbox[i] && directives[i].list ? strlen(u->sandbox[i]) : 0;
	size_t n = strlen(value);
	char *v;

	if (!n) {
		free(take_ptr(u->sandbox[i]));
		return;
	}
	v = malloc(old + n + 2);
	if (!v) {
		u->oom = true;
		return;
	}
	if (old) {
		memcpy(v, u->sandbox[i], old);
		v[old++] = ' ';
	}
	memcpy(v + old, value, n + 1);
	free(u->sandbox[i]);
	u->sandbox[i] = v;
}

void unit__assign_sandbox(struct unit *u, const char *key, const char *value)
{
	size_t i;

	if (!strcmp(key, "CapabilityBoundingSet")) {
		assign_caps(u, value);
		return;
	}
	for (i = 0; i < ARRAY_SIZE(directives); i++)
		if (!strcmp(key, directives[i].key))
			assign_value(u, i, value);
}

/* RestrictNamespaces=: a boolean, the types allowed, or ~ the types forbidden. */
static bool forbids_mount_namespaces(const char *value)
{
	int b = unitfile__boolean(value);

	if (b >= 0)
		return b;
	return *value == '~' ? has_word(value + 1, "mnt") : !has_word(value, "mnt");
}

/* setns(2) is in systemd's sets @process, @system-service and @known. */
static bool filters_setns(const char *value)
{
	bool named = has_word(value, "setns") || has_word(value, "@process");

	if (*value == '~')
		return named || has_word(value, "~setns") || has_word(value, "~@process") ||
		       has_word(value, "~@system-service");
	return !named && !has_word(value, "@system-service") && !has_word(value, "@known");
}

static bool in_effect(size_t i, const char *value)
{
	const char *key = directives[i].key;

	if (directives[i].harmless && !strcmp(value, directives[i].harmless))
		return false;
	if (!strcmp(key, "RestrictNamespaces"))
		return forbids_mount_namespaces(value);
	if (!strcmp(key, "SystemCallFilter"))
		return filters_setns(value);
	if (!strcmp(key, "RestrictFileSystems"))
		return *value == '~' ? has_word(value, "nsfs") || has_word(value, "~nsfs")
				     : !has_word(value, "nsfs");
	if (directives[i].kind == SANDBOX_USER)
		return strcmp(value, "0") != 0;
	return directives[i].list || unitfile__boolean(value) != 0;
}

static void add_obstacle(struct strbuf *out, const char *key, const char *value)
{
	if (out->len)
		strbuf__adds(out, ", ");
	strbuf__adds(out, key);
	strbuf__addc(out, '=');
	strbuf__add(out, value, min(strlen(value), (size_t)60));
}

bool unit__obstacles(const struct unit *u, unsigned exec_flags, struct strbuf *out)
{
	size_t before = out->len, i;

	/* With + systemd applies no sandboxing and no credentials to the command. */
	if (exec_flags & EXEC_PRIVILEGED)
		return false;
	for (i = 0; i < ARRAY_SIZE(directives); i++) {
		if (!u->sandbox[i] || !in_effect(i, u->sandbox[i]))
			continue;
		if (directives[i].kind == SANDBOX_USER && exec_flags & EXEC_NO_SETUID)
			continue;
		add_obstacle(out, directives[i].key, u->sandbox[i]);
	}
	if (u->cap_admin == 0)
		add_obstacle(out, "CapabilityBoundingSet", "(without CAP_SYS_ADMIN)");
	if (u->cap_chroot == 0)
		add_obstacle(out, "CapabilityBoundingSet", "(without CAP_SYS_CHROOT)");
	return out->len > before;
}
