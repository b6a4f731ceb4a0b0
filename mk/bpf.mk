# SPDX-License-Identifier: BSD-2-Clause
# bpf/*.bpf.c -> one object, by clang and bpftool's linker -> skeleton header.

# Maps first: where a reference comes before the definition, libbpf's linker (1.1 at least) leaves the
# map's offset at 0 in the BTF of .maps, and the object does not load.
BPF_SRCS   := $(wildcard bpf/maps.bpf.c) $(sort $(filter-out bpf/maps.bpf.c,$(wildcard bpf/*.bpf.c)))
BPF_OBJS   := $(BPF_SRCS:%.c=$(OA)/%.o)
BPF_OBJECT := $(OA)/mountscope.bpf.o
BPF_SKEL   := $(OA)/mountscope.skel.h

# -mcpu=v3 (32-bit subregisters and jumps) is understood since kernel 5.1.
# BPF_PROG() makes functions that need not use all of their parameters; scratch buffers hold a record
# with its data after it.
BPF_CPPFLAGS := -D__TARGET_ARCH_$(ARCH) -Ivmlinux/$(ARCH) -Iinclude -Ibpf
BPF_CFLAGS   := -g -O2 -target bpf -mcpu=v3 -std=gnu11 -Wall -Wextra -Wno-unused-parameter \
	-Wno-gnu-variable-sized-type-not-at-end $(if $(filter 1,$(WERROR)),-Werror)
# libbpf's own headers where they are not in the compiler's path.
LIBBPF_CFLAGS = $(eval LIBBPF_CFLAGS := \
	$$(shell $(PKG_CONFIG) --cflags libbpf 2>/dev/null))$(LIBBPF_CFLAGS)

$(OA)/bpf/%.bpf.o: bpf/%.bpf.c $(OA)/.flags-bpf
	$(call msg,BPF,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) $(BPF_CPPFLAGS) $(LIBBPF_CFLAGS) -MMD -MP -c -o $@ $<

$(BPF_OBJECT): $(BPF_OBJS)
	$(if $(BPF_OBJS),,$(error no bpf/*.bpf.c to build))
	$(call msg,BPFLINK,$@)
	$(Q)$(BPFTOOL) gen object $@ $^

# By way of temporary files: bpftool leaves an empty one behind when it fails.
$(BPF_SKEL): $(BPF_OBJECT) mk/skel.awk
	$(call msg,SKEL,$@)
	$(Q)$(BPFTOOL) btf dump file $< format raw >$@.btf.tmp
	$(Q)$(BPFTOOL) gen skeleton $< name mountscope >$@.raw.tmp
	$(Q)awk -f mk/skel.awk $@.btf.tmp $@.raw.tmp >$@.tmp
	$(Q)rm $@.btf.tmp $@.raw.tmp
	$(Q)mv $@.tmp $@

$(OA)/.flags-bpf: FORCE
	@mkdir -p $(@D)
	@echo '$(CLANG) $(BPF_CFLAGS) $(BPF_CPPFLAGS) $(BPF_SRCS)' | cmp -s - $@ || \
		echo '$(CLANG) $(BPF_CFLAGS) $(BPF_CPPFLAGS) $(BPF_SRCS)' >$@

-include $(BPF_OBJS:.o=.d)
