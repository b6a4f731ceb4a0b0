// SPDX-License-Identifier: BSD-2-Clause
/*
 * Makes a capture file of a readable description: mkcapture <description >capture.
 *
 * One record a line, a word and KEY=VALUE fields; '#' starts a comment. Values are without blanks;
 * \xHH is any byte. Numbers are decimal or 0x. Fields that are left out are 0, but t= (the time of the
 * record before), seq= (counts), and type= and size= of the record. Paths are written from the top, as
 * "/a/b", and stored as the kernel side does, leaf first.
 *
 *   meta realtime=N host=INUM self=INUM backend=NAME blind=N kernel=S hostname=S
 *   ns inum=N event=born|dead|seen ...     cgroup id=N path=/a/b
 *   snap-begin|snap-end ns=N ...           mount ns=N id=N parent=N mp=/whole root=/ fstype=S ...
 *   effect op=N kind=S cause=S ns=N id=N parent=N mp=/relative root=/ fstype=S source=S ...
 *   storm op=N ns=N attached=N ...         op op=N kind=S comm=S target=S source=S fstype=S ...
 *   loss ring=N ...                        raw BYTES     header magic|endian|version (as first line)
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mountscope/capture.h"
#include "mountscope/event.h"

#define MAX_DATA 16384

struct record {
	union {
		struct ms_hdr hdr;
		char bytes[512];
	};
	size_t fixed;
	char data[MAX_DATA];
	size_t data_len;
};

struct name {
	const char *name;
	unsigned value;
};

struct field {
	const char *key;
	size_t offset, size;
	const struct name *names; /* words that the value may be */
	size_t len_offset;	  /* strings of the data: where their length goes, 2 bytes */
	enum { NUMBER, CHARS, DATA, PATH, WHOLE_PATH } kind;
};

struct layout {
	const char *word;
	unsigned type;
	size_t fixed;
	const struct field *fields;
};

static unsigned line_number;

static void __attribute__((noreturn)) die(const char *what, const char *which)
{
	fprintf(stderr, "mkcapture: line %u: %s '%s'\n", line_number, what, which);
	exit(2);
}

static const struct name op_kinds[] = {
	{ "mount", MS_OP_MOUNT },	    { "bind", MS_OP_BIND },
	{ "rbind", MS_OP_RBIND },	    { "move", MS_OP_MOVE },
	{ "remount", MS_OP_REMOUNT },	    { "propagation", MS_OP_PROPAGATION },
	{ "umount", MS_OP_UMOUNT },	    { "fsopen", MS_OP_FSOPEN },
	{ "fsmount", MS_OP_FSMOUNT },	    { "open_tree", MS_OP_OPEN_TREE },
	{ "move_mount", MS_OP_MOVE_MOUNT }, { "mount_setattr", MS_OP_MOUNT_SETATTR },
	{ "pivot_root", MS_OP_PIVOT_ROOT }, { "unshare", MS_OP_UNSHARE },
	{ "clone", MS_OP_CLONE },	    { "setns", MS_OP_SETNS },
	{ "automount", MS_OP_AUTOMOUNT },   { "teardown", MS_OP_NS_TEARDOWN },
	{ "kernel", MS_OP_KERNEL },	    {},
};

static const struct name effect_kinds[] = {
	{ "attach", MS_EFF_ATTACH },
	{ "detach", MS_EFF_DETACH },
	{ "move", MS_EFF_MOVE },
	{ "propagation", MS_EFF_PROPAGATION },
	{ "attr", MS_EFF_ATTR },
	{ "listed", MS_EFF_LISTED },
	{},
};

static const struct name causes[] = {
	{ "direct", MS_CAUSE_DIRECT },
	{ "propagated", MS_CAUSE_PROPAGATED },
	{ "ns-copy", MS_CAUSE_NS_COPY },
	{ "moved", MS_CAUSE_MOVED },
	{ "lazy", MS_CAUSE_LAZY },
	{ "teardown", MS_CAUSE_TEARDOWN },
	{},
};

static const struct name backends[] = {
	{ "fentry", MS_BACKEND_FENTRY },
	{ "kprobe", MS_BACKEND_KPROBE },
	{ "tracepoint", MS_BACKEND_TRACEPOINT },
	{ "poll", MS_BACKEND_POLL },
	{},
};

static const struct name ns_events[] = {
	{ "born", MS_NS_BORN },
	{ "dead", MS_NS_DEAD },
	{ "seen", MS_NS_SEEN },
	{},
};

#define SIZE_OF(type, member) sizeof(((struct type *)0)->member)
#define NUM(type, key, member)                                                                     \
	{                                                                                          \
		key, offsetof(struct type, member), SIZE_OF(type, member), NULL, 0, NUMBER         \
	}
#define NAMED(type, key, member, names)                                                            \
	{                                                                                          \
		key, offsetof(struct type, member), SIZE_OF(type, member), names, 0, NUMBER        \
	}
#define CHAR_ARRAY(type, key, member)                                                              \
	{                                                                                          \
		key, offsetof(struct type, member), SIZE_OF(type, member), NULL, 0, CHARS          \
	}
#define STRING(type, key, member, kind)                                                            \
	{                                                                                          \
		key, 0, 0, NULL, offsetof(struct type, member), kind                               \
	}
#define HDR(type)                                                                                  \
	NUM(type, "t", hdr.ktime_ns), NUM(type, "tid", hdr.tid), NUM(type, "op", hdr.op_id)

static const struct field meta_fields[] = {
	HDR(ms_meta),
	NUM(ms_meta, "realtime", realtime_ns),
	NUM(ms_meta, "host", host_ns_inum),
	NUM(ms_meta, "self", self_ns_inum),
	NUM(ms_meta, "self_pid", self_pid),
	NUM(ms_meta, "mount_max", mount_max),
	NAMED(ms_meta, "backend", backend, backends),
	NUM(ms_meta, "blind", blind),
	STRING(ms_meta, "kernel", kernel_len, DATA),
	STRING(ms_meta, "hostname", host_len, DATA),
	{},
};

static const struct field op_fields[] = {
	HDR(ms_op),
	NUM(ms_op, "end", end_ns),
	NUM(ms_op, "ns_id", ns_id),
	NUM(ms_op, "new_ns_id", new_ns_id),
	NUM(ms_op, "cgroup", cgroup_id),
	NUM(ms_op, "sys_flags", sys_flags),
	NUM(ms_op, "ns", ns_inum),
	NUM(ms_op, "new_ns", new_ns_inum),
	NUM(ms_op, "pid", pid),
	NUM(ms_op, "ppid", ppid),
	NUM(ms_op, "uid", uid),
	NUM(ms_op, "ret", ret),
	NAMED(ms_op, "kind", kind, op_kinds),
	NUM(ms_op, "flags", flags),
	NUM(ms_op, "effects", nr_effects),
	NUM(ms_op, "before", mounts_before),
	NUM(ms_op, "after", mounts_after),
	NUM(ms_op, "max", mount_max),
	NUM(ms_op, "dfd", dfd),
	CHAR_ARRAY(ms_op, "comm", comm),
	CHAR_ARRAY(ms_op, "pcomm", pcomm),
	STRING(ms_op, "source", source_len, DATA),
	STRING(ms_op, "target", target_len, DATA),
	STRING(ms_op, "fstype", fstype_len, DATA),
	{},
};

static const struct field effect_fields[] = {
	HDR(ms_effect),
	NUM(ms_effect, "seq", seq),
	NUM(ms_effect, "ns_id", ns_id),
	NUM(ms_effect, "unique", mnt_id_unique),
	NUM(ms_effect, "ns", ns_inum),
	NUM(ms_effect, "id", mnt_id),
	NUM(ms_effect, "parent", parent_id),
	NUM(ms_effect, "shared", peer_group),
	NUM(ms_effect, "master", master_group),
	NUM(ms_effect, "origin", origin_id),
	NUM(ms_effect, "dev", dev),
	NUM(ms_effect, "mnt_flags", mnt_flags),
	NUM(ms_effect, "sb_flags", sb_flags),
	NUM(ms_effect, "flags", flags),
	NAMED(ms_effect, "kind", kind, effect_kinds),
	NAMED(ms_effect, "cause", cause, causes),
	STRING(ms_effect, "mp", mountpoint_len, PATH),
	STRING(ms_effect, "root", root_len, PATH),
	STRING(ms_effect, "fstype", fstype_len, DATA),
	STRING(ms_effect, "source", source_len, DATA),
	{},
};

/* A line of a snapshot: whole paths. */
static const struct field mount_fields[] = {
	HDR(ms_effect),
	NUM(ms_effect, "seq", seq),
	NUM(ms_effect, "ns", ns_inum),
	NUM(ms_effect, "id", mnt_id),
	NUM(ms_effect, "parent", parent_id),
	NUM(ms_effect, "shared", peer_group),
	NUM(ms_effect, "master", master_group),
	NUM(ms_effect, "dev", dev),
	NUM(ms_effect, "mnt_flags", mnt_flags),
	NUM(ms_effect, "flags", flags),
	STRING(ms_effect, "mp", mountpoint_len, WHOLE_PATH),
	STRING(ms_effect, "root", root_len, WHOLE_PATH),
	STRING(ms_effect, "fstype", fstype_len, DATA),
	STRING(ms_effect, "source", source_len, DATA),
	{},
};

static const struct field storm_fields[] = {
	HDR(ms_storm),
	NUM(ms_storm, "seq", seq),
	NUM(ms_storm, "ns_id", ns_id),
	NUM(ms_storm, "ns", ns_inum),
	NUM(ms_storm, "attached", attached),
	NUM(ms_storm, "detached", detached),
	NUM(ms_storm, "other", other),
	NUM(ms_storm, "mounts", nr_mounts),
	{},
};

static const struct field ns_fields[] = {
	HDR(ms_ns),
	NUM(ms_ns, "seq", seq),
	NUM(ms_ns, "ns_id", ns_id),
	NUM(ms_ns, "from_ns_id", from_ns_id),
	NUM(ms_ns, "inum", ns_inum),
	NUM(ms_ns, "from", from_ns_inum),
	NUM(ms_ns, "user_ns", user_ns_inum),
	NUM(ms_ns, "mounts", nr_mounts),
	NUM(ms_ns, "root_mnt", root_mnt_id),
	NAMED(ms_ns, "event", event, ns_events),
	{},
};

static const struct field cgroup_fields[] = {
	HDR(ms_cgroup),
	NUM(ms_cgroup, "id", cgroup_id),
	NUM(ms_cgroup, "v1", v1),
	NUM(ms_cgroup, "truncated", truncated),
	STRING(ms_cgroup, "path", path_len, PATH),
	{},
};

static const struct field snap_fields[] = {
	HDR(ms_snap),
	NUM(ms_snap, "seq", seq),
	NUM(ms_snap, "ns_id", ns_id),
	NUM(ms_snap, "ns", ns_inum),
	NUM(ms_snap, "root_mnt", root_mnt_id),
	NUM(ms_snap, "mounts", nr_mounts),
	NUM(ms_snap, "err", err),
	NUM(ms_snap, "pid", pid),
	NUM(ms_snap, "flags", flags),
	STRING(ms_snap, "root_path", root_path_len, DATA),
	{},
};

static const struct field loss_fields[] = {
	HDR(ms_loss),
	NUM(ms_loss, "ring", lost[MS_LOSS_RING]),
	NUM(ms_loss, "operations", lost[MS_LOSS_OP_MAP]),
	NUM(ms_loss, "scratch", lost[MS_LOSS_SCRATCH]),
	NUM(ms_loss, "walk", lost[MS_LOSS_WALK]),
	NUM(ms_loss, "ns-map", lost[MS_LOSS_NS_MAP]),
	NUM(ms_loss, "fanotify", lost[MS_LOSS_FANOTIFY]),
	NUM(ms_loss, "gone", lost[MS_LOSS_GONE]),
	NUM(ms_loss, "snapshot", lost[MS_LOSS_SNAPSHOT]),
	{},
};

static const struct layout layouts[] = {
	{ "meta", MS_REC_META, sizeof(struct ms_meta), meta_fields },
	{ "op", MS_REC_OP, sizeof(struct ms_op), op_fields },
	{ "effect", MS_REC_EFFECT, sizeof(struct ms_effect), effect_fields },
	{ "mount", MS_REC_EFFECT, sizeof(struct ms_effect), mount_fields },
	{ "storm", MS_REC_STORM, sizeof(struct ms_storm), storm_fields },
	{ "ns", MS_REC_NS, sizeof(struct ms_ns), ns_fields },
	{ "cgroup", MS_REC_CGROUP, sizeof(struct ms_cgroup), cgroup_fields },
	{ "snap-begin", MS_REC_SNAP_BEGIN, sizeof(struct ms_snap), snap_fields },
	{ "snap-end", MS_REC_SNAP_END, sizeof(struct ms_snap), snap_fields },
	{ "loss", MS_REC_LOSS, sizeof(struct ms_loss), loss_fields },
};

/* \xHH in place; returns the length. */
static size_t unescape(char *s)
{
	char *to = s, *begin = s;

	while (*s) {
		if (s[0] == '\\' && s[1] == 'x' && s[2] && s[3]) {
			char hex[3] = { s[2], s[3], '\0' };

			*to++ = (char)strtoul(hex, NULL, 16);
			s += 4;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
	return (size_t)(to - begin);
}

static int64_t number(const struct field *f, const char *value)
{
	const struct name *n;
	char *end;
	int64_t v;

	for (n = f->names; n && n->name; n++)
		if (!strcmp(n->name, value))
			return n->value;
	errno = 0;
	v = value[0] == '-' ? strtoll(value, &end, 0) : (int64_t)strtoull(value, &end, 0);
	if (errno || end == value || *end)
		die("not a number or a name that this field has:", value);
	return v;
}

static void put(struct record *r, size_t offset, size_t size, int64_t value)
{
	/* Little-endian machines only, like the fixtures. */
	memcpy(r->bytes + offset, &value, size);
}

static void add_data(struct record *r, const char *p, size_t len)
{
	if (len > MAX_DATA - r->data_len)
		die("too much data", "");
	memcpy(r->data + r->data_len, p, len);
	r->data_len += len;
}

/* "/a/b" as "b\0a\0". */
static void add_leaf_first(struct record *r, const char *path, size_t len)
{
	while (len) {
		size_t start = len;

		while (start && path[start - 1] != '/')
			start--;
		if (len > start) {
			add_data(r, path + start, len - start);
			add_data(r, "", 1);
		}
		len = start ? start - 1 : 0;
	}
}

static void set_field(struct record *r, const struct field *f, const char *value, size_t len)
{
	size_t before = r->data_len;

	switch (f->kind) {
	case NUMBER:
		put(r, f->offset, f->size, number(f, value));
		return;
	case CHARS:
		memcpy(r->bytes + f->offset, value, len < f->size ? len : f->size);
		return;
	case PATH:
		add_leaf_first(r, value, len);
		break;
	case DATA:
	case WHOLE_PATH:
		add_data(r, value, len);
		break;
	}
	put(r, f->len_offset, 2, (int64_t)(r->data_len - before));
}

/* Data has an order, that of the table: fields are taken in it, whatever the order in the line. */
static void fill(struct record *r, const struct layout *l, char **words, size_t n)
{
	char used[64] = {};

	for (const struct field *f = l->fields; f->key; f++) {
		size_t key_len = strlen(f->key);

		for (size_t i = 0; i < n; i++) {
			char *value;

			if (strncmp(words[i], f->key, key_len) || words[i][key_len] != '=')
				continue;
			value = words[i] + key_len + 1;
			used[i] = 1;
			set_field(r, f, value, unescape(value));
		}
	}
	for (size_t i = 0; i < n; i++)
		if (!used[i])
			die("no such field:", words[i]);
}

static void defaults(struct record *r, const struct layout *l)
{
	static uint64_t seq;

	if (!strcmp(l->word, "effect") || !strcmp(l->word, "storm"))
		put(r, offsetof(struct ms_effect, seq), 8, (int64_t)++seq);
	if (!strcmp(l->word, "snap-begin") || !strcmp(l->word, "snap-end"))
		put(r, offsetof(struct ms_snap, seq), 8, (int64_t)seq);
	if (!strcmp(l->word, "ns"))
		put(r, offsetof(struct ms_ns, seq), 8, (int64_t)seq);
	if (!strcmp(l->word, "mount")) {
		put(r, offsetof(struct ms_effect, kind), 1, MS_EFF_LISTED);
		put(r, offsetof(struct ms_effect, flags), 2, MS_EFF_ABS_PATH);
	}
	if (!strcmp(l->word, "op"))
		put(r, offsetof(struct ms_op, dfd), 4, -100);
}

static void write_record(const char *word, char **words, size_t n)
{
	static uint64_t now;
	static struct record r;
	const struct layout *l = NULL;

	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
		if (!strcmp(layouts[i].word, word))
			l = &layouts[i];
	if (!l)
		die("no such record:", word);
	memset(&r, 0, sizeof(r));
	r.hdr.type = (__u16)l->type;
	r.hdr.ktime_ns = now;
	defaults(&r, l);
	fill(&r, l, words, n);
	now = r.hdr.ktime_ns;
	r.hdr.size = (__u16)(l->fixed + r.data_len);
	fwrite(r.bytes, l->fixed, 1, stdout);
	fwrite(r.data, 1, r.data_len, stdout);
}

static void write_header(const char *wrong)
{
	struct ms_capture_hdr h = {
		.endian = MS_CAPTURE_ENDIAN,
		.version = MS_CAPTURE_VERSION,
		.hdr_size = sizeof(h),
	};

	memcpy(h.magic, MS_CAPTURE_MAGIC, sizeof(h.magic));
	if (!strcmp(wrong, "magic"))
		h.magic[0] ^= 1;
	else if (!strcmp(wrong, "endian"))
		h.endian = __builtin_bswap32(h.endian);
	else if (!strcmp(wrong, "version"))
		h.version++;
	fwrite(&h, sizeof(h), 1, stdout);
}

static void do_line(char *line)
{
	static int headed;
	char *words[64], *save = NULL, *word = strtok_r(line, " \t\n", &save);
	size_t n = 0;

	if (!word || *word == '#')
		return;
	for (char *w; (w = strtok_r(NULL, " \t\n", &save));) {
		if (n == 64)
			die("too many fields at", w);
		words[n++] = w;
	}
	if (!headed++) {
		int wrong = !strcmp(word, "header");

		write_header(wrong && n ? words[0] : "");
		if (wrong)
			return;
	}
	if (!strcmp(word, "raw")) {
		for (size_t i = 0; i < n; i++)
			fwrite(words[i], 1, unescape(words[i]), stdout);
		return;
	}
	write_record(word, words, n);
}

int main(void)
{
	char *line = NULL;
	size_t cap = 0;

	while (getline(&line, &cap, stdin) >= 0) {
		line_number++;
		do_line(line);
	}
	free(line);
	return fflush(stdout) || ferror(stdout) ? 1 : 0;
}
