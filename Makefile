# SPDX-License-Identifier: BSD-2-Clause
# Builds, tests and installs mountscope. "make help" lists what there is.
#
# Variables: O= where everything made goes (out), V=1 shows commands, ARCH= x86 or arm64,
# CROSS_COMPILE= prefix of the C toolchain, WERROR=1 makes warnings errors, PREFIX=, DESTDIR=.
#
# The makefiles included below may add to PROGRAMS (built by all), INSTALL (FILE:PLACE:MODE, see
# mk/install.mk) and CHECK_DEPS (built before the tests run), and document targets as "## NAME  TEXT".

MAKEFLAGS += -rR --no-print-directory
.DELETE_ON_ERROR:
.SUFFIXES:
SHELL := /bin/bash

.DEFAULT_GOAL := all

include mk/config.mk
include mk/bpf.mk
include mk/user.mk
include mk/tests.mk
-include mk/encap.mk
-include tests/vm/vm.mk
-include tests/fuzz/fuzz.mk
-include bench/bench.mk
-include deploy/deploy.mk
-include man/man.mk
include mk/install.mk

.PHONY: all bpf deps deps-check run tests check check-full lint clean help format vmlinux-check FORCE

# "make run" and "make check" use all CPUs without being told.
PARALLEL = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))

## all               build mountscope and everything that is installed (default)
all: $(PROGRAMS)

## bpf               build the BPF object and its skeleton only; ARCH=arm64 cross-compiles it
bpf: $(BPF_OBJECT) $(BPF_SKEL)

## deps              install what building and running need (apt or dnf)
deps:
	$(Q)mk/deps build run

## deps-check        install what the tests need as well
deps-check:
	$(Q)mk/deps build run test

## run               install what is missing, build, and trace; ARGS="..." go to trace
run: deps
	$(Q)$(MAKE) $(PARALLEL) all
	$(Q)$(O)/mountscope trace $(ARGS)

## tests             build what tests/run needs, without running it
tests: all $(UNIT_TESTS) $(TOOLS) $(CHECK_DEPS)

## check             install what is missing, build, run all test suites (SUITES="unit live")
check: deps-check
	$(Q)$(MAKE) $(PARALLEL) all tests
	$(Q)O="$(O)" tests/run $(SUITES)

## check-full        the same with the long variants of tests (MS_TEST_FULL=1)
check-full: export MS_TEST_FULL := 1
check-full: check

## lint              formatting, include order, purity, banned calls, shellcheck and the like
lint: $(PURE_OBJS) $(BASE_OBJS)
	$(Q)O="$(O)" tests/lint/run

## format            have clang-format rewrite all C files
format:
	$(Q). tests/lint/lib.sh && c_files | xargs -r clang-format -i

## vmlinux-check     say whether vmlinux/ still agrees with the running kernel
vmlinux-check:
	$(Q)vmlinux/regen --check /sys/kernel/btf/vmlinux $(HOST_ARCH)

## clean             remove what a build made; downloaded kernels stay (distclean: all of O)
clean:
	$(Q)rm -rf $(filter-out $(O)/vm,$(wildcard $(O)/*)) $(O)/.flags-*

.PHONY: distclean
distclean:
	$(Q)rm -rf $(O)

## help              this list
help:
	@sed -n 's/^## /  /p' $(MAKEFILE_LIST)

FORCE:
