// SPDX-License-Identifier: BSD-2-Clause
/* What a run saw, in numbers: kept while it goes, told at its end. */
#include "sink/summary.h"

#include "sink/show.h"
#include "sink/words.h"
#include "source/probe.h"

void summary__meta(struct summary *s, const struct ms_meta *meta, struct str kernel)
{
	size_t len = min(kernel.len, sizeof(s->kernel) - 1);

	memcpy(s->kernel, kernel.p, len);
	s->kernel[len] = '\0';
	s->blind = meta->blind;
	s->backend = meta->backend;
	s->first_ns = s->last_ns = meta->hdr.ktime_ns;
}

void summary__record(struct summary *s, const struct ms_hdr *rec)
{
	if (!s->first_ns)
		s->first_ns = rec->ktime_ns;
	if (rec->ktime_ns > s->last_ns)
		s->last_ns = rec->ktime_ns;
}

void summary__operation(struct summary *s, const struct operation *o)
{
	s->operations++;
	s->failed += o->op->ret < 0;
	s->counted += o->counted;
	s->missing += o->nr_lost;
	for (size_t i = 0; i < ARRAY_SIZE(s->kinds); i++)
		s->kinds[i] += o->kinds[i];
	for (size_t i = 0; i < ARRAY_SIZE(s->causes); i++)
		s->causes[i] += o->causes[i];
}

void summary__loss(struct summary *s, const struct ms_loss *loss)
{
	memcpy(s->lost, loss->lost, sizeof(s->lost));
}

uint64_t summary__nr_effects(const struct summary *s)
{
	uint64_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(s->kinds); i++)
		n += s->kinds[i];
	return n;
}

uint64_t summary__nr_lost(const struct summary *s)
{
	uint64_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(s->lost); i++)
		n += s->lost[i];
	return n;
}

/* "label  name 12, name 3"; nothing at all when everything is 0. */
struct tally {
	struct strbuf *sb;
	const char *label;
	bool begun;
};

static void tally__add(struct tally *t, const char *name, uint64_t n)
{
	if (!n)
		return;
	strbuf__adds(t->sb, t->begun ? ", " : t->label);
	t->begun = true;
	words__add_grouped(t->sb, n);
	strbuf__addc(t->sb, ' ');
	strbuf__adds(t->sb, name);
}

static void tally__end(struct tally *t)
{
	if (t->begun)
		strbuf__addc(t->sb, '\n');
}

static void add_effects(const struct summary *s, struct strbuf *sb)
{
	static const char *const names[MS_EFF_LISTED] = {
		[MS_EFF_ATTACH] = "attached",
		[MS_EFF_DETACH] = "detached",
		[MS_EFF_MOVE] = "moved",
		[MS_EFF_PROPAGATION] = "propagation changes",
		[MS_EFF_ATTR] = "attribute changes",
	};
	struct tally t = { sb, "  effects:    ", false };

	for (unsigned k = 1; k < MS_EFF_LISTED; k++)
		tally__add(&t, names[k], s->kinds[k]);
	tally__add(&t, "other", s->kinds[0]);
	if (s->counted) {
		strbuf__adds(sb, " (");
		words__add_grouped(sb, s->counted);
		strbuf__adds(sb, " of them only counted, in storms)");
	}
	tally__end(&t);
	t = (struct tally){ sb, "  by cause:   ", false };
	for (unsigned c = 0; c < MS_CAUSE_MAX; c++)
		tally__add(&t, cause__name(c), s->causes[c]);
	tally__end(&t);
}

static void add_losses(const struct summary *s, struct strbuf *sb)
{
	struct tally t = { sb, "  lost:       ", false };

	for (unsigned k = 0; k < MS_LOSS_NR; k++)
		tally__add(&t, words__loss(k), s->lost[k]);
	tally__add(&t, "effects that operations say they had", s->missing);
	tally__add(&t, "records that this version does not know", s->unknown_records);
	tally__end(&t);
	if (!t.begun)
		strbuf__adds(sb, "  lost:       nothing\n");
}

static void add_mirror(const struct summary *s, struct strbuf *sb)
{
	strbuf__adds(sb, "  mirror:     ");
	words__add_grouped(sb, s->mounts);
	strbuf__adds(sb, s->mounts == 1 ? " mount in " : " mounts in ");
	words__add_grouped(sb, s->namespaces);
	strbuf__adds(sb, s->namespaces == 1 ? " namespace" : " namespaces");
	if (s->reread) {
		strbuf__adds(sb, "; ");
		words__add_grouped(sb, s->reread);
		strbuf__adds(sb, " read again after storms or losses");
	}
	strbuf__addc(sb, '\n');
}

static void add_head(const struct summary *s, struct strbuf *sb)
{
	words__add_grouped(sb, s->operations);
	strbuf__adds(sb, s->operations == 1 ? " operation" : " operations");
	if (s->failed) {
		strbuf__adds(sb, ", ");
		words__add_grouped(sb, s->failed);
		strbuf__adds(sb, " of them failed");
	}
	if (s->filtered) {
		strbuf__adds(sb, " (");
		words__add_grouped(sb, s->filtered);
		strbuf__adds(sb, " more filtered out)");
	}
	strbuf__adds(sb, ", ");
	words__add_grouped(sb, summary__nr_effects(s));
	strbuf__adds(sb, summary__nr_effects(s) == 1 ? " effect in " : " effects in ");
	words__add_duration(sb, s->last_ns - s->first_ns);
	strbuf__addc(sb, '\n');
}

void summary__text(const struct summary *s, struct strbuf *sb)
{
	const char *backend = backend__name(s->backend);

	add_head(s, sb);
	add_effects(s, sb);
	add_losses(s, sb);
	add_mirror(s, sb);
	strbuf__adds(sb, "  backend:    ");
	strbuf__adds(sb, backend ? backend : "unknown");
	if (*s->kernel) {
		strbuf__adds(sb, " on Linux ");
		(void)show__add(sb, s->kernel, strlen(s->kernel), false);
	}
	strbuf__addc(sb, '\n');
	for (unsigned bit = 1; bit < 1u << 8; bit <<= 1) {
		if (!(s->blind & bit) || !blind__words(bit))
			continue;
		strbuf__adds(sb, "  cannot see: ");
		strbuf__adds(sb, blind__words(bit));
		strbuf__addc(sb, '\n');
	}
}
