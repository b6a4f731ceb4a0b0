/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The systemd generator: at each boot and daemon-reload it computes what every listed service starts, and writes drop-ins
 * that put kubensenter in front. All listed services are wrapped, or none.
 */
#ifndef MS_ENCAP_GENERATOR_H
#define MS_ENCAP_GENERATOR_H

#include "base/strbuf.h"
#include "encap/config.h"
#include "encap/unitload.h"

#define GENERATOR_DROPIN "zz-mountscope-encapsulation.conf"
#define NAME_MAX_DROPIN	 256

/* One service's outcome. */
struct wrapped {
	char service[UNITNAME_MAX];
	int err; /* 0: a drop-in; -ENOENT, -ERFKILL: no such unit, masked; -EALREADY: enters by itself;
		    else refused */
	char file[NAME_MAX_DROPIN];
	struct strbuf dropin;
	struct strbuf why; /* of a refusal */
};

/* Computes one service's drop-in. */
int generator__wrap(const char *root, const char *service, const char *kubensenter,
		    struct wrapped *ret);
void wrapped__free(struct wrapped *w);

/* Writes the drop-ins below dir. Failures are told through m; nothing is left half-written. */
int generator__run(const char *root, const char *dir, const struct msg *m);

int generator__main(int argc, char **argv);

#endif
