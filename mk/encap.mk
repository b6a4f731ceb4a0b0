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

-include $(ENCAP_STATIC_OBJS:.o=.d)
