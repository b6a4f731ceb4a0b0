// SPDX-License-Identifier: BSD-2-Clause
/* Lines of mountinfo, as kernels print them and as nobody should. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/util.h"
#include "mountscope/event.h"
#include "source/mountinfo.h"

#define DEV(major, minor) ((uint32_t)(major) << 20 | (minor))

struct good {
	const char *line;
	struct mountinfo mi; /* numbers only */
	const char *root, *mountpoint, *fstype, *source;
};

static const struct good good[] = {
	{ "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue",
	  { .id = 36,
	    .parent_id = 35,
	    .dev = DEV(98, 0),
	    .master_group = 1,
	    .mnt_flags = MS_MNT_NOATIME },
	  "/mnt1",
	  "/mnt2",
	  "ext3",
	  "/dev/root" },
	{ "1 1 0:2 / / rw shared:7 - rootfs rootfs rw,size=1k",
	  { .id = 1, .parent_id = 1, .dev = 2, .peer_group = 7, .flags = MS_EFF_NS_ROOT },
	  "/",
	  "/",
	  "rootfs",
	  "rootfs" },
	{ "40 1 0:30 / /run ro,nosuid,nodev,noexec,nodiratime,relatime,nosymfollow - tmpfs none ro\n",
	  { .id = 40,
	    .parent_id = 1,
	    .dev = 30,
	    .sb_flags = 1,
	    .mnt_flags = MS_MNT_READONLY | MS_MNT_NOSUID | MS_MNT_NODEV | MS_MNT_NOEXEC |
			 MS_MNT_NODIRATIME | MS_MNT_RELATIME | MS_MNT_NOSYMFOLLOW },
	  "/",
	  "/run",
	  "tmpfs",
	  "none" },
	{ "41 1 0:30 / /a\\040b\\011c\\012d\\134e rw shared:2 master:3 propagate_from:4 unbindable - "
	  "fuse.sshfs u@h:/\\043x rw,user_id=0",
	  { .id = 41,
	    .parent_id = 1,
	    .dev = 30,
	    .peer_group = 2,
	    .master_group = 3,
	    .flags = MS_EFF_UNBINDABLE },
	  "/",
	  "/a b\tc\nd\\e",
	  "fuse.sshfs",
	  "u@h:/#x" },
	/* An empty source is printed as nothing between two spaces. */
	{ "42 1 0:31 / /e rw - tmpfs  rw",
	  { .id = 42, .parent_id = 1, .dev = 31 },
	  "/",
	  "/e",
	  "tmpfs",
	  "" },
	{ "43 1 8:1 /old//deleted /d rw - ext4 /dev/sda1 rw",
	  { .id = 43, .parent_id = 1, .dev = DEV(8, 1), .flags = MS_EFF_ROOT_UNLINKED },
	  "/old",
	  "/d",
	  "ext4",
	  "/dev/sda1" },
	{ "44 1 0:4 mnt:[4026532177] /run/pin rw - nsfs nsfs rw",
	  { .id = 44, .parent_id = 1, .dev = 4 },
	  "mnt:[4026532177]",
	  "/run/pin",
	  "nsfs",
	  "nsfs" },
	/* What a later kernel may add. */
	{ "45 1 0:4 / /x rw,newopt,relatime new:thing shared:9 other - xfs /dev/x rw extra",
	  { .id = 45, .parent_id = 1, .dev = 4, .peer_group = 9, .mnt_flags = MS_MNT_RELATIME },
	  "/",
	  "/x",
	  "xfs",
	  "/dev/x" },
	/* Any byte but NUL and newline may stand in a path. */
	{ "46 1 0:4 / /\xff\x1b[31m\x7f rw - t s rw",
	  { .id = 46, .parent_id = 1, .dev = 4 },
	  "/",
	  "/\xff\x1b[31m\x7f",
	  "t",
	  "s" },
	{ "47 1 0:4 / /end\\04 rw - t s\\ rw",
	  { .id = 47, .parent_id = 1, .dev = 4 },
	  "/",
	  "/end\\04",
	  "t",
	  "s\\" },
	{ "48 1 0:4 / /e\\400\\378 rw - t s rw",
	  { .id = 48, .parent_id = 1, .dev = 4 },
	  "/",
	  "/e\\400\\378",
	  "t",
	  "s" },
	{ "4294967295 4294967295 4095:1048575 / / rw - t s rw",
	  { .id = UINT32_MAX, .parent_id = UINT32_MAX, .dev = UINT32_MAX, .flags = MS_EFF_NS_ROOT },
	  "/",
	  "/",
	  "t",
	  "s" },
};

static void assert_str(struct mountinfo_str got, const char *want)
{
	assert_int_equal(got.len, strlen(want));
	assert_memory_equal(got.p, want, got.len);
}

static void lines_of_kernels_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		const struct good *g = &good[i];
		char *line __cleanup(freep) = strdup(g->line);
		struct mountinfo mi = {};

		if (mountinfo__parse(line, strlen(line), &mi))
			fail_msg("not read: %s", g->line);
		assert_int_equal(mi.id, g->mi.id);
		assert_int_equal(mi.parent_id, g->mi.parent_id);
		assert_int_equal(mi.dev, g->mi.dev);
		assert_int_equal(mi.peer_group, g->mi.peer_group);
		assert_int_equal(mi.master_group, g->mi.master_group);
		assert_int_equal(mi.mnt_flags, g->mi.mnt_flags);
		assert_int_equal(mi.sb_flags, g->mi.sb_flags);
		assert_int_equal(mi.flags, g->mi.flags);
		assert_str(mi.root, g->root);
		assert_str(mi.mountpoint, g->mountpoint);
		assert_str(mi.fstype, g->fstype);
		assert_str(mi.source, g->source);
	}
}

static const char *const bad[] = {
	"",
	"\n",
	" ",
	"36",
	"36 35 98:0 / /mnt rw - ext3",
	"36 35 98:0 / /mnt rw - ext3 /dev/root",
	"36 35 98:0 / /mnt rw - ext3 /dev/root xx",
	"36 35 98:0 / /mnt rw - ext3 /dev/root rwx",
	"36 35 98:0 / /mnt rw ext3 /dev/root rw",    /* no separator */
	"36 35 98:0 / /mnt rw  - ext3 /dev/root rw", /* an empty optional field */
	"36 35 98:0 / mnt rw - ext3 /dev/root rw",   /* not absolute */
	"36 35 98:0  /mnt rw - ext3 /dev/root rw",   /* no root */
	"36 35 98:0 /  rw - ext3 /dev/root rw",	     /* no mountpoint */
	"36 35 98:0 / /mnt xx - ext3 /dev/root rw",
	"36 35 98:0 / /mnt relatime - ext3 /dev/root rw",
	"36 35 98 / /mnt rw - ext3 /dev/root rw",
	"36 35 98: / /mnt rw - ext3 /dev/root rw",
	"36 35 :0 / /mnt rw - ext3 /dev/root rw",
	"36 35 4096:0 / /mnt rw - ext3 /dev/root rw",
	"36 35 0:1048576 / /mnt rw - ext3 /dev/root rw",
	"36 x 98:0 / /mnt rw - ext3 /dev/root rw",
	"-1 35 98:0 / /mnt rw - ext3 /dev/root rw",
	"+6 35 98:0 / /mnt rw - ext3 /dev/root rw",
	"0 35 98:0 / /mnt rw - ext3 /dev/root rw", /* no mount has this id */
	" 36 35 98:0 / /mnt rw - ext3 /dev/root rw",
	"36  35 98:0 / /mnt rw - ext3 /dev/root rw",
	"4294967296 35 98:0 / /mnt rw - ext3 /dev/root rw",
	"99999999999999999999 35 98:0 / /mnt rw - ext3 /dev/root rw",
	"36 35 98:0 / /mnt rw shared: - ext3 /dev/root rw",
	"36 35 98:0 / /mnt rw shared:x - ext3 /dev/root rw",
	"36 35 98:0 / /mnt rw shared:1x - ext3 /dev/root rw",
	"36 35 98:0 / /mnt rw master:99999999999 - ext3 /dev/root rw",
	"36 35 98:0 / /mnt\\000x rw - ext3 /dev/root rw", /* a NUL by the back door */
	"36 35 98:0 / /mnt\nx rw - ext3 /dev/root rw",
};

static void what_no_kernel_prints_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char *line __cleanup(freep) = strdup(bad[i]);
		struct mountinfo mi = { .id = 4711 };

		if (mountinfo__parse(line, strlen(line), &mi) != -EBADMSG)
			fail_msg("taken: %s", bad[i]);
		assert_int_equal(mi.id, 4711); /* nothing is written on failure */
	}
}

static void a_nul_is_refused(void **state)
{
	char line[] = "36 35 98:0 / /mn\0t rw - ext3 /dev/root rw";
	struct mountinfo mi;

	(void)state;
	assert_int_equal(mountinfo__parse(line, sizeof(line) - 1, &mi), -EBADMSG);
}

static void a_line_cut_before_its_last_field_is_refused(void **state)
{
	static const char whole[] =
		"36 35 98:0 /a\\040b /mnt2 rw,noatime shared:3 - ext3 /dev/root ro";

	(void)state;
	for (size_t n = 0; n < sizeof(whole) - 1; n++) {
		/* At its own size, so that a sanitizer sees a read beyond it. */
		char *line __cleanup(freep) = malloc(n + 1);
		struct mountinfo mi;

		memcpy(line, whole, n);
		line = realloc(line, n ? n : 1);
		assert_int_equal(mountinfo__parse(line, n, &mi), -EBADMSG);
	}
}

static void every_line_of_this_machine_is_read(void **state)
{
	FILE *f __cleanup(fclosep) = fopen("/proc/self/mountinfo", "re");
	char *line __cleanup(freep) = NULL;
	size_t cap = 0, lines = 0;
	ssize_t n;

	(void)state;
	assert_non_null(f);
	while ((n = getline(&line, &cap, f)) > 0) {
		struct mountinfo mi;
		unsigned id;

		assert_int_equal(sscanf(line, "%u", &id), 1);
		assert_int_equal(mountinfo__parse(line, (size_t)n, &mi), 0);
		assert_int_equal(mi.id, id);
		lines++;
	}
	assert_true(lines > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_kernels_are_read),
		cmocka_unit_test(what_no_kernel_prints_is_refused),
		cmocka_unit_test(a_nul_is_refused),
		cmocka_unit_test(a_line_cut_before_its_last_field_is_refused),
		cmocka_unit_test(every_line_of_this_machine_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
