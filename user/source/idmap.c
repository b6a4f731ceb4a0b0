// SPDX-License-Identifier: BSD-2-Clause
/* Mount ID -> unique mount ID in one namespace. */
#include "source/idmap.h"

#include <sys/syscall.h>

#include "base/util.h"
#include "mountscope/uapi.h"

#define LIST_BATCH 1024

struct pair {
	uint64_t unique;
	uint32_t id;
};

struct idmap {
	struct pair *v;
	size_t n, cap;
};

void idmap__free(struct idmap *m)
{
	if (!m)
		return;
	free(m->v);
	free(m);
}

void idmap__freep(struct idmap **m)
{
	idmap__free(*m);
}

static int by_id(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

int idmap__one(uint64_t ns_id, uint64_t unique, uint32_t *ret_mnt_id)
{
	struct ms_mnt_id_req req = { .size = MNT_ID_REQ_SIZE_VER1,
				     .mnt_id = unique,
				     .param = STATMOUNT_MNT_BASIC,
				     .mnt_ns_id = ns_id };
	struct ms_statmount st;

	if (syscall(__NR_statmount, &req, &st, sizeof(st), 0))
		return -errno;
	*ret_mnt_id = st.mnt_id_old;
	return 0;
}

static int idmap__add(struct idmap *m, uint64_t ns_id, uint64_t unique)
{
	uint32_t id;

	if (idmap__one(ns_id, unique, &id))
		return 0; /* it went meanwhile */
	if (m->n == m->cap) {
		size_t cap = m->cap ? 2 * m->cap : 256;
		struct pair *v = realloc(m->v, cap * sizeof(*v));

		if (!v)
			return -ENOMEM;
		m->v = v;
		m->cap = cap;
	}
	m->v[m->n++] = (struct pair){ .unique = unique, .id = id };
	return 0;
}

int idmap__read(uint64_t ns_id, struct idmap **ret)
{
	struct ms_mnt_id_req req = { .size = MNT_ID_REQ_SIZE_VER1,
				     .mnt_id = LSMT_ROOT,
				     .mnt_ns_id = ns_id };
	struct idmap *m __cleanup(idmap__freep) = calloc(1, sizeof(*m));
	uint64_t ids[LIST_BATCH];
	long n;

	if (!m)
		return -ENOMEM;
	do {
		n = syscall(__NR_listmount, &req, ids, LIST_BATCH, 0);
		if (n < 0)
			return -errno;
		for (long i = 0; i < n; i++) {
			int err = idmap__add(m, ns_id, ids[i]);

			if (err)
				return err;
		}
		if (n)
			req.param = ids[n - 1];
	} while (n == LIST_BATCH);
	qsort(m->v, m->n, sizeof(*m->v), by_id);
	*ret = take_ptr(m);
	return 0;
}

uint64_t idmap__unique(const struct idmap *m, uint32_t mnt_id)
{
	const struct pair key = { .id = mnt_id };
	const struct pair *p = m->n ? bsearch(&key, m->v, m->n, sizeof(*m->v), by_id) : NULL;

	return p ? p->unique : 0;
}
