// SPDX-License-Identifier: BSD-2-Clause
/* Namespaces that the user named, looked up on this system. */
#include "cmd/ns_arg.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "cmd/cmd.h"
#include "source/snapshot.h"

static int inum_of(const char *who, uint32_t *ret)
{
	char path[64];
	struct stat st;

	(void)snprintf(path, sizeof(path), "/proc/%s/ns/mnt", who);
	if (stat(path, &st))
		return -errno;
	*ret = (uint32_t)st.st_ino;
	return 0;
}

static int resolve_one(struct filter_ns *ns)
{
	char who[16] = "self";
	int err;

	if (ns->kind == FILTER_NS_INUM)
		return 0;
	if (ns->kind == FILTER_NS_HOST)
		(void)snprintf(who, sizeof(who), "1");
	else if (ns->kind == FILTER_NS_PID)
		(void)snprintf(who, sizeof(who), "%u", ns->pid);
	err = inum_of(who, &ns->inum);
	if (err == -ENOENT && ns->kind == FILTER_NS_PID)
		return fail(EXIT_USAGE,
			    "cannot filter by the namespace of process %u: there is no such process",
			    ns->pid);
	if (err)
		return fail(EXIT_IMPOSSIBLE, "cannot read the mount namespace of process %s: %s",
			    who, strerror(-err));
	ns->kind = FILTER_NS_INUM;
	return 0;
}

static bool list_has(const struct ns_list *all, uint32_t inum)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].inum == inum)
			return true;
	return false;
}

static int check_inums(const struct filter_ns_list *l, const struct ns_list *all)
{
	for (size_t i = 0; i < l->n; i++)
		if (!list_has(all, l->v[i].inum))
			return fail(EXIT_USAGE,
				    "cannot filter by namespace %u: no mount namespace of this system has that inode number: see 'lsns -t mnt'",
				    l->v[i].inum);
	return 0;
}

int ns_arg__resolve_live(struct filter_ns_list *l)
{
	struct ns_list all __cleanup(ns_list__free) = {};
	int root __cleanup(closep) = -1;
	bool inums = false;
	int err;

	for (size_t i = 0; i < l->n; i++) {
		inums = inums || l->v[i].kind == FILTER_NS_INUM;
		err = resolve_one(&l->v[i]);
		if (err)
			return err;
	}
	if (!inums)
		return 0;
	root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	err = root < 0 ? -errno : ns_list__scan(root, false, &all);
	if (err)
		return fail(EXIT_FAILED, "cannot list the mount namespaces: %s", strerror(-err));
	return check_inums(l, &all);
}

int ns_arg__check_replay(const struct filter_ns_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].kind == FILTER_NS_PID)
			return fail(EXIT_USAGE,
				    "cannot filter a recording by pid:%u: that process is of another time: give host, self or the namespace's inode number",
				    l->v[i].pid);
	return 0;
}
