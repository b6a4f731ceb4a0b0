// SPDX-License-Identifier: BSD-2-Clause
/* One mount, or the ids of all, by statmount(2) and listmount(2). */
#include "source/statmount.h"

#include <linux/mount.h>
#include <sys/syscall.h>

#include "base/util.h"
#include "mountscope/uapi.h"

#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif

#define WANTED                                                                                     \
	(STATMOUNT_SB_BASIC | STATMOUNT_MNT_BASIC | STATMOUNT_MNT_ROOT | STATMOUNT_MNT_POINT |     \
	 STATMOUNT_FS_TYPE | STATMOUNT_MNT_NS_ID | STATMOUNT_FS_SUBTYPE | STATMOUNT_SB_SOURCE)

enum {
	FIRST_STRINGS = 4096,
	MAX_STRINGS = 1024 * 1024,
	LIST_CHUNK = 1024,
	/* SB_RDONLY, SB_SYNCHRONOUS, SB_DIRSYNC, SB_LAZYTIME: what statmount(2) shows of s_flags. */
	SB_VISIBLE = 1 | 1 << 4 | 1 << 7 | 1 << 25,
};

/* A kernel that does not know of other namespaces wants the request that it knew. */
static struct ms_mnt_id_req make_req(uint64_t ns_id, uint64_t id, uint64_t param)
{
	return (struct ms_mnt_id_req){
		.size = ns_id ? MNT_ID_REQ_SIZE_VER1 : MNT_ID_REQ_SIZE_VER0,
		.mnt_id = id,
		.param = param,
		.mnt_ns_id = ns_id,
	};
}

static int call_statmount(uint64_t ns_id, uint64_t id, struct ms_statmount **ret)
{
	struct ms_mnt_id_req req = make_req(ns_id, id, WANTED);

	for (size_t size = sizeof(**ret) + FIRST_STRINGS; size <= MAX_STRINGS; size *= 4) {
		struct ms_statmount *sm = malloc(size);

		if (!sm)
			return -ENOMEM;
		if (!syscall(__NR_statmount, &req, sm, size, 0)) {
			/* What the size says is there, and no more. */
			if (sm->size < sizeof(*sm) || sm->size > size) {
				free(sm);
				return -EPROTO;
			}
			*ret = sm;
			return 0;
		}
		free(sm);
		if (errno != EOVERFLOW)
			return -errno;
	}
	return -EOVERFLOW;
}

/* A string of the answer; "" when it was not given. */
static struct ms_statmount_str {
	const char *p;
	size_t len;
} get_str(const struct ms_statmount *sm, uint64_t bit, uint32_t offset)
{
	size_t all = sm->size - sizeof(*sm);

	if (!(sm->mask & bit) || offset >= all)
		return (struct ms_statmount_str){ "", 0 };
	return (struct ms_statmount_str){ sm->str + offset,
					  strnlen(sm->str + offset, all - offset) };
}

static uint32_t mnt_flags_of(uint64_t attr)
{
	static const struct {
		uint64_t attr;
		uint32_t flag;
	} map[] = {
		{ MOUNT_ATTR_RDONLY, MS_MNT_READONLY },
		{ MOUNT_ATTR_NOSUID, MS_MNT_NOSUID },
		{ MOUNT_ATTR_NODEV, MS_MNT_NODEV },
		{ MOUNT_ATTR_NOEXEC, MS_MNT_NOEXEC },
		{ MOUNT_ATTR_NODIRATIME, MS_MNT_NODIRATIME },
		{ MOUNT_ATTR_NOSYMFOLLOW, MS_MNT_NOSYMFOLLOW },
	};
	uint32_t flags = 0;

	for (size_t i = 0; i < ARRAY_SIZE(map); i++)
		flags |= attr & map[i].attr ? map[i].flag : 0;
	/* A field of two bits or so, not flags: relatime is its 0. */
	if ((attr & MOUNT_ATTR__ATIME) == MOUNT_ATTR_RELATIME)
		flags |= MS_MNT_RELATIME;
	else if ((attr & MOUNT_ATTR__ATIME) == MOUNT_ATTR_NOATIME)
		flags |= MS_MNT_NOATIME;
	return flags;
}

static void fill_fixed(const struct ms_statmount *sm, struct ms_effect *e)
{
	e->ns_id = sm->mask & STATMOUNT_MNT_NS_ID ? sm->mnt_ns_id : 0;
	if (sm->mask & STATMOUNT_SB_BASIC) {
		e->dev = sm->sb_dev_major << 20 | sm->sb_dev_minor;
		e->sb_flags = sm->sb_flags & SB_VISIBLE;
	}
	if (!(sm->mask & STATMOUNT_MNT_BASIC))
		return;
	e->mnt_id_unique = sm->mnt_id;
	e->mnt_id = sm->mnt_id_old;
	e->parent_id = sm->mnt_parent_id_old;
	e->mnt_flags = mnt_flags_of(sm->mnt_attr);
	e->peer_group = (uint32_t)sm->mnt_peer_group;
	e->master_group = (uint32_t)sm->mnt_master;
	if (sm->mnt_propagation & 1 << 17) /* MS_UNBINDABLE */
		e->flags |= MS_EFF_UNBINDABLE;
	if (e->mnt_id == e->parent_id)
		e->flags |= MS_EFF_NS_ROOT;
}

static uint16_t put(char **at, const char *end, const char *p, size_t len)
{
	if (len > (size_t)(end - *at) || len > UINT16_MAX) {
		*at = NULL;
		return 0;
	}
	memcpy(*at, p, len);
	*at += len;
	return (uint16_t)len;
}

static int fill_strings(const struct ms_statmount *sm, struct ms_effect *e, const char *end)
{
	struct ms_statmount_str mp = get_str(sm, STATMOUNT_MNT_POINT, sm->mnt_point);
	struct ms_statmount_str root = get_str(sm, STATMOUNT_MNT_ROOT, sm->mnt_root);
	struct ms_statmount_str type = get_str(sm, STATMOUNT_FS_TYPE, sm->fs_type);
	struct ms_statmount_str subtype = get_str(sm, STATMOUNT_FS_SUBTYPE, sm->fs_subtype);
	struct ms_statmount_str source = get_str(sm, STATMOUNT_SB_SOURCE, sm->sb_source);
	static const char deleted[] = "//deleted";
	size_t n = sizeof(deleted) - 1;
	char *at = e->data;

	if (!mp.len)
		e->flags |= MS_EFF_NO_STRINGS;
	if (root.len > n && !memcmp(root.p + root.len - n, deleted, n)) {
		root.len -= n;
		e->flags |= MS_EFF_ROOT_UNLINKED;
	}
	e->mountpoint_len = put(&at, end, mp.p, mp.len);
	if (at)
		e->root_len = put(&at, end, root.p, root.len);
	if (at)
		e->fstype_len = put(&at, end, type.p, type.len);
	if (at && subtype.len) {
		e->fstype_len = (uint16_t)(e->fstype_len + put(&at, end, ".", 1));
		if (at)
			e->fstype_len =
				(uint16_t)(e->fstype_len + put(&at, end, subtype.p, subtype.len));
	}
	if (at)
		e->source_len = put(&at, end, source.p, source.len);
	if (!at || at - (char *)e > UINT16_MAX)
		return -ENOBUFS;
	e->hdr.size = (uint16_t)(at - (char *)e);
	return 0;
}

int statmount__one(uint64_t ns_id, uint64_t unique_id, enum ms_effect_kind kind,
		   enum ms_cause cause, void *buf, size_t buf_size, struct ms_effect **ret)
{
	struct ms_statmount *sm __cleanup(freep) = NULL;
	struct ms_effect *e = buf;
	int err;

	if (buf_size < sizeof(*e))
		return -ENOBUFS;
	err = call_statmount(ns_id, unique_id, &sm);
	if (err)
		return err;
	*e = (struct ms_effect){
		.hdr.type = MS_REC_EFFECT,
		.flags = MS_EFF_ABS_PATH,
		.kind = (uint8_t)kind,
		.cause = (uint8_t)cause,
	};
	fill_fixed(sm, e);
	err = fill_strings(sm, e, (char *)buf + buf_size);
	if (err)
		return err;
	*ret = e;
	return 0;
}

int listmount__ids(uint64_t ns_id, uint64_t **ret, size_t *ret_n)
{
	struct ms_mnt_id_req req = make_req(ns_id, LSMT_ROOT, 0);
	uint64_t *ids __cleanup(freep) = NULL;
	size_t n = 0;
	long got;

	do {
		uint64_t *more = reallocarray(ids, n + LIST_CHUNK, sizeof(*ids));

		if (!more)
			return -ENOMEM;
		ids = more;
		got = syscall(__NR_listmount, &req, ids + n, (size_t)LIST_CHUNK, 0);
		if (got < 0)
			return -errno;
		n += (size_t)got;
		req.param = n ? ids[n - 1] : 0;
	} while (got == LIST_CHUNK);
	*ret = take_ptr(ids);
	*ret_n = n;
	return 0;
}
