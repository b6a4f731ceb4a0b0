// SPDX-License-Identifier: BSD-2-Clause
/* Buffered writing to a descriptor. Failures stick, so that they are told once. */
#include "sink/out.h"

#include <poll.h>

#define FLUSH_BYTES (64u * 1024)

void out__init(struct out *o, int fd)
{
	*o = (struct out){ .fd = fd };
}

void out__done(struct out *o)
{
	(void)out__flush(o);
	strbuf__free(&o->buf);
}

/* The descriptor may be shared with somebody who made it non-blocking. */
static void wait_writable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	(void)poll(&p, 1, -1);
}

static int write_all(int fd, const char *p, size_t len)
{
	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EAGAIN) {
			wait_writable(fd);
		} else if (n < 0 && errno != EINTR) {
			return -errno;
		} else if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

int out__flush(struct out *o)
{
	if (o->buf.oom && !o->err)
		o->err = -ENOMEM;
	if (!o->err && o->buf.len)
		o->err = write_all(o->fd, o->buf.buf, o->buf.len);
	strbuf__reset(&o->buf);
	return o->err;
}

int out__commit(struct out *o)
{
	if (o->buf.len < FLUSH_BYTES && !o->buf.oom)
		return o->err;
	return out__flush(o);
}
