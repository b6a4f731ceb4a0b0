// SPDX-License-Identifier: BSD-2-Clause
/* Which hooks this kernel permits, and why not. */
#include "source/probe.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <linux/bpf.h>
#include <sys/utsname.h>

#include "base/util.h"
#include "source/symbols.h"

#define HOOK(function, words, other, bits)                                                         \
	{                                                                                          \
		.name = (function), .gives = (words), .instead = (other), .flags = (bits)          \
	}
#define SYSCALL(call, words) HOOK("sys_" call, words, NULL, HOOK_ENTRY | HOOK_EXIT | HOOK_SYSCALL)

/* The hooks of the fentry and kprobe backends (docs/kernels.md says what each was needed for). */
static const struct hook kernel_hooks[] = {
	HOOK("__attach_mnt", "attach, move, copies (to 6.16)", "make_visible",
	     HOOK_ENTRY | HOOK_EFFECTS),
	HOOK("make_visible", "attach, move, copies (from 6.17)", "__attach_mnt",
	     HOOK_ENTRY | HOOK_EFFECTS),
	HOOK("propagate_mnt", "origin of copies", NULL, HOOK_ENTRY),
	HOOK("mnt_change_mountpoint", "reparenting", NULL, HOOK_ENTRY | HOOK_EFFECTS),
	HOOK("umount_tree", "umount, teardown", NULL, HOOK_ENTRY | HOOK_EFFECTS),
	HOOK("propagate_umount", "propagated umount", NULL, HOOK_EXIT | HOOK_KEEP | HOOK_EFFECTS),
	HOOK("alloc_mnt_ns", "new namespaces", NULL, HOOK_EXIT | HOOK_EFFECTS),
	HOOK("namespace_unlock", "end of a transaction", NULL, HOOK_ENTRY | HOOK_EFFECTS),
	HOOK("change_mnt_propagation", "peer group and master", NULL,
	     HOOK_EXIT | HOOK_KEEP | HOOK_EFFECTS),
	HOOK("mnt_release_group_id", "end of a peer group", NULL, HOOK_ENTRY | HOOK_EFFECTS),
	HOOK("security_move_mount", "MOVE_MOUNT_SET_GROUP", NULL, HOOK_ENTRY | HOOK_EFFECTS),
	HOOK("count_mounts", "fs.mount-max reached", NULL, HOOK_EXIT | HOOK_KEEP),
	HOOK("path_mount", "attributes by remount", NULL, HOOK_ENTRY | HOOK_EXIT),
	HOOK("finish_automount", "automount", NULL, HOOK_ENTRY | HOOK_EXIT),
	HOOK("mark_mounts_for_expiry", "expiry", NULL, HOOK_ENTRY | HOOK_EXIT),
	HOOK("__detach_mounts", "mountpoint removed elsewhere", NULL, HOOK_ENTRY | HOOK_EXIT),
	SYSCALL("mount", "mount, bind, move, remount, propagation"),
	SYSCALL("umount", "umount"),
	SYSCALL("fsopen", "fsopen"),
	SYSCALL("fsconfig", "fsconfig"),
	SYSCALL("fsmount", "fsmount"),
	SYSCALL("fspick", "fspick"),
	SYSCALL("open_tree", "open_tree"),
	HOOK("sys_open_tree_attr", "open_tree_attr (from 6.15)", NULL,
	     HOOK_ENTRY | HOOK_EXIT | HOOK_SYSCALL | HOOK_LATER),
	SYSCALL("move_mount", "move_mount"),
	HOOK("sys_mount_setattr", "mount_setattr (from 5.12)", NULL,
	     HOOK_ENTRY | HOOK_EXIT | HOOK_SYSCALL | HOOK_LATER),
	SYSCALL("pivot_root", "pivot_root"),
	SYSCALL("unshare", "unshare"),
	SYSCALL("clone", "clone"),
	SYSCALL("clone3", "clone3"),
	SYSCALL("setns", "setns"),
};

static const struct hook trace_hooks[] = {
	HOOK("sys_enter", "operations: begin", NULL, HOOK_TP),
	HOOK("sys_exit", "operations: end, mounts of the caller", NULL, HOOK_TP),
	HOOK("sched_process_fork", "clone into a new namespace", NULL, HOOK_TP),
	HOOK("sched_process_exit", "namespaces that may have ended", NULL, HOOK_TP),
	HOOK("fanotify", "attach and detach in every namespace", NULL, HOOK_FANOTIFY),
};

void hook_table__free(struct hook_table *t)
{
	free(t->v);
	t->v = NULL;
	t->n = 0;
}

static int load_trial(enum bpf_prog_type type, enum bpf_attach_type attach, int btf_id)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = attach,
		    .attach_btf_id = (__u32)btf_id);

	return bpf_prog_load(type, "ms_trial", "GPL", insns, ARRAY_SIZE(insns), &opts);
}

/* Loads and attaches an empty program to a function that every kernel has: 0 or -errno. */
static int try_fentry(const struct btf *btf)
{
	int id = btf__find_by_name_kind(btf, "namespace_unlock", BTF_KIND_FUNC);
	int prog __cleanup(closep) = -1, link __cleanup(closep) = -1;

	if (id < 0)
		return -ENOENT;
	prog = load_trial(BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, id);
	if (prog < 0)
		return -errno;
	link = bpf_raw_tracepoint_open(NULL, prog);
	return link < 0 ? -errno : 0;
}

static int try_tp_btf(const struct btf *btf)
{
	int id = btf__find_by_name_kind(btf, "btf_trace_sys_enter", BTF_KIND_TYPEDEF);
	int prog __cleanup(closep) = -1, link __cleanup(closep) = -1;

	if (id < 0)
		return -ENOENT;
	prog = load_trial(BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP, id);
	if (prog < 0)
		return -errno;
	link = bpf_raw_tracepoint_open(NULL, prog);
	return link < 0 ? -errno : 0;
}

/* 0, or -errno with the cause in reason. */
static int try_bpf(char *reason, size_t size)
{
	int fd __cleanup(closep) = -1;

	fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "ms_trial", 0, 0, 4096 * 4, NULL);
	if (fd >= 0)
		return 0;
	if (errno == EPERM || errno == EACCES)
		(void)snprintf(reason, size,
			       "bpf(2) is not permitted: it needs CAP_BPF and "
			       "CAP_PERFMON, or CAP_SYS_ADMIN");
	else if (errno == EINVAL)
		(void)snprintf(reason, size, "this kernel has no BPF ring buffer (5.8)");
	else
		(void)snprintf(reason, size, "bpf(2): %s", strerror(errno));
	return -errno;
}

static bool one_is_used(const struct hook_table *t, const char *name)
{
	for (size_t i = 0; name && i < t->n; i++)
		if (!strcmp(t->v[i].name, name))
			return t->v[i].how != MS_BACKEND_NONE;
	return false;
}

/* fentry where BTF has the function, else kprobe where kallsyms has it under some name. */
static void choose(struct hook *h, const struct btf *btf, const struct symbols *syms, bool fentry,
		   bool kprobe)
{
	char want[64];
	const char *sym;

	(void)snprintf(want, sizeof(want), "%s%s",
		       h->flags & HOOK_SYSCALL ? symbols__sys_prefix() : "",
		       h->flags & HOOK_SYSCALL ? h->name + strlen("sys_") : h->name);
	h->how = MS_BACKEND_NONE;
	if (fentry && !(h->reason[0]) && btf__find_by_name_kind(btf, want, BTF_KIND_FUNC) > 0) {
		h->how = MS_BACKEND_FENTRY;
		(void)snprintf(h->symbol, sizeof(h->symbol), "%s", want);
		return;
	}
	sym = symbols__find(syms, want);
	if (!sym) {
		(void)snprintf(h->reason, sizeof(h->reason), "%s",
			       "this kernel has no such function (inlined, or not there)");
		return;
	}
	if (!kprobe) {
		if (!h->reason[0])
			(void)snprintf(h->reason, sizeof(h->reason), "%s",
				       "no BTF for it, and this kernel has no kprobes");
		return;
	}
	if (fentry && !h->reason[0])
		(void)snprintf(h->reason, sizeof(h->reason), "no BTF: the compiler changed it");
	h->how = MS_BACKEND_KPROBE;
	(void)snprintf(h->symbol, sizeof(h->symbol), "%s", sym);
}

static int use(struct hook_table *t, const struct hook *hooks, size_t n)
{
	t->v = calloc(n, sizeof(*hooks));
	if (!t->v)
		return -ENOMEM;
	memcpy(t->v, hooks, n * sizeof(*hooks));
	t->n = n;
	return 0;
}

/* fentry and kprobe: false when a hook that effects stand on is missing. */
static int probe_functions(struct hook_table *t, const struct btf *btf, bool fentry, bool kprobe)
{
	struct symbols *syms __cleanup(symbols__freep) = NULL;
	int err;

	err = symbols__read(&syms);
	if (err)
		return err;
	err = use(t, kernel_hooks, ARRAY_SIZE(kernel_hooks));
	if (err)
		return err;
	for (size_t i = 0; i < t->n; i++)
		choose(&t->v[i], btf, syms, fentry, kprobe);
	for (size_t i = 0; i < t->n; i++) {
		struct hook *h = &t->v[i];

		if (h->how || !(h->flags & HOOK_EFFECTS))
			continue;
		if (one_is_used(t, h->instead)) {
			(void)snprintf(h->reason, sizeof(h->reason), "%s does it on this kernel",
				       h->instead);
			continue;
		}
		(void)snprintf(t->reason, sizeof(t->reason), "%s cannot be hooked: %s", h->name,
			       h->reason);
		return -EOPNOTSUPP;
	}
	t->backend = fentry ? MS_BACKEND_FENTRY : MS_BACKEND_KPROBE;
	return 0;
}

int hook_table__refused(struct hook_table *t)
{
	struct symbols *syms __cleanup(symbols__freep) = NULL;
	int err = symbols__read(&syms);

	if (err)
		return err;
	for (size_t i = 0; i < t->n; i++) {
		struct hook *h = &t->v[i];

		if (h->how != MS_BACKEND_FENTRY || !h->reason[0])
			continue;
		choose(h, NULL, syms, false, !kprobe__possible());
		if (!h->how && h->flags & HOOK_EFFECTS)
			return -EOPNOTSUPP;
	}
	return 0;
}

static int probe_tracepoints(struct hook_table *t)
{
	int err = use(t, trace_hooks, ARRAY_SIZE(trace_hooks));

	if (err)
		return err;
	for (size_t i = 0; i < t->n; i++) {
		struct hook *h = &t->v[i];

		if (h->flags & HOOK_TP) {
			h->how = MS_BACKEND_TRACEPOINT;
			(void)snprintf(h->symbol, sizeof(h->symbol), "tp_btf/%s", h->name);
		} else if (!fanotify_mnt__possible()) {
			h->how = MS_BACKEND_TRACEPOINT;
			(void)snprintf(h->symbol, sizeof(h->symbol),
				       "FAN_MNT_ATTACH, FAN_MNT_DETACH");
		} else {
			(void)snprintf(h->reason, sizeof(h->reason),
				       "FAN_REPORT_MNT: %s (needs 6.15)",
				       strerror(-fanotify_mnt__possible()));
		}
	}
	t->backend = MS_BACKEND_TRACEPOINT;
	return 0;
}

static const char *fentry_refused(int err)
{
	if (err == -ENOENT)
		return "vmlinux BTF has no functions";
	if (err == -EPERM || err == -EACCES)
		return "the kernel's policy refuses trampolines (lockdown or a security module)";
	if (err == -ENOTSUPP_KERNEL || err == -EOPNOTSUPP)
		return "the kernel was built without trampolines (CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS)";
	return strerror(-err);
}

static int probe_backends(enum ms_backend want, const struct btf *btf, struct hook_table *t)
{
	int fentry = want == MS_BACKEND_NONE || want == MS_BACKEND_FENTRY ? try_fentry(btf)
									  : -ECANCELED;
	int kprobe = want <= MS_BACKEND_KPROBE ? kprobe__possible() : -ECANCELED;
	int err;

	if (want != MS_BACKEND_TRACEPOINT && want != MS_BACKEND_POLL && (!fentry || !kprobe) &&
	    (want != MS_BACKEND_FENTRY || !fentry)) {
		err = probe_functions(t, btf, !fentry, !kprobe);
		if (!err || want)
			return err;
		hook_table__free(t);
	} else if (fentry && fentry != -ECANCELED) {
		(void)snprintf(t->reason, sizeof(t->reason), "fentry: %s%s%s",
			       fentry_refused(fentry), kprobe ? "; kprobe: " : "",
			       kprobe ? kprobe__words(kprobe) : "");
		if (want == MS_BACKEND_FENTRY)
			return -EOPNOTSUPP;
	} else if (want == MS_BACKEND_KPROBE) {
		(void)snprintf(t->reason, sizeof(t->reason), "kprobe: %s", kprobe__words(kprobe));
		return -EOPNOTSUPP;
	}
	if (want == MS_BACKEND_POLL)
		return 0;
	err = try_tp_btf(btf);
	if (!err)
		return probe_tracepoints(t);
	(void)snprintf(t->reason + strlen(t->reason), sizeof(t->reason) - strlen(t->reason),
		       "; tracepoint: %s", strerror(-err));
	return want ? -EOPNOTSUPP : 0;
}

int hook_table__probe(enum ms_backend want, struct hook_table *ret)
{
	struct hook_table t = { .backend = MS_BACKEND_POLL };
	struct btf *btf = NULL;
	int err = 0;

	if (want != MS_BACKEND_POLL) {
		err = try_bpf(t.reason, sizeof(t.reason));
		if (!err) {
			btf = btf__load_vmlinux_btf();
			if (!btf) {
				err = -errno;
				(void)snprintf(t.reason, sizeof(t.reason),
					       "no BTF of this kernel (/sys/kernel/btf/vmlinux: %s): "
					       "CONFIG_DEBUG_INFO_BTF is needed",
					       strerror(errno));
			}
		}
		if (!err)
			err = probe_backends(want, btf, &t);
		else if (!want && err != -EPERM && err != -EACCES)
			err = 0; /* poll */
		else if (err != -EPERM)
			err = -EOPNOTSUPP;
		btf__free(btf);
	}
	*ret = t;
	return err;
}

unsigned hook_table__blind(const struct hook_table *t)
{
	bool fanotify = false;

	if (t->backend == MS_BACKEND_FENTRY || t->backend == MS_BACKEND_KPROBE)
		return 0;
	if (t->backend == MS_BACKEND_POLL)
		return MS_BLIND_EFFECTS | MS_BLIND_OPS | MS_BLIND_KERNEL_OPS |
		       MS_BLIND_PROPAGATION | MS_BLIND_SHORT_NS;
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].flags & HOOK_FANOTIFY && t->v[i].how)
			fanotify = true;
	return MS_BLIND_KERNEL_OPS | MS_BLIND_PROPAGATION | MS_BLIND_SHORT_NS |
	       (fanotify ? 0 : MS_BLIND_EFFECTS);
}

const char *blind__words(unsigned bit)
{
	switch (bit) {
	case MS_BLIND_EFFECTS:
		return "effects are found only by reading mount tables again";
	case MS_BLIND_OPS:
		return "operations, their actors and their errors are not seen";
	case MS_BLIND_KERNEL_OPS:
		return "what the kernel does by itself (automount, expiry, teardown) is not told apart";
	case MS_BLIND_PROPAGATION:
		return "changes of propagation and attributes are found by reading mount tables again";
	case MS_BLIND_SHORT_NS:
		return "mounts inside a namespace that lives for milliseconds may be missed";
	}
	return NULL;
}
