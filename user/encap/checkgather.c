// SPDX-License-Identifier: BSD-2-Clause
/* Gathers the facts about a node's encapsulation from /proc, the pin and systemd's files. */
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include "encap/check.h"
#include "encap/execline.h"
#include "encap/generator.h"
#include "encap/group.h"
#include "encap/mnttab.h"
#include "encap/shadow.h"
#include "encap/unitload.h"

static enum check_place place_of(const struct check_facts *f, ino_t ns)
{
	if (!ns)
		return PLACE_STOPPED;
	if (ns == f->host_ns)
		return PLACE_HOST;
	return f->pin_ns && ns == f->pin_ns ? PLACE_INSIDE : PLACE_OTHER;
}

static void gather_pin(struct check_facts *f)
{
	static const char *const places[] = { PIN_PATH, PIN_PATH_KUBENS };
	char path[PIN_PATH_MAX], *env __cleanup(freep) = NULL, *dir;
	struct nsid id;
	size_t i, len;
	int fd = -1;

	for (i = 0; i < ARRAY_SIZE(places) && fd < 0; i++) {
		f->pin_at = places[i];
		(void)snprintf(path, sizeof(path), "/proc/1/root%s", places[i]);
		if (nsfs__open(places[i], &fd))
			(void)nsfs__open(path, &fd);
	}
	if (fd < 0) {
		f->pin_ns = mnttab__pinned_ino(PIN_PATH);
		f->pin_covered = f->pin_ns != 0;
		return;
	}
	if (!nsfs__id(fd, &id))
		f->pin_ns = id.ino;
	f->pin_good = pin__good(fd, &f->pin_why);
	(void)close(fd);
	(void)snprintf(path, sizeof(path), "/proc/1/root%s", f->pin_at);
	dir = strrchr(path, '/');
	(void)snprintf(dir, sizeof(path) - (size_t)(dir - path), "/env");
	if (!unitload__slurp("", path, &env, &len)) {
		(void)snprintf(path, sizeof(path), "KUBENSMNT=%s\n", f->pin_at);
		f->env_file = !strcmp(env, path);
	}
}

/* Does a command of the unit run kubensenter? generated: the generators' directories count too. */
static bool is_wrapped(const char *root, const char *name, bool generated)
{
	const struct unitload_opts o = { .root = root, .generated = generated };
	struct unit *u __cleanup(unit__freep) = NULL;
	struct strbuf out = { 0 };
	struct unit_files files;
	const char *why;
	bool yes = false;

	if (unitload__find(&o, name, &files))
		return false;
	if (!unitload__read(&o, &files, &u) && u->n_exec_start)
		yes = execline__wrap(u->exec_start[u->n_exec_start - 1], "x", &out, &why) ==
		      -EALREADY;
	strbuf__free(&out);
	unit_files__free(&files);
	return yes;
}

static bool has_static_dropin(const char *root, const char *name)
{
	const struct unitload_opts o = { .root = root };
	struct unit_files files;
	bool yes = false;
	size_t i;

	if (unitload__find(&o, name, &files))
		return false;
	for (i = 0; i < files.n_dropins; i++)
		yes |= !strcmp(strrchr(files.dropins[i], '/') + 1, ENCAP_STATIC_DROPIN);
	unit_files__free(&files);
	return yes;
}

static void gather_unit(const char *root, struct check_service *s)
{
	struct wrapped w = { 0 };
	int r = generator__wrap(root, s->name, "/usr/bin/kubensenter", &w);

	s->installed = r != -ENOENT && r != -ERFKILL;
	if (s->installed && !r)
		s->wrapped = is_wrapped(root, s->name, true) ? WRAPPED_GENERATOR : WRAPPED_NO;
	else if (r == -EALREADY)
		s->wrapped = has_static_dropin(root, s->name) ? WRAPPED_STATIC : WRAPPED_ITSELF;
	else if (s->installed)
		strbuf__adds(&s->obstacles, strbuf__str(&w.why));
	if (s->installed)
		(void)snprintf(s->name, sizeof(s->name), "%s", w.service);
	wrapped__free(&w);
}

static void read_label(pid_t pid, char *buf, size_t size)
{
	char path[64];
	FILE *f __cleanup(fclosep) = NULL;

	(void)snprintf(path, sizeof(path), "/proc/%d/attr/current", (int)pid);
	f = fopen(path, "re");
	if (!f || !fgets(buf, (int)size, f))
		buf[0] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
}

static void gather_main_pid(const char *name, pid_t pid, void *arg)
{
	struct check_facts *f = arg;
	struct nsid id;
	size_t i;

	for (i = 0; i < f->n_services; i++) {
		struct check_service *s = &f->service[i];

		if (strcmp(s->name, name) != 0 || nsfs__id_of(pid, &id))
			continue;
		s->pid = pid;
		s->ns = id.ino;
		s->place = place_of(f, id.ino);
		if (f->selinux)
			read_label(pid, s->label, sizeof(s->label));
	}
}

/* The parent's process ID from /proc/PID/stat. */
static pid_t parent_of(pid_t pid)
{
	char path[64], buf[512], *p;
	FILE *f __cleanup(fclosep) = NULL;
	size_t n;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	n = f ? fread(buf, 1, sizeof(buf) - 1, f) : 0;
	buf[n] = '\0';
	p = strrchr(buf, ')');
	return p && strlen(p) > 4 ? atoi(p + 4) : 0;
}

static bool is_shim(pid_t pid)
{
	char comm[32];

	nsfs__comm(pid, comm, sizeof(comm));
	return !strncmp(comm, "containerd-shim", 15) || !strcmp(comm, "conmon") ||
	       !strcmp(comm, "conmonrs");
}

static void gather_process(struct check_facts *f, pid_t pid)
{
	struct nsid id, its;
	pid_t parent;

	if (nsfs__id_of(pid, &id))
		return;
	if (is_shim(pid)) {
		f->shims[place_of(f, id.ino)]++;
		return;
	}
	if (place_of(f, id.ino) != PLACE_OTHER)
		return;
	parent = parent_of(pid);
	if (parent > 1 && is_shim(parent) && !nsfs__id_of(parent, &its))
		f->containers[place_of(f, its.ino)]++;
}

static void gather_processes(struct check_facts *f)
{
	DIR *d = opendir("/proc");
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (*e->d_name >= '1' && *e->d_name <= '9')
			gather_process(f, atoi(e->d_name));
	if (d)
		(void)closedir(d);
}

/* What kubelet and runtimes mount; before encapsulation in the host's table, since then no more. */
static bool is_container_mount(const struct mnt_line *l)
{
	static const char *const below[] = {
		"/var/lib/kubelet/pods/",
		"/run/containerd/io.containerd.",
		"/run/k3s/containerd/",
		"/var/lib/containers/storage/overlay",
		"/run/containers/storage/",
		"/var/lib/rancher/k3s/agent/kubelet/pods/",
		"/var/lib/containerd/io.containerd.",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(below); i++)
		if (!strncmp(l->where, below[i], strlen(below[i])))
			return true;
	return false;
}

static int host_line(const struct mnt_line *l, void *arg)
{
	struct check_facts *f = arg;

	f->host_mounts++;
	f->host_leftover += is_container_mount(l);
	return 0;
}

/* The table of the pinned namespace, through any process inside, or a child that enters. */
static void gather_inside(struct check_facts *f)
{
	struct shadow_result sh = { 0 };
	int fds[2], fd = -1, status;
	pid_t pid;

	if (!f->pin_ns || nsfs__open(f->pin_at, &fd) || pipe2(fds, O_CLOEXEC) < 0) {
		closep(&fd);
		return;
	}
	pid = fork();
	if (pid == 0) {
		if (setns(fd, CLONE_NEWNS) == 0 &&
		    !shadow__read("/proc/self/mountinfo", "/proc/1/mountinfo", &sh))
			_exit(write(fds[1], &sh, sizeof(sh)) == (ssize_t)sizeof(sh) ? 0 : 1);
		_exit(1);
	}
	(void)close(fds[1]);
	if (pid > 0 && read(fds[0], &sh, sizeof(sh)) == (ssize_t)sizeof(sh)) {
		f->inside_mounts = sh.mounts;
		f->shadowed = sh.shadowed;
		(void)snprintf(f->shadowed_first, sizeof(f->shadowed_first), "%s", sh.first);
	}
	if (pid > 0)
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	(void)close(fds[0]);
	closep(&fd);
}

int check__gather(const char *root, const struct msg *m, struct check_facts *f)
{
	struct nsid host;
	size_t i;
	ssize_t n;
	int r;

	memset(f, 0, sizeof(*f));
	r = encap_config__load(root, m, &f->conf);
	f->configured = !r;
	encap_config__add_wrapped(root, &f->conf);
	f->off = encap__switched_off(root);
	r = nsfs__id_of(1, &host);
	if (r)
		return r;
	f->host_ns = host.ino;
	f->selinux = access("/sys/fs/selinux/enforce", F_OK) == 0;
	gather_pin(f);
	for (i = 0; i < f->conf.n_services; i++) {
		struct check_service *s = &f->service[f->n_services++];

		(void)snprintf(s->name, sizeof(s->name), "%s", f->conf.services[i]);
		gather_unit(root, s);
	}
	f->systemd = !group__main_pids(&f->conf, "", gather_main_pid, f);
	gather_processes(f);
	(void)mnttab__for_each("/proc/1/mountinfo", host_line, f);
	gather_inside(f);
	n = getxattr("/usr/bin/kubensenter", "security.selinux", f->binary_label,
		     sizeof(f->binary_label) - 1);
	if (n < 0)
		f->binary_label[0] = '\0';
	return 0;
}

void check_facts__free(struct check_facts *f)
{
	while (f->n_services)
		strbuf__free(&f->service[--f->n_services].obstacles);
}
