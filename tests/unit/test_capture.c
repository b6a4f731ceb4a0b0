// SPDX-License-Identifier: BSD-2-Clause
/* Capture files: what was written is read, and what is damaged says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/util.h"
#include "make_rec.h"
#include "mountscope/capture.h"
#include "source/capture.h"

static char dir[64], path[96];

static int make_dir(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "%s/mscap.XXXXXX", P_tmpdir);
	if (!mkdtemp(dir))
		return -1;
	(void)snprintf(path, sizeof(path), "%s/file", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(dir);
}

static size_t entries(void)
{
	DIR *d = opendir(dir);
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	(void)closedir(d);
	return n - 2;
}

static void write_file(const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	assert_int_equal(close(fd), 0);
}

/* Three records of odd sizes, so that they are not aligned in the file. */
static size_t make_file(char *out)
{
	static struct rec r;
	struct ms_capture_hdr hdr = { .endian = MS_CAPTURE_ENDIAN,
				      .version = MS_CAPTURE_VERSION,
				      .hdr_size = sizeof(hdr) };
	static const char *const mps[] = { "/a", "/ab/c", "/" };
	size_t at = sizeof(hdr);

	memcpy(hdr.magic, MS_CAPTURE_MAGIC, sizeof(hdr.magic));
	memcpy(out, &hdr, sizeof(hdr));
	for (uint32_t i = 0; i < 3; i++) {
		const struct ms_hdr *h = make_effect(&r, (struct fx){ .kind = MS_EFF_ATTACH,
								      .seq = i,
								      .ns = 1,
								      .id = i + 1,
								      .mp = mps[i] });

		memcpy(out + at, h, h->size);
		at += h->size;
	}
	return at;
}

struct got {
	unsigned n;
	size_t sizes[8];
	int stop_at, value;
};

static int take(void *arg, const struct ms_hdr *rec, size_t size)
{
	struct got *g = arg;

	assert_int_equal((uintptr_t)rec % 8, 0);
	assert_int_equal(rec->size, size);
	assert_true(size >= sizeof(*rec));
	if (g->n < ARRAY_SIZE(g->sizes))
		g->sizes[g->n] = size;
	g->n++;
	return g->value && g->n == (unsigned)g->stop_at ? g->value : 0;
}

static int read_file(struct got *g, bool *cut, uint64_t *offset)
{
	struct capture_reader *r __cleanup(capture_reader__freep) = NULL;
	int err = capture_reader__open(path, &r);

	if (err)
		return err;
	err = capture_reader__run(r, take, g);
	*cut = capture_reader__cut(r);
	*offset = capture_reader__offset(r);
	return err;
}

static void what_was_written_is_read(void **state)
{
	struct capture_writer *w = NULL;
	static struct rec r;
	struct got g = {};
	uint64_t offset;
	bool cut;

	(void)state;
	assert_int_equal(capture_writer__open(path, &w), 0);
	for (uint32_t i = 0; i < 5000; i++)
		assert_int_equal(capture_writer__add(w,
						     make_effect(&r,
								 (struct fx){
									 .kind = MS_EFF_ATTACH,
									 .id = i + 1,
									 .mp = i % 3 ? "/a"
										     : "/bcd/e" })),
				 0);
	assert_int_equal(access(path, F_OK), -1); /* not before it is whole */
	assert_int_equal(capture_writer__commit(w), 0);
	capture_writer__free(w);
	assert_int_equal(entries(), 1);
	assert_int_equal(read_file(&g, &cut, &offset), 0);
	assert_int_equal(g.n, 5000);
	assert_int_equal(g.sizes[0], sizeof(struct ms_effect) + 6);
	assert_int_equal(g.sizes[1], sizeof(struct ms_effect) + 2);
	assert_false(cut);
}

static void the_largest_records_pass(void **state)
{
	struct capture_writer *w = NULL;
	static struct rec r;
	struct ms_hdr *h = (struct ms_hdr *)r.b;
	struct got g = {};
	uint64_t offset;
	bool cut;

	(void)state;
	*h = (struct ms_hdr){ .type = 999, .size = UINT16_MAX };
	assert_int_equal(capture_writer__open(path, &w), 0);
	for (int i = 0; i < 20; i++)
		assert_int_equal(capture_writer__add(w, h), 0);
	assert_int_equal(capture_writer__commit(w), 0);
	capture_writer__free(w);
	assert_int_equal(read_file(&g, &cut, &offset), 0);
	assert_int_equal(g.n, 20);
	assert_int_equal(g.sizes[7], UINT16_MAX);
}

static void an_uncommitted_file_leaves_nothing_and_replaces_nothing(void **state)
{
	struct capture_writer *w = NULL;
	static struct rec r;
	char old[8];
	int fd;

	(void)state;
	write_file("old", 3);
	assert_int_equal(capture_writer__open(path, &w), 0);
	assert_int_equal(capture_writer__add(w, make_storm(&r, 1, 2, 3)), 0);
	assert_int_equal(entries(), 2);
	capture_writer__free(w);
	assert_int_equal(entries(), 1);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(read(fd, old, sizeof(old)), 3);
	(void)close(fd);
}

static void a_link_is_replaced_not_followed(void **state)
{
	struct capture_writer *w = NULL;
	char target[128];
	struct stat st;

	(void)state;
	(void)snprintf(target, sizeof(target), "%s/elsewhere", dir);
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(capture_writer__open(path, &w), 0);
	assert_int_equal(capture_writer__commit(w), 0);
	capture_writer__free(w);
	assert_int_equal(access(target, F_OK), -1);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(st.st_mode & 077, 0); /* it tells about every user's mounts */
}

static void a_device_is_written_to_and_stays(void **state)
{
	struct capture_writer *w = NULL;
	static struct rec r;
	struct stat st;

	(void)state;
	assert_int_equal(capture_writer__open("/dev/null", &w), 0);
	assert_int_equal(capture_writer__add(w, make_storm(&r, 1, 2, 3)), 0);
	assert_int_equal(capture_writer__commit(w), 0);
	capture_writer__free(w);
	assert_int_equal(stat("/dev/null", &st), 0);
	assert_true(S_ISCHR(st.st_mode));
}

static void what_cannot_be_written_says_so(void **state)
{
	struct capture_writer *w = NULL;
	char bad[160];

	(void)state;
	assert_int_equal(capture_writer__open(dir, &w), -EISDIR);
	assert_int_equal(capture_writer__open("", &w), -ENOENT);
	(void)snprintf(bad, sizeof(bad), "%s/none/file", dir);
	assert_int_equal(capture_writer__open(bad, &w), -ENOENT);
	(void)snprintf(bad, sizeof(bad), "%s/", path);
	assert_int_not_equal(capture_writer__open(bad, &w), 0);
	assert_null(w);
	assert_int_equal(capture_writer__open("/dev/full", &w), 0);
	assert_int_equal(capture_writer__commit(w), -ENOSPC);
	capture_writer__free(w);
}

static void a_file_cut_anywhere_is_read_up_to_the_cut(void **state)
{
	static char file[4096];
	size_t len = make_file(file), ends[4] = { sizeof(struct ms_capture_hdr) };

	(void)state;
	for (size_t i = 1; i < 4; i++) {
		struct ms_hdr h;

		memcpy(&h, file + ends[i - 1], sizeof(h));
		ends[i] = ends[i - 1] + h.size;
	}
	assert_int_equal(ends[3], len);
	for (size_t n = 0; n <= len; n++) {
		struct got g = {};
		uint64_t offset = 0;
		bool cut = false;
		unsigned whole = 0;
		int err;

		write_file(file, n);
		err = read_file(&g, &cut, &offset);
		if (n < ends[0]) {
			assert_int_equal(err, -ENODATA);
			continue;
		}
		while (whole < 3 && ends[whole + 1] <= n)
			whole++;
		assert_int_equal(err, 0);
		assert_int_equal(g.n, whole);
		assert_int_equal(cut, n != ends[whole]);
		assert_int_equal(offset, ends[whole]);
	}
}

static void an_impossible_size_is_reported_with_its_offset(void **state)
{
	static char file[4096];
	size_t len = make_file(file);
	struct got g = {};
	struct ms_hdr h;
	uint64_t offset;
	uint16_t bad = sizeof(h) - 1;
	bool cut;

	(void)state;
	memcpy(&h, file + sizeof(struct ms_capture_hdr), sizeof(h));
	memcpy(file + sizeof(struct ms_capture_hdr) + h.size + offsetof(struct ms_hdr, size), &bad,
	       sizeof(bad));
	write_file(file, len);
	assert_int_equal(read_file(&g, &cut, &offset), -EBADMSG);
	assert_int_equal(g.n, 1);
	assert_int_equal(offset, sizeof(struct ms_capture_hdr) + h.size);
}

static void what_is_not_a_capture_of_ours_is_told_apart(void **state)
{
	static char file[4096];
	size_t len = make_file(file);
	struct ms_capture_hdr hdr;
	struct got g = {};
	uint64_t offset;
	bool cut;

	(void)state;
	memcpy(&hdr, file, sizeof(hdr));
	write_file("", 0);
	assert_int_equal(read_file(&g, &cut, &offset), -ENODATA);
	write_file("ELF?", 4);
	assert_int_equal(read_file(&g, &cut, &offset), -ENOMSG);
	file[0] ^= 1;
	write_file(file, len);
	assert_int_equal(read_file(&g, &cut, &offset), -ENOMSG);
	hdr.endian = __builtin_bswap32(hdr.endian);
	memcpy(file, &hdr, sizeof(hdr));
	write_file(file, len);
	assert_int_equal(read_file(&g, &cut, &offset), -EPROTO);
	hdr.endian = MS_CAPTURE_ENDIAN;
	hdr.version = MS_CAPTURE_VERSION + 1;
	memcpy(file, &hdr, sizeof(hdr));
	write_file(file, len);
	assert_int_equal(read_file(&g, &cut, &offset), -EPROTONOSUPPORT);
	hdr.version = MS_CAPTURE_VERSION;
	hdr.hdr_size = sizeof(hdr) - 1;
	memcpy(file, &hdr, sizeof(hdr));
	write_file(file, len);
	assert_int_equal(read_file(&g, &cut, &offset), -EPROTONOSUPPORT);
	(void)unlink(path);
	assert_int_equal(read_file(&g, &cut, &offset), -ENOENT);
	assert_int_equal(g.n, 0);
}

static void a_header_that_grew_is_skipped_by_its_size(void **state)
{
	static char file[4096];
	size_t len = make_file(file), at = sizeof(struct ms_capture_hdr);
	uint16_t size = (uint16_t)(at + 5);
	struct got g = {};
	uint64_t offset;
	bool cut;

	(void)state;
	memmove(file + size, file + at, len - at);
	memcpy(file + offsetof(struct ms_capture_hdr, hdr_size), &size, sizeof(size));
	write_file(file, len + 5);
	assert_int_equal(read_file(&g, &cut, &offset), 0);
	assert_int_equal(g.n, 3);
}

static void the_receivers_value_stops_the_reader(void **state)
{
	static char file[4096];
	struct got g = { .stop_at = 2, .value = 77 };
	uint64_t offset;
	bool cut;

	(void)state;
	write_file(file, make_file(file));
	assert_int_equal(read_file(&g, &cut, &offset), 77);
	assert_int_equal(g.n, 2);
}

/* stdin can be a pipe that gives little at a time. */
static void a_pipe_is_read_as_it_comes(void **state)
{
	static char file[4096];
	struct capture_reader *r = NULL;
	size_t len = make_file(file);
	struct got g = {};
	int fds[2], saved = dup(STDIN_FILENO);
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		(void)close(fds[0]);
		for (size_t i = 0; i < len; i++) {
			if (write(fds[1], file + i, 1) != 1)
				_exit(1);
		}
		_exit(0);
	}
	(void)close(fds[1]);
	assert_int_equal(dup2(fds[0], STDIN_FILENO), STDIN_FILENO);
	(void)close(fds[0]);
	assert_int_equal(capture_reader__open("-", &r), 0);
	assert_int_equal(capture_reader__run(r, take, &g), 0);
	assert_int_equal(g.n, 3);
	assert_false(capture_reader__cut(r));
	capture_reader__free(r);
	assert_int_equal(dup2(saved, STDIN_FILENO), STDIN_FILENO);
	(void)close(saved);
}

#define test(f) cmocka_unit_test_setup_teardown(f, make_dir, remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(what_was_written_is_read),
		test(the_largest_records_pass),
		test(an_uncommitted_file_leaves_nothing_and_replaces_nothing),
		test(a_link_is_replaced_not_followed),
		test(a_device_is_written_to_and_stays),
		test(what_cannot_be_written_says_so),
		test(a_file_cut_anywhere_is_read_up_to_the_cut),
		test(an_impossible_size_is_reported_with_its_offset),
		test(what_is_not_a_capture_of_ours_is_told_apart),
		test(a_header_that_grew_is_skipped_by_its_size),
		test(the_receivers_value_stops_the_reader),
		test(a_pipe_is_read_as_it_comes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
