/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of services, and of the drop-in directories that apply to one. Pure. */
#ifndef MS_ENCAP_UNITNAME_H
#define MS_ENCAP_UNITNAME_H

#include "base/util.h"

#define UNITNAME_MAX 256

/* "name.service", "name@.service" or "name@instance.service", of the characters systemd allows. */
bool unitname__is_service(const char *name);

/* Adds ".service" where it is missing. -EINVAL: not the name of a service. */
int unitname__complete(const char *name, char ret[UNITNAME_MAX]);

/* name@instance.service -> name@.service; false when it has no instance. */
bool unitname__template(const char *name, char ret[UNITNAME_MAX]);

/* a-b-c.service -> a-b-.service -> a-.service; false at the end. Instances are kept. */
bool unitname__parent(const char *name, char ret[UNITNAME_MAX]);

#endif
