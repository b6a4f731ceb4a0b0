# SPDX-License-Identifier: BSD-2-Clause
# Targets that need a virtual machine; included by the Makefile.
#
# make vm KERNEL=6.12           a shell in that kernel, with this build in it
# make check-vm                 all scenarios on all KERNELS

KERNEL  ?= 6.12
KERNELS ?= 5.10 6.1 6.12 backports newest

VM_DIR  := $(dir $(lastword $(MAKEFILE_LIST)))

# Debian packages that the two targets need.
VM_DEPS := qemu-system-x86 busybox-static xz-utils zstd dash util-linux findutils

# Scripts that shellcheck looks at.
VM_SCRIPTS := $(addprefix $(VM_DIR),fetch-kernel mkinitramfs run shell check lib.sh \
	guest/init guest/tap.sh guest/measure kernels-table) $(wildcard $(VM_DIR)scenarios/*)

.PHONY: vm check-vm

## vm                a shell in a test kernel with this build in it (KERNEL=6.12)
vm: $(O)/mountscope
	$(Q)O="$(O)" $(VM_DIR)shell $(KERNEL) --mountscope $(O)/mountscope

## check-vm          all VM scenarios on all kernels (KERNELS="5.10 6.1 ...")
check-vm: $(O)/mountscope
	$(Q)O="$(O)" $(VM_DIR)check --mountscope $(O)/mountscope $(KERNELS)
