/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * One mount -> one effect record. Included once a way of reading: MS_DIRECT for programs whose
 * pointers the verifier knows, without it for all others. Runs with namespace_sem held for writing.
 */
#ifndef MS_FILL_BPF_H
#define MS_FILL_BPF_H

#include "emit.bpf.h"

#ifdef MS_DIRECT
#define RD(p, f) ((p)->f)
#else
#define RD(p, f) BPF_CORE_READ(p, f)
#endif

static __always_inline bool mnt_shared(struct mount *m)
{
	if (bpf_core_field_exists(m->mnt_t_flags))
		return RD(m, mnt_t_flags) & T_SHARED;
	return RD(m, mnt.mnt_flags) & MNT_SHARED_OLD;
}

static __always_inline bool mnt_unbindable(struct mount *m)
{
	if (bpf_core_field_exists(m->mnt_t_flags))
		return RD(m, mnt_t_flags) & T_UNBINDABLE;
	return RD(m, mnt.mnt_flags) & MNT_UNBINDABLE_OLD;
}

static __always_inline u64 ns_id(struct mnt_namespace *ns)
{
	struct mnt_namespace___seq *old = (void *)ns;

	if (bpf_core_field_exists(ns->ns.ns_id))
		return RD(ns, ns.ns_id);
	if (bpf_core_field_exists(old->seq))
		return RD(old, seq);
	return 0;
}

static __always_inline u32 ns_mounts(struct mnt_namespace *ns)
{
	struct mnt_namespace___count *old = (void *)ns;

	if (bpf_core_field_exists(ns->nr_mounts))
		return RD(ns, nr_mounts);
	return RD(old, mounts);
}

/* Detached trees live in anonymous namespaces, which no process can be in (is_anon_ns()). */
static __always_inline bool ns_anon(struct mnt_namespace *ns)
{
	struct mnt_namespace___anon *new = (void *)ns;

	if (bpf_core_field_exists(new->is_anon))
		return RD(new, is_anon);
	return !ns_id(ns);
}

/*
 * Stores a length and reads it back: the verifier forgets how it came about, and looks at what follows
 * once instead of once for every way through the walk.
 */
static __always_inline u32 forget(u16 *len, u32 value)
{
	*(volatile u16 *)len = value;
	return *(volatile u16 *)len;
}

/*
 * Names from d up to top, leaf first, each with its NUL, to b->data at off. Returns the offset
 * behind the last; *flags gets trunc when the walk was cut.
 */
static __always_inline u32 put_names(struct effect_buf *b, struct dentry *d, struct dentry *top,
				     u32 off, u16 *flags, u16 trunc)
{
	u32 end = off + MS_MAX_PATH;
	struct dentry *parent;
	long n;
	int i;

	for (i = 0; i < MS_MAX_DEPTH; i++) {
		if (d == top)
			return off;
		parent = RD(d, d_parent);
		if (!parent || parent == d)
			return off;
		if (off > 2 * MS_MAX_PATH || off > end)
			break;
		n = bpf_probe_read_kernel_str(&b->data[off], MS_NAME_MAX, RD(d, d_name.name));
		if (n <= 0 || n > MS_NAME_MAX)
			break;
		off = forget(&b->walked, off + n);
		d = parent;
	}
	*flags |= trunc;
	return off;
}

static __always_inline bool unlinked(struct dentry *d)
{
	return !RD(d, d_hash.pprev) && RD(d, d_parent) != d;
}

/* Type as mountinfo shows it: "ext4", "fuse.sshfs" (show_type(), fs/proc_namespace.c). Its length. */
static __always_inline u32 put_fstype(struct effect_buf *b, u32 off, u64 name, const char *subtype)
{
	u64 *to = (void *)&b->data[off];
	long n, m;

	if (b->fs_name == name && !subtype) {
		/* as in the record before: a string read costs more than all the numbers */
		to[0] = b->fs_text[0];
		to[1] = b->fs_text[1];
		to[2] = b->fs_text[2];
		to[3] = b->fs_text[3];
		b->e.fstype_len = b->fs_len;
		return b->fs_len & (MS_MAX_FSTYPE - 1);
	}
	n = bpf_probe_read_kernel_str(b->fs_text, MS_MAX_FSTYPE, (void *)name);
	if (n <= 1 || n > MS_MAX_FSTYPE)
		return 0;
	b->fs_name = name;
	b->fs_len = --n;
	to[0] = b->fs_text[0];
	to[1] = b->fs_text[1];
	to[2] = b->fs_text[2];
	to[3] = b->fs_text[3];
	if (subtype) {
		off += n & (MS_MAX_FSTYPE - 1);
		b->data[off] = '.';
		m = bpf_probe_read_kernel_str(&b->data[off + 1], MS_MAX_FSTYPE - 1, subtype);
		if (m > 1 && m < MS_MAX_FSTYPE)
			n += m;
	}
	b->e.fstype_len = n;
	return n & (2 * MS_MAX_FSTYPE - 1);
}

static __always_inline void put_strings(struct effect_buf *b, struct mount *m, struct mount *parent)
{
	struct ms_effect *e = &b->e;
	struct dentry *root = RD(m, mnt.mnt_root), *mp = RD(m, mnt_mountpoint);
	struct super_block *sb = RD(m, mnt.mnt_sb);
	struct file_system_type *type = RD(sb, s_type);
	u16 flags = e->flags;
	u32 off, end;
	long n;

	off = 0;
	if (parent != m)
		off = put_names(b, mp, RD(parent, mnt.mnt_root), 0, &flags, MS_EFF_MP_TRUNC);
	else
		flags |= MS_EFF_NS_ROOT;
	off = forget(&e->mountpoint_len, off);
	end = put_names(b, root, NULL, off, &flags, MS_EFF_ROOT_TRUNC);
	end = off + forget(&e->root_len, end - off);
	if (unlinked(root))
		flags |= MS_EFF_ROOT_UNLINKED;
	off = end;
	if (off > 2 * (MS_MAX_PATH + MS_NAME_MAX))
		off = 2 * (MS_MAX_PATH + MS_NAME_MAX);
	off += put_fstype(b, off, (u64)RD(type, name), RD(sb, s_subtype));
	if (off > sizeof(b->data) - MS_MAX_SOURCE)
		off = sizeof(b->data) - MS_MAX_SOURCE;
	n = bpf_probe_read_kernel_str(&b->data[off], MS_MAX_SOURCE, RD(m, mnt_devname));
	if (n > 0 && n <= MS_MAX_SOURCE) {
		e->source_len = n - 1;
		off += n - 1;
	}
	e->flags = flags;
	e->hdr.size = sizeof(*e) + off;
}

/* Counts an effect by namespace instead of sending it. */
static __always_inline void count_storm(struct mnt_namespace *ns, u32 kind)
{
	u64 key = (u64)ns;
	u32 *slot, idx;
	struct storm_slot *s;

	slot = bpf_map_lookup_elem(&ms_storms, &key);
	if (slot) {
		idx = *slot;
	} else {
		idx = ms_txn.stormed;
		if (idx >= MS_MAX_STORMED || bpf_map_update_elem(&ms_storms, &key, &idx, BPF_ANY)) {
			lose(MS_LOSS_NS_MAP);
			return;
		}
		ms_txn.stormed = idx + 1;
		s = &ms_slots[idx & (MS_MAX_STORMED - 1)];
		s->ns = key;
		s->ns_id = ns_id(ns);
		s->inum = RD(ns, ns.inum);
		s->attached = s->detached = s->other = 0;
	}
	s = &ms_slots[idx & (MS_MAX_STORMED - 1)];
	if (kind == MS_EFF_ATTACH)
		s->attached++;
	else if (kind == MS_EFF_DETACH)
		s->detached++;
	else
		s->other++;
}

/*
 * All of a record but what depends on the operation; returns its size. id: ns_id(ns), by the caller,
 * since a compiler that moves a read of a field that may not exist out of a loop breaks the program.
 */
static __always_inline u32 fill_effect(struct effect_buf *b, struct mount *m,
				       struct mnt_namespace *ns, u64 id, bool strings)
{
	struct mount *parent = RD(m, mnt_parent), *mm = RD(m, mnt_master);
	struct super_block *sb = RD(m, mnt.mnt_sb);
	u32 mflags = RD(m, mnt.mnt_flags);
	struct ms_effect *e = &b->e;

	e->hdr.type = MS_REC_EFFECT;
	e->hdr.tid = tid_now();
	e->seq = ms_seq;
	e->ns_id = id;
	e->mnt_id_unique = bpf_core_field_exists(m->mnt_id_unique) ? RD(m, mnt_id_unique) : 0;
	e->ns_inum = RD(ns, ns.inum);
	e->mnt_id = RD(m, mnt_id);
	e->parent_id = RD(parent, mnt_id);
	e->peer_group = mnt_shared(m) ? RD(m, mnt_group_id) : 0;
	e->master_group = mm ? RD(mm, mnt_group_id) : 0;
	e->origin_id = 0;
	e->dev = RD(sb, s_dev);
	e->mnt_flags = mflags & MS_MNT_VISIBLE;
	e->sb_flags = RD(sb, s_flags) & 0xffff;
	e->flags = 0;
	if (mnt_unbindable(m))
		e->flags |= MS_EFF_UNBINDABLE;
	if (mflags & MNT_LOCKED)
		e->flags |= MS_EFF_LOCKED;
	e->mountpoint_len = e->root_len = e->fstype_len = e->source_len = 0;
	if (strings) {
		put_strings(b, m, parent);
	} else {
		e->flags |= MS_EFF_NO_STRINGS;
		e->hdr.size = sizeof(*e);
	}
	return e->hdr.size;
}

/* What a detach needs: the receiver has the rest. */
static __always_inline u32 fill_ids(struct effect_buf *b, struct mount *m, struct mnt_namespace *ns)
{
	struct ms_effect *e = &b->e;

	e->hdr.type = MS_REC_EFFECT;
	e->hdr.size = sizeof(*e);
	e->hdr.tid = tid_now();
	e->seq = ms_seq;
	e->ns_id = ns_id(ns);
	e->mnt_id_unique = bpf_core_field_exists(m->mnt_id_unique) ? RD(m, mnt_id_unique) : 0;
	e->ns_inum = RD(ns, ns.inum);
	e->mnt_id = RD(m, mnt_id);
	e->parent_id = 0;
	e->peer_group = e->master_group = e->dev = e->mnt_flags = e->sb_flags = 0;
	e->mountpoint_len = e->root_len = e->fstype_len = e->source_len = 0;
	e->flags = MS_EFF_NO_STRINGS | MS_EFF_NO_DETAIL;
	return sizeof(*e);
}

/*
 * Emits one effect. Mounts in no namespace, or in an anonymous one, are not effects. op may be NULL
 * only when it could not be kept (MS_LOSS_OP_MAP was counted). master overrides, ~0u: does not.
 */
static __always_inline int emit_effect(struct mount *m, struct op_state *op, u32 kind, u32 cause,
				       u32 origin, u32 master)
{
	struct mnt_namespace *ns = RD(m, mnt_ns);
	struct ms_effect *e = &ms_buf.e;
	u32 size;

	if (!ns || is_err(ns) || ns_anon(ns))
		return 0;
	if (kind == MS_EFF_PROPAGATION && RD(m, mnt.mnt_flags) & MNT_UMOUNT)
		return 0; /* its detach has been told */
	ms_seq++;
	if (op) {
		op->op.nr_effects++;
		if (op->sent >= ms_cfg_storm_limit) {
			op->op.flags |= MS_OPF_STORM;
			count_storm(ns, kind);
			return 0;
		}
		op->sent++;
	}
	size = kind == MS_EFF_DETACH
		       ? fill_ids(&ms_buf, m, ns)
		       : fill_effect(&ms_buf, m, ns, ns_id(ns), kind != MS_EFF_PROPAGATION);
	e->hdr.op_id = op ? op->op.hdr.op_id : 0;
	e->hdr.ktime_ns = op ? op->op.hdr.ktime_ns : bpf_ktime_get_ns();
	e->kind = kind;
	e->cause = cause;
	e->origin_id = origin;
	if (master != ~0u)
		e->master_group = master;
	send(&ms_buf, size & 0x3fff, BPF_RB_NO_WAKEUP);
	return 0;
}

#endif
