// SPDX-License-Identifier: BSD-2-Clause
/* Records: sizes, strings and values are checked before anything is believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/util.h"
#include "decode/decode.h"
#include "make_rec.h"

static char mp[DECODE_PATH_MAX], root[DECODE_PATH_MAX];

static void assert_str(struct str got, const char *want)
{
	assert_int_equal(got.len, strlen(want));
	assert_memory_equal(got.p, want, got.len);
}

static int decode_fx(struct fx f, const struct ms_effect **e, struct effect_strings *s)
{
	static struct rec r;
	const struct ms_hdr *h = make_effect(&r, f);

	return decode__effect(h, h->size, mp, root, e, s);
}

/* Runs a decoder on a copy of every length short of the whole, each in memory of just that size. */
#define assert_cut_is_refused(rec, call)                                                           \
	do {                                                                                       \
		const struct ms_hdr *whole = (rec);                                                \
		for (size_t size = sizeof(struct ms_hdr); size < whole->size; size++) {            \
			struct ms_hdr *cut = malloc(size);                                         \
			memcpy(cut, whole, size);                                                  \
			assert_int_equal((call), -EBADMSG);                                        \
			free(cut);                                                                 \
		}                                                                                  \
	} while (0)

static void an_effect_gives_paths_the_right_way_round(void **state)
{
	const struct ms_effect *e;
	struct effect_strings s;

	(void)state;
	assert_int_equal(decode_fx((struct fx){ .kind = MS_EFF_ATTACH,
						.id = 7,
						.mp = "/a/bc/d",
						.root = "/x",
						.fstype = "ext4",
						.source = "/dev/x" },
				   &e, &s),
			 0);
	assert_int_equal(e->mnt_id, 7);
	assert_str(s.mountpoint, "/a/bc/d");
	assert_str(s.root, "/x");
	assert_str(s.fstype, "ext4");
	assert_str(s.source, "/dev/x");
}

static void no_names_are_the_root_itself(void **state)
{
	const struct ms_effect *e;
	struct effect_strings s;

	(void)state;
	assert_int_equal(decode_fx((struct fx){ .kind = MS_EFF_ATTACH }, &e, &s), 0);
	assert_str(s.mountpoint, "");
	assert_str(s.root, "/");
}

static void a_truncated_walk_starts_with_dots(void **state)
{
	const struct ms_effect *e;
	struct effect_strings s;

	(void)state;
	assert_int_equal(decode_fx((struct fx){ .kind = MS_EFF_ATTACH,
						.mp = "/y/z",
						.root = "/r",
						.flags = MS_EFF_MP_TRUNC | MS_EFF_ROOT_TRUNC },
				   &e, &s),
			 0);
	assert_str(s.mountpoint, "/.../y/z");
	assert_str(s.root, "/.../r");
}

static void a_path_too_long_keeps_its_leaf(void **state)
{
	static char path[20001];
	const struct ms_effect *e;
	struct effect_strings s;

	(void)state;
	for (size_t i = 0; i < 20000; i += 2)
		memcpy(path + i, i + 2 < 20000 ? "/d" : "/L", 2);
	assert_int_equal(decode_fx((struct fx){ .kind = MS_EFF_ATTACH, .mp = path }, &e, &s), 0);
	assert_true(s.mountpoint.len < DECODE_PATH_MAX);
	assert_true(s.mountpoint.len > DECODE_PATH_MAX - 16);
	assert_memory_equal(s.mountpoint.p, "/.../d/d", 8);
	assert_memory_equal(s.mountpoint.p + s.mountpoint.len - 4, "/d/L", 4);
	assert_int_equal(s.mountpoint.p[s.mountpoint.len], '\0');
}

static void one_name_longer_than_any_path_is_cut_away(void **state)
{
	static char path[20001];
	const struct ms_effect *e;
	struct effect_strings s;

	(void)state;
	memset(path, 'x', 20000);
	path[0] = '/';
	assert_int_equal(decode_fx((struct fx){ .kind = MS_EFF_ATTACH, .mp = path }, &e, &s), 0);
	assert_str(s.mountpoint, "/...");
}

static void whole_paths_are_taken_as_they_are(void **state)
{
	const struct ms_effect *e;
	struct effect_strings s;

	(void)state;
	assert_int_equal(decode_fx((struct fx){ .kind = MS_EFF_LISTED,
						.mp = "/a/b",
						.root = "mnt:[1]",
						.flags = MS_EFF_ABS_PATH },
				   &e, &s),
			 0);
	assert_str(s.mountpoint, "/a/b");
	assert_str(s.root, "mnt:[1]");
	assert_int_equal(decode_fx((struct fx){ .kind = MS_EFF_LISTED,
						.mp = "a/b",
						.flags = MS_EFF_ABS_PATH },
				   &e, &s),
			 -EBADMSG);
	assert_int_equal(decode_fx((struct fx){ .kind = MS_EFF_LISTED, .flags = MS_EFF_ABS_PATH },
				   &e, &s),
			 -EBADMSG);
	/* Only what is known to be incomplete may lack it. */
	assert_int_equal(decode_fx((struct fx){ .kind = MS_EFF_ATTACH,
						.flags = MS_EFF_ABS_PATH | MS_EFF_NO_DETAIL },
				   &e, &s),
			 0);
}

static void names_must_be_ended_and_not_empty(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} bad[] = { { "a", 1 }, { "\0", 1 }, { "a\0\0", 3 }, { "\0a\0", 3 }, { "a\0b", 3 } };
	static struct rec r;
	const struct ms_effect *got;
	struct effect_strings s;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct ms_effect *e = (struct ms_effect *)r.b;

		(void)make_effect(&r, (struct fx){ .kind = MS_EFF_ATTACH });
		memcpy(e->data, bad[i].bytes, bad[i].len);
		e->mountpoint_len = (uint16_t)bad[i].len;
		e->hdr.size = (uint16_t)(sizeof(*e) + bad[i].len);
		assert_int_equal(decode__effect(&e->hdr, e->hdr.size, mp, root, &got, &s),
				 -EBADMSG);
	}
}

static void a_string_with_a_nul_is_refused(void **state)
{
	static struct rec r;
	struct ms_effect *e = (struct ms_effect *)r.b;
	const struct ms_effect *got;
	struct effect_strings s;

	(void)state;
	(void)make_effect(&r, (struct fx){ .kind = MS_EFF_ATTACH, .fstype = "ext4" });
	e->data[2] = '\0';
	assert_int_equal(decode__effect(&e->hdr, e->hdr.size, mp, root, &got, &s), -EBADMSG);
}

static void unknown_values_are_refused(void **state)
{
	static struct rec r;
	struct ms_effect *e = (struct ms_effect *)r.b;
	struct ms_ns *ns = (struct ms_ns *)r.b;
	const struct ms_effect *got;
	const struct ms_ns *got_ns;
	struct effect_strings s;

	(void)state;
	assert_int_equal(decode_fx((struct fx){ .kind = 0 }, &got, &s), -EBADMSG);
	assert_int_equal(decode_fx((struct fx){ .kind = MS_EFF_LISTED + 1 }, &got, &s), -EBADMSG);
	(void)make_effect(&r, (struct fx){ .kind = MS_EFF_ATTACH });
	e->cause = MS_CAUSE_MAX;
	assert_int_equal(decode__effect(&e->hdr, e->hdr.size, mp, root, &got, &s), -EBADMSG);
	(void)make_ns(&r, MS_NS_SEEN, 1, 2, 3, 4);
	assert_int_equal(decode__ns(&ns->hdr, sizeof(*ns), &got_ns), 0);
	ns->event = 0;
	assert_int_equal(decode__ns(&ns->hdr, sizeof(*ns), &got_ns), -EBADMSG);
	ns->event = MS_NS_MAYBE_DEAD + 1;
	assert_int_equal(decode__ns(&ns->hdr, sizeof(*ns), &got_ns), -EBADMSG);
}

static void a_record_of_another_type_is_refused(void **state)
{
	static struct rec r;
	const struct ms_hdr *h = make_ns(&r, MS_NS_SEEN, 1, 2, 3, 4);
	const struct ms_storm *st;
	const struct ms_loss *loss;
	const struct ms_effect *e;

	(void)state;
	((struct ms_hdr *)r.b)->size = sizeof(r.b) - 1;
	assert_int_equal(decode__storm(h, h->size, &st), -EBADMSG);
	assert_int_equal(decode__loss(h, h->size, &loss), -EBADMSG);
	assert_int_equal(decode__effect_ids(h, h->size, &e), -EBADMSG);
}

static const struct ms_hdr *make_op(struct rec *r)
{
	struct ms_op *op = (struct ms_op *)r->b;

	*op = (struct ms_op){
		.hdr = { .type = MS_REC_OP, .size = sizeof(*op) + 9 },
		.kind = MS_OP_BIND,
		.comm = "mount",
		.pcomm = "sh",
		.source_len = 2,
		.target_len = 3,
		.fstype_len = 4,
	};
	memcpy(op->data, "/a/bcext4", 9);
	return &op->hdr;
}

static void an_operation_gives_its_strings(void **state)
{
	static struct rec r;
	const struct ms_hdr *h = make_op(&r);
	struct ms_op *op = (struct ms_op *)r.b;
	const struct ms_op *got;
	struct op_strings s;

	(void)state;
	assert_int_equal(decode__op(h, h->size, &got, &s), 0);
	assert_str(s.source, "/a");
	assert_str(s.target, "/bc");
	assert_str(s.fstype, "ext4");
	op->kind = MS_OP_KIND_MAX;
	assert_int_equal(decode__op(h, h->size, &got, &s), -EBADMSG);
	op->kind = 0;
	memset(op->comm, 'x', sizeof(op->comm));
	assert_int_equal(decode__op(h, h->size, &got, &s), -EBADMSG);
}

static const struct ms_hdr *make_meta(struct rec *r)
{
	struct ms_meta *m = (struct ms_meta *)r->b;

	*m = (struct ms_meta){
		.hdr = { .type = MS_REC_META, .size = sizeof(*m) + 6 },
		.kernel_len = 2,
		.host_len = 4,
	};
	memcpy(m->data, "6.host", 6);
	return &m->hdr;
}

static const struct ms_hdr *make_cgroup(struct rec *r, const char *names, size_t len)
{
	struct ms_cgroup *c = (struct ms_cgroup *)r->b;

	*c = (struct ms_cgroup){
		.hdr = { .type = MS_REC_CGROUP, .size = (uint16_t)(sizeof(*c) + len) },
		.path_len = (uint16_t)len,
	};
	memcpy(c->data, names, len);
	return &c->hdr;
}

static void meta_cgroup_and_snapshot_give_their_strings(void **state)
{
	static struct rec r;
	const struct ms_hdr *h = make_meta(&r);
	const struct ms_cgroup *cg;
	const struct ms_meta *m;
	const struct ms_snap *sn;
	struct str a, b;

	(void)state;
	assert_int_equal(decode__meta(h, h->size, &m, &a, &b), 0);
	assert_str(a, "6.");
	assert_str(b, "host");
	h = make_cgroup(&r, "b\0a\0", 4);
	assert_int_equal(decode__cgroup(h, h->size, mp, &cg, &a), 0);
	assert_str(a, "/a/b");
	h = make_cgroup(&r, "", 0);
	assert_int_equal(decode__cgroup(h, h->size, mp, &cg, &a), 0);
	assert_str(a, "/");
	h = make_snap(&r, MS_REC_SNAP_END, (struct ms_snap){ .ns_inum = 1 }, "/x");
	assert_int_equal(decode__snap(h, h->size, &sn, &a), 0);
	assert_str(a, "/x");
	h = make_snap(&r, MS_REC_SNAP_END, (struct ms_snap){ .ns_inum = 1 }, "x");
	assert_int_equal(decode__snap(h, h->size, &sn, &a), -EBADMSG);
}

static void a_record_cut_anywhere_is_refused(void **state)
{
	static struct rec r;
	const struct ms_effect *e;
	const struct ms_op *op;
	const struct ms_storm *st;
	const struct ms_ns *ns;
	const struct ms_meta *m;
	const struct ms_snap *sn;
	const struct ms_cgroup *cg;
	struct effect_strings es;
	struct op_strings os;
	struct str a, b;

	(void)state;
	assert_cut_is_refused(make_op(&r), decode__op(cut, size, &op, &os));
	assert_cut_is_refused(make_effect(&r, (struct fx){ .kind = MS_EFF_ATTACH,
							   .mp = "/a/b",
							   .root = "/c",
							   .fstype = "f",
							   .source = "s" }),
			      decode__effect(cut, size, mp, root, &e, &es));
	assert_cut_is_refused(make_storm(&r, 1, 2, 3), decode__storm(cut, size, &st));
	assert_cut_is_refused(make_ns(&r, MS_NS_BORN, 1, 2, 3, 4), decode__ns(cut, size, &ns));
	assert_cut_is_refused(make_meta(&r), decode__meta(cut, size, &m, &a, &b));
	assert_cut_is_refused(make_snap(&r, MS_REC_SNAP_BEGIN, (struct ms_snap){}, "/x"),
			      decode__snap(cut, size, &sn, &a));
	assert_cut_is_refused(make_cgroup(&r, "ab\0", 3), decode__cgroup(cut, size, mp, &cg, &a));
}

static void every_value_has_a_name_that_leads_back(void **state)
{
	(void)state;
	for (unsigned i = 0; i < MS_OP_KIND_MAX; i++)
		assert_int_equal(op_kind__from_name(op_kind__name(i)), i);
	for (unsigned i = 0; i < MS_CAUSE_MAX; i++)
		assert_int_equal(cause__from_name(cause__name(i)), i);
	for (unsigned i = 0; i < MS_BACKEND_MAX; i++)
		assert_int_equal(backend__from_name(backend__name(i)), i);
	for (unsigned i = MS_EFF_ATTACH; i <= MS_EFF_LISTED; i++)
		assert_non_null(effect_kind__name(i));
	for (unsigned i = 0; i < MS_LOSS_NR; i++)
		assert_non_null(loss__name(i));
	assert_null(op_kind__name(MS_OP_KIND_MAX));
	assert_null(effect_kind__name(0));
	assert_null(effect_kind__name(MS_EFF_LISTED + 1));
	assert_null(cause__name(MS_CAUSE_MAX));
	assert_null(backend__name(MS_BACKEND_MAX));
	assert_null(loss__name(MS_LOSS_NR));
	assert_int_equal(op_kind__from_name("nonsense"), MS_OP_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_effect_gives_paths_the_right_way_round),
		cmocka_unit_test(no_names_are_the_root_itself),
		cmocka_unit_test(a_truncated_walk_starts_with_dots),
		cmocka_unit_test(a_path_too_long_keeps_its_leaf),
		cmocka_unit_test(one_name_longer_than_any_path_is_cut_away),
		cmocka_unit_test(whole_paths_are_taken_as_they_are),
		cmocka_unit_test(names_must_be_ended_and_not_empty),
		cmocka_unit_test(a_string_with_a_nul_is_refused),
		cmocka_unit_test(unknown_values_are_refused),
		cmocka_unit_test(a_record_of_another_type_is_refused),
		cmocka_unit_test(an_operation_gives_its_strings),
		cmocka_unit_test(meta_cgroup_and_snapshot_give_their_strings),
		cmocka_unit_test(a_record_cut_anywhere_is_refused),
		cmocka_unit_test(every_value_has_a_name_that_leads_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
