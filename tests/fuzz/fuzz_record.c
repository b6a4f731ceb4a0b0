// SPDX-License-Identifier: BSD-2-Clause
/*
 * Any bytes as records, back to back as in a capture: decoded, and applied to a mirror, which must stay
 * sound: links lead back, counts add up, paths end, and it does not differ from itself.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "decode/decode.h"
#include "model/verify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define check(what)                                                                                \
	do {                                                                                       \
		if (!(what)) {                                                                     \
			(void)fprintf(stderr, "line %d: not so: %s\n", __LINE__, #what);           \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

static void check_mnt(const struct world *w, const struct mnt *m)
{
	struct strbuf path __cleanup(strbuf__free) = {}, text __cleanup(strbuf__free) = {};
	size_t siblings = 0;

	check(!m->id || world__mnt(w, m->id) == m);
	check(!m->unique_id || world__mnt_by_unique(w, m->unique_id));
	check(!m->parent || (m->parent->ns == m->ns && m->parent->id == m->parent_id));
	check(!m->next_sibling || m->next_sibling->prev_sibling == m);
	for (const struct mnt *c = m->first_child; c; c = c->next_sibling) {
		check(c->parent == m);
		check(++siblings <= m->ns->nr_mounts);
	}
	if (world__path(m, &path)) {
		check(path.len > 0 && path.buf[0] == '/');
		escape__text(&text, path.buf, path.len);
		check(escape__is_clean(path.buf, path.len) == (text.len == path.len));
	} else {
		check(!path.len);
	}
}

static void check_world(const struct world *w)
{
	size_t mounts = 0, alive = 0;

	for (const struct mntns *ns = world__first_ns(w); ns; ns = ns->next) {
		size_t n = 0;

		check(world__ns(w, ns->inum) == ns);
		for (const struct mnt *m = ns->mounts; m; m = m->next_in_ns) {
			check(m->ns == ns && m->ns_inum == ns->inum);
			check_mnt(w, m);
			n++;
		}
		check(n == ns->nr_mounts && !(ns->dead && n));
		mounts += n;
		alive += !ns->dead;
	}
	check(mounts == world__nr_mounts(w) && alive == world__nr_ns(w));
	check(!verify__compare(w, w, NULL, NULL));
}

static void decode_all(const struct ms_hdr *rec, size_t size)
{
	static char mp[DECODE_PATH_MAX], root[DECODE_PATH_MAX];
	const struct ms_effect *e;
	const struct ms_op *op;
	const struct ms_storm *st;
	const struct ms_ns *ns;
	const struct ms_loss *loss;
	const struct ms_meta *meta;
	const struct ms_snap *snap;
	const struct ms_cgroup *cg;
	struct effect_strings es;
	struct op_strings os;
	struct str a, b;

	(void)decode__op(rec, size, &op, &os);
	if (!decode__effect(rec, size, mp, root, &e, &es))
		check(es.mountpoint.len < DECODE_PATH_MAX || e->flags & MS_EFF_ABS_PATH);
	(void)decode__storm(rec, size, &st);
	(void)decode__ns(rec, size, &ns);
	(void)decode__loss(rec, size, &loss);
	(void)decode__meta(rec, size, &meta, &a, &b);
	(void)decode__snap(rec, size, &snap, &a);
	(void)decode__cgroup(rec, size, mp, &cg, &a);
}

static void on_change(void *arg, enum ms_effect_kind kind, const struct mnt *was,
		      const struct mnt *is)
{
	struct strbuf path __cleanup(strbuf__free) = {};

	(void)arg;
	check(is && kind >= MS_EFF_ATTACH && kind <= MS_EFF_ATTR);
	check((kind == MS_EFF_ATTACH) == !was);
	(void)world__path(is, &path);
	check(!was || strlen(was->mountpoint) < UINT16_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world *w = NULL;
	struct ms_hdr hdr;

	if (world__new(&w))
		return 0;
	while (size >= sizeof(hdr)) {
		struct ms_hdr *rec;
		size_t n;

		memcpy(&hdr, data, sizeof(hdr));
		n = hdr.size < sizeof(hdr) ? sizeof(hdr) : hdr.size;
		n = n < size ? n : size;
		hdr.size = (uint16_t)n;
		rec = malloc(n);
		memcpy(rec, data, n);
		memcpy(rec, &hdr, sizeof(hdr));
		decode_all(rec, n);
		(void)world__apply(w, rec, n, on_change, NULL);
		free(rec);
		data += n;
		size -= n;
	}
	check_world(w);
	world__free(w);
	return 0;
}
