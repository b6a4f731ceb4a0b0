# SPDX-License-Identifier: BSD-2-Clause
# Fuzz targets: each tests/fuzz/fuzz_NAME.c with a seed corpus in tests/fuzz/corpus/NAME.
# What a run finds new is kept in $(O)/tests/fuzz/corpus; a crash leaves its input beside it.

FUZZ_SECONDS ?= 10
FUZZ_CLANG   ?= clang

FUZZ_NAMES := $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_BINS  := $(FUZZ_NAMES:%=$(OA)/tests/fuzz/fuzz_%)
# What the targets stand on: nothing that needs BPF, libbpf or another library.
FUZZ_SRCS  := $(sort $(wildcard user/base/*.c user/decode/*.c) user/model/intern.c \
	$(wildcard user/model/world*.c) user/model/verify.c user/source/mountinfo.c \
	user/source/capture.c \
	$(addprefix user/encap/,unitfile.c execline.c execargv.c unit.c sandbox.c))
FUZZ_FLAGS := -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all

$(FUZZ_BINS): $(OA)/tests/fuzz/%: tests/fuzz/%.c $(FUZZ_SRCS) $(wildcard user/*/*.h include/*/*.h)
	$(call msg,FUZZ,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(FUZZ_CLANG) $(MS_CPPFLAGS) -std=gnu11 $(WARNINGS) $(FUZZ_FLAGS) \
		-fsanitize=fuzzer,address,undefined -o $@ $< $(FUZZ_SRCS)

.PHONY: fuzz fuzz-build $(FUZZ_NAMES:%=fuzz-%)
## fuzz              run every fuzz target for FUZZ_SECONDS (10) each; fuzz-NAME runs one
fuzz: $(FUZZ_NAMES:%=fuzz-%)

## fuzz-build        build the fuzz targets only
fuzz-build: $(FUZZ_BINS)

$(FUZZ_NAMES:%=fuzz-%): fuzz-%: $(OA)/tests/fuzz/fuzz_%
	$(call msg,RUN,$< for $(FUZZ_SECONDS) s)
	$(Q)mkdir -p $(OA)/tests/fuzz/corpus/$*
	$(Q)$< -max_total_time=$(FUZZ_SECONDS) -max_len=65536 -timeout=5 -rss_limit_mb=1024 \
		-verbosity=0 -print_final_stats=1 -artifact_prefix=$(OA)/tests/fuzz/$*- \
		$(OA)/tests/fuzz/corpus/$* tests/fuzz/corpus/$*
