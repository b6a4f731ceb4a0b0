// SPDX-License-Identifier: BSD-2-Clause
/* The command table. */
#include <locale.h>

#include "cmd/cmd.h"

static const struct command commands[] = {
	{ "trace", cmd_trace, NEEDS_ROOT, "show mount operations and their effects, live",
	  &trace_usage },
	{ "record", cmd_record, NEEDS_ROOT, "write what happens to a file, to replay it anywhere",
	  &record_usage },
	{ "verify", cmd_verify, NEEDS_ROOT, "compare the mirror of all mounts with the kernel",
	  &verify_usage },
	{ "probe", cmd_probe, NEEDS_ROOT, "show what this kernel permits, and what stays unseen",
	  &probe_usage },
	{ "encap", cmd_encap, 0, "run kubelet and its runtime in a mount namespace of their own",
	  &encap_usage },
	{ "enter", cmd_enter, 0, "run a command in that mount namespace", &enter_usage },
};

int main(int argc, char **argv)
{
	/* Only for what a terminal can show; messages and numbers are the same everywhere. */
	(void)setlocale(LC_CTYPE, "");
	return commands__run(commands, ARRAY_SIZE(commands), argc, argv);
}
