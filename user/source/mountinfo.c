// SPDX-License-Identifier: BSD-2-Clause
/*
 * One line of /proc/PID/mountinfo:
 *
 *   36 35 98:0 /mnt1 /mnt2 rw,noatime shared:1 master:2 - ext3 /dev/root rw,errors=continue
 *
 * Spaces within fields are escaped ("\040"), so a space always ends a field. The kernel escapes space,
 * tab, newline and backslash, in devices and types also '#', and nothing else.
 */
#include "source/mountinfo.h"

#include "base/util.h"
#include "mountscope/event.h"

struct cursor {
	char *at, *end;
};

/* The next field; it must be followed by a space unless it may be the last. */
static int next_field(struct cursor *c, bool last, char **ret, size_t *ret_len)
{
	char *space = c->at <= c->end ? memchr(c->at, ' ', (size_t)(c->end - c->at)) : NULL;

	if (c->at > c->end || (!space && !last))
		return -EBADMSG;
	if (!space)
		space = c->end;
	*ret = c->at;
	*ret_len = (size_t)(space - c->at);
	c->at = space + 1;
	return 0;
}

/* All len bytes as a number that fits, of at least one digit. */
static int parse_u32(const char *s, size_t len, uint32_t *ret)
{
	uint64_t v = 0;

	if (!len || len > 10)
		return -EBADMSG;
	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -EBADMSG;
		v = v * 10 + (uint64_t)(s[i] - '0');
	}
	if (v > UINT32_MAX)
		return -EBADMSG;
	*ret = (uint32_t)v;
	return 0;
}

static int next_u32(struct cursor *c, uint32_t *ret)
{
	char *s;
	size_t len;
	int err = next_field(c, false, &s, &len);

	return err ? err : parse_u32(s, len, ret);
}

/* major:minor, as much of each as a dev_t of the kernel holds. */
static int next_dev(struct cursor *c, uint32_t *ret)
{
	uint32_t major, minor;
	char *s, *colon;
	size_t len;
	int err = next_field(c, false, &s, &len);

	if (err)
		return err;
	colon = memchr(s, ':', len);
	if (!colon)
		return -EBADMSG;
	err = parse_u32(s, (size_t)(colon - s), &major);
	if (!err)
		err = parse_u32(colon + 1, len - (size_t)(colon - s) - 1, &minor);
	if (err)
		return err;
	if (major > 0xfff || minor > 0xfffff)
		return -EBADMSG;
	*ret = major << 20 | minor;
	return 0;
}

static bool is_octal(const char *s)
{
	return s[0] >= '0' && s[0] <= '3' && s[1] >= '0' && s[1] <= '7' && s[2] >= '0' &&
	       s[2] <= '7';
}

/* Undoes "\040" and the like in place. A backslash that starts nothing is kept; "\000" is refused. */
static int unescape(char *s, size_t len, struct mountinfo_str *ret)
{
	char *in = memchr(s, '\\', len), *out = in, *end = s + len;

	if (!in) {
		*ret = (struct mountinfo_str){ s, len };
		return 0;
	}
	while (in < end) {
		char c = *in;

		if (c == '\\' && end - in >= 4 && is_octal(in + 1)) {
			c = (char)((in[1] - '0') << 6 | (in[2] - '0') << 3 | (in[3] - '0'));
			if (!c)
				return -EBADMSG;
			in += 3;
		}
		*out++ = c;
		in++;
	}
	*ret = (struct mountinfo_str){ s, (size_t)(out - s) };
	return 0;
}

static int next_str(struct cursor *c, bool last, struct mountinfo_str *ret)
{
	char *s;
	size_t len;
	int err = next_field(c, last, &s, &len);

	return err ? err : unescape(s, len, ret);
}

static bool field_is(const char *s, size_t len, const char *what)
{
	return len == strlen(what) && !memcmp(s, what, len);
}

/* show_mnt_opts() of fs/proc_namespace.c, behind "ro" or "rw". */
static const struct {
	const char *name;
	uint32_t flag;
} mnt_opts[] = {
	{ "relatime", MS_MNT_RELATIME },
	{ "nosuid", MS_MNT_NOSUID },
	{ "nodev", MS_MNT_NODEV },
	{ "noexec", MS_MNT_NOEXEC },
	{ "noatime", MS_MNT_NOATIME },
	{ "nodiratime", MS_MNT_NODIRATIME },
	{ "nosymfollow", MS_MNT_NOSYMFOLLOW },
};

static uint32_t mnt_opt_flag(const char *s, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(mnt_opts); i++) {
		if (field_is(s, len, mnt_opts[i].name))
			return mnt_opts[i].flag;
	}
	return 0;
}

/* "ro" or "rw", then what follows a comma. Returns what follows, NULL if it is neither. */
static const char *parse_rw(const char *s, size_t len, bool *ret_ro)
{
	if (len < 2 || s[0] != 'r' || (s[1] != 'o' && s[1] != 'w') || (len > 2 && s[2] != ','))
		return NULL;
	*ret_ro = s[1] == 'o';
	return len > 2 ? s + 3 : s + len;
}

static int next_mnt_opts(struct cursor *c, uint32_t *ret)
{
	const char *at, *end, *comma;
	uint32_t flags = 0;
	char *s;
	size_t len;
	bool ro;
	int err = next_field(c, false, &s, &len);

	if (err)
		return err;
	end = s + len;
	at = parse_rw(s, len, &ro);
	if (!at)
		return -EBADMSG;
	for (; at < end; at = comma + 1) {
		comma = memchr(at, ',', (size_t)(end - at));
		comma = comma ? comma : end;
		flags |= mnt_opt_flag(at, (size_t)(comma - at));
	}
	*ret = flags | (ro ? MS_MNT_READONLY : 0);
	return 0;
}

/* "shared:12": *ret is 12. 0 also for a field of another name. */
static int tagged(const char *s, size_t len, const char *tag, uint32_t *ret)
{
	size_t n = strlen(tag);

	if (len < n || memcmp(s, tag, n))
		return 0;
	return parse_u32(s + n, len - n, ret);
}

/* Optional fields up to and with the "-". */
static int next_optional(struct cursor *c, struct mountinfo *mi)
{
	size_t len;
	char *s;
	int err;

	for (;;) {
		err = next_field(c, false, &s, &len);
		if (err || field_is(s, len, "-"))
			return err;
		if (!len)
			return -EBADMSG;
		err = tagged(s, len, "shared:", &mi->peer_group);
		if (!err)
			err = tagged(s, len, "master:", &mi->master_group);
		if (err)
			return err;
		if (field_is(s, len, "unbindable"))
			mi->flags |= MS_EFF_UNBINDABLE;
	}
}

/* dentry_path() appends it to the path of an unlinked dentry; no real path has two slashes. */
static void strip_deleted(struct mountinfo *mi)
{
	static const char deleted[] = "//deleted";
	size_t n = sizeof(deleted) - 1;

	if (mi->root.len < n || memcmp(mi->root.p + mi->root.len - n, deleted, n))
		return;
	mi->root.len = max(mi->root.len - n, (size_t)1);
	mi->flags |= MS_EFF_ROOT_UNLINKED;
}

static int next_sb_opts(struct cursor *c, uint32_t *ret)
{
	size_t len;
	char *s;
	bool ro;
	int err = next_field(c, true, &s, &len);

	if (err)
		return err;
	if (!parse_rw(s, len, &ro))
		return -EBADMSG;
	*ret = ro;
	return 0;
}

int mountinfo__parse(char *line, size_t len, struct mountinfo *ret)
{
	struct mountinfo mi = {};
	struct cursor c;
	int err;

	if (len && line[len - 1] == '\n')
		len--;
	if (!len || memchr(line, '\0', len) || memchr(line, '\n', len))
		return -EBADMSG;
	c = (struct cursor){ line, line + len };
	err = next_u32(&c, &mi.id);
	err = err ? err : next_u32(&c, &mi.parent_id);
	err = err ? err : next_dev(&c, &mi.dev);
	err = err ? err : next_str(&c, false, &mi.root);
	err = err ? err : next_str(&c, false, &mi.mountpoint);
	err = err ? err : next_mnt_opts(&c, &mi.mnt_flags);
	err = err ? err : next_optional(&c, &mi);
	err = err ? err : next_str(&c, false, &mi.fstype);
	err = err ? err : next_str(&c, false, &mi.source);
	err = err ? err : next_sb_opts(&c, &mi.sb_flags);
	if (err)
		return err;
	if (!mi.id || !mi.root.len || !mi.mountpoint.len || mi.mountpoint.p[0] != '/')
		return -EBADMSG;
	strip_deleted(&mi);
	if (mi.id == mi.parent_id)
		mi.flags |= MS_EFF_NS_ROOT;
	*ret = mi;
	return 0;
}
