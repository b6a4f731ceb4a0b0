# SPDX-License-Identifier: BSD-2-Clause
# Manual pages: man/*.scd -> O/man/*, with scdoc.

MAN_SRCS  := $(sort $(wildcard man/*.scd))
MAN_PAGES := $(MAN_SRCS:man/%.scd=$(O)/man/%)
SCDOC     ?= scdoc

$(O)/man/%: man/%.scd
	$(call msg,SCDOC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(SCDOC) <$< >$@

.PHONY: man
## man               the manual pages
man: $(MAN_PAGES)

# Without scdoc everything but the pages can be installed.
ifneq ($(shell command -v $(SCDOC) 2>/dev/null),)
INSTALL += $(foreach p,$(MAN_PAGES),$(p):$(PREFIX)/share/man/man$(patsubst .%,%,$(suffix $(p)))/$(notdir $(p)):644)
endif
