// SPDX-License-Identifier: BSD-2-Clause
/* kubensenter's command line: options up to the command, as containers/kubensmnt's script takes them. */
#include "encap/config.h"
#include "encap/enter.h"

static const char usage[] =
	"Usage: kubensenter [OPTION]... [--] [COMMAND [ARGUMENT]...]\n"
	"Runs COMMAND, or a shell, in the mount namespace that kubelet and the container\n"
	"runtime share; where none is pinned, in the current one.\n"
	"\n"
	"  -v, --verbose         say more (twice: as KUBENSENTER_LOG=3)\n"
	"  -q, --quiet           say nothing but errors\n"
	"      --host            run it in the host's mount namespace instead\n"
	"      --fail=open       where the namespace cannot be had, run it in the current one\n"
	"      --fail=closed     where the namespace cannot be had, do not run it\n"
	"      --service         started by systemd: go where the other services are\n"
	"      --argv0           the word after COMMAND is its argv[0]\n"
	"      --command=NAME    run the ExecStart= value in the environment variable NAME,\n"
	"      --unit=UNIT       or, where that is not set, the one of UNIT's files\n"
	"\n"
	"      --pin             pin a namespace\n"
	"      --unpin           remove it again; refused while processes live inside\n"
	"      --at=PATH         where (" PIN_PATH ")\n"
	"      --alias=PATH      pin it there as well (" PIN_PATH_KUBENS ")\n"
	"      --prepare=DIR     make DIR a shared mount of the host before\n"
	"      --force           unpin although processes live inside\n"
	"  -h, --help            this text\n"
	"\n"
	"Environment: KUBENSMNT (join this one or fail), DEFAULT_KUBENSMNT (look here),\n"
	"KUBENSENTER_LOG (0 errors, 1, 2). Exit: the command's; 125 kubensenter failed,\n"
	"126 COMMAND cannot be executed, 127 not found.\n";

struct cli {
	struct enter_opts enter;
	struct pin_opts pin;
	struct msg msg;
	bool do_pin;
	bool do_unpin;
};

static int env_level(void)
{
	const char *v = getenv("KUBENSENTER_LOG");
	char *end;
	long n;

	if (!v || !*v)
		return MSG_INFO;
	n = strtol(v, &end, 10);
	return *end || n < -9 || n > 9 ? MSG_INFO : (int)n;
}

static int set_fail(struct cli *c, const char *value)
{
	if (!strcmp(value, "open"))
		c->enter.fail = ENTER_FAIL_OPEN;
	else if (!strcmp(value, "closed"))
		c->enter.fail = ENTER_FAIL_CLOSED;
	else
		return -EINVAL;
	return 0;
}

static int add_prepare(struct cli *c, const char *dir)
{
	if (*dir != '/' || c->pin.n_prepare == PIN_PREPARE_MAX)
		return -EINVAL;
	c->pin.prepare[c->pin.n_prepare++] = dir;
	return 0;
}

static int set_value(struct cli *c, const char *name, const char *value)
{
	if (!strcmp(name, "fail"))
		return set_fail(c, value);
	if (!strcmp(name, "prepare"))
		return add_prepare(c, value);
	if (!strcmp(name, "command"))
		c->enter.command = value;
	else if (!strcmp(name, "unit"))
		c->enter.unit = value;
	else if (!strcmp(name, "at"))
		c->pin.path = value;
	else if (!strcmp(name, "alias"))
		c->pin.alias = value;
	else
		return -ENOENT;
	return *value ? 0 : -EINVAL;
}

static bool set_flag(struct cli *c, const char *a)
{
	if (!strcmp(a, "-v") || !strcmp(a, "--verbose"))
		c->msg.level++;
	else if (!strcmp(a, "-q") || !strcmp(a, "--quiet"))
		c->msg.level--;
	else if (!strcmp(a, "--host"))
		c->enter.host = true;
	else if (!strcmp(a, "--service"))
		c->enter.service = true;
	else if (!strcmp(a, "--argv0"))
		c->enter.argv0 = true;
	else if (!strcmp(a, "--pin"))
		c->do_pin = true;
	else if (!strcmp(a, "--unpin"))
		c->do_unpin = true;
	else if (!strcmp(a, "--force"))
		c->pin.force = true;
	else
		return false;
	return true;
}

/* An option with a value, "--name=value" or "--name value". */
static int set_option(struct cli *c, char **argv, int *i)
{
	const char *a = argv[*i], *eq = strchr(a, '=');
	size_t n = eq ? (size_t)(eq - a) : strlen(a);
	char name[32];
	int r;

	if (n < 3 || n - 2 >= sizeof(name))
		return -ENOENT;
	memcpy(name, a + 2, n - 2);
	name[n - 2] = '\0';
	if (eq)
		return set_value(c, name, eq + 1);
	if (!argv[*i + 1])
		return -ENOENT;
	r = set_value(c, name, argv[*i + 1]);
	if (!r)
		++*i;
	return r;
}

/* Parses up to the command; its index, or -1 after having said what is wrong. */
static int parse(struct cli *c, int argc, char **argv)
{
	int i, r;

	for (i = 1; i < argc; i++) {
		const char *a = argv[i];

		if (!strcmp(a, "--"))
			return i + 1;
		if (a[0] != '-' || !a[1])
			return i;
		if (set_flag(c, a))
			continue;
		r = strncmp(a, "--", 2) ? -ENOENT : set_option(c, argv, &i);
		if (!r)
			continue;
		msg__error(&c->msg,
			   r == -ENOENT ? "no such option: %s (--help lists them)"
					: "no value that makes sense: %s",
			   a);
		return -1;
	}
	return i;
}

/* The unit's way: the switches count, and the configuration says what to prepare. */
static int pin_as_service(struct cli *c)
{
	struct encap_config *conf __cleanup(freep) = calloc(1, sizeof(*conf));
	const char *off = encap__switched_off(c->enter.root);
	size_t i;

	if (!conf)
		return -ENOMEM;
	if (off) {
		msg__info(&c->msg, "encapsulation is switched off by %s; pinning nothing", off);
		return 0;
	}
	(void)encap_config__load(c->enter.root, &c->msg, conf);
	for (i = 0; i < conf->n_prepare; i++)
		(void)add_prepare(c, conf->prepare[i]);
	return pin__make(&c->pin);
}

static int pin_or_unpin(struct cli *c, bool has_operand)
{
	int r;

	if (has_operand || (c->do_pin && c->do_unpin)) {
		msg__error(&c->msg, "--pin and --unpin take no command, and not each other");
		return ENTER_EXIT_FAILED;
	}
	if (c->do_unpin)
		r = pin__undo(&c->pin);
	else
		r = c->enter.service ? pin_as_service(c) : pin__make(&c->pin);
	return r ? ENTER_EXIT_FAILED : 0;
}

int kubensenter__main(int argc, char **argv)
{
	struct cli c = { .msg = { .who = "kubensenter", .level = env_level() } };
	int i;

	c.enter.msg = c.pin.msg = &c.msg;
	c.enter.root = "";
	c.pin.path = PIN_PATH;
	if (argc > 1 && (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help"))) {
		(void)fputs(usage, stdout);
		return fflush(stdout) ? ENTER_EXIT_FAILED : 0;
	}
	i = parse(&c, argc, argv);
	if (i < 0)
		return ENTER_EXIT_FAILED;
	if (c.do_pin || c.do_unpin)
		return pin_or_unpin(&c, i < argc);
	if (c.enter.argv0 && i + 2 > argc) {
		msg__error(&c.msg, "--argv0 needs a command and its argv[0]");
		return ENTER_EXIT_FAILED;
	}
	return enter__run(&c.enter, argv + i);
}
