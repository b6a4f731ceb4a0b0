/* SPDX-License-Identifier: BSD-2-Clause */
/* Namespaces that the user named, looked up on this system. */
#ifndef MS_CMD_NS_ARG_H
#define MS_CMD_NS_ARG_H

#include "model/filter.h"

/*
 * Live: makes inums of host, self and pid:PID, and checks that each inum is a mount namespace that
 * lives. Says why not. Returns exit status.
 */
int ns_arg__resolve_live(struct filter_ns_list *l);
/* For a capture: pid:PID means nothing there. Returns exit status. */
int ns_arg__check_replay(const struct filter_ns_list *l);

#endif
