/* SPDX-License-Identifier: BSD-2-Clause */
/* extractExecStart: what a service would start if the static drop-in did not wrap it. */
#ifndef MS_ENCAP_EXTRACT_H
#define MS_ENCAP_EXTRACT_H

#include "base/strbuf.h"
#include "encap/msg.h"

/*
 * Writes the unit's effective ExecStart= to out, specifiers expanded, several commands with " ; " between them. The unit
 * file and every drop-in count but the static one.
 */
int extract__exec_start(const char *root, const char *unit, const struct msg *m,
			struct strbuf *out);

/* extractExecStart UNIT [ENVFILE [VARIABLE]] */
int extract__main(int argc, char **argv);

#endif
