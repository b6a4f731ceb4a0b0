/* SPDX-License-Identifier: BSD-2-Clause */
/* The actions of "mountscope encap". */
#ifndef MS_CMD_ENCAP_H
#define MS_CMD_ENCAP_H

#include "encap/config.h"

struct encap_opts {
	char services[ENCAP_SERVICES_MAX][UNITNAME_MAX];
	size_t n_services;
	const char *runtime;
	const char *root;
	const char *fail;
	bool static_dropins;
	bool dry_run;
	bool json;
	bool probe;
	bool force;
};

/* Exit status. */
int encap__enable(const struct encap_opts *o);
int encap__disable(const struct encap_opts *o);
int encap__pin(const struct encap_opts *o);
int encap__unpin(const struct encap_opts *o);
int encap__status(const struct encap_opts *o);
int encap__check(const struct encap_opts *o);

#endif
