// SPDX-License-Identifier: BSD-2-Clause
/* Plays host, container with Bidirectional and container with HostToContainer, in children. */
#include "encap/probe.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "encap/mnttab.h"
#include "encap/nsfs.h"

const char *const encap_guarantee_words[GUARANTEE__MAX] = {
	[GUARANTEE_HOST_TO_INSIDE] = "a mount of the host appears for kubelet and the runtime",
	[GUARANTEE_HOST_TO_CONTAINER] = "a mount of the host appears in HostToContainer volumes",
	[GUARANTEE_BIDIR_TO_INSIDE] =
		"a mount in a Bidirectional volume appears for kubelet and the runtime",
	[GUARANTEE_BIDIR_TO_CONTAINER] =
		"a mount in a Bidirectional volume appears in HostToContainer volumes",
	[GUARANTEE_NOTHING_TO_HOST] =
		"a mount in a Bidirectional volume does not appear on the host",
};

/* A child that holds a namespace: it does what it is told, one byte at a time, and answers. */
struct actor {
	pid_t pid;
	int tell, hear;
};

enum order { ORDER_MOUNT = 'm', ORDER_UNMOUNT = 'u', ORDER_LOOK = 'l', ORDER_QUIT = 'q' };

struct stage {
	char dir[64];		  /* the volume */
	char host[96], bidir[96]; /* mountpoints in it */
};

static bool mounted(const char *path)
{
	struct mnt_at at;

	return !mnttab__at(path, &at) && at.is_mountpoint;
}

static char obey(const struct stage *st, char order)
{
	switch (order) {
	case ORDER_MOUNT:
		return mount("mountscope-probe", st->bidir, "tmpfs",
			     MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=4k")
			       ? 'n'
			       : 'y';
	case ORDER_UNMOUNT:
		return umount2(st->bidir, UMOUNT_NOFOLLOW) ? 'n' : 'y';
	default: /* bit 0: sees the host's, bit 1: sees the other container's */
		return (char)('0' + mounted(st->host) + 2 * mounted(st->bidir));
	}
}

/* propagation: of all mounts in the actor's own namespace; 0: it stays in the pinned one itself. */
static _Noreturn void act(const struct stage *st, int ns_fd, unsigned long propagation, int in,
			  int out)
{
	char order, answer = 'n';

	if (setns(ns_fd, CLONE_NEWNS) == 0 &&
	    (!propagation || (unshare(CLONE_NEWNS) == 0 &&
			      mount(NULL, "/", NULL, MS_REC | propagation, NULL) == 0)))
		answer = 'y';
	if (write(out, &answer, 1) != 1 || answer == 'n')
		_exit(1);
	/* Told to quit: the pipes have copies in the other children, so their end is not seen. */
	while (read(in, &order, 1) == 1 && order != ORDER_QUIT) {
		answer = obey(st, order);
		if (write(out, &answer, 1) != 1)
			break;
	}
	_exit(0);
}

static char ask(const struct actor *a, char order)
{
	char answer = 'n';

	if (order && write(a->tell, &order, 1) != 1)
		return 'n';
	return read(a->hear, &answer, 1) == 1 ? answer : 'n';
}

static int actor__start(struct actor *a, const struct stage *st, int ns_fd,
			unsigned long propagation)
{
	int down[2], up[2];

	if (pipe(down) < 0 || pipe(up) < 0)
		return -errno;
	a->pid = fork();
	if (a->pid == 0) {
		(void)close(down[1]);
		(void)close(up[0]);
		act(st, ns_fd, propagation, down[0], up[1]);
	}
	(void)close(down[0]);
	(void)close(up[1]);
	a->tell = down[1];
	a->hear = up[0];
	if (a->pid < 0)
		return -errno;
	return ask(a, 0) == 'y' ? 0 : -EPERM;
}

static void actor__stop(struct actor *a)
{
	if (a->pid <= 0)
		return;
	(void)!write(a->tell, &(char){ ORDER_QUIT }, 1);
	(void)close(a->tell);
	(void)close(a->hear);
	while (waitpid(a->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static void play(const struct stage *st, const struct actor *inside, const struct actor *bidir,
		 const struct actor *h2c, bool holds[GUARANTEE__MAX])
{
	char in, con;

	if (mount("mountscope-probe", st->host, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		  "size=4k") == 0) {
		holds[GUARANTEE_HOST_TO_INSIDE] = ask(inside, ORDER_LOOK) == '1';
		holds[GUARANTEE_HOST_TO_CONTAINER] = ask(h2c, ORDER_LOOK) == '1';
		(void)umount2(st->host, UMOUNT_NOFOLLOW);
	}
	if (ask(bidir, ORDER_MOUNT) != 'y')
		return;
	in = ask(inside, ORDER_LOOK);
	con = ask(h2c, ORDER_LOOK);
	holds[GUARANTEE_BIDIR_TO_INSIDE] = in == '2';
	holds[GUARANTEE_BIDIR_TO_CONTAINER] = con == '2';
	holds[GUARANTEE_NOTHING_TO_HOST] = !mounted(st->bidir);
	if (ask(bidir, ORDER_UNMOUNT) != 'y')
		(void)umount2(st->bidir, UMOUNT_NOFOLLOW | MNT_DETACH);
}

static int stage__make(struct stage *st)
{
	(void)snprintf(st->dir, sizeof(st->dir), "/run/mountscope-probe.%d", (int)getpid());
	(void)snprintf(st->host, sizeof(st->host), "%s/host", st->dir);
	(void)snprintf(st->bidir, sizeof(st->bidir), "%s/bidir", st->dir);
	if (mkdir(st->dir, 0700) < 0 || mkdir(st->host, 0700) < 0 || mkdir(st->bidir, 0700) < 0)
		return -errno;
	return 0;
}

static void stage__remove(const struct stage *st)
{
	(void)rmdir(st->host);
	(void)rmdir(st->bidir);
	(void)rmdir(st->dir);
}

int encap_probe__run(int ns_fd, const struct msg *m, bool ret_holds[GUARANTEE__MAX])
{
	struct actor inside = { 0 }, bidir = { 0 }, h2c = { 0 };
	struct nsid own, host;
	struct stage st;
	int r;

	memset(ret_holds, 0, GUARANTEE__MAX * sizeof(*ret_holds));
	if (nsfs__id_of(0, &own) || nsfs__id_of(1, &host) || !nsid__equal(own, host)) {
		msg__error(m, "cannot probe: not in the host's mount namespace; run it there "
			      "(mountscope enter --host)");
		return -EXDEV;
	}
	r = stage__make(&st);
	if (r)
		msg__error(m, "cannot make directories in /run: %s", strerror(-r));
	if (!r)
		r = actor__start(&inside, &st, ns_fd, 0);
	/* A new namespace's mounts are peers of the old one's: that is what Bidirectional asks for. */
	if (!r)
		r = actor__start(&bidir, &st, ns_fd, MS_SHARED);
	if (!r)
		r = actor__start(&h2c, &st, ns_fd, MS_SLAVE);
	if (!r)
		play(&st, &inside, &bidir, &h2c, ret_holds);
	actor__stop(&inside);
	actor__stop(&bidir);
	actor__stop(&h2c);
	stage__remove(&st);
	return r;
}
