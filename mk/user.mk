# SPDX-License-Identifier: BSD-2-Clause
# user/ -> mountscope. user/encap/static/ is another program's (mk/encap.mk).

USER_SRCS := $(sort user/main.c $(filter-out user/encap/static/%,$(wildcard user/*/*.c user/*/*/*.c)))
USER_OBJS := $(USER_SRCS:%.c=$(OA)/%.o)

# The pure stages, which make lint looks into, and what they may stand on.
PURE_SRCS := $(filter user/decode/% user/model/% user/analyze/% user/encap/plan%,$(USER_SRCS))
PURE_OBJS := $(PURE_SRCS:%.c=$(OA)/%.o)
BASE_OBJS := $(patsubst %.c,$(OA)/%.o,$(filter user/base/%,$(USER_SRCS)))

PROGRAMS += $(OA)/mountscope

$(OA)/user/%.o: user/%.c $(FLAGS_STAMP) | $(OA)/version.h
	$(call msg,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(call compile,$(FORTIFY))

# For the first build; later ones know from the dependency files.
$(patsubst %.c,$(OA)/%.o,$(filter user/source/%,$(USER_SRCS))): | $(BPF_SKEL)

$(OA)/mountscope: $(USER_OBJS)
	$(call msg,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(MS_LDFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) $(LDLIBS)

# Written again only when the version is another.
$(OA)/version.h: FORCE
	@mkdir -p $(@D)
	@mk/version >$@.tmp
	@if cmp -s $@.tmp $@; then rm $@.tmp; else mv $@.tmp $@; fi

-include $(USER_OBJS:.o=.d)
