# SPDX-License-Identifier: BSD-2-Clause
# Tools, flags, and how commands are shown.

O      ?= out
V      ?= 0
PREFIX ?= /usr/local

ifeq ($(abspath $(O)),$(CURDIR))
$(error O=$(O) is the source directory itself: name another)
endif

HOST_ARCH := $(patsubst aarch64,arm64,$(patsubst x86_64,x86,$(shell uname -m)))
ARCH      ?= $(HOST_ARCH)
ifeq ($(wildcard vmlinux/$(ARCH)/vmlinux.h),)
$(error ARCH=$(ARCH): there is no vmlinux/$(ARCH)/vmlinux.h; known are $(notdir \
	$(patsubst %/,%,$(dir $(wildcard vmlinux/*/vmlinux.h)))))
endif

# Objects for another architecture go to a directory of their own.
OA := $(O)$(if $(filter-out $(HOST_ARCH),$(ARCH)),/$(ARCH))

Q   := $(if $(filter 1,$(V)),,@)
msg  = @$(if $(filter 1,$(V)),:,printf '  %-8s %s\n' '$(1)' '$(2)')

CROSS_COMPILE ?= $(if $(filter-out $(HOST_ARCH),$(ARCH)),$(if \
	$(filter arm64,$(ARCH)),aarch64-linux-gnu-,x86_64-linux-gnu-))
ifneq ($(filter default undefined,$(origin CC)),)
CC := $(CROSS_COMPILE)gcc
endif
ifneq ($(filter default undefined,$(origin AR)),)
AR := $(CROSS_COMPILE)ar
endif
CLANG      ?= clang
BPFTOOL    ?= $(or $(shell command -v bpftool 2>/dev/null),/usr/sbin/bpftool)
PKG_CONFIG ?= pkg-config
INSTALL_BIN ?= install

PKGS ?= libbpf libelf zlib smartcols json-c
# Asked when first needed, which may be after "make deps" has installed them.
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell $(PKG_CONFIG) --cflags $(PKGS)))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $$(shell $(PKG_CONFIG) --libs $(PKGS)))$(PKG_LIBS)

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes $(if \
	$(filter 1,$(WERROR)),-Werror)

# CFLAGS, CPPFLAGS and LDFLAGS are the caller's; ours come first.
CFLAGS   ?= -O2 -g
MS_CPPFLAGS := -D_GNU_SOURCE= -Iinclude -Iuser -I$(OA)
MS_CFLAGS   := -std=gnu11 $(WARNINGS) -fstack-protector-strong -fPIE
MS_LDFLAGS  := -pie -Wl,-z,relro,-z,now
FORTIFY     := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
SANITIZE    := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

# $(call compile,FLAGS): one C file, with its dependencies beside the object.
compile = $(CC) $(MS_CPPFLAGS) $(PKG_CFLAGS) $(CPPFLAGS) $(MS_CFLAGS) $(CFLAGS) $(1) \
	-MMD -MP -c -o $@ $<

# What is made is made again when the flags are others: every object depends on this.
FLAGS_STAMP := $(OA)/.flags-c
$(FLAGS_STAMP): FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(MS_CPPFLAGS) $(CPPFLAGS) $(MS_CFLAGS) $(CFLAGS) $(PKGS)' | \
		cmp -s - $@ || echo '$(CC) $(MS_CPPFLAGS) $(CPPFLAGS) $(MS_CFLAGS) $(CFLAGS) $(PKGS)' >$@
