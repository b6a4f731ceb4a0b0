// SPDX-License-Identifier: BSD-2-Clause
/* Runs one row of the command table: parse, check needs, run, settle stdout. */
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/syscall.h>

#include "cmd/cmd.h"
#include "cmd/options.h"
#include "version.h"

/* Only for say(): which command speaks, and for fail_unless_said(). */
static const char *speaker;
static bool failure_said;

static void say_v(const char *fmt, va_list ap)
{
	struct strbuf line __cleanup(strbuf__free) = {};
	char text[2048];

	/* In one write, so that lines of several processes do not mix; ours are short. */
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	strbuf__addf(&line, "mountscope%s%s: %s\n", speaker ? " " : "", speaker ? speaker : "",
		     text);
	if (line.len)
		(void)!write(STDERR_FILENO, line.buf, line.len);
}

void say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_v(fmt, ap);
	va_end(ap);
}

int fail(enum exit_status status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_v(fmt, ap);
	va_end(ap);
	failure_said = true;
	return (int)status;
}

int fail_unless_said(enum exit_status status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (!failure_said)
		say_v(fmt, ap);
	va_end(ap);
	return (int)status;
}

int stdout_status(int err)
{
	if (!err || err == -EPIPE)
		return EXIT_FINE;
	return fail(EXIT_FAILED, "cannot write to standard output: %s", strerror(-err));
}

/* For what was printed with stdio: --help, tables. */
static int settle_stdout(int status)
{
	int written;

	errno = 0;
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	written = stdout_status(errno ? -errno : -EIO);
	return written ? written : status;
}

/*
 * A descriptor that the caller closed would be given to the next file opened, and what is said or
 * printed would land in it. Filled so that using it fails with EBADF, as it should.
 */
static void fill_standard_fds(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

static bool has_capability(unsigned cap)
{
	struct __user_cap_header_struct hdr = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};

	if (syscall(SYS_capget, &hdr, data))
		return false;
	return data[CAP_TO_INDEX(cap)].effective & CAP_TO_MASK(cap);
}

static int check_needs(const struct command *cmd, unsigned needs)
{
	const char *replay = "";

	if (!(needs & NEEDS_ROOT) || has_capability(CAP_SYS_ADMIN))
		return 0;
	for (const struct opt *o = cmd->usage->opts; o->name; o++)
		if (o->lifts & NEEDS_ROOT)
			replay = ", or replay a recording with --from FILE";
	if (geteuid())
		return fail(EXIT_IMPOSSIBLE,
			    "cannot look at this kernel: not root (CAP_SYS_ADMIN is missing): run it with sudo%s",
			    replay);
	return fail(EXIT_IMPOSSIBLE,
		    "cannot look at this kernel: CAP_SYS_ADMIN is missing although this is root, as in a container: run it on the node itself, or in a privileged container%s",
		    replay);
}

static int check_operands(const struct command *cmd, int n, char **operands)
{
	const struct usage *u = cmd->usage;

	if (n < u->min_operands)
		return fail(EXIT_USAGE, "cannot start: %s is missing: see 'mountscope %s --help'",
			    u->operands, cmd->name);
	if (u->max_operands >= 0 && n > u->max_operands)
		return fail(EXIT_USAGE,
			    "cannot use the argument '%s': %s: see 'mountscope %s --help'",
			    operands[u->max_operands],
			    u->max_operands ? "it is one too many" : "none is taken", cmd->name);
	return 0;
}

static int command__run(const struct command *cmd, int argc, char **argv)
{
	void *opts __cleanup(freep) = calloc(1, cmd->usage->opts_size);
	unsigned lifted = 0;
	int first = 0, err;

	speaker = cmd->name;
	if (!opts)
		return fail(EXIT_FAILED, "cannot start: %s", strerror(ENOMEM));
	err = options__parse(cmd, opts, argc, argv, &lifted, &first);
	if (err)
		return err == OPTIONS_DONE ? EXIT_FINE : -err;
	err = check_operands(cmd, argc - first, argv + first);
	if (err)
		return err;
	err = check_needs(cmd, cmd->needs & ~lifted);
	if (err)
		return err;
	return cmd->run(opts, argc - first, argv + first);
}

static void print_help(const struct command *table, size_t n, FILE *out)
{
	(void)fprintf(out,
		      "Usage: mountscope COMMAND [OPTION...]\n\n"
		      "Shows what mounts and unmounts on this node, in every mount namespace.\n\n"
		      "Commands:\n");
	for (size_t i = 0; i < n; i++)
		(void)fprintf(out, "  %-10s %s\n", table[i].name, table[i].help);
	(void)fprintf(out,
		      "\n'mountscope COMMAND --help' explains one. See mountscope(1).\n\n"
		      "Exit status: 0 fine, 1 findings, 2 usage, 3 not possible here, 4 failed.\n");
}

static int find_and_run(const struct command *table, size_t n, int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;

	if (!name) {
		print_help(table, n, stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help")) {
		print_help(table, n, stdout);
		return EXIT_FINE;
	}
	if (!strcmp(name, "--version") || !strcmp(name, "-V")) {
		(void)printf("mountscope %s\n", MS_VERSION);
		return EXIT_FINE;
	}
	for (size_t i = 0; i < n; i++)
		if (!strcmp(table[i].name, name))
			return command__run(&table[i], argc - 1, argv + 1);
	return fail(EXIT_USAGE, "cannot run '%s': there is no such %s: see 'mountscope --help'",
		    name, *name == '-' ? "option" : "command");
}

int commands__run(const struct command *table, size_t n, int argc, char **argv)
{
	fill_standard_fds();
	(void)signal(SIGPIPE, SIG_IGN);
	return settle_stdout(find_and_run(table, n, argc, argv));
}
