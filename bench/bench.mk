# SPDX-License-Identifier: BSD-2-Clause
# Benchmarks; included by the Makefile.

BENCH_KERNEL ?= 6.12
BENCH_EMPTY := $(O)/bench/empty

$(BENCH_EMPTY): bench/empty.c
	$(call msg,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -D_GNU_SOURCE= -std=gnu11 $(WARNINGS) $(CFLAGS) -o $@ $< $(LDFLAGS) \
		$(shell $(PKG_CONFIG) --cflags --libs libbpf)

.PHONY: bench-deps bench-trace bench-start bench-trace-vm

bench-deps:
	$(Q)mk/deps build test bench

## bench-trace       what tracing costs, beside mountsnoop and bpftrace (ARGS="--reps 9")
bench-trace: bench-deps all $(TOOLS)
	$(Q)O="$(O)" bench/trace $(ARGS)

## bench-start       from the start of trace to its first line, and what that is made of
bench-start: bench-deps all $(TOOLS)
	$(Q)O="$(O)" bench/start $(ARGS)

## bench-trace-vm    what the BPF programs cost, in instructions (BENCH_KERNEL=6.12)
bench-trace-vm: all $(TOOLS) $(BENCH_EMPTY) $(BPF_OBJECT)
	$(Q)O="$(O)" tests/vm/run --kernel $(BENCH_KERNEL) --mountscope $(O)/mountscope \
		bench/vm-trace >$(O)/bench/vm-trace.log || { cat $(O)/bench/vm-trace.log; exit 1; }
	$(Q)awk -f bench/vm-trace.awk $(O)/bench/vm-trace.log
