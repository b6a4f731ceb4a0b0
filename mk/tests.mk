# SPDX-License-Identifier: BSD-2-Clause
# Unit tests, the sanitized objects they are linked with, and helper programs of the live tests.

SUITES ?=

# Unit tests. Each tests/unit/test_*.c is built as it is shipped (for gdb and valgrind) and with
# sanitizers; tests/run runs the latter. Linking goes through an archive, so that a test only pulls
# in what it uses.
UNIT_SRCS  := $(sort $(wildcard tests/unit/test_*.c))
UNIT_TESTS := $(UNIT_SRCS:%.c=$(OA)/asan/%)
UNIT_PLAIN := $(UNIT_SRCS:%.c=$(OA)/%)
ASAN_OBJS  := $(patsubst %.c,$(OA)/asan/%.o,$(filter-out user/main.c,$(USER_SRCS)))

$(OA)/asan/user/%.o: user/%.c $(FLAGS_STAMP) | $(OA)/version.h
	$(call msg,CC-ASAN,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(call compile,$(SANITIZE))

$(patsubst %.c,$(OA)/asan/%.o,$(filter user/source/%,$(USER_SRCS))): | $(BPF_SKEL)

$(OA)/asan/tests/unit/%.o: tests/unit/%.c $(FLAGS_STAMP) | $(OA)/version.h
	$(call msg,CC-ASAN,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(call compile,-Itests/unit $(SANITIZE))

$(OA)/tests/unit/%.o: tests/unit/%.c $(FLAGS_STAMP) | $(OA)/version.h
	$(call msg,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(call compile,-Itests/unit $(FORTIFY))

# Thin archives, made anew each time: a source that is gone must not stay in.
$(OA)/asan/user.a: $(ASAN_OBJS)
$(OA)/user.a: $(filter-out $(OA)/user/main.o,$(USER_OBJS))
$(OA)/asan/user.a $(OA)/user.a:
	$(call msg,AR,$@)
	$(Q)rm -f $@
	$(Q)$(AR) rcsT $@ $^

# Helpers that several unit tests share are tests/unit/*.c without the prefix.
UNIT_HELPERS := $(filter-out $(UNIT_SRCS),$(wildcard tests/unit/*.c))
link_unit = $(CC) $(CFLAGS) $(1) $(MS_LDFLAGS) $(LDFLAGS) -o $@ $^ \
	$(shell $(PKG_CONFIG) --libs cmocka) $(PKG_LIBS) $(LDLIBS)

$(UNIT_TESTS): $(OA)/asan/%: $(OA)/asan/%.o $(UNIT_HELPERS:%.c=$(OA)/asan/%.o) $(OA)/asan/user.a
	$(call msg,LINK,$@)
	$(Q)$(call link_unit,$(SANITIZE))

$(UNIT_PLAIN): $(OA)/%: $(OA)/%.o $(UNIT_HELPERS:%.c=$(OA)/%.o) $(OA)/user.a
	$(call msg,LINK,$@)
	$(Q)$(call link_unit)

# Helper programs: tests/tools/NAME.c and its parts NAME_*.c, static, so that a VM needs no libraries.
TOOL_ALL   := $(patsubst tests/tools/%.c,%,$(sort $(wildcard tests/tools/*.c)))
TOOL_PARTS := $(foreach t,$(TOOL_ALL),$(filter $(t)_%,$(TOOL_ALL)))
TOOL_NAMES := $(filter-out $(TOOL_PARTS),$(TOOL_ALL))
TOOLS      := $(TOOL_NAMES:%=$(OA)/tests/tools/%)

$(OA)/tests/tools/%.o: tests/tools/%.c $(FLAGS_STAMP)
	$(call msg,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(call compile,$(FORTIFY) -pthread)

$(foreach t,$(TOOL_NAMES),$(eval $(OA)/tests/tools/$(t): \
	$(patsubst %,$(OA)/tests/tools/%.o,$(t) $(filter $(t)_%,$(TOOL_PARTS)))))

$(TOOLS):
	$(call msg,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -static -pthread $(LDFLAGS) -o $@ $^

.PHONY: unit-plain
## unit-plain        the unit tests without sanitizers, for gdb and valgrind
unit-plain: $(UNIT_PLAIN)

-include $(ASAN_OBJS:.o=.d) $(UNIT_TESTS:=.d) $(UNIT_PLAIN:=.d)
-include $(UNIT_HELPERS:%.c=$(OA)/asan/%.d) $(TOOL_ALL:%=$(OA)/tests/tools/%.d)
