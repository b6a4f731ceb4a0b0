// SPDX-License-Identifier: BSD-2-Clause
/* A run as JSON, one object a line: meta, operations, losses as they grow, summary. */
#include "sink/op_json.h"

#include "sink/json.h"
#include "sink/op_columns.h"
#include "sink/words.h"
#include "source/probe.h"

/* Grows when a key changes its meaning or goes; new keys do not count. */
#define FORMAT 1

void op_json__done(struct op_json *t)
{
	strbuf__free(&t->scratch);
}

static void begin_object(struct json *j, const char *type)
{
	json__begin(j, '{');
	json__member_cstr(j, "type", type);
}

static void end_object(struct json *j)
{
	json__end(j, '}');
	strbuf__addc(j->sb, '\n');
}

static void member_str(struct json *j, const char *key, struct str s)
{
	if (s.len) {
		json__member_str(j, key, s.p, s.len);
		return;
	}
	json__key(j, key);
	json__null(j);
}

/* Identifiers of which 0 means none. */
static void member_id(struct json *j, const char *key, uint64_t id)
{
	json__key(j, key);
	if (id)
		json__u64(j, id);
	else
		json__null(j);
}

static void add_blind(struct json *j, unsigned blind)
{
	json__key(j, "cannot_see");
	json__begin(j, '[');
	for (unsigned bit = 1; bit < 1u << 8; bit <<= 1)
		if (blind & bit && blind__words(bit))
			json__cstr(j, blind__words(bit));
	json__end(j, ']');
}

void op_json__meta(struct op_json *t, const struct ms_meta *meta, struct str kernel,
		   struct str host, struct strbuf *sb)
{
	struct json j = { .sb = sb };

	begin_object(&j, "meta");
	json__member_u64(&j, "format", FORMAT);
	strbuf__reset(&t->scratch);
	words__add_timestamp(&t->scratch, meta->realtime_ns);
	json__member_cstr(&j, "time", strbuf__str(&t->scratch));
	json__member_u64(&j, "start_ns", meta->hdr.ktime_ns);
	member_str(&j, "host", host);
	member_str(&j, "kernel", kernel);
	json__member_cstr(&j, "backend", backend__name(meta->backend));
	member_id(&j, "host_ns", meta->host_ns_inum);
	member_id(&j, "self_ns", meta->self_ns_inum);
	json__member_u64(&j, "self_pid", meta->self_pid);
	json__member_u64(&j, "mount_max", meta->mount_max);
	add_blind(&j, meta->blind);
	end_object(&j);
}

static const struct flag_name {
	uint16_t flag;
	const char *name;
} effect_flags[] = {
	{ MS_EFF_MP_TRUNC, "mountpoint-truncated" }, { MS_EFF_ROOT_TRUNC, "root-truncated" },
	{ MS_EFF_UNBINDABLE, "unbindable" },	     { MS_EFF_MP_UNLINKED, "mountpoint-unlinked" },
	{ MS_EFF_ROOT_UNLINKED, "root-unlinked" },   { MS_EFF_NS_ROOT, "namespace-root" },
	{ MS_EFF_NO_DETAIL, "no-detail" },	     { MS_EFF_LOCKED, "locked" },
};

static void add_effect_flags(struct json *j, unsigned flags)
{
	json__key(j, "flags");
	json__begin(j, '[');
	for (size_t i = 0; i < ARRAY_SIZE(effect_flags); i++)
		if (flags & effect_flags[i].flag)
			json__cstr(j, effect_flags[i].name);
	json__end(j, ']');
}

static void add_device(struct op_json *t, struct json *j, uint32_t dev)
{
	strbuf__reset(&t->scratch);
	strbuf__addu(&t->scratch, dev >> 20);
	strbuf__addc(&t->scratch, ':');
	strbuf__addu(&t->scratch, dev & 0xfffff);
	json__member_cstr(j, "device", strbuf__str(&t->scratch));
}

static void add_effect(struct op_json *t, struct json *j, const struct op_effect *e)
{
	const struct ms_effect *rec = e->rec;

	json__begin(j, '{');
	json__member_cstr(j, "kind", effect_kind__name(rec->kind));
	json__member_cstr(j, "cause", cause__name(rec->cause));
	json__member_u64(j, "time_ns", rec->hdr.ktime_ns);
	json__member_u64(j, "seq", rec->seq);
	member_id(j, "ns", rec->ns_inum);
	member_id(j, "ns_id", rec->ns_id);
	json__member_u64(j, "mount_id", rec->mnt_id);
	member_id(j, "unique_id", rec->mnt_id_unique);
	json__member_u64(j, "parent_id", rec->parent_id);
	member_str(j, "path", e->path);
	member_str(j, "root", e->root);
	member_str(j, "fstype", e->fstype);
	member_str(j, "source", e->source);
	add_device(t, j, rec->dev);
	member_id(j, "peer_group", rec->peer_group);
	member_id(j, "master", rec->master_group);
	member_id(j, "origin_id", rec->origin_id);
	member_id(j, "origin_ns", e->origin_ns);
	member_str(j, "origin_path", e->origin_path);
	json__member_u64(j, "mnt_flags", rec->mnt_flags);
	json__member_u64(j, "sb_flags", rec->sb_flags);
	add_effect_flags(j, rec->flags);
	json__end(j, '}');
}

static void add_namespaces(struct json *j, const struct operation *o)
{
	json__key(j, "namespaces");
	json__begin(j, '[');
	for (size_t i = 0; i < o->nr_ns; i++) {
		const struct op_ns *ns = &o->ns[i];

		json__begin(j, '{');
		json__member_u64(j, "ns", ns->inum);
		member_id(j, "ns_id", ns->ns_id);
		json__member_u64(j, "attached", ns->attached);
		json__member_u64(j, "detached", ns->detached);
		json__member_u64(j, "other", ns->other);
		json__member_u64(j, "counted", ns->counted);
		json__key(j, "mounts");
		if (ns->nr_mounts)
			json__u64(j, ns->nr_mounts);
		else
			json__null(j);
		json__end(j, '}');
	}
	json__end(j, ']');
}

static void add_causes(struct json *j, const uint32_t *causes)
{
	json__key(j, "causes");
	json__begin(j, '{');
	for (unsigned c = 0; c < MS_CAUSE_MAX; c++)
		if (causes[c])
			json__member_u64(j, cause__name(c), causes[c]);
	json__end(j, '}');
}

void op_json__operation(struct op_json *t, const struct operation *o, struct strbuf *sb)
{
	struct op_row row = { .view = t->view, .o = o, .scratch = &t->scratch };
	struct json j = { .sb = sb };

	begin_object(&j, "operation");
	column_set__json(&op_columns, &t->columns, &row, &j);
	if (t->effects) {
		add_causes(&j, o->causes);
		add_namespaces(&j, o);
		json__key(&j, "effects");
		json__begin(&j, '[');
		for (size_t i = 0; i < o->nr_kept; i++)
			add_effect(t, &j, &o->effects[i]);
		json__end(&j, ']');
	}
	end_object(&j);
}

static void add_losses(struct json *j, const __u64 *lost)
{
	uint64_t sum = 0;

	json__key(j, "lost");
	json__begin(j, '{');
	for (unsigned k = 0; k < MS_LOSS_NR; k++) {
		json__member_u64(j, loss__name(k), lost[k]);
		sum += lost[k];
	}
	json__member_u64(j, "total", sum);
	json__end(j, '}');
}

void op_json__losses(struct op_json *t, const struct ms_loss *loss, struct strbuf *sb)
{
	struct json j = { .sb = sb };

	begin_object(&j, "losses");
	strbuf__reset(&t->scratch);
	words__add_timestamp(&t->scratch, view__realtime(t->view, loss->hdr.ktime_ns));
	json__member_cstr(&j, "time", strbuf__str(&t->scratch));
	add_losses(&j, loss->lost);
	end_object(&j);
}

void op_json__summary(struct op_json *t, const struct summary *s, struct strbuf *sb)
{
	static const char *const kinds[MS_EFF_LISTED] = {
		"other", "attached", "detached", "moved", "propagation", "attributes",
	};
	struct json j = { .sb = sb };

	(void)t;
	begin_object(&j, "summary");
	json__member_u64(&j, "operations", s->operations);
	json__member_u64(&j, "failed", s->failed);
	json__member_u64(&j, "filtered", s->filtered);
	json__member_u64(&j, "duration_ns", s->last_ns - s->first_ns);
	json__member_u64(&j, "effects_total", summary__nr_effects(s));
	for (unsigned k = 0; k < MS_EFF_LISTED; k++)
		json__member_u64(&j, kinds[k], s->kinds[k]);
	json__member_u64(&j, "effects_counted", s->counted);
	json__member_u64(&j, "effects_lost", s->missing);
	json__key(&j, "causes");
	json__begin(&j, '{');
	for (unsigned c = 0; c < MS_CAUSE_MAX; c++)
		json__member_u64(&j, cause__name(c), s->causes[c]);
	json__end(&j, '}');
	json__member_u64(&j, "namespaces", s->namespaces);
	json__member_u64(&j, "mounts", s->mounts);
	json__member_u64(&j, "tables_read_again", s->reread);
	json__member_u64(&j, "unknown_records", s->unknown_records);
	add_losses(&j, s->lost);
	add_blind(&j, s->blind);
	end_object(&j);
}
