// SPDX-License-Identifier: BSD-2-Clause
/* Names of kernel functions (/proc/kallsyms), and whether probes on them are possible at all. */
#include "source/symbols.h"

#include <fcntl.h>
#include <sys/fanotify.h>

#include "base/util.h"
#include "mountscope/uapi.h"

struct symbols {
	char **v;
	size_t n, cap;
};

void symbols__free(struct symbols *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++)
		free(s->v[i]);
	free(s->v);
	free(s);
}

void symbols__freep(struct symbols **s)
{
	symbols__free(*s);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int symbols__add(struct symbols *s, const char *name)
{
	if (s->n == s->cap) {
		size_t cap = s->cap ? 2 * s->cap : 65536;
		char **v = realloc(s->v, cap * sizeof(*v));

		if (!v)
			return -ENOMEM;
		s->v = v;
		s->cap = cap;
	}
	s->v[s->n] = strdup(name);
	return s->v[s->n++] ? 0 : -ENOMEM;
}

int symbols__read(struct symbols **ret)
{
	struct symbols *s __cleanup(symbols__freep) = calloc(1, sizeof(*s));
	FILE *f __cleanup(fclosep) = fopen("/proc/kallsyms", "re");
	char line[512], name[384], type;
	int err;

	if (!s)
		return -ENOMEM;
	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f)) {
		if (strchr(line, '['))
			break; /* modules come last */
		if (sscanf(line, "%*s %c %383s", &type, name) != 2 || (type != 't' && type != 'T'))
			continue;
		err = symbols__add(s, name);
		if (err)
			return err;
	}
	qsort(s->v, s->n, sizeof(*s->v), by_name);
	*ret = take_ptr(s);
	return 0;
}

static bool is_clone(const char *sym, size_t len)
{
	return !strncmp(sym + len, ".isra.", 6) || !strncmp(sym + len, ".constprop.", 11);
}

const char *symbols__find(const struct symbols *s, const char *function)
{
	size_t lo = 0, hi = s->n, len = strlen(function);

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (strcmp(s->v[mid], function) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < s->n && !strncmp(s->v[lo], function, len); lo++)
		if (!s->v[lo][len] || is_clone(s->v[lo], len))
			return s->v[lo];
	return NULL;
}

const char *symbols__sys_prefix(void)
{
#if defined(__aarch64__)
	return "__arm64_sys_";
#else
	return "__x64_sys_";
#endif
}

int kprobe__possible(void)
{
	if (access("/sys/bus/event_source/devices/kprobe/type", R_OK))
		return -errno;
	return 0;
}

const char *kprobe__words(int err)
{
	return err == -ENOENT
		       ? "this kernel has no kprobes (CONFIG_KPROBE_EVENTS), or /sys is not mounted"
		       : strerror(-err);
}

int fanotify_mnt__possible(void)
{
	int fd = fanotify_init(FAN_CLASS_NOTIF | FAN_REPORT_MNT | FAN_CLOEXEC, O_RDONLY);

	if (fd < 0)
		return -errno;
	(void)close(fd);
	return 0;
}
