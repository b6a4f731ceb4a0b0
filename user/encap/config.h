/* SPDX-License-Identifier: BSD-2-Clause */
/* /etc/mountscope/encapsulation.conf, and the switches that turn encapsulation off. */
#ifndef MS_ENCAP_CONFIG_H
#define MS_ENCAP_CONFIG_H

#include "encap/pin.h"
#include "encap/unitname.h"

#define ENCAP_CONF	    "/etc/mountscope/encapsulation.conf"
#define ENCAP_OFF_FILE	    "/etc/mountscope/encapsulation.disabled"
#define ENCAP_OFF_PARAM	    "mountscope.encapsulation"
#define ENCAP_STATIC_DROPIN "20-container-mount-namespace.conf"
#define ENCAP_PIN_UNIT	    "container-mount-namespace.service"
#define ENCAP_SERVICES_MAX  32

struct encap_config {
	bool enabled;
	bool fail_closed; /* a service does not start where its namespace is missing */
	char services[ENCAP_SERVICES_MAX][UNITNAME_MAX];
	size_t n_services;
	char prepare[PIN_PREPARE_MAX][PIN_PATH_MAX];
	size_t n_prepare;
	char kubensenter[PIN_PATH_MAX]; /* "" by default */
};

/*
 * The first of /etc, /run and /usr/lib under root that has the file; -ENOENT and the defaults where none
 * does. Unknown keys and values that make no sense are told of through m and skipped.
 */
int encap_config__load(const char *root, const struct msg *m, struct encap_config *ret);

/* What switches encapsulation off now, in words, or NULL. */
const char *encap__switched_off(const char *root);

/* Adds the services that have the static drop-in. */
void encap_config__add_wrapped(const char *root, struct encap_config *c);

#endif
