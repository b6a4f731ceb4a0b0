// SPDX-License-Identifier: BSD-2-Clause
/* enter: a command, or a shell, in the pinned mount namespace; the same code as kubensenter. */
#include "encap/enter.h"

#include <signal.h>

#include "cmd/cmd.h"
#include "cmd/options.h"

struct enter_cmd_opts {
	bool verbose;
	bool quiet;
	bool host;
	enum enter_fail fail;
};

static int set_fail(void *opts, const char *value, struct strbuf *why)
{
	struct enter_cmd_opts *o = opts;

	if (!strcmp(value, "open"))
		o->fail = ENTER_FAIL_OPEN;
	else if (!strcmp(value, "closed"))
		o->fail = ENTER_FAIL_CLOSED;
	else
		strbuf__adds(why, "give open or closed");
	return why->len ? -EINVAL : 0;
}

static const struct opt enter_rows[] = {
	{ "verbose", 'v', NULL, "say what is found and joined", OPT_FLAG,
	  offsetof(struct enter_cmd_opts, verbose), NULL, 0 },
	{ "quiet", 'q', NULL, "say nothing but errors", OPT_FLAG,
	  offsetof(struct enter_cmd_opts, quiet), NULL, 0 },
	{ "host", 0, NULL, "go to the host's mount namespace instead", OPT_FLAG,
	  offsetof(struct enter_cmd_opts, host), NULL, 0 },
	{ "fail", 0, "POLICY", "without a namespace to enter: open (run here) or closed (do not)",
	  OPT_CALL, 0, set_fail, 0 },
	{},
};

const struct usage enter_usage = {
	.operands = "[COMMAND [ARGUMENT...]]",
	.opts = enter_rows,
	.opts_size = sizeof(struct enter_cmd_opts),
	.max_operands = -1,
	.first_operand_ends = true,
	.notes =
		"Joins the namespace of $KUBENSMNT, or else the one pinned at\n"
		"/run/container-mount-namespace/mnt or /run/kubens/mnt. Without one it runs COMMAND\n"
		"where it is. Exit status: COMMAND's; 125 entering failed, 126 COMMAND cannot be\n"
		"executed, 127 it was not found.",
};

int cmd_enter(void *opts, int argc, char **argv)
{
	const struct enter_cmd_opts *o = opts;
	const struct msg m = { .who = "mountscope enter",
			       .level = MSG_INFO + o->verbose - o->quiet };
	const struct enter_opts eo = { .fail = o->fail, .host = o->host, .root = "", .msg = &m };

	(void)signal(SIGPIPE, SIG_DFL); /* COMMAND must not inherit that we ignore it */
	return enter__run(&eo, argc ? argv : NULL);
}
