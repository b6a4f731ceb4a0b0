// SPDX-License-Identifier: BSD-2-Clause
/* Checks a record's sizes and makes its strings usable. */
#include "decode/decode.h"

#include "base/util.h"

/* What a path starts with whose walk did not reach the root. */
static const char cut_mark[4] = { '/', '.', '.', '.' };

static bool rec__is(const struct ms_hdr *rec, size_t size, unsigned type, size_t fixed)
{
	return size >= fixed && rec->type == type;
}

/* Cuts the next len bytes off *data. No string of the kernel's holds a NUL. */
static int take_str(const char **data, size_t len, struct str *ret)
{
	if (len && memchr(*data, '\0', len))
		return -EBADMSG;
	*ret = (struct str){ *data, len };
	*data += len;
	return 0;
}

/*
 * Turns names that stand leaf first, each ended by a NUL, into a path at the end of buf, in one pass.
 * A path that does not fit loses the names nearest to the root, just as a truncated walk does.
 */
static int turn_path(const char *names, size_t len, bool cut, char *buf, struct str *ret)
{
	char *const end = buf + DECODE_PATH_MAX - 1;
	const char *const stop = names + len;
	char *at = end;

	while (names < stop) {
		const char *nul = memchr(names, '\0', (size_t)(stop - names));
		size_t n;

		if (!nul || nul == names)
			return -EBADMSG;
		n = (size_t)(nul - names);
		if (n + 1 + sizeof(cut_mark) > (size_t)(at - buf)) {
			cut = true;
			break;
		}
		at -= n;
		memcpy(at, names, n);
		*--at = '/';
		names = nul + 1;
	}
	if (cut) {
		at -= sizeof(cut_mark);
		memcpy(at, cut_mark, sizeof(cut_mark));
	}
	*end = '\0';
	*ret = (struct str){ at, (size_t)(end - at) };
	return 0;
}

int decode__op(const struct ms_hdr *rec, size_t size, const struct ms_op **ret,
	       struct op_strings *ret_s)
{
	const struct ms_op *op = (const struct ms_op *)rec;
	const char *data = op->data;
	struct op_strings s;
	int err;

	if (!rec__is(rec, size, MS_REC_OP, sizeof(*op)) || op->kind >= MS_OP_KIND_MAX)
		return -EBADMSG;
	if (size - sizeof(*op) < (size_t)op->source_len + op->target_len + op->fstype_len)
		return -EBADMSG;
	if (!memchr(op->comm, '\0', sizeof(op->comm)) ||
	    !memchr(op->pcomm, '\0', sizeof(op->pcomm)))
		return -EBADMSG;
	err = take_str(&data, op->source_len, &s.source);
	if (!err)
		err = take_str(&data, op->target_len, &s.target);
	if (!err)
		err = take_str(&data, op->fstype_len, &s.fstype);
	if (err)
		return err;
	*ret = op;
	*ret_s = s;
	return 0;
}

static bool effect__is_sound(const struct ms_hdr *rec, size_t size)
{
	const struct ms_effect *e = (const struct ms_effect *)rec;

	return rec__is(rec, size, MS_REC_EFFECT, sizeof(*e)) && e->kind >= MS_EFF_ATTACH &&
	       e->kind <= MS_EFF_LISTED && e->cause < MS_CAUSE_MAX &&
	       size - sizeof(*e) >=
		       (size_t)e->mountpoint_len + e->root_len + e->fstype_len + e->source_len;
}

/* Mountpoint and root as whole strings. Only what has no details may lack them. */
static int take_abs_paths(const struct ms_effect *e, const char **data, struct effect_strings *s)
{
	int err = take_str(data, e->mountpoint_len, &s->mountpoint);

	if (!err)
		err = take_str(data, e->root_len, &s->root);
	if (!err && s->mountpoint.len && s->mountpoint.p[0] != '/')
		err = -EBADMSG;
	if (!err && !s->mountpoint.len && !(e->flags & (MS_EFF_NO_DETAIL | MS_EFF_NO_STRINGS)))
		err = -EBADMSG;
	return err;
}

static int turn_paths(const struct ms_effect *e, const char **data, char *mp, char *root,
		      struct effect_strings *s)
{
	int err =
		turn_path(*data, e->mountpoint_len, e->flags & MS_EFF_MP_TRUNC, mp, &s->mountpoint);

	*data += e->mountpoint_len;
	if (!err)
		err = turn_path(*data, e->root_len, e->flags & MS_EFF_ROOT_TRUNC, root, &s->root);
	*data += e->root_len;
	if (!err && !s->root.len && !(e->flags & (MS_EFF_NO_DETAIL | MS_EFF_NO_STRINGS)))
		s->root = (struct str){ "/", 1 };
	return err;
}

int decode__effect(const struct ms_hdr *rec, size_t size, char *mp, char *root,
		   const struct ms_effect **ret, struct effect_strings *ret_s)
{
	const struct ms_effect *e = (const struct ms_effect *)rec;
	struct effect_strings s;
	const char *data = e->data;
	int err;

	if (!effect__is_sound(rec, size))
		return -EBADMSG;
	if (e->flags & MS_EFF_ABS_PATH)
		err = take_abs_paths(e, &data, &s);
	else
		err = turn_paths(e, &data, mp, root, &s);
	if (!err)
		err = take_str(&data, e->fstype_len, &s.fstype);
	if (!err)
		err = take_str(&data, e->source_len, &s.source);
	if (err)
		return err;
	*ret = e;
	*ret_s = s;
	return 0;
}

int decode__effect_ids(const struct ms_hdr *rec, size_t size, const struct ms_effect **ret)
{
	if (!effect__is_sound(rec, size))
		return -EBADMSG;
	*ret = (const struct ms_effect *)rec;
	return 0;
}

int decode__storm(const struct ms_hdr *rec, size_t size, const struct ms_storm **ret)
{
	if (!rec__is(rec, size, MS_REC_STORM, sizeof(**ret)))
		return -EBADMSG;
	*ret = (const struct ms_storm *)rec;
	return 0;
}

int decode__ns(const struct ms_hdr *rec, size_t size, const struct ms_ns **ret)
{
	const struct ms_ns *ns = (const struct ms_ns *)rec;

	if (!rec__is(rec, size, MS_REC_NS, sizeof(*ns)) || ns->event < MS_NS_BORN ||
	    ns->event > MS_NS_MAYBE_DEAD)
		return -EBADMSG;
	*ret = ns;
	return 0;
}

int decode__loss(const struct ms_hdr *rec, size_t size, const struct ms_loss **ret)
{
	if (!rec__is(rec, size, MS_REC_LOSS, sizeof(**ret)))
		return -EBADMSG;
	*ret = (const struct ms_loss *)rec;
	return 0;
}

int decode__snap(const struct ms_hdr *rec, size_t size, const struct ms_snap **ret,
		 struct str *ret_root_path)
{
	const struct ms_snap *snap = (const struct ms_snap *)rec;
	const char *data = snap->data;
	struct str path;
	int err;

	if (size < sizeof(*snap) || size - sizeof(*snap) < snap->root_path_len)
		return -EBADMSG;
	if (rec->type != MS_REC_SNAP_BEGIN && rec->type != MS_REC_SNAP_END)
		return -EBADMSG;
	err = take_str(&data, snap->root_path_len, &path);
	if (err)
		return err;
	if (path.len && (path.p[0] != '/' || path.len == 1))
		return -EBADMSG;
	*ret = snap;
	*ret_root_path = path;
	return 0;
}

int decode__cgroup(const struct ms_hdr *rec, size_t size, char *path, const struct ms_cgroup **ret,
		   struct str *ret_path)
{
	const struct ms_cgroup *cg = (const struct ms_cgroup *)rec;
	struct str s;
	int err;

	if (!rec__is(rec, size, MS_REC_CGROUP, sizeof(*cg)) || size - sizeof(*cg) < cg->path_len)
		return -EBADMSG;
	err = turn_path(cg->data, cg->path_len, cg->truncated, path, &s);
	if (err)
		return err;
	*ret = cg;
	*ret_path = s.len ? s : (struct str){ "/", 1 };
	return 0;
}

int decode__meta(const struct ms_hdr *rec, size_t size, const struct ms_meta **ret,
		 struct str *ret_kernel, struct str *ret_host)
{
	const struct ms_meta *meta = (const struct ms_meta *)rec;
	const char *data = meta->data;
	struct str kernel, host;
	int err;

	if (!rec__is(rec, size, MS_REC_META, sizeof(*meta)) || meta->backend >= MS_BACKEND_MAX)
		return -EBADMSG;
	if (size - sizeof(*meta) < (size_t)meta->kernel_len + meta->host_len)
		return -EBADMSG;
	err = take_str(&data, meta->kernel_len, &kernel);
	if (!err)
		err = take_str(&data, meta->host_len, &host);
	if (err)
		return err;
	*ret = meta;
	*ret_kernel = kernel;
	*ret_host = host;
	return 0;
}
