// SPDX-License-Identifier: BSD-2-Clause
/* Prints escaped one-line messages, and sends them to the journal or the kernel log. */
#include "encap/msg.h"

#include <fcntl.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/un.h>

#define TEXT_MAX 1024

static void escape(char *out, size_t size, const char *in)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = 0;

	for (; *in && n + 5 < size; in++) {
		unsigned char c = (unsigned char)*in;

		if (c >= ' ' && c != 0x7f) {
			out[n++] = (char)c;
			continue;
		}
		out[n++] = '\\';
		out[n++] = 'x';
		out[n++] = hex[c >> 4];
		out[n++] = hex[c & 15];
	}
	out[n] = '\0';
}

/* systemd's native protocol: one datagram of FIELD=value lines. */
static bool to_journal(const struct msg *m, int priority, const char *text)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX,
				  .sun_path = "/run/systemd/journal/socket" };
	char rec[TEXT_MAX + 128];
	int fd __cleanup(closep) = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int n;

	if (fd < 0)
		return false;
	n = snprintf(rec, sizeof(rec), "PRIORITY=%d\nSYSLOG_IDENTIFIER=%s\nMESSAGE=%s\n", priority,
		     m->who, text);
	return sendto(fd, rec, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&sa,
		      sizeof(sa)) == n;
}

/* At boot generators run before journald; it reads the kernel log when it starts. */
static void to_kmsg(const struct msg *m, int priority, const char *text)
{
	char rec[TEXT_MAX + 128];
	int fd __cleanup(closep) = open("/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int n;

	if (fd < 0)
		return;
	n = snprintf(rec, sizeof(rec), "<%d>%s[%d]: %s\n", priority, m->who, (int)getpid(), text);
	if (write(fd, rec, (size_t)n) != n)
		return; /* stderr has it too */
}

void msg__say(const struct msg *m, int level, const char *fmt, ...)
{
	char raw[TEXT_MAX / 2], text[TEXT_MAX];
	int priority = level == MSG_ERROR ? 4 : level == MSG_INFO ? 6 : 7;
	va_list ap;
	int e = errno;

	if (m->level == MSG_NOTHING || (level > m->level && level != MSG_ERROR))
		return;
	va_start(ap, fmt);
	(void)vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	escape(text, sizeof(text), raw);
	(void)fprintf(stderr, "%s: %s\n", m->who, text);
	if (m->journal && !to_journal(m, priority, text))
		to_kmsg(m, priority, text);
	errno = e;
}
