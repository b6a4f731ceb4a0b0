/* SPDX-License-Identifier: BSD-2-Clause */
/* Carries a plan out, keeping a record from which everything can be put back as it was. */
#ifndef MS_ENCAP_APPLY_H
#define MS_ENCAP_APPLY_H

#include "encap/msg.h"
#include "encap/plan.h"

#define APPLY_DIR "/var/lib/mountscope/encap"

/*
 * Below root ("" for /). Each file is replaced by rename, after its old contents are in the record; whoever is killed in
 * between runs apply again, or undo. 0 or -errno, told through m.
 */
int apply__plan(const char *root, const struct plan *p, const struct msg *m);

/* -ENOENT: there is no record, so nothing to put back. */
int apply__undo(const char *root, const struct msg *m);

bool apply__is_enabled(const char *root);

#endif
