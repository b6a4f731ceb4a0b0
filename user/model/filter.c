// SPDX-License-Identifier: BSD-2-Clause
/* Which operations a user wants to see. */
#include "model/filter.h"

#include "base/util.h"

void filter__free(struct filter *f)
{
	struct filter_globs *globs[] = { &f->comm, &f->cgroup, &f->fstype, &f->path };

	for (size_t i = 0; i < ARRAY_SIZE(globs); i++) {
		for (size_t k = 0; k < globs[i]->n; k++)
			free(globs[i]->v[k]);
		free(globs[i]->v);
	}
	free(f->ns.v);
	free(f->actor_ns.v);
	free(f->pids.v);
	*f = (struct filter){};
}

/* The next item of a comma list; false at its end. Items may be empty. */
static bool next_item(const char **list, struct str *ret)
{
	const char *p = *list;
	size_t len;

	if (!p)
		return false;
	len = strcspn(p, ",");
	*ret = (struct str){ p, len };
	*list = p[len] ? p + len + 1 : NULL;
	return true;
}

typedef unsigned (*from_name_fn)(const char *name);

static int add_names(const char *list, from_name_fn from_name, uint64_t *bits, struct str *ret_bad)
{
	struct str item;
	char name[32];
	unsigned v;

	while (next_item(&list, &item)) {
		if (item.len && item.len < sizeof(name)) {
			memcpy(name, item.p, item.len);
			name[item.len] = '\0';
			v = from_name(name);
			*bits |= v ? 1ULL << v : 0;
			if (v)
				continue;
		}
		*ret_bad = item;
		return -EINVAL;
	}
	return 0;
}

int filter__add_ops(struct filter *f, const char *list, struct str *ret_bad)
{
	return add_names(list, op_kind__from_name, &f->ops, ret_bad);
}

int filter__add_causes(struct filter *f, const char *list, struct str *ret_bad)
{
	uint64_t bits = f->causes;
	int err = add_names(list, cause__from_name, &bits, ret_bad);

	f->causes = (uint32_t)bits;
	return err;
}

/* From 1 up to limit. */
static bool parse_number(struct str s, uint32_t limit, uint32_t *ret)
{
	uint64_t v = 0;

	if (!s.len || s.len > 10)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		v = v * 10 + (unsigned)(s.p[i] - '0');
	}
	if (!v || v > limit)
		return false;
	*ret = (uint32_t)v;
	return true;
}

int filter__add_pids(struct filter *f, const char *list, struct str *ret_bad)
{
	struct str item;

	while (next_item(&list, &item)) {
		uint32_t *v, pid;

		if (!parse_number(item, INT32_MAX, &pid)) {
			*ret_bad = item;
			return -EINVAL;
		}
		v = realloc(f->pids.v, (f->pids.n + 1) * sizeof(*v));
		if (!v)
			return -ENOMEM;
		f->pids.v = v;
		v[f->pids.n++] = pid;
	}
	return 0;
}

int filter_globs__add(struct filter_globs *g, const char *list)
{
	struct str item;

	while (next_item(&list, &item)) {
		char **v = realloc(g->v, (g->n + 1) * sizeof(*v));

		if (!v)
			return -ENOMEM;
		g->v = v;
		v[g->n] = strndup(item.p, item.len);
		if (!v[g->n])
			return -ENOMEM;
		g->n++;
	}
	return 0;
}

static bool is_word(struct str s, const char *word)
{
	return s.len == strlen(word) && !memcmp(s.p, word, s.len);
}

static bool parse_ns(struct str item, struct filter_ns *ret)
{
	*ret = (struct filter_ns){ .kind = FILTER_NS_INUM };
	if (is_word(item, "host")) {
		ret->kind = FILTER_NS_HOST;
		return true;
	}
	if (is_word(item, "self")) {
		ret->kind = FILTER_NS_SELF;
		return true;
	}
	if (item.len > 4 && !memcmp(item.p, "pid:", 4)) {
		ret->kind = FILTER_NS_PID;
		return parse_number((struct str){ item.p + 4, item.len - 4 }, INT32_MAX, &ret->pid);
	}
	return parse_number(item, UINT32_MAX, &ret->inum);
}

int filter_ns_list__add(struct filter_ns_list *l, const char *list, struct str *ret_bad)
{
	struct filter_ns ns, *v;
	struct str item;

	while (next_item(&list, &item)) {
		if (!parse_ns(item, &ns)) {
			*ret_bad = item;
			return -EINVAL;
		}
		v = realloc(l->v, (l->n + 1) * sizeof(*v));
		if (!v)
			return -ENOMEM;
		l->v = v;
		v[l->n++] = ns;
	}
	return 0;
}

static void resolve(struct filter_ns_list *l, uint32_t host_ns, uint32_t self_ns)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->v[i].kind == FILTER_NS_HOST)
			l->v[i].inum = host_ns;
		else if (l->v[i].kind == FILTER_NS_SELF)
			l->v[i].inum = self_ns;
	}
}

void filter__resolve(struct filter *f, uint32_t host_ns, uint32_t self_ns)
{
	resolve(&f->ns, host_ns, self_ns);
	resolve(&f->actor_ns, host_ns, self_ns);
}

bool filter__needs_effects(const struct filter *f)
{
	return f->fstype.n || f->path.n;
}

bool glob__match(const char *pattern, struct str s)
{
	const char *star = NULL; /* behind the last '*' */
	size_t i = 0, star_i = 0;

	while (i < s.len) {
		if (*pattern == '*') {
			star = ++pattern;
			star_i = i;
		} else if (*pattern == '?' ||
			   (*pattern && *pattern != '\\' && *pattern == s.p[i])) {
			pattern++;
			i++;
		} else if (*pattern == '\\' && pattern[1] && pattern[1] == s.p[i]) {
			pattern += 2;
			i++;
		} else if (star) { /* let it take one byte more */
			pattern = star;
			i = ++star_i;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

static bool globs__match(const struct filter_globs *g, struct str s)
{
	for (size_t i = 0; i < g->n; i++)
		if (glob__match(g->v[i], s))
			return true;
	return false;
}

static bool ns_list__match(struct filter_ns_list *l, uint32_t inum)
{
	bool match = false;

	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].inum == inum && inum)
			match = l->v[i].seen = true;
	return match;
}

static bool match_ns(struct filter *f, const struct operation *o)
{
	bool match = ns_list__match(&f->ns, o->op->ns_inum);

	if (ns_list__match(&f->ns, o->op->new_ns_inum))
		match = true;
	for (size_t i = 0; i < o->nr_ns; i++)
		if (ns_list__match(&f->ns, o->ns[i].inum))
			match = true;
	return match;
}

static bool match_pid(const struct filter *f, uint32_t pid)
{
	for (size_t i = 0; i < f->pids.n; i++)
		if (f->pids.v[i] == pid)
			return true;
	return false;
}

static bool match_causes(const struct filter *f, const struct operation *o)
{
	for (unsigned c = 0; c < MS_CAUSE_MAX; c++)
		if (f->causes & 1u << c && o->causes[c])
			return true;
	return false;
}

static bool match_fstype(const struct filter *f, const struct operation *o)
{
	if (o->s.fstype.len && globs__match(&f->fstype, o->s.fstype))
		return true;
	for (size_t i = 0; i < o->nr_kept; i++)
		if (globs__match(&f->fstype, o->effects[i].fstype))
			return true;
	return false;
}

static bool match_path(const struct filter *f, const struct operation *o)
{
	if (globs__match(&f->path, o->target) || globs__match(&f->path, o->s.target))
		return true;
	for (size_t i = 0; i < o->nr_kept; i++)
		if (o->effects[i].path.len && globs__match(&f->path, o->effects[i].path))
			return true;
	return false;
}

/* What only needs the operation's record. */
static bool match_op(const struct filter *f, const struct ms_op *op)
{
	if (f->failed && op->ret >= 0)
		return false;
	if (f->ops && !(f->ops & 1ULL << op->kind))
		return false;
	if (f->min_latency_ns &&
	    (op->end_ns < op->hdr.ktime_ns || op->end_ns - op->hdr.ktime_ns < f->min_latency_ns))
		return false;
	if (f->pids.n && !match_pid(f, op->pid))
		return false;
	return !f->comm.n ||
	       globs__match(&f->comm,
			    (struct str){ op->comm, strnlen(op->comm, sizeof(op->comm)) });
}

bool filter__match(struct filter *f, const struct operation *o, struct str cgroup)
{
	/* First, and always: they also note what was seen. */
	bool ns = !f->ns.n || match_ns(f, o);
	bool actor = !f->actor_ns.n || ns_list__match(&f->actor_ns, o->op->ns_inum);

	if (!ns || !actor || !match_op(f, o->op))
		return false;
	if (f->min_fanout && operation__fanout(o) < f->min_fanout)
		return false;
	if (f->cgroup.n && !globs__match(&f->cgroup, cgroup))
		return false;
	if (f->causes && !match_causes(f, o))
		return false;
	if (f->fstype.n && !match_fstype(f, o))
		return false;
	return !f->path.n || match_path(f, o);
}
