// SPDX-License-Identifier: BSD-2-Clause
/*
 * empty: attaches programs that do nothing to the hooks that mountscope uses, until it is killed.
 *
 * usage: empty MOUNTSCOPE.bpf.o SYMBOL...
 *
 * For each SYMBOL (those that "mountscope probe" says are used by fentry) it looks up in the object
 * whether mountscope enters, leaves or does both, so that the hooks are the same by construction.
 * What this costs is the floor that the kernel's trampolines set. Prints "attached N" when ready.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

static const struct kind {
	const char *section;
	enum bpf_attach_type type;
} kinds[] = { { "fentry/", BPF_TRACE_FENTRY }, { "fexit/", BPF_TRACE_FEXIT } };

/* "return 0" on the hook; the link lives as long as this process. */
static int attach(const char *symbol, enum bpf_attach_type type)
{
	static const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = type);
	int id = libbpf_find_vmlinux_btf_id(symbol, type), prog, link;

	if (id < 0)
		return id;
	opts.attach_btf_id = id;
	prog = bpf_prog_load(BPF_PROG_TYPE_TRACING, "empty", "GPL", insns, 2, &opts);
	if (prog < 0)
		return prog;
	link = bpf_raw_tracepoint_open(NULL, prog);
	return link < 0 ? -errno : 0;
}

static bool wanted(const char *symbol, char **symbols, int nr)
{
	for (int i = 0; i < nr; i++)
		if (!strcmp(symbol, symbols[i]))
			return true;
	return false;
}

static int attach_all(const struct bpf_object *object, char **symbols, int nr)
{
	struct bpf_program *prog;
	int attached = 0;

	bpf_object__for_each_program(prog, object)
	{
		const char *section = bpf_program__section_name(prog);

		for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
			size_t len = strlen(kinds[k].section);
			int err;

			if (strncmp(section, kinds[k].section, len) ||
			    !wanted(section + len, symbols, nr))
				continue;
			err = attach(section + len, kinds[k].type);
			if (err) {
				fprintf(stderr, "empty: cannot attach to %s: %s\n", section,
					strerror(-err));
				return err;
			}
			attached++;
		}
	}
	return attached;
}

int main(int argc, char **argv)
{
	struct bpf_object *object;
	int attached;

	if (argc < 3) {
		fprintf(stderr, "usage: empty MOUNTSCOPE.bpf.o SYMBOL...\n");
		return 2;
	}
	object = bpf_object__open_file(argv[1], NULL);
	if (!object) {
		fprintf(stderr, "empty: cannot read %s: %s\n", argv[1], strerror(errno));
		return 4;
	}
	attached = attach_all(object, argv + 2, argc - 2);
	if (attached < 0)
		return 4;
	printf("attached %d\n", attached);
	fflush(stdout);
	pause();
	return 0;
}
