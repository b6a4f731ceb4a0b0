// SPDX-License-Identifier: BSD-2-Clause
/* Effects and operations put together: in every order, with losses, and within bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/util.h"
#include "make_op.h"
#include "model/assemble.h"

#define NS    100
#define SLAVE 200

/* What was handed out, copied, since it is only valid during the call. */
struct seen {
	uint64_t op_id;
	unsigned kind, flags;
	uint32_t nr_effects, nr_lost, counted, attached, detached, moved, other;
	uint32_t propagated;
	size_t nr_kept, nr_ns;
	uint32_t ns_beyond;
	char target[256], last_path[256], origin_path[256];
	bool target_known;
	uint32_t main_id, first_ns_attached;
};

struct bench {
	struct world *world;
	struct assembler *a;
	struct seen seen[64];
	size_t n;
	int answer; /* of the callback */
};

static void copy(char *to, size_t size, struct str s)
{
	size_t len = min(s.len, size - 1);

	if (len)
		memcpy(to, s.p, len);
	to[len] = '\0';
}

static int note(void *arg, const struct operation *o)
{
	struct bench *b = arg;
	struct seen *s = &b->seen[b->n++];

	assert_true(b->n <= ARRAY_SIZE(b->seen));
	*s = (struct seen){
		.op_id = o->op->hdr.op_id,
		.kind = o->op->kind,
		.flags = o->op->flags,
		.nr_effects = o->nr_effects,
		.nr_lost = o->nr_lost,
		.counted = o->counted,
		.attached = o->kinds[MS_EFF_ATTACH],
		.detached = o->kinds[MS_EFF_DETACH],
		.moved = o->kinds[MS_EFF_MOVE],
		.other = o->kinds[0],
		.propagated = o->causes[MS_CAUSE_PROPAGATED],
		.nr_kept = o->nr_kept,
		.nr_ns = o->nr_ns,
		.ns_beyond = o->ns_beyond,
		.target_known = o->target_known,
		.main_id = o->main ? o->main->rec->mnt_id : 0,
		.first_ns_attached = o->nr_ns ? o->ns[0].attached : 0,
	};
	copy(s->target, sizeof(s->target), o->target);
	if (o->nr_kept) {
		copy(s->last_path, sizeof(s->last_path), o->effects[o->nr_kept - 1].path);
		copy(s->origin_path, sizeof(s->origin_path),
		     o->effects[o->nr_kept - 1].origin_path);
	}
	return b->answer;
}

static void bench__init(struct bench *b, struct assemble_opts opts)
{
	static const struct fx host[] = {
		{ .id = 1, .parent = 99, .mp = "/", .fstype = "ext4", .source = "/dev/sda1" },
		{ .id = 2, .parent = 1, .mp = "/run", .fstype = "tmpfs", .source = "tmpfs" },
		{ .id = 3, .parent = 2, .mp = "/run/lock", .fstype = "tmpfs", .source = "lock" },
	};
	static const struct fx slave[] = { { .id = 11, .parent = 98, .mp = "/" } };

	*b = (struct bench){ .world = new_world() };
	apply_table(b->world, NS, 0, host, ARRAY_SIZE(host));
	apply_table(b->world, SLAVE, 0, slave, ARRAY_SIZE(slave));
	assert_int_equal(assembler__new(b->world, &opts, note, b, &b->a), 0);
}

static void bench__done(struct bench *b)
{
	assembler__free(b->a);
	world__free(b->world);
}

static int feed(struct bench *b, const struct ms_hdr *rec)
{
	return assembler__feed(b->a, rec, rec->size);
}

static void feed_ok(struct bench *b, const struct ms_hdr *rec)
{
	assert_int_equal(feed(b, rec), 0);
}

static struct fx attach(uint64_t seq, uint32_t ns, uint32_t id, uint32_t parent, const char *mp)
{
	return (struct fx){ .kind = MS_EFF_ATTACH,
			    .seq = seq,
			    .ns = ns,
			    .id = id,
			    .parent = parent,
			    .mp = mp,
			    .fstype = "tmpfs",
			    .source = "s" };
}

static struct fx detach(uint64_t seq, uint32_t ns, uint32_t id)
{
	return (struct fx){ .kind = MS_EFF_DETACH, .seq = seq, .ns = ns, .id = id };
}

static struct rec r;

static void effects_wait_for_the_end_of_their_operation(void **state)
{
	struct bench b;

	(void)state;
	bench__init(&b, (struct assemble_opts){});
	feed_ok(&b, make_op_effect(&r, 5, MS_CAUSE_DIRECT, 0, attach(1, NS, 20, 1, "/a")));
	assert_int_equal(b.n, 0);
	feed_ok(&b,
		make_op(&r,
			(struct opx){
				.op_id = 5, .kind = MS_OP_MOUNT, .target = "a", .nr_effects = 1 }));
	assert_int_equal(b.n, 1);
	assert_int_equal(b.seen[0].attached, 1);
	assert_int_equal(b.seen[0].nr_lost, 0);
	assert_string_equal(b.seen[0].target, "/a");
	assert_true(b.seen[0].target_known);
	bench__done(&b);
}

static void operations_under_way_together_keep_their_own_effects(void **state)
{
	struct bench b;

	(void)state;
	bench__init(&b, (struct assemble_opts){ .keep_effects = true });
	feed_ok(&b, make_op_effect(&r, 5, MS_CAUSE_DIRECT, 0, attach(1, NS, 20, 1, "/a")));
	feed_ok(&b, make_op_effect(&r, 6, MS_CAUSE_DIRECT, 0, attach(2, NS, 21, 1, "/b")));
	feed_ok(&b, make_op_effect(&r, 5, MS_CAUSE_PROPAGATED, 20, attach(3, SLAVE, 22, 11, "/a")));
	feed_ok(&b, make_op(&r, (struct opx){ .op_id = 6, .kind = MS_OP_MOUNT }));
	feed_ok(&b, make_op(&r, (struct opx){ .op_id = 5, .kind = MS_OP_MOUNT }));
	assert_int_equal(b.n, 2);
	assert_int_equal(b.seen[0].op_id, 6);
	assert_int_equal(b.seen[0].nr_effects, 1);
	assert_string_equal(b.seen[0].target, "/b");
	assert_int_equal(b.seen[1].nr_effects, 2);
	assert_int_equal(b.seen[1].nr_ns, 2);
	assert_int_equal(b.seen[1].propagated, 1);
	assert_string_equal(b.seen[1].origin_path, "/a");
	bench__done(&b);
}

static void a_failed_operation_has_the_argument_as_its_target(void **state)
{
	struct bench b;

	(void)state;
	bench__init(&b, (struct assemble_opts){});
	feed_ok(&b, make_op(&r, (struct opx){ .op_id = 5,
					      .kind = MS_OP_UMOUNT,
					      .ret = -EBUSY,
					      .target = "rel/x" }));
	assert_string_equal(b.seen[0].target, "rel/x");
	assert_false(b.seen[0].target_known);
	bench__done(&b);
}

static void a_detach_has_the_path_from_before_it_went(void **state)
{
	struct bench b;

	(void)state;
	bench__init(&b, (struct assemble_opts){});
	feed_ok(&b, make_op_effect(&r, 5, MS_CAUSE_DIRECT, 0, detach(1, NS, 3)));
	assert_null(world__mnt(b.world, 3));
	feed_ok(&b, make_op(&r, (struct opx){ .op_id = 5, .kind = MS_OP_UMOUNT, .target = "." }));
	assert_string_equal(b.seen[0].target, "/run/lock");
	bench__done(&b);
}

static void a_child_detached_after_its_parent_keeps_its_whole_path(void **state)
{
	struct bench b;

	(void)state;
	bench__init(&b, (struct assemble_opts){ .keep_effects = true });
	feed_ok(&b, make_op_effect(&r, 5, MS_CAUSE_LAZY, 0, detach(1, NS, 2)));
	feed_ok(&b, make_op_effect(&r, 5, MS_CAUSE_LAZY, 0, detach(2, NS, 3)));
	feed_ok(&b, make_op(&r, (struct opx){ .op_id = 5, .kind = MS_OP_UMOUNT }));
	assert_string_equal(b.seen[0].target, "/run");
	assert_string_equal(b.seen[0].last_path, "/run/lock");
	assert_int_equal(b.seen[0].detached, 2);
	bench__done(&b);
}

static void the_direct_effect_is_what_an_operation_is_about(void **state)
{
	for (int keep = 0; keep < 2; keep++) {
		struct bench b;

		(void)state;
		bench__init(&b, (struct assemble_opts){ .keep_effects = keep });
		feed_ok(&b, make_op_effect(&r, 5, MS_CAUSE_PROPAGATED, 0,
					   attach(1, SLAVE, 20, 11, "/copy")));
		feed_ok(&b, make_op_effect(&r, 5, MS_CAUSE_DIRECT, 0, attach(2, NS, 21, 1, "/a")));
		feed_ok(&b, make_op_effect(&r, 5, MS_CAUSE_DIRECT, 0, attach(3, NS, 22, 21, "/b")));
		feed_ok(&b, make_op(&r, (struct opx){ .op_id = 5, .kind = MS_OP_RBIND }));
		assert_int_equal(b.seen[0].main_id, 21);
		assert_string_equal(b.seen[0].target, "/a");
		assert_int_equal(b.seen[0].nr_kept, keep ? 3 : 1);
		bench__done(&b);
	}
}

static void effects_beyond_the_bound_are_counted_exactly(void **state)
{
	struct bench b;
	char mp[32];

	(void)state;
	bench__init(&b, (struct assemble_opts){ .keep_effects = true, .max_kept = 10 });
	for (uint32_t i = 0; i < 1000; i++) {
		(void)snprintf(mp, sizeof(mp), "/m%u", i);
		feed_ok(&b, make_op_effect(&r, 5, MS_CAUSE_DIRECT, 0,
					   attach(i + 1, NS, 1000 + i, 1, mp)));
	}
	feed_ok(&b,
		make_op(&r, (struct opx){ .op_id = 5, .kind = MS_OP_RBIND, .nr_effects = 1000 }));
	assert_int_equal(b.seen[0].nr_kept, 10);
	assert_int_equal(b.seen[0].nr_effects, 1000);
	assert_int_equal(b.seen[0].attached, 1000);
	assert_int_equal(b.seen[0].first_ns_attached, 1000);
	assert_int_equal(b.seen[0].nr_lost, 0);
	bench__done(&b);
}

static void effects_of_all_operations_together_are_bounded(void **state)
{
	struct bench b;
	size_t kept = 0;

	(void)state;
	bench__init(&b, (struct assemble_opts){ .keep_effects = true, .max_total = 8 });
	for (uint32_t i = 0; i < 40; i++)
		feed_ok(&b, make_op_effect(&r, 1 + i % 4, MS_CAUSE_DIRECT, 0,
					   attach(i + 1, NS, 100 + i, 1, "/m")));
	for (uint32_t i = 0; i < 4; i++)
		feed_ok(&b, make_op(&r, (struct opx){ .op_id = 1 + i, .kind = MS_OP_BIND }));
	for (size_t i = 0; i < b.n; i++) {
		assert_int_equal(b.seen[i].attached, 10);
		kept += b.seen[i].nr_kept;
	}
	assert_in_range(kept, 4, 8);
	/* What was given back can be used again. */
	feed_ok(&b, make_op_effect(&r, 9, MS_CAUSE_DIRECT, 0, detach(50, NS, 100)));
	feed_ok(&b, make_op_effect(&r, 9, MS_CAUSE_DIRECT, 0, detach(51, NS, 101)));
	feed_ok(&b, make_op(&r, (struct opx){ .op_id = 9, .kind = MS_OP_UMOUNT }));
	assert_int_equal(b.seen[b.n - 1].nr_kept, 2);
	bench__done(&b);
}

static void operations_without_an_end_are_handed_out_oldest_first(void **state)
{
	struct bench b;

	(void)state;
	bench__init(&b, (struct assemble_opts){ .max_open = 2 });
	for (uint32_t i = 1; i <= 4; i++)
		feed_ok(&b,
			make_op_effect(&r, i, MS_CAUSE_DIRECT, 0, attach(i, NS, 20 + i, 1, "/m")));
	assert_int_equal(b.n, 2);
	assert_int_equal(assembler__end(b.a), 0);
	assert_int_equal(b.n, 4);
	for (uint32_t i = 0; i < 4; i++) {
		assert_int_equal(b.seen[i].op_id, i + 1);
		assert_int_equal(b.seen[i].kind, MS_OP_UNKNOWN);
		assert_true(b.seen[i].flags & MS_OPF_SYNTHETIC);
		assert_int_equal(b.seen[i].attached, 1);
	}
	bench__done(&b);
}

static void an_effect_of_no_operation_is_handed_out_at_once(void **state)
{
	struct bench b;

	(void)state;
	bench__init(&b, (struct assemble_opts){});
	feed_ok(&b, make_op_effect(&r, 0, MS_CAUSE_DIRECT, 0, attach(1, NS, 20, 1, "/a")));
	assert_int_equal(b.n, 1);
	assert_string_equal(b.seen[0].target, "/a");
	assert_int_equal(assembler__end(b.a), 0);
	assert_int_equal(b.n, 1);
	bench__done(&b);
}

static void effects_that_did_not_arrive_are_known_to_be_lost(void **state)
{
	struct bench b;

	(void)state;
	bench__init(&b, (struct assemble_opts){});
	feed_ok(&b, make_op_effect(&r, 5, MS_CAUSE_DIRECT, 0, attach(1, NS, 20, 1, "/a")));
	feed_ok(&b, make_op(&r, (struct opx){ .op_id = 5, .kind = MS_OP_BIND, .nr_effects = 4 }));
	assert_int_equal(b.seen[0].nr_lost, 3);
	assert_int_equal(b.seen[0].nr_effects, 1);
	bench__done(&b);
}

static void storms_are_merged_with_effects_by_namespace(void **state)
{
	struct bench b;

	(void)state;
	bench__init(&b, (struct assemble_opts){ .keep_effects = true });
	feed_ok(&b, make_op_effect(&r, 5, MS_CAUSE_DIRECT, 0, attach(1, NS, 20, 1, "/a")));
	feed_ok(&b, make_op_storm(&r, 5,
				  (struct ms_storm){ .ns_inum = NS,
						     .seq = 7,
						     .attached = 5,
						     .detached = 1,
						     .nr_mounts = 9 }));
	feed_ok(&b, make_op_storm(&r, 5,
				  (struct ms_storm){
					  .ns_inum = SLAVE, .seq = 9, .attached = 2, .other = 3 }));
	feed_ok(&b, make_op(&r, (struct opx){ .op_id = 5, .kind = MS_OP_BIND, .nr_effects = 12 }));
	assert_int_equal(b.seen[0].nr_effects, 12);
	assert_int_equal(b.seen[0].counted, 11);
	assert_int_equal(b.seen[0].attached, 8);
	assert_int_equal(b.seen[0].detached, 1);
	assert_int_equal(b.seen[0].other, 3);
	assert_int_equal(b.seen[0].nr_ns, 2);
	assert_int_equal(b.seen[0].first_ns_attached, 6);
	assert_int_equal(b.seen[0].nr_lost, 0);
	assert_true(world__ns(b.world, NS)->stale);
	bench__done(&b);
}

static void namespace_calls_have_no_path_as_their_target(void **state)
{
	struct bench b;

	(void)state;
	bench__init(&b, (struct assemble_opts){});
	feed_ok(&b, make_op_effect(&r, 5, MS_CAUSE_NS_COPY, 1, attach(1, 300, 40, 40, "")));
	feed_ok(&b, make_op(&r, (struct opx){ .op_id = 5, .kind = MS_OP_UNSHARE }));
	assert_string_equal(b.seen[0].target, "");
	bench__done(&b);
}

static const struct fx later[] = {
	{ .id = 1, .parent = 99, .mp = "/", .fstype = "ext4", .source = "/dev/sda1", .peer = 5 },
	{ .id = 2, .parent = 1, .mp = "/run", .fstype = "tmpfs", .source = "tmpfs" },
	{ .id = 30, .parent = 1, .mp = "/new", .fstype = "tmpfs", .source = "n" },
};

/* As apply_table() does, but through the assembler. */
static void feed_table(struct bench *b, unsigned flags, const struct fx *lines, size_t n)
{
	struct ms_snap s = { .ns_inum = NS, .seq = 10, .flags = (__u16)flags };

	feed_ok(b, make_snap(&r, MS_REC_SNAP_BEGIN, s, NULL));
	for (size_t i = 0; i < n; i++) {
		struct fx f = lines[i];

		f.kind = MS_EFF_LISTED;
		f.ns = NS;
		f.flags |= MS_EFF_ABS_PATH;
		feed_ok(b, make_effect(&r, f));
	}
	feed_ok(b, make_snap(&r, MS_REC_SNAP_END, s, NULL));
}

static void what_a_blind_run_finds_in_a_table_is_an_operation(void **state)
{
	struct bench b;

	(void)state;
	bench__init(&b, (struct assemble_opts){ .blind = MS_BLIND_EFFECTS, .keep_effects = true });
	feed_table(&b, 0, later, ARRAY_SIZE(later));
	assert_int_equal(b.n, 1);
	assert_int_equal(b.seen[0].attached, 1);
	assert_int_equal(b.seen[0].detached, 1);
	assert_int_equal(b.seen[0].nr_effects, 3);
	bench__done(&b);
}

static void a_run_that_is_blind_to_propagation_only_reports_that(void **state)
{
	struct bench b;

	(void)state;
	bench__init(&b, (struct assemble_opts){ .blind = MS_BLIND_PROPAGATION });
	feed_table(&b, 0, later, ARRAY_SIZE(later));
	assert_int_equal(b.n, 1);
	assert_int_equal(b.seen[0].nr_effects, 1);
	assert_int_equal(b.seen[0].main_id, 1);
	bench__done(&b);
}

static void a_run_that_sees_all_takes_tables_silently(void **state)
{
	struct bench b;

	(void)state;
	bench__init(&b, (struct assemble_opts){});
	feed_table(&b, 0, later, ARRAY_SIZE(later));
	assert_int_equal(b.n, 0);
	assert_non_null(world__mnt(b.world, 30));
	bench__done(&b);
}

static void tables_of_the_truth_do_not_touch_the_mirror(void **state)
{
	struct bench b;

	(void)state;
	bench__init(&b, (struct assemble_opts){ .blind = MS_BLIND_EFFECTS });
	feed_table(&b, MS_SNAP_TRUTH, later, ARRAY_SIZE(later));
	assert_int_equal(b.n, 0);
	assert_null(world__mnt(b.world, 30));
	assert_non_null(world__mnt(b.world, 3));
	bench__done(&b);
}

static void malformed_records_are_refused(void **state)
{
	struct bench b;
	struct ms_hdr *rec;

	(void)state;
	bench__init(&b, (struct assemble_opts){ .keep_effects = true });
	rec = (struct ms_hdr *)make_op_effect(&r, 5, MS_CAUSE_DIRECT, 0,
					      attach(1, NS, 20, 1, "/a"));
	assert_int_equal(assembler__feed(b.a, rec, sizeof(struct ms_effect) - 1), -EBADMSG);
	((struct ms_effect *)rec)->kind = 77;
	assert_int_equal(feed(&b, rec), -EBADMSG);
	((struct ms_effect *)rec)->kind = MS_EFF_DETACH;
	((struct ms_effect *)rec)->cause = MS_CAUSE_MAX;
	assert_int_equal(feed(&b, rec), -EBADMSG);
	rec = (struct ms_hdr *)make_op(&r, (struct opx){ .op_id = 5, .kind = MS_OP_KIND_MAX });
	assert_int_equal(feed(&b, rec), -EBADMSG);
	assert_int_equal(b.n, 0);
	bench__done(&b);
}

static void what_the_receiver_answers_comes_back(void **state)
{
	struct bench b;

	(void)state;
	bench__init(&b, (struct assemble_opts){});
	b.answer = 7;
	assert_int_equal(feed(&b, make_op(&r, (struct opx){ .op_id = 5, .kind = MS_OP_FSOPEN })),
			 7);
	bench__done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(effects_wait_for_the_end_of_their_operation),
		cmocka_unit_test(operations_under_way_together_keep_their_own_effects),
		cmocka_unit_test(a_failed_operation_has_the_argument_as_its_target),
		cmocka_unit_test(a_detach_has_the_path_from_before_it_went),
		cmocka_unit_test(a_child_detached_after_its_parent_keeps_its_whole_path),
		cmocka_unit_test(the_direct_effect_is_what_an_operation_is_about),
		cmocka_unit_test(effects_beyond_the_bound_are_counted_exactly),
		cmocka_unit_test(effects_of_all_operations_together_are_bounded),
		cmocka_unit_test(operations_without_an_end_are_handed_out_oldest_first),
		cmocka_unit_test(an_effect_of_no_operation_is_handed_out_at_once),
		cmocka_unit_test(effects_that_did_not_arrive_are_known_to_be_lost),
		cmocka_unit_test(storms_are_merged_with_effects_by_namespace),
		cmocka_unit_test(namespace_calls_have_no_path_as_their_target),
		cmocka_unit_test(what_a_blind_run_finds_in_a_table_is_an_operation),
		cmocka_unit_test(a_run_that_is_blind_to_propagation_only_reports_that),
		cmocka_unit_test(a_run_that_sees_all_takes_tables_silently),
		cmocka_unit_test(tables_of_the_truth_do_not_touch_the_mirror),
		cmocka_unit_test(malformed_records_are_refused),
		cmocka_unit_test(what_the_receiver_answers_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
