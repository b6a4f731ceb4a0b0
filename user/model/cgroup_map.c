// SPDX-License-Identifier: BSD-2-Clause
/* Paths of cgroups by id, as MS_REC_CGROUP told them: they outlive the cgroups. */
#include "model/cgroup_map.h"

#include "base/util.h"

/*
 * Open addressing over a power of two, doubled at three quarters up to the bound. An id that finds no
 * place within the probe limit takes the slot that it hashes to: a node that makes cgroups for years
 * stays bounded, and no search is long.
 */
#define FIRST_SLOTS 64u
#define MAX_SLOTS   65536u
#define MAX_PROBES  64u

struct slot {
	uint64_t id; /* 0: free (no cgroup has it) */
	char *path;
	size_t len;
};

struct cgroup_map {
	struct slot *slots;
	size_t nr_slots, used;
	char path[DECODE_PATH_MAX];
};

int cgroup_map__new(struct cgroup_map **ret)
{
	struct cgroup_map *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	m->nr_slots = FIRST_SLOTS;
	m->slots = calloc(m->nr_slots, sizeof(*m->slots));
	if (!m->slots) {
		free(m);
		return -ENOMEM;
	}
	*ret = m;
	return 0;
}

void cgroup_map__free(struct cgroup_map *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->nr_slots; i++)
		free(m->slots[i].path);
	free(m->slots);
	free(m);
}

void cgroup_map__freep(struct cgroup_map **m)
{
	cgroup_map__free(*m);
}

static size_t home(uint64_t id, size_t nr_slots)
{
	return (size_t)((id * 0x9e3779b97f4a7c15ULL) >> 32) & (nr_slots - 1);
}

/* The slot of id, or the free one where it belongs; NULL: neither is near. */
static struct slot *find(struct slot *slots, size_t nr_slots, uint64_t id)
{
	size_t at = home(id, nr_slots);

	for (size_t i = 0; i < MAX_PROBES; i++) {
		struct slot *s = &slots[(at + i) & (nr_slots - 1)];

		if (s->id == id || !s->id)
			return s;
	}
	return NULL;
}

static void grow(struct cgroup_map *m)
{
	size_t n = m->nr_slots * 2;
	struct slot *slots;

	if (n > MAX_SLOTS)
		return;
	slots = calloc(n, sizeof(*slots));
	if (!slots)
		return; /* a fuller table is only slower */
	for (size_t i = 0; i < m->nr_slots; i++) {
		struct slot *from = &m->slots[i];
		struct slot *to = from->id ? find(slots, n, from->id) : NULL;

		if (to) {
			*to = *from;
			continue;
		}
		if (from->id)
			m->used--;
		free(from->path);
	}
	free(m->slots);
	m->slots = slots;
	m->nr_slots = n;
}

static int add(struct cgroup_map *m, uint64_t id, struct str path)
{
	struct slot *s;
	char *copy;

	if (m->used >= m->nr_slots / 4 * 3)
		grow(m);
	s = find(m->slots, m->nr_slots, id);
	if (!s)
		s = &m->slots[home(id, m->nr_slots)];
	copy = malloc(path.len + 1);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, path.p, path.len);
	copy[path.len] = '\0';
	if (!s->id)
		m->used++;
	free(s->path);
	*s = (struct slot){ .id = id, .path = copy, .len = path.len };
	return 0;
}

int cgroup_map__apply(struct cgroup_map *m, const struct ms_hdr *rec, size_t size)
{
	const struct ms_cgroup *cg;
	struct str path;
	int err;

	if (rec->type != MS_REC_CGROUP)
		return 0;
	err = decode__cgroup(rec, size, m->path, &cg, &path);
	if (err || !cg->cgroup_id)
		return err;
	return add(m, cg->cgroup_id, path);
}

struct str cgroup_map__path(const struct cgroup_map *m, uint64_t id)
{
	const struct slot *s = id ? find(m->slots, m->nr_slots, id) : NULL;

	if (!s || s->id != id)
		return (struct str){ "", 0 };
	return (struct str){ s->path, s->len };
}
