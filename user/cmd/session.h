/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One run over records, live or from a capture: the part that every reading command shares.
 *
 * Live, it loads and attaches, reads every namespace once, and from then on hands each record to the
 * command in order, taking new snapshots by itself where a namespace is stale or cannot be traced.
 */
#ifndef MS_CMD_SESSION_H
#define MS_CMD_SESSION_H

#include "source/live.h"
#include "source/source.h"

struct session;

struct session_opts {
	const char *from;   /* capture to replay instead of live */
	const char *record; /* capture to write as well */
	struct live_opts live;
	uint64_t duration_ns;	 /* 0: until a signal, or the end of the capture */
	bool no_snapshot;	 /* do not read tables */
	bool truth;		 /* at the end take MS_SNAP_TRUTH snapshots and hand them out too */
	int (*ready)(void *arg); /* once: attached, and every namespace read; not 0 ends the run */
	void (*idle)(void *arg); /* before a wait: the moment to flush output */
	void *arg;
};

/*
 * Opens; failures are reported on stderr (action, object, cause, remedy), and returned as exit status
 * (2 usage, 3 not possible here, 4 failed) in *ret_exit with NULL.
 */
struct session *session__open(const struct session_opts *opts, int *ret_exit);
void session__free(struct session *s);
void session__freep(struct session **s);

/*
 * Runs until duration, signal, end of capture, session__stop() or a non-zero return of fn (that is
 * returned). Before the first operation fn sees MS_REC_META, MS_REC_NS (seen) and the snapshots.
 * 0 or -errno.
 */
int session__run(struct session *s, record_fn fn, void *arg);
void session__stop(struct session *s); /* from within fn or a signal handler */
const struct ms_loss *session__loss(const struct session *s); /* as last told */
bool session__signalled(const struct session *s);

#endif
