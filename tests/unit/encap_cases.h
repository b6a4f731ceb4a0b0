/* SPDX-License-Identifier: BSD-2-Clause */
/* Unit files and what the generator makes of them; tests/encap/generator.bats asks real systemds too. */
#ifndef MS_TEST_ENCAP_CASES_H
#define MS_TEST_ENCAP_CASES_H

#include <stddef.h>

struct case_file {
	const char *path;
	const char *text; /* "->target": a symbolic link */
};

struct generator_case {
	const char *name;
	const char *unit;
	struct case_file files[8];
	const char *want;    /* the ExecStart= lines of the drop-in, each ended by a newline */
	const char *refused; /* or a part of the reason why there is none */
	const char *file;    /* name of the drop-in where it is not the usual one */
};

extern const struct generator_case generator_cases[];
extern const size_t n_generator_cases;

#endif
