/* SPDX-License-Identifier: BSD-2-Clause */
/* Small files written whole or not at all, and the record of what a pin made. */
#ifndef MS_ENCAP_PINFILE_H
#define MS_ENCAP_PINFILE_H

#include "encap/pin.h"

/* What pin__make() did to the host, in order; each is undone by pin__undo(). */
enum pin_did {
	PIN_DID_MKDIR,	  /* made the directory */
	PIN_DID_SELFBIND, /* mounted it on itself */
	PIN_DID_PREPARE,  /* mounted it on itself, shared, for others */
	PIN_DID_PIN,	  /* pinned the namespace there */
};

struct pin_state {
	struct {
		enum pin_did did;
		char path[PIN_PATH_MAX];
	} step[2 * PIN_PREPARE_MAX + 8];
	size_t n;
};

int pin_state__add(struct pin_state *s, enum pin_did did, const char *path);
bool pin_state__has(const struct pin_state *s, enum pin_did did, const char *path);
int pin_state__load(const char *dir, struct pin_state *ret); /* no file: empty */
int pin_state__save(const char *dir, const struct pin_state *s);

/* Fills ret (PIN_PATH_MAX bytes) with the directory of a pin. */
int pin__dir_of(const char *path, char *ret);

/* Only root in PID 1's mount namespace pins or unpins; reported through opts->msg. */
int pin__check_place(const struct pin_opts *opts);

/* One at a time: locks the directory in which dir lies. */
int pin__lock(const char *dir, int *ret_fd);

/* Writes DIR/NAME under a temporary name, syncs and renames it. */
int file__replace(const char *dir, const char *name, const char *text, unsigned mode);

#endif
