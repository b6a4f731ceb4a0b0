// SPDX-License-Identifier: BSD-2-Clause
/*
 * mountops: performs mount operations by raw system calls and prints what each one returned, so
 * that a test knows the truth that mountscope has to tell.
 *
 * usage: mountops VERB ARGS... [, VERB ARGS...]...     steps from the command line
 *        mountops [-]                                  a step a line from stdin
 *        mountops help                                 lists the verbs
 *
 * Each system call prints one line of words NAME=VALUE (args is last and goes to the end):
 *   step=2 pid=77 tid=77 ns=4026532201 op=bind call=mount ret=-2 err=ENOENT args=/t/a /t/b
 * The first step that does not end as expected ends the program: exit 1, or 77 when this kernel
 * does not have what the step needs. "try STEP" accepts any outcome, "fail ERRNO STEP" only that
 * error.
 */
#include "mountops.h"

#include <stdarg.h>
#include <sys/prctl.h>

int step_number;
int proc_fd = -1;
/* Namespace in which the step began, which is what mountscope says of an unshare or setns too. */
static __thread unsigned int step_ns;

static const struct {
	int err;
	const char *name;
} errnos[] = {
#define E(e)                                                                                       \
	{                                                                                          \
		e, #e                                                                              \
	}
	E(EPERM),      E(ENOENT), E(ESRCH),  E(EINTR),	   E(EIO),	 E(ENXIO),
	E(EBADF),      E(EAGAIN), E(ENOMEM), E(EACCES),	   E(EFAULT),	 E(ENOTBLK),
	E(EBUSY),      E(EEXIST), E(EXDEV),  E(ENODEV),	   E(ENOTDIR),	 E(EISDIR),
	E(EINVAL),     E(ENFILE), E(EMFILE), E(ENOTTY),	   E(ENOSPC),	 E(EROFS),
	E(EMLINK),     E(ELOOP),  E(ENOSYS), E(E2BIG),	   E(ENOTEMPTY), E(ENAMETOOLONG),
	E(EOPNOTSUPP), E(EUSERS), E(ECHILD), E(EHOSTDOWN),
#undef E
};

const char *errno_name(int err)
{
	static char number[16];

	for (size_t i = 0; i < ARRAY_SIZE(errnos); i++)
		if (errnos[i].err == err)
			return errnos[i].name;
	snprintf(number, sizeof(number), "%d", err);
	return number;
}

int report(struct step *s, const char *op, const char *call, long ret)
{
	int err = ret < 0 ? errno : 0;
	const struct step *given = s->given;
	char line[8192];
	size_t n;

	n = snprintf(line, sizeof(line),
		     "step=%d pid=%d tid=%ld ns=%u op=%s call=%s ret=%ld err=%s args=", step_number,
		     getpid(), syscall(SYS_gettid), step_ns, op, call, err ? (long)-err : ret,
		     err ? errno_name(err) : "0");
	for (int i = 1; i < given->argc && n < sizeof(line) - 1; i++)
		n += snprintf(line + n, sizeof(line) - n, "%s%s", i > 1 ? " " : "", given->argv[i]);
	if (n > sizeof(line) - 2)
		n = sizeof(line) - 2;
	line[n++] = '\n';
	if (write(STDOUT_FILENO, line, n) != (ssize_t)n)
		_exit(OPS_FAILED);
	return err ? -err : ret;
}

bool flag__take(struct step *s, const char *word)
{
	for (int i = 1; i < s->argc; i++) {
		if (strcmp(s->argv[i], word))
			continue;
		memmove(s->argv + i, s->argv + i + 1, (s->argc - i) * sizeof(*s->argv));
		s->argc--;
		return true;
	}
	return false;
}

static int verb_help(struct step *s);
static int verb_repeat(struct step *s);
static int verb_comm(struct step *s);

static const struct verb own_verbs[] = {
	{ "help", 0, verb_help, "", false },
	{ "repeat", 2, verb_repeat, "N STEP: stops at the first failure", true },
	{ "comm", 1, verb_comm, "NAME: of this thread", false },
	{ NULL, 0, NULL, NULL, false },
};

static const struct verb *const verb_tables[] = { own_verbs, call_verbs, proc_verbs };

static int verb_help(struct step *s)
{
	(void)s;
	for (size_t t = 0; t < ARRAY_SIZE(verb_tables); t++)
		for (const struct verb *v = verb_tables[t]; v->name; v++)
			printf("%-16s %s\n", v->name, v->usage);
	fflush(stdout);
	return 0;
}

static int verb_comm(struct step *s)
{
	return prctl(PR_SET_NAME, s->argv[1]) ? -errno : 0;
}

static const struct verb *verb__find(const char *name)
{
	for (size_t t = 0; t < ARRAY_SIZE(verb_tables); t++)
		for (const struct verb *v = verb_tables[t]; v->name; v++)
			if (!strcmp(v->name, name))
				return v;
	return NULL;
}

/* Verbs take words out of argv, so each run gets a copy. */
static int verb__run(const struct verb *v, const struct step *s)
{
	char *argv[OPS_ARGS_MAX + 1];
	struct step copy = { .argc = s->argc, .argv = argv, .expect = s->expect, .given = s };

	step_ns = t_ns_inum(proc_fd, "thread-self/ns/mnt");
	memcpy(argv, s->argv, s->argc * sizeof(*argv));
	argv[s->argc] = NULL;
	return v->run(&copy);
}

static int verb_repeat(struct step *s)
{
	long n = strtol(s->argv[1], NULL, 10);
	struct step inner;
	int rc = OPS_OK;

	if (step__parse(&inner, s->argc - 2, s->argv + 2))
		return -EINVAL;
	if (!inner.expect)
		inner.expect = s->expect;
	for (long i = 0; i < n && rc == OPS_OK; i++)
		rc = step__run(&inner);
	return rc == OPS_OK ? 0 : rc == OPS_UNSUPPORTED ? -ENOSYS : -ECHILD;
}

int step__parse(struct step *s, int argc, char **argv)
{
	*s = (struct step){ .argc = argc, .argv = argv };
	if (argc > 1 && !strcmp(argv[0], "try")) {
		s->expect = "";
		s->argv++;
		s->argc--;
	} else if (argc > 2 && !strcmp(argv[0], "fail")) {
		s->expect = argv[1];
		s->argv += 2;
		s->argc -= 2;
	}
	return s->argc > 0 && s->argc <= OPS_ARGS_MAX ? 0 : -EINVAL;
}

/* ENOSYS always; EINVAL is what kernels say to a flag that they do not know, but not only that. */
static bool step__unsupported(const struct step *s, int err)
{
	static const char *const newer[] = { "beneath", "set_group", "open_tree", "open_tree_attr",
					     "fsmount", "unshare",   "clone3",	  "mount_setattr" };

	if (err == -ENOSYS)
		return true;
	if (err == -ENODEV)
		return !strcmp(s->argv[0], "mount") || !strcmp(s->argv[0], "autofs") ||
		       !strcmp(s->argv[0], "fsopen");
	if (err != -EINVAL)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(newer); i++)
		if (!strcmp(newer[i], s->argv[0]))
			return true;
	return false;
}

int step__run(struct step *s)
{
	const struct verb *v = verb__find(s->argv[0]);
	int err;

	if (!v || s->argc - 1 < v->min_args) {
		fprintf(stderr, "mountops: %s: %s\n", s->argv[0],
			v ? v->usage : "unknown verb (try help)");
		return OPS_USAGE;
	}
	err = verb__run(v, s);
	if (err >= 0 && (!s->expect || v->judges))
		return OPS_OK;
	if (s->expect && (!*s->expect || !strcmp(s->expect, err < 0 ? errno_name(-err) : "0")))
		return OPS_OK;
	if (!s->expect && step__unsupported(s, err)) {
		fprintf(stderr, "mountops: step %d: this kernel has no such %s\n", step_number,
			s->argv[0]);
		return OPS_UNSUPPORTED;
	}
	fprintf(stderr, "mountops: step %d: %s: got %s, want %s\n", step_number, s->argv[0],
		err < 0 ? errno_name(-err) : "0", s->expect ? s->expect : "0");
	return OPS_FAILED;
}

static int run_words(int argc, char **argv)
{
	struct step s;

	step_number++;
	if (step__parse(&s, argc, argv)) {
		fprintf(stderr, "mountops: step %d: empty, or more than %d words\n", step_number,
			OPS_ARGS_MAX);
		return OPS_USAGE;
	}
	return step__run(&s);
}

/* Unbuffered, so that a child made by a step goes on where its parent was. */
static ssize_t read_line(char *buf, size_t size)
{
	size_t n = 0;

	while (n < size - 1) {
		ssize_t got = read(STDIN_FILENO, buf + n, 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0 && !n)
			return -1;
		if (got <= 0 || buf[n] == '\n')
			break;
		n++;
	}
	buf[n] = '\0';
	return n;
}

static int run_stdin(void)
{
	char line[8192], *argv[OPS_ARGS_MAX + 1];
	int rc = OPS_OK;

	while (rc == OPS_OK && read_line(line, sizeof(line)) >= 0) {
		int argc = 0;

		for (char *save, *w = strtok_r(line, " \t", &save); w && argc < OPS_ARGS_MAX;
		     w = strtok_r(NULL, " \t", &save))
			argv[argc++] = w;
		if (!argc || *argv[0] == '#')
			continue;
		argv[argc] = NULL;
		rc = run_words(argc, argv);
	}
	return rc;
}

static int run_args(int argc, char **argv)
{
	int rc = OPS_OK;

	for (int i = 0; i < argc && rc == OPS_OK; i++) {
		int start = i;

		while (i < argc && strcmp(argv[i], ","))
			i++;
		if (i == start)
			continue;
		rc = run_words(i - start, argv + start);
	}
	return rc;
}

int main(int argc, char **argv)
{
	int rc;

	signal(SIGPIPE, SIG_IGN);
	proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (argc < 2 || (argc == 2 && !strcmp(argv[1], "-")))
		rc = run_stdin();
	else
		rc = run_args(argc - 1, argv + 1);
	workers__kill();
	return rc;
}
