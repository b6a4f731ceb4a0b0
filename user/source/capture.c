// SPDX-License-Identifier: BSD-2-Clause
/* Reading and writing capture files. */
#include "source/capture.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/util.h"
#include "mountscope/capture.h"

/* Holds the largest record (its size is a __u16) several times over. */
#define BUF_BYTES (256 * 1024)

struct capture_reader {
	int fd;
	bool eof;
	bool cut;
	uint64_t offset; /* of buf[at] in the file */
	size_t at, end;
	/* Records lie at any offset in a file but are read through structs: each is copied here. */
	_Alignas(8) unsigned char rec[UINT16_MAX + 1];
	unsigned char buf[BUF_BYTES];
};

struct capture_writer {
	int fd;
	int dir_fd; /* -1: written directly */
	char *name; /* in dir_fd */
	char *tmp;  /* NULL once it has its name */
	size_t n;
	unsigned char buf[BUF_BYTES];
};

/* Reads until want bytes are there or the file ends. */
static int reader__fill(struct capture_reader *r, size_t want)
{
	while (r->end - r->at < want && !r->eof) {
		ssize_t n;

		if (r->at) {
			memmove(r->buf, r->buf + r->at, r->end - r->at);
			r->end -= r->at;
			r->at = 0;
		}
		n = read(r->fd, r->buf + r->end, sizeof(r->buf) - r->end);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		r->eof = !n;
		r->end += (size_t)n;
	}
	return 0;
}

static void reader__advance(struct capture_reader *r, size_t n)
{
	r->at += n;
	r->offset += n;
}

static int reader__header(struct capture_reader *r)
{
	struct ms_capture_hdr hdr;
	int err = reader__fill(r, sizeof(hdr));

	if (err)
		return err;
	if (r->end - r->at < sizeof(hdr)) {
		size_t n = min(r->end - r->at, sizeof(hdr.magic));

		/* Too short to be one, but is it the beginning of one? */
		return memcmp(r->buf, MS_CAPTURE_MAGIC, n) ? -ENOMSG : -ENODATA;
	}
	memcpy(&hdr, r->buf + r->at, sizeof(hdr));
	if (memcmp(hdr.magic, MS_CAPTURE_MAGIC, sizeof(hdr.magic)))
		return -ENOMSG;
	if (hdr.endian != MS_CAPTURE_ENDIAN)
		return -EPROTO;
	/* A header that grew without a new version would be skipped by its size. */
	if (hdr.version != MS_CAPTURE_VERSION || hdr.hdr_size < sizeof(hdr))
		return -EPROTONOSUPPORT;
	err = reader__fill(r, hdr.hdr_size);
	if (err)
		return err;
	if (r->end - r->at < hdr.hdr_size)
		return -ENODATA;
	reader__advance(r, hdr.hdr_size);
	return 0;
}

int capture_reader__open(const char *path, struct capture_reader **ret)
{
	struct capture_reader *r __cleanup(capture_reader__freep) = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	r->fd = STDIN_FILENO;
	if (strcmp(path, "-")) {
		r->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (r->fd < 0)
			return -errno;
	}
	err = reader__header(r);
	if (err)
		return err;
	*ret = take_ptr(r);
	return 0;
}

void capture_reader__free(struct capture_reader *r)
{
	if (!r)
		return;
	if (r->fd > STDIN_FILENO)
		(void)close(r->fd);
	free(r);
}

void capture_reader__freep(struct capture_reader **r)
{
	capture_reader__free(*r);
}

/* The next record, at r->rec; *ret_size 0 at the end. */
static int reader__next(struct capture_reader *r, size_t *ret_size)
{
	struct ms_hdr hdr;
	size_t left;
	int err = reader__fill(r, sizeof(hdr));

	if (err)
		return err;
	left = r->end - r->at;
	*ret_size = 0;
	if (left < sizeof(hdr)) {
		r->cut = left > 0;
		return 0;
	}
	memcpy(&hdr, r->buf + r->at, sizeof(hdr));
	if (hdr.size < sizeof(hdr))
		return -EBADMSG;
	err = reader__fill(r, hdr.size);
	if (err)
		return err;
	if (r->end - r->at < hdr.size) {
		r->cut = true;
		return 0;
	}
	memcpy(r->rec, r->buf + r->at, hdr.size);
	*ret_size = hdr.size;
	return 0;
}

int capture_reader__run(struct capture_reader *r, record_fn fn, void *arg)
{
	size_t size;
	int err;

	for (;;) {
		err = reader__next(r, &size);
		if (err || !size)
			return err;
		err = fn(arg, (const struct ms_hdr *)r->rec, size);
		if (err)
			return err;
		reader__advance(r, size);
	}
}

bool capture_reader__cut(const struct capture_reader *r)
{
	return r->cut;
}

uint64_t capture_reader__offset(const struct capture_reader *r)
{
	return r->offset;
}

static int write_all(int fd, const unsigned char *buf, size_t n)
{
	while (n) {
		ssize_t w = write(fd, buf, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return -errno;
		buf += w;
		n -= (size_t)w;
	}
	return 0;
}

static int writer__flush(struct capture_writer *w)
{
	int err = write_all(w->fd, w->buf, w->n);

	/* Also when it failed: half of it may be out, again would double that. */
	w->n = 0;
	return err;
}

static int writer__put(struct capture_writer *w, const void *data, size_t n)
{
	int err = w->n + n > sizeof(w->buf) ? writer__flush(w) : 0;

	if (err)
		return err;
	memcpy(w->buf + w->n, data, n);
	w->n += n;
	return 0;
}

/* What is there and is no file (a pipe, a device) is written to; it cannot be replaced. */
static int writer__open_special(struct capture_writer *w, const char *path)
{
	struct stat st;

	if (stat(path, &st) || S_ISREG(st.st_mode))
		return 0;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	w->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	return w->fd < 0 ? -errno : 1;
}

static int writer__create_tmp(struct capture_writer *w)
{
	int err = 0;

	for (unsigned i = 0; i < 100; i++) {
		free(take_ptr(w->tmp));
		if (asprintf(&w->tmp, ".%s.%ld.%u", w->name, (long)getpid(), i) < 0) {
			w->tmp = NULL;
			return -ENOMEM;
		}
		w->fd = openat(w->dir_fd, w->tmp,
			       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (w->fd >= 0)
			return 0;
		err = -errno;
		if (err != -EEXIST)
			break;
	}
	free(take_ptr(w->tmp));
	return err;
}

/* A new file beside the one that it will replace; never through a link that stands there. */
static int writer__open_tmp(struct capture_writer *w, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	char *dir __cleanup(freep) = NULL;

	if (!*path)
		return -ENOENT;
	if (!*name)
		return -EISDIR;
	dir = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	w->name = strdup(name);
	if (!dir || !w->name)
		return -ENOMEM;
	w->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (w->dir_fd < 0)
		return -errno;
	return writer__create_tmp(w);
}

static int writer__open(struct capture_writer *w, const char *path)
{
	int err;

	if (!strcmp(path, "-")) {
		w->fd = STDOUT_FILENO;
		return 0;
	}
	err = writer__open_special(w, path);
	return err < 0 ? err : err ? 0 : writer__open_tmp(w, path);
}

int capture_writer__open(const char *path, struct capture_writer **ret)
{
	struct capture_writer *w __cleanup(capture_writer__freep) = calloc(1, sizeof(*w));
	struct ms_capture_hdr hdr = {
		.endian = MS_CAPTURE_ENDIAN,
		.version = MS_CAPTURE_VERSION,
		.hdr_size = sizeof(hdr),
	};
	int err;

	if (!w)
		return -ENOMEM;
	w->fd = w->dir_fd = -1;
	err = writer__open(w, path);
	if (err)
		return err;
	memcpy(hdr.magic, MS_CAPTURE_MAGIC, sizeof(hdr.magic));
	err = writer__put(w, &hdr, sizeof(hdr));
	if (err)
		return err;
	*ret = take_ptr(w);
	return 0;
}

int capture_writer__add(struct capture_writer *w, const struct ms_hdr *rec)
{
	return writer__put(w, rec, rec->size);
}

int capture_writer__commit(struct capture_writer *w)
{
	int err = writer__flush(w);

	if (err || w->dir_fd < 0)
		return err;
	if (fsync(w->fd) || renameat(w->dir_fd, w->tmp, w->dir_fd, w->name))
		return -errno;
	free(take_ptr(w->tmp));
	/* Without it the name may not survive a power failure. A directory that cannot: not worth more. */
	(void)fsync(w->dir_fd);
	return 0;
}

void capture_writer__free(struct capture_writer *w)
{
	if (!w)
		return;
	if (w->tmp)
		(void)unlinkat(w->dir_fd, w->tmp, 0);
	if (w->fd != STDOUT_FILENO)
		closep(&w->fd);
	closep(&w->dir_fd);
	free(w->tmp);
	free(w->name);
	free(w);
}

void capture_writer__freep(struct capture_writer **w)
{
	capture_writer__free(*w);
}
