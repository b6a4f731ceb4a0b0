# SPDX-License-Identifier: BSD-2-Clause
# Installation. INSTALL is a list of FILE:PLACE:MODE; other makefiles add to it.

INSTALL += $(OA)/mountscope:$(PREFIX)/bin/mountscope:755

install_file = $(word $(1),$(subst :, ,$(2)))

.PHONY: install uninstall
## install           install below DESTDIR and PREFIX (/usr/local)
install: all $(foreach i,$(INSTALL),$(call install_file,1,$(i)))
	$(Q)set -e; for i in $(INSTALL); do \
		file=$${i%%:*}; mode=$${i##*:}; place=$${i#*:}; place=$(DESTDIR)$${place%:*}; \
		printf '  %-8s %s\n' INSTALL "$$place"; \
		$(INSTALL_BIN) -D -m "$$mode" "$$file" "$$place"; \
	done

## uninstall         remove what install put there
uninstall:
	$(Q)rm -f $(foreach i,$(INSTALL),"$(DESTDIR)$(call install_file,2,$(i))")
