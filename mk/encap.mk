# SPDX-License-Identifier: BSD-2-Clause
# kubensenter: the static multi-call binary, with musl where it is installed.

ENCAP_CC ?= $(if $(CROSS_COMPILE),$(CC),$(shell command -v musl-gcc 2>/dev/null || echo $(CC)))
ENCAP_CFLAGS  := -std=gnu11 $(WARNINGS) -Os -flto -ffunction-sections -fdata-sections \
	-fno-asynchronous-unwind-tables -fstack-protector-strong -fno-pie \
	-include sys/stat.h # before base/util.h: musl has a field that is called __unused
ENCAP_LDFLAGS := -static -no-pie -s -Wl,--gc-sections,--build-id=none \
	-Wl,-z,relro,-z,now,-z,noexecstack,-z,noseparate-code

# What the boot needs; the rest of user/encap/ is mountscope's alone.
ENCAP_BOOT := config enter entercli enterexec execargv execline extract generator group mnttab msg \
	nsfs nsmake pin pinfile pinundo sandbox specifier unit unitfile unitload unitname
ENCAP_STATIC_SRCS := $(ENCAP_BOOT:%=user/encap/%.c) $(wildcard user/encap/static/*.c) \
	user/base/strbuf.c
ENCAP_STATIC_OBJS := $(ENCAP_STATIC_SRCS:%.c=$(OA)/static/%.o)

KUBENSENTER := $(OA)/kubensenter
PROGRAMS += $(KUBENSENTER)

$(OA)/static/user/%.o: user/%.c $(FLAGS_STAMP)
	$(call msg,CC,$< (static))
	$(Q)mkdir -p $(@D)
	$(Q)$(ENCAP_CC) $(MS_CPPFLAGS) $(CPPFLAGS) $(ENCAP_CFLAGS) -MMD -MP -c -o $@ $<

$(KUBENSENTER): $(ENCAP_STATIC_OBJS)
	$(call msg,LINK,$@)
	$(Q)$(ENCAP_CC) $(ENCAP_CFLAGS) $(ENCAP_LDFLAGS) -o $@ $^
	$(Q)test $$(stat -c %s $@) -le 102400 || \
		echo "warning: $@ is larger than 100 KiB" >&2

# Unit files, with the place of the binary filled in.
BINDIR ?= $(PREFIX)/bin
ENCAP_UNITS := $(OA)/systemd/container-mount-namespace.service \
	$(OA)/systemd/20-container-mount-namespace.conf
PROGRAMS += $(ENCAP_UNITS)

$(OA)/systemd/%: deploy/systemd/%.in $(OA)/systemd/.bindir
	$(call msg,GEN,$@)
	$(Q)sed 's|@BINDIR@|$(BINDIR)|g' $< >$@

# Made again when PREFIX is another.
$(OA)/systemd/.bindir: FORCE
	@mkdir -p $(@D)
	@echo '$(BINDIR)' | cmp -s - $@ || echo '$(BINDIR)' >$@

SYSTEMDDIR ?= $(PREFIX)/lib/systemd
ENCAP_INSTALL := $(KUBENSENTER):$(BINDIR)/kubensenter:755 \
	$(OA)/systemd/container-mount-namespace.service:$(SYSTEMDDIR)/system/container-mount-namespace.service:644 \
	$(OA)/systemd/20-container-mount-namespace.conf:$(PREFIX)/share/mountscope/20-container-mount-namespace.conf:644 \
	deploy/systemd/10-kubensmnt-env.conf:$(PREFIX)/share/mountscope/10-kubensmnt-env.conf:644 \
	deploy/systemd/encapsulation.conf:$(PREFIX)/share/mountscope/encapsulation.conf:644

# Its other names. The generator's directory is searched below /usr/local too.
ENCAP_LINKS := $(BINDIR)/nsenterCms $(BINDIR)/extractExecStart \
	$(SYSTEMDDIR)/system-generators/mountscope-encap-generator

.PHONY: install-encapsulation uninstall-encapsulation
## install-encapsulation   kubensenter, its other names, generator and units; enables nothing
install-encapsulation: $(KUBENSENTER) $(ENCAP_UNITS)
	$(Q)set -e; for i in $(ENCAP_INSTALL); do \
		file=$${i%%:*}; mode=$${i##*:}; place=$${i#*:}; place=$(DESTDIR)$${place%:*}; \
		printf '  %-8s %s\n' INSTALL "$$place"; \
		$(INSTALL_BIN) -D -m "$$mode" "$$file" "$$place"; \
	done; \
	for l in $(ENCAP_LINKS); do \
		printf '  %-8s %s\n' LINK "$(DESTDIR)$$l"; \
		mkdir -p "$$(dirname "$(DESTDIR)$$l")"; \
		ln -sfn $(BINDIR)/kubensenter "$(DESTDIR)$$l"; \
	done

install: install-encapsulation
uninstall: uninstall-encapsulation
uninstall-encapsulation:
	$(Q)rm -f $(foreach l,$(ENCAP_LINKS),"$(DESTDIR)$(l)") \
		$(foreach i,$(ENCAP_INSTALL),"$(DESTDIR)$(word 2,$(subst :, ,$(i)))")

# MachineConfigs, from the files that are installed elsewhere. In the tree, where "oc create -k" looks.
OPENSHIFT_OUT ?= deploy/openshift
OPENSHIFT_UNITS := $(OA)/openshift/container-mount-namespace.service \
	$(OA)/openshift/20-container-mount-namespace.conf

$(OA)/openshift/%: deploy/systemd/%.in
	$(call msg,GEN,$@)
	$(Q)mkdir -p $(@D)
	$(Q)sed 's|@BINDIR@|/usr/local/bin|g' $< >$@

.PHONY: deploy/openshift
## deploy/openshift  MachineConfigs for "oc create -k deploy/openshift/worker" and master
deploy/openshift: $(KUBENSENTER) $(OPENSHIFT_UNITS)
	$(Q)set -e; for role in worker master; do \
		mkdir -p $(OPENSHIFT_OUT)/$$role; \
		deploy/openshift/machineconfig $$role $^ >$(OPENSHIFT_OUT)/$$role/machineconfig.yaml.tmp; \
		mv $(OPENSHIFT_OUT)/$$role/machineconfig.yaml.tmp $(OPENSHIFT_OUT)/$$role/machineconfig.yaml; \
		printf '  %-8s %s\n' GEN $(OPENSHIFT_OUT)/$$role/machineconfig.yaml; \
	done

-include $(ENCAP_STATIC_OBJS:.o=.d)
