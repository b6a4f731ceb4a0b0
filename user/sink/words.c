// SPDX-License-Identifier: BSD-2-Clause
/* What numbers and codes mean to a reader. */
#include "sink/words.h"

void words__add_grouped(struct strbuf *sb, uint64_t v)
{
	char out[26];
	size_t at = sizeof(out), digits = 0;

	if (v < 1000) {
		strbuf__addu(sb, v);
		return;
	}
	do {
		if (digits && digits % 3 == 0)
			out[--at] = ',';
		out[--at] = (char)('0' + v % 10);
		digits++;
		v /= 10;
	} while (v);
	strbuf__add(sb, out + at, sizeof(out) - at);
}

void words__add_duration(struct strbuf *sb, uint64_t ns)
{
	static const char units[][4] = { "ns", "us", "ms", "s" };
	unsigned unit = 0, rest = 0, whole;
	char out[8], *p = out;

	while (ns >= 1000 && unit < 3) {
		rest = (unsigned)(ns % 1000);
		ns /= 1000;
		unit++;
	}
	if (ns >= 1000) { /* seconds have no end */
		strbuf__addu(sb, ns);
		strbuf__addc(sb, 's');
		return;
	}
	whole = (unsigned)ns;
	if (whole >= 100)
		*p++ = (char)('0' + whole / 100);
	if (whole >= 10)
		*p++ = (char)('0' + whole / 10 % 10);
	*p++ = (char)('0' + whole % 10);
	if (unit && whole < 100) {
		*p++ = '.';
		*p++ = (char)('0' + rest / 100);
		if (whole < 10)
			*p++ = (char)('0' + rest / 10 % 10);
	}
	for (const char *u = units[unit]; *u; u++)
		*p++ = *u;
	strbuf__add(sb, out, (size_t)(p - out));
}

static char *put_digits(char *p, unsigned v, unsigned n)
{
	for (unsigned i = n; i-- > 0; v /= 10)
		p[i] = (char)('0' + v % 10);
	return p + n;
}

static char *put_clock(char *p, unsigned second_of_day)
{
	p = put_digits(p, second_of_day / 3600, 2);
	*p++ = ':';
	p = put_digits(p, second_of_day / 60 % 60, 2);
	*p++ = ':';
	return put_digits(p, second_of_day % 60, 2);
}

void words__add_clock(struct strbuf *sb, uint64_t realtime_ns)
{
	uint64_t ms = realtime_ns / 1000000;
	char out[12], *p = out;

	p = put_clock(p, (unsigned)(ms / 1000 % 86400));
	*p++ = '.';
	p = put_digits(p, (unsigned)(ms % 1000), 3);
	strbuf__add(sb, out, (size_t)(p - out));
}

/* Days since 1970-01-01 to a civil date: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
static void civil_from_days(uint64_t days, unsigned *year, unsigned *month, unsigned *day)
{
	uint64_t z = days + 719468, era = z / 146097;
	unsigned doe = (unsigned)(z - era * 146097);
	unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	unsigned mp = (5 * doy + 2) / 153;

	*day = doy - (153 * mp + 2) / 5 + 1;
	*month = mp < 10 ? mp + 3 : mp - 9;
	*year = yoe + (unsigned)era * 400 + (*month <= 2);
}

void words__add_timestamp(struct strbuf *sb, uint64_t realtime_ns)
{
	uint64_t s = realtime_ns / 1000000000;
	unsigned year, month, day;
	char out[30], *p = out;

	civil_from_days(s / 86400, &year, &month, &day);
	p = put_digits(p, year, 4);
	*p++ = '-';
	p = put_digits(p, month, 2);
	*p++ = '-';
	p = put_digits(p, day, 2);
	*p++ = 'T';
	p = put_clock(p, (unsigned)(s % 86400));
	*p++ = '.';
	p = put_digits(p, (unsigned)(realtime_ns % 1000000000), 9);
	*p++ = 'Z';
	strbuf__add(sb, out, (size_t)(p - out));
}

const char *words__errno(int err)
{
	return strerrorname_np(err);
}

static const struct meaning {
	unsigned op_kind; /* MS_OP_UNKNOWN: any */
	int err;
	const char *words;
} meanings[] = {
	{ MS_OP_UMOUNT, EINVAL, "not a mountpoint, or locked in this namespace" },
	{ MS_OP_UMOUNT, EBUSY, "in use" },
	{ MS_OP_UMOUNT, EAGAIN, "marked as expired, unmounted at the next call" },
	{ MS_OP_MOUNT, ENODEV, "filesystem type not known to the kernel" },
	{ MS_OP_MOUNT, ENOTBLK, "source is not a block device" },
	{ MS_OP_MOUNT, EBUSY, "source or mountpoint in use" },
	{ MS_OP_MOUNT, EINVAL, "wrong options, or not such a filesystem" },
	{ MS_OP_FSOPEN, ENODEV, "filesystem type not known to the kernel" },
	{ MS_OP_BIND, EINVAL, "source is unbindable, detached or of another namespace" },
	{ MS_OP_RBIND, EINVAL, "source is unbindable, detached or of another namespace" },
	{ MS_OP_MOVE, EINVAL, "not a mountpoint, or its parent is shared" },
	{ MS_OP_MOVE, ELOOP, "target lies within what is moved" },
	{ MS_OP_MOVE_MOUNT, EINVAL, "not movable there: parent shared, or not a mountpoint" },
	{ MS_OP_MOVE_MOUNT, ELOOP, "target lies within what is moved" },
	{ MS_OP_REMOUNT, EINVAL, "not a mountpoint, or options not taken" },
	{ MS_OP_REMOUNT, EBUSY, "in use for writing" },
	{ MS_OP_PROPAGATION, EINVAL, "not a mountpoint" },
	{ MS_OP_PIVOT_ROOT, EINVAL, "not mountpoints, or one is shared" },
	{ MS_OP_PIVOT_ROOT, EBUSY, "new or old root is the current root" },
	{ MS_OP_SETNS, EINVAL, "not such a namespace, or the process has threads" },
	{ MS_OP_UNSHARE, ENOSPC, "limit of namespaces reached" },
	{ MS_OP_CLONE, ENOSPC, "limit of namespaces reached" },
	{ MS_OP_CLONE3, ENOSPC, "limit of namespaces reached" },
	{ MS_OP_UNKNOWN, EPERM, "not permitted" },
	{ MS_OP_UNKNOWN, EACCES, "access denied" },
	{ MS_OP_UNKNOWN, ENOENT, "no such path" },
	{ MS_OP_UNKNOWN, ENOTDIR, "not a directory" },
	{ MS_OP_UNKNOWN, ELOOP, "too many symbolic links" },
	{ MS_OP_UNKNOWN, ENAMETOOLONG, "path too long" },
	{ MS_OP_UNKNOWN, EFAULT, "bad address" },
	{ MS_OP_UNKNOWN, EROFS, "read-only" },
	{ MS_OP_UNKNOWN, ENOSPC, "no space, or a limit reached" },
	{ MS_OP_UNKNOWN, ENOSYS, "this kernel has no such call" },
};

const char *words__meaning(unsigned op_kind, int err)
{
	const char *words;

	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++)
		if (meanings[i].err == err &&
		    (!meanings[i].op_kind || meanings[i].op_kind == op_kind))
			return meanings[i].words;
	words = strerrordesc_np(err);
	return words ? words : "unknown error";
}

const char *words__loss(unsigned kind)
{
	switch (kind) {
	case MS_LOSS_RING:
		return "records: the ring buffer was full";
	case MS_LOSS_OP_MAP:
		return "operations: more in flight than the map holds";
	case MS_LOSS_SCRATCH:
		return "effects that could not be built";
	case MS_LOSS_WALK:
		return "trees larger than a bounded walk";
	case MS_LOSS_NS_MAP:
		return "counts of a storm: more namespaces than the map holds";
	case MS_LOSS_FANOTIFY:
		return "overflows of a fanotify queue";
	case MS_LOSS_GONE:
		return "mounts that went before they could be read";
	case MS_LOSS_SNAPSHOT:
		return "namespaces that could not be read";
	default:
		return "records of a kind that this version does not know";
	}
}
