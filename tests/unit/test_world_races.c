// SPDX-License-Identifier: BSD-2-Clause
/*
 * Snapshots race with effects: however the two interleave, the mirror ends as the kernel does.
 *
 * A small model kernel makes random histories over two namespaces that hand mount ids to each other. A
 * snapshot is taken at every pair of moments (S, when the effect counter was read; T >= S, when the
 * table was) and put into the stream of effects at every place. The truth is the table at the end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "make_rec.h"
#include "decode/decode.h"
#include "model/verify.h"

enum { NR_NS = 2, NR_IDS = 8, STEPS = 10, HISTORIES = 24, LONG_HISTORIES = 3000 };

#define NS(i)	(100 + (uint32_t)(i))
#define ROOT(i) (1 + (uint32_t)(i)) /* root mounts never change */

struct kmnt {
	bool there;
	uint32_t ns, parent, peer, dev, flags;
	char mp[8];
};

struct kernel {
	struct kmnt m[NR_IDS + 1]; /* by id */
};

struct history {
	struct kernel at[STEPS + 1]; /* after each effect */
	struct fx fx[STEPS + 1];     /* from 1 */
	bool unique;
	uint64_t next_unique;
	uint64_t unique_of[NR_IDS + 1];
};

/* xorshift: the same histories in every run. */
static uint32_t rnd_state;

static uint32_t rnd(uint32_t below)
{
	rnd_state ^= rnd_state << 13;
	rnd_state ^= rnd_state >> 17;
	rnd_state ^= rnd_state << 5;
	return rnd_state % below;
}

static void k_path(const struct kernel *k, uint32_t id, char *out, size_t size)
{
	char tail[64] = "", next[64];

	for (; id > NR_NS; id = k->m[id].parent) {
		assert_true(strlen(k->m[id].mp) + strlen(tail) < sizeof(next));
		(void)snprintf(next, sizeof(next), "%.7s%.56s", k->m[id].mp, tail);
		memcpy(tail, next, sizeof(tail));
	}
	assert_true(strlen(tail) < size);
	memcpy(out, tail[0] ? tail : "/", strlen(tail) + 2);
}

static bool k_is_below(const struct kernel *k, uint32_t id, uint32_t top)
{
	while (id != top && id > NR_NS)
		id = k->m[id].parent;
	return id == top;
}

static bool k_has_children(const struct kernel *k, uint32_t id)
{
	for (uint32_t i = 1; i <= NR_IDS; i++) {
		if (i != id && k->m[i].there && k->m[i].parent == id)
			return true;
	}
	return false;
}

static void k_place(struct kernel *k, uint32_t id)
{
	static const char *const places[] = { "", "/a", "/b", "/a/b" };
	uint32_t parent;

	do {
		parent = 1 + rnd(NR_IDS);
	} while (!k->m[parent].there || k->m[parent].ns != k->m[id].ns ||
		 k_is_below(k, parent, id));
	k->m[id].parent = parent;
	(void)snprintf(k->m[id].mp, sizeof(k->m[id].mp), "%s", places[rnd(ARRAY_SIZE(places))]);
}

/* One random step of the kernel; returns what kind of effect it was on which mount. */
static unsigned k_step(struct kernel *k, uint32_t *ret_id)
{
	uint32_t id = NR_NS + 1 + rnd(NR_IDS - NR_NS), op = rnd(5);
	struct kmnt *m = &k->m[id];

	*ret_id = id;
	if (!m->there) {
		*m = (struct kmnt){ .there = true, .ns = rnd(NR_NS), .dev = rnd(3) };
		m->parent = ROOT(m->ns);
		k_place(k, id);
		return MS_EFF_ATTACH;
	}
	if (op <= 1 && !k_has_children(k, id)) {
		m->there = false;
		return MS_EFF_DETACH;
	}
	if (op <= 2) {
		k_place(k, id);
		return MS_EFF_MOVE;
	}
	if (op == 3) {
		m->peer = rnd(3);
		return MS_EFF_PROPAGATION;
	}
	m->flags ^= MS_MNT_READONLY;
	return MS_EFF_ATTR;
}

static struct fx k_tell(const struct kmnt *m, uint32_t id)
{
	return (struct fx){ .ns = NS(m->ns),
			    .id = id,
			    .parent = m->parent,
			    .mp = m->mp,
			    .peer = m->peer,
			    .dev = m->dev,
			    .mnt_flags = m->flags };
}

static void make_history(struct history *h, unsigned steps, bool moves)
{
	struct kernel k = {};

	h->next_unique = 1000;
	for (uint32_t i = 0; i < NR_NS; i++) {
		k.m[ROOT(i)] = (struct kmnt){ .there = true, .ns = i, .parent = ROOT(i) };
		h->unique_of[ROOT(i)] = 0;
	}
	h->at[0] = k;
	for (unsigned i = 1; i <= steps; i++) {
		struct kernel before = k;
		unsigned kind;
		uint32_t id;

		do {
			k = before;
			kind = k_step(&k, &id);
		} while (kind == MS_EFF_MOVE && !moves);
		if (kind == MS_EFF_ATTACH)
			h->unique_of[id] = h->unique ? h->next_unique++ : 0;
		h->at[i] = k;
		h->fx[i] = k_tell(&h->at[i].m[id], id);
		h->fx[i].kind = kind;
		h->fx[i].seq = i;
		h->fx[i].unique = h->unique_of[id];
	}
}

/* The table of a namespace at T; a torn one has line after line from later moments, up to T2. */
static size_t k_table(const struct history *h, uint32_t ns, unsigned t, unsigned t2,
		      struct fx *lines, char (*paths)[64])
{
	size_t n = 0;

	for (uint32_t id = 1; id <= NR_IDS; id++) {
		const struct kernel *k = &h->at[t];

		if (k->m[id].there && k->m[id].ns == ns) {
			lines[n] = k_tell(&k->m[id], id);
			k_path(k, id, paths[n], sizeof(paths[n]));
			lines[n].mp = paths[n];
			n++;
		}
		if (t < t2)
			t += rnd(t2 - t + 1);
	}
	return n;
}

static void apply_snapshot(struct world *w, const struct history *h, uint32_t ns, unsigned s,
			   unsigned t, unsigned t2)
{
	struct ms_snap snap = { .seq = s,
				.ns_inum = NS(ns),
				.root_mnt_id = ROOT(ns),
				.flags = t2 > t ? MS_SNAP_TORN : 0 };
	struct fx lines[NR_IDS];
	char paths[NR_IDS][64];
	size_t n = k_table(h, ns, t, t2, lines, paths);

	apply_snap(w, snap, NULL, lines, n, NULL, NULL);
}

static struct world *truth_of(const struct history *h, unsigned t)
{
	struct world *w = new_world();

	for (uint32_t ns = 0; ns < NR_NS; ns++)
		apply_snapshot(w, h, ns, 0, t, t);
	return w;
}

struct context {
	const struct history *h;
	char what[160];
	bool quiet;
};

static void on_diff(void *arg, const struct diff *d)
{
	struct context *c = arg;

	if (c->quiet)
		return;
	print_error("%s\n  kind %d, namespace %u, mount %u: %s: kernel %s, mirror %s\n", c->what,
		    d->kind, d->ns_inum, d->mnt_id, d->field ? d->field : "",
		    d->want ? d->want : "-", d->got ? d->got : "-");
	for (unsigned i = 1; i <= STEPS && c->h->fx[i].kind; i++)
		print_error("  %u: %s\tns %u id %u parent %u %s\n", i,
			    effect_kind__name(c->h->fx[i].kind), c->h->fx[i].ns, c->h->fx[i].id,
			    c->h->fx[i].parent, c->h->fx[i].mp);
	c->quiet = true;
}

static void assert_converged(struct world *w, const struct world *truth, const struct history *h,
			     const char *what)
{
	struct context c = { .h = h };

	(void)snprintf(c.what, sizeof(c.what), "%s", what);
	if (verify__compare(w, truth, on_diff, &c))
		fail();
}

/* A mirror that begins with the namespaces as they were at 0. */
static struct world *begin_at_0(const struct history *h)
{
	return truth_of(h, 0);
}

static void one_snapshot_anywhere(const struct history *h, unsigned s, unsigned t, unsigned place,
				  bool known, const struct world *truth)
{
	struct world *w __cleanup(world__freep) = known ? begin_at_0(h) : new_world();
	char what[128];
	uint32_t ns;

	for (unsigned i = 0; i <= STEPS; i++) {
		if (i)
			apply_fx(w, h->fx[i]);
		for (ns = 0; i == place && ns < NR_NS; ns++)
			apply_snapshot(w, h, ns, s, t, t);
	}
	(void)snprintf(what, sizeof(what), "S %u, T %u, applied after %u, %s", s, t, place,
		       known ? "known before" : "first snapshot");
	for (ns = 0; ns < NR_NS; ns++)
		assert_false(world__ns(w, NS(ns))->stale);
	assert_converged(w, truth, h, what);
}

static void a_snapshot_at_any_moment_in_any_place_converges(void **state)
{
	static struct history h;

	(void)state;
	rnd_state = 4711;
	for (unsigned n = 0; n < HISTORIES; n++) {
		struct world *truth;

		h.unique = n & 1;
		make_history(&h, STEPS, true);
		truth = truth_of(&h, STEPS);
		for (unsigned s = 0; s <= STEPS; s++) {
			for (unsigned t = s; t <= STEPS; t++) {
				for (unsigned place = 0; place <= STEPS; place++) {
					one_snapshot_anywhere(&h, s, t, place, true, truth);
					one_snapshot_anywhere(&h, s, t, place, false, truth);
				}
			}
		}
		world__free(truth);
	}
}

/* Several snapshots of single namespaces, in the order in which they were taken, at random places. */
static void many_snapshots_of_single_namespaces_converge(void **state)
{
	static struct history h;

	(void)state;
	rnd_state = 815;
	for (unsigned n = 0; n < LONG_HISTORIES; n++) {
		struct world *truth, *w;
		unsigned s = 0;

		h.unique = n & 1;
		make_history(&h, STEPS, true);
		truth = truth_of(&h, STEPS);
		w = begin_at_0(&h);
		for (unsigned i = 0; i <= STEPS; i++) {
			if (i)
				apply_fx(w, h.fx[i]);
			while (!rnd(3)) {
				s += rnd(STEPS - s + 1);
				apply_snapshot(w, &h, rnd(NR_NS), s, s + rnd(STEPS - s + 1), 0);
			}
		}
		assert_converged(w, truth, &h, "many snapshots");
		world__free(w);
		world__free(truth);
	}
}

/* A torn table may leave the mirror wrong, but then it says so, and the next snapshot heals it. */
static void a_torn_table_converges_or_stays_stale(void **state)
{
	static struct history h;
	unsigned healed = 0;

	(void)state;
	rnd_state = 42;
	for (unsigned n = 0; n < LONG_HISTORIES; n++) {
		struct world *truth, *w;
		unsigned s, t, place = rnd(STEPS + 1);
		uint32_t ns;

		h.unique = n & 1;
		make_history(&h, STEPS, true);
		truth = truth_of(&h, STEPS);
		w = n & 2 ? begin_at_0(&h) : new_world();
		s = rnd(STEPS);
		t = s + rnd(STEPS - s);
		for (unsigned i = 0; i <= STEPS; i++) {
			if (i)
				apply_fx(w, h.fx[i]);
			for (ns = 0; i == place && ns < NR_NS; ns++)
				apply_snapshot(w, &h, ns, s, t, STEPS);
		}
		for (ns = 0; ns < NR_NS; ns++) {
			if (!world__ns(w, NS(ns))->stale)
				continue;
			apply_snapshot(w, &h, ns, STEPS, STEPS, STEPS);
			assert_false(world__ns(w, NS(ns))->stale);
			healed++;
		}
		assert_converged(w, truth, &h, "torn");
		world__free(w);
		world__free(truth);
	}
	/* Every fourth effect here is a move, and still most tables are sure. */
	assert_true(healed < LONG_HISTORIES * NR_NS / 4);
}

/* Without moves a torn table tells all the same, but for ids that were given out again meanwhile. */
static void a_torn_table_without_moves_is_hardly_ever_stale(void **state)
{
	static struct history h;
	unsigned healed = 0;

	(void)state;
	rnd_state = 99;
	for (unsigned n = 0; n < LONG_HISTORIES; n++) {
		struct world *truth, *w;
		unsigned s = rnd(STEPS), place = rnd(STEPS + 1);
		uint32_t ns;

		make_history(&h, STEPS, false);
		truth = truth_of(&h, STEPS);
		w = n & 2 ? begin_at_0(&h) : new_world();
		for (unsigned i = 0; i <= STEPS; i++) {
			if (i)
				apply_fx(w, h.fx[i]);
			for (ns = 0; i == place && ns < NR_NS; ns++)
				apply_snapshot(w, &h, ns, s, s, STEPS);
		}
		for (ns = 0; ns < NR_NS; ns++)
			healed += world__ns(w, NS(ns))->stale;
		assert_converged(w, truth, &h, "torn, no moves");
		world__free(w);
		world__free(truth);
	}
	assert_true(healed < LONG_HISTORIES / 50);
}

/* Effects lost, then told of: stale, and right again after a snapshot. */
static void a_snapshot_heals_any_loss(void **state)
{
	static struct history h;

	(void)state;
	rnd_state = 7;
	for (unsigned n = 0; n < LONG_HISTORIES; n++) {
		struct ms_loss loss = { .hdr = { .type = MS_REC_LOSS, .size = sizeof(loss) } };
		struct world *truth, *w;
		unsigned s = STEPS / 2 + rnd(STEPS / 2 + 1), place = rnd(STEPS + 1), i;

		h.unique = n & 1;
		make_history(&h, STEPS, true);
		truth = truth_of(&h, STEPS);
		w = begin_at_0(&h);
		for (i = 0; i <= STEPS; i++) {
			/* Of the first half every other effect is lost. */
			if (i && (i > STEPS / 2 || rnd(2)))
				apply_fx(w, h.fx[i]);
			if (i == STEPS / 2) {
				loss.lost[MS_LOSS_RING] = 1;
				apply_rec(w, &loss.hdr);
			}
			if (i == max(place, (unsigned)STEPS / 2)) {
				for (uint32_t ns = 0; ns < NR_NS; ns++)
					apply_snapshot(w, &h, ns, s, s, s);
			}
		}
		assert_converged(w, truth, &h, "after a loss");
		world__free(w);
		world__free(truth);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_snapshot_at_any_moment_in_any_place_converges),
		cmocka_unit_test(many_snapshots_of_single_namespaces_converge),
		cmocka_unit_test(a_torn_table_converges_or_stays_stale),
		cmocka_unit_test(a_torn_table_without_moves_is_hardly_ever_stale),
		cmocka_unit_test(a_snapshot_heals_any_loss),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
