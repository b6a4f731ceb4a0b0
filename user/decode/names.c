// SPDX-License-Identifier: BSD-2-Clause
/* The words for operations, effects, causes, backends and losses. */
#include "base/util.h"
#include "decode/decode.h"

static const char *const op_kinds[MS_OP_KIND_MAX] = {
	[MS_OP_UNKNOWN] = "unknown",
	[MS_OP_MOUNT] = "mount",
	[MS_OP_BIND] = "bind",
	[MS_OP_RBIND] = "rbind",
	[MS_OP_MOVE] = "move",
	[MS_OP_REMOUNT] = "remount",
	[MS_OP_PROPAGATION] = "propagation",
	[MS_OP_UMOUNT] = "umount",
	[MS_OP_FSOPEN] = "fsopen",
	[MS_OP_FSCONFIG] = "fsconfig",
	[MS_OP_FSMOUNT] = "fsmount",
	[MS_OP_FSPICK] = "fspick",
	[MS_OP_OPEN_TREE] = "open_tree",
	[MS_OP_OPEN_TREE_ATTR] = "open_tree_attr",
	[MS_OP_MOVE_MOUNT] = "move_mount",
	[MS_OP_MOUNT_SETATTR] = "mount_setattr",
	[MS_OP_PIVOT_ROOT] = "pivot_root",
	[MS_OP_UNSHARE] = "unshare",
	[MS_OP_CLONE] = "clone",
	[MS_OP_CLONE3] = "clone3",
	[MS_OP_SETNS] = "setns",
	[MS_OP_AUTOMOUNT] = "automount",
	[MS_OP_EXPIRY] = "expiry",
	[MS_OP_NS_TEARDOWN] = "teardown",
	[MS_OP_DETACH_MOUNTS] = "detach_mounts",
	[MS_OP_KERNEL] = "kernel",
};

static const char *const effect_kinds[] = {
	[MS_EFF_ATTACH] = "attach", [MS_EFF_DETACH] = "detach",
	[MS_EFF_MOVE] = "move",	    [MS_EFF_PROPAGATION] = "propagation",
	[MS_EFF_ATTR] = "attr",	    [MS_EFF_LISTED] = "listed",
};

static const char *const causes[MS_CAUSE_MAX] = {
	[MS_CAUSE_UNKNOWN] = "unknown",	      [MS_CAUSE_DIRECT] = "direct",
	[MS_CAUSE_PROPAGATED] = "propagated", [MS_CAUSE_NS_COPY] = "ns-copy",
	[MS_CAUSE_MOVED] = "moved",	      [MS_CAUSE_LAZY] = "lazy",
	[MS_CAUSE_TEARDOWN] = "teardown",     [MS_CAUSE_SNAPSHOT] = "snapshot",
};

static const char *const backends[MS_BACKEND_MAX] = {
	[MS_BACKEND_NONE] = "none",	[MS_BACKEND_FENTRY] = "fentry",
	[MS_BACKEND_KPROBE] = "kprobe", [MS_BACKEND_TRACEPOINT] = "tracepoint",
	[MS_BACKEND_POLL] = "poll",
};

static const char *const losses[MS_LOSS_NR] = {
	[MS_LOSS_RING] = "ring", [MS_LOSS_OP_MAP] = "operations", [MS_LOSS_SCRATCH] = "scratch",
	[MS_LOSS_WALK] = "walk", [MS_LOSS_NS_MAP] = "ns-map",	  [MS_LOSS_FANOTIFY] = "fanotify",
	[MS_LOSS_GONE] = "gone", [MS_LOSS_SNAPSHOT] = "snapshot",
};

static const char *name_of(const char *const *names, size_t n, unsigned value)
{
	return value < n ? names[value] : NULL;
}

static unsigned value_of(const char *const *names, size_t n, const char *name)
{
	for (unsigned i = 0; i < n; i++) {
		if (names[i] && !strcmp(names[i], name))
			return i;
	}
	return 0;
}

const char *op_kind__name(unsigned kind)
{
	return name_of(op_kinds, ARRAY_SIZE(op_kinds), kind);
}

const char *effect_kind__name(unsigned kind)
{
	return name_of(effect_kinds, ARRAY_SIZE(effect_kinds), kind);
}

const char *cause__name(unsigned cause)
{
	return name_of(causes, ARRAY_SIZE(causes), cause);
}

const char *backend__name(unsigned backend)
{
	return name_of(backends, ARRAY_SIZE(backends), backend);
}

const char *loss__name(unsigned kind)
{
	return name_of(losses, ARRAY_SIZE(losses), kind);
}

unsigned op_kind__from_name(const char *name)
{
	return value_of(op_kinds, ARRAY_SIZE(op_kinds), name);
}

unsigned cause__from_name(const char *name)
{
	return value_of(causes, ARRAY_SIZE(causes), name);
}

unsigned backend__from_name(const char *name)
{
	return value_of(backends, ARRAY_SIZE(backends), name);
}
