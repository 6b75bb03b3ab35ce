# nsbox: `make`, `sudo make install`, `sudo make demo`, `sudo make check`, `sudo make check-vm`, `make lint`, `sudo make bench`,
# `sudo make fuzz`, `sudo make valgrind`, `sudo make faults`, `sudo make soak`.
# The folder says the trust level; see README.md.

VERSION = 0.1

# GNU directory variables (GNU Coding Standards, "Directory Variables").
PREFIX ?= /usr/local
prefix ?= $(PREFIX)
exec_prefix ?= $(prefix)
BINDIR ?= $(exec_prefix)/bin
LIBEXECDIR ?= $(exec_prefix)/libexec
SYSCONFDIR ?= /etc
LOCALSTATEDIR ?= /var
RUNSTATEDIR ?= /run
MANDIR ?= $(prefix)/share/man
# systemd looks here with a prefix of /usr/local or /usr (systemd.unit(5)).
UNITDIR ?= $(prefix)/lib/systemd/system
SHELLS = $(SYSCONFDIR)/shells
APPARMORDIR = $(SYSCONFDIR)/apparmor.d
DOCDIR ?= $(prefix)/share/doc/nsbox
BASHCOMPDIR ?= $(prefix)/share/bash-completion/completions
ZSHCOMPDIR ?= $(prefix)/share/zsh/site-functions
# What is where inside a box; tests have it elsewhere.
INSIDEDIR ?= /run/nsbox
PAMDIR ?= $(firstword $(wildcard /lib/$(shell $(CC) -dumpmachine 2>/dev/null)/security /lib64/security) /lib/security)
DESTDIR ?=

CC = gcc
# `make Q=` shows the commands.
Q = @
BUILD ?= build
O = $(BUILD)/$(CC)

CFLAGS ?= -O2 -g
WARN = -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wformat=2 -Wmissing-prototypes -Wvla -Werror
HARDEN = -fPIC -fstack-protector-strong -fstack-clash-protection -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
# Control-flow enforcement exists for x86 only.
HARDEN += $(shell $(CC) -fcf-protection=full -xc -c /dev/null -o /dev/null 2>/dev/null && echo -fcf-protection=full)
LINK = -pie -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -I. -I$(O) $(WARN) $(HARDEN) $(CFLAGS)

# A unit, or a drop-in in a directory that is named for its unit.
UNITS = $(patsubst %.in,%,$(subst systemd/,,$(wildcard systemd/*.in systemd/*/*.in)))
UNIT_FILES = $(addprefix $(O)/systemd/,$(UNITS))

PROGRAMS = $(O)/nssh $(O)/nsbox-helper $(O)/nsbox-init $(O)/nsbox-hop $(O)/nsbox-sweep $(O)/nsbox-keep \
	$(O)/nsbox-subid $(O)/nsbox-keys $(O)/pam_nsbox.so

conf_o = $(patsubst %.c,$(O)/%.o,$(wildcard conf/*.c))
base_o = $(O)/conf/fail.o $(O)/conf/fd.o $(O)/conf/member.o
wire_o = $(O)/helper/wire.o $(O)/helper/fdpass.o
# What nssh --check reads as the helper does.
net_o = $(O)/helper/fields.o $(addprefix $(O)/helper/net/,address.o resolv.o state.o)
face_o = $(wire_o) $(O)/helper/join.o $(O)/helper/filter.o
helper_o = $(patsubst %.c,$(O)/%.o,$(filter-out helper/main.c,$(wildcard helper/*.c helper/net/*.c)))
pam_o = $(patsubst %.c,$(O)/%.o,$(wildcard pam_module/*.c))
shell_o = $(patsubst %.c,$(O)/%.o,$(wildcard shell/*.c))
hop_o = $(patsubst %.c,$(O)/%.o,$(wildcard helper/hop/*.c))
unit_tests = $(patsubst tests/unit/%.c,$(O)/tests/unit/%,$(wildcard tests/unit/*.c))

all: $(PROGRAMS) $(UNIT_FILES) $(O)/apparmor/nsbox

# Where things are, for the C code; rewritten only when it changes, so that nothing is rebuilt for nothing.
$(O)/places.h: FORCE
	@mkdir -p $(@D)
	@{ echo '#define NSBOX_VERSION "$(VERSION)"'; \
	   echo '#define NSBOX_CONF "$(SYSCONFDIR)/nsbox.conf"'; \
	   echo '#define NSBOX_CHAINS "$(SYSCONFDIR)/nsbox.nft"'; \
	   echo '#define NSBOX_APPARMOR "$(APPARMORDIR)/nsbox"'; \
	   echo '#define NSBOX_LIBEXEC "$(LIBEXECDIR)/nsbox"'; \
	   echo '#define NSBOX_HELPER NSBOX_LIBEXEC "/nsbox-helper"'; \
	   echo '#define NSBOX_RUN "$(RUNSTATEDIR)/nsbox"'; \
	   echo '#define NSBOX_INSIDE "$(INSIDEDIR)"'; \
	   echo '#define NSBOX_STATE "$(LOCALSTATEDIR)/lib/nsbox"'; } > $@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

# The seccomp filters are made here, on the build machine and with its compiler: libseccomp, which knows the numbers of system
# calls, is nothing that is installed or loaded.
HOST_CC ?= $(CC)
$(O)/generate: helper/seccomp/generate.c helper/seccomp/calls.def Makefile
	@mkdir -p $(@D)
	@echo '  CC    $<'
	$(Q)$(HOST_CC) -std=gnu11 -D_GNU_SOURCE -I. $(WARN) -O2 -o $@ $< -lseccomp

$(O)/seccomp_filters.h: $(O)/generate
	$(Q)$< $(firstword $(subst -, ,$(shell $(CC) -dumpmachine))) >$@.new
	$(Q)mv $@.new $@

$(O)/helper/filter.o: $(O)/seccomp_filters.h

# The capabilities of the units are the helper's.
POWERS = $(shell sed -n 's/^\t\(CAP_[A-Z_]*\),.*/\1/p' helper/caller.c)

$(UNIT_FILES): $(O)/%: %.in helper/caller.c Makefile
	@mkdir -p $(@D)
	$(Q)sed 's|@LIBEXECDIR@|$(LIBEXECDIR)|; s|@POWERS@|$(POWERS)|' $< >$@

$(O)/apparmor/nsbox: apparmor/nsbox.in Makefile
	@mkdir -p $(@D)
	$(Q)sed 's|@LIBEXECDIR@|$(LIBEXECDIR)|' $< >$@

$(O)/%.o: %.c Makefile | $(O)/places.h
	@mkdir -p $(@D)
	@echo '  CC    $<'
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(O)/nsbox-helper: $(O)/helper/main.o $(helper_o) $(conf_o)
	@echo '  LINK  $@'
	$(Q)$(CC) $(CFLAGS) $(LINK) -o $@ $^ -liniparser -lcap -lmnl

$(O)/nssh: $(shell_o) $(conf_o) $(wire_o) $(net_o)
	@echo '  LINK  $@'
	$(Q)$(CC) $(CFLAGS) $(LINK) -o $@ $^ -liniparser

# Those that live as long as a box, or longer, do without libc: helper/init/sys.h says why. They are at a fixed place, since
# nobody relocates them: whether a table of strings needs that is the compiler's to decide.
$(O)/helper/init/%.o: HARDEN += -fno-stack-protector -ffreestanding -fno-pic -fno-pie
$(O)/nsbox-init: $(addprefix $(O)/helper/init/,hops.o idle.o terminals.o)
$(O)/nsbox-init $(O)/nsbox-sweep $(O)/nsbox-keep: $(O)/nsbox-%: $(O)/helper/init/%.o
	@echo '  LINK  $@'
	$(Q)$(CC) $(CFLAGS) -static -nostdlib -Wl,-z,relro,-z,now,-z,noexecstack -o $@ $^

# Executed by its descriptor in boxes that may have been there for long: it brings all that it needs, whatever the host has by now.
$(O)/nsbox-hop: $(hop_o) $(O)/conf/fail.o $(O)/conf/fd.o $(addprefix $(O)/helper/,execute.o left_behind.o) $(wire_o)
	@echo '  LINK  $@'
	$(Q)$(CC) $(CFLAGS) -static -Wl,-z,relro,-z,now,-z,noexecstack -o $@ $^

$(O)/nsbox-subid: $(O)/helper/subid/subid.o
	@echo '  LINK  $@'
	$(Q)$(CC) $(CFLAGS) $(LINK) -o $@ $^ -lsubid

$(O)/nsbox-keys: $(patsubst %.c,$(O)/%.o,$(wildcard helper/keys/*.c)) $(conf_o)
	@echo '  LINK  $@'
	$(Q)$(CC) $(CFLAGS) $(LINK) -o $@ $^ -liniparser

# Only the PAM entry points are visible, and no symbol is left open.
$(O)/pam_nsbox.so: $(pam_o) $(base_o) $(face_o)
	@echo '  LINK  $@'
	$(Q)$(CC) $(CFLAGS) -shared -Wl,-z,relro,-z,now,-z,noexecstack,-z,defs -Wl,--version-script=pam_module/exports.map -o $@ $^ -lpam

$(O)/tests/unit/%: $(O)/tests/unit/%.o $(helper_o) $(conf_o)
	@echo '  LINK  $@'
	$(Q)$(CC) $(CFLAGS) $(LINK) -o $@ $^ -lcmocka -liniparser -lcap -lmnl

# 4755 stands here and nowhere else. nsbox-init and nsbox-hop are executable but not readable: the kernel then keeps them
# from being dumped or traced by their own user from their first instruction on (ptrace(2)).
install: all
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBEXECDIR)/nsbox $(DESTDIR)$(PAMDIR) $(DESTDIR)$(SYSCONFDIR) \
		$(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(MANDIR)/man5 $(DESTDIR)$(MANDIR)/man7 $(DESTDIR)$(MANDIR)/man8 \
		$(DESTDIR)$(DOCDIR) $(DESTDIR)$(UNITDIR)
	install -m 755 $(O)/nssh $(DESTDIR)$(BINDIR)/nssh
	install -m 4755 $(O)/nsbox-helper $(DESTDIR)$(LIBEXECDIR)/nsbox/nsbox-helper
	install -m 711 $(O)/nsbox-init $(O)/nsbox-hop $(DESTDIR)$(LIBEXECDIR)/nsbox/
	install -m 755 $(O)/nsbox-sweep $(O)/nsbox-keep $(O)/nsbox-subid $(O)/nsbox-keys $(DESTDIR)$(LIBEXECDIR)/nsbox/
	install -m 644 $(O)/pam_nsbox.so $(DESTDIR)$(PAMDIR)/pam_nsbox.so
	for unit in $(UNITS); do install -D -m 644 $(O)/systemd/$$unit $(DESTDIR)$(UNITDIR)/$$unit || exit; done
	@# A host without AppArmor has no such directory; which host a package is for is not known here.
	if [ -n "$(DESTDIR)" ] || [ -d $(APPARMORDIR) ]; then \
		install -D -m 644 $(O)/apparmor/nsbox $(DESTDIR)$(APPARMORDIR)/nsbox; fi
	install -D -m 644 shell/profile/nsbox.sh $(DESTDIR)$(SYSCONFDIR)/profile.d/nsbox.sh
	install -D -m 644 shell/completion/nssh.bash $(DESTDIR)$(BASHCOMPDIR)/nssh
	install -D -m 644 shell/completion/_nssh $(DESTDIR)$(ZSHCOMPDIR)/_nssh
	install -m 644 man/nssh.1 $(DESTDIR)$(MANDIR)/man1/
	install -m 644 man/nsbox.conf.5 $(DESTDIR)$(MANDIR)/man5/
	install -m 644 man/nsbox.7 $(DESTDIR)$(MANDIR)/man7/
	install -m 644 man/pam_nsbox.8 $(DESTDIR)$(MANDIR)/man8/
	install -m 644 README.md NEWS SECURITY.md LICENSE conf/nsbox.conf $(DESTDIR)$(DOCDIR)/
	@# An admin's configuration is never overwritten.
	test -e $(DESTDIR)$(SYSCONFDIR)/nsbox.conf || install -m 644 conf/nsbox.conf $(DESTDIR)$(SYSCONFDIR)/nsbox.conf
	@# As add-shell(8) does: some services refuse whoever has a login shell that is not listed.
	@[ -n "$(DESTDIR)" ] || ! [ -e $(SHELLS) ] || grep -qxF $(BINDIR)/nssh $(SHELLS) || echo $(BINDIR)/nssh >>$(SHELLS)

# Who has nssh as login shell cannot log in without it.
may-uninstall:
	@users=$$([ -n "$(DESTDIR)" ] || getent passwd | awk -F: '$$7 == "$(BINDIR)/nssh" { print $$1 }'); \
	if [ -n "$$users" ] && [ "$(FORCE)" != yes ]; then \
		echo "These have $(BINDIR)/nssh as login shell and could not log in any more: $$users" | paste -sd ' '; \
		echo "Give them another (usermod -s /bin/bash USER), or say: make uninstall FORCE=yes"; \
		exit 1; \
	fi >&2

# The configuration, the boxes and /var/lib/nsbox stay: they are the admin's and the users'.
uninstall: may-uninstall
	[ -n "$(DESTDIR)" ] || ! [ -e $(SHELLS) ] || sed -i '\,^$(BINDIR)/nssh$$,d' $(SHELLS)
	rm -f $(DESTDIR)$(SYSCONFDIR)/profile.d/nsbox.sh $(DESTDIR)$(APPARMORDIR)/nsbox
	rm -f $(DESTDIR)$(PAMDIR)/pam_nsbox.so $(DESTDIR)$(BINDIR)/nssh $(DESTDIR)$(MANDIR)/man1/nssh.1 \
		$(DESTDIR)$(MANDIR)/man5/nsbox.conf.5 $(DESTDIR)$(MANDIR)/man7/nsbox.7 $(DESTDIR)$(MANDIR)/man8/pam_nsbox.8 \
		$(addprefix $(DESTDIR)$(UNITDIR)/,$(UNITS)) $(DESTDIR)$(BASHCOMPDIR)/nssh $(DESTDIR)$(ZSHCOMPDIR)/_nssh
	@# A drop-in's directory may hold others' files.
	rmdir --ignore-fail-on-non-empty $(filter-out $(DESTDIR)$(UNITDIR)/,$(dir $(addprefix $(DESTDIR)$(UNITDIR)/,$(UNITS)))) || true
	rm -rf $(DESTDIR)$(LIBEXECDIR)/nsbox $(DESTDIR)$(DOCDIR)

unit: all $(unit_tests)

include tests/pam/pam.mk
include tests/bench/bench.mk
include tests/fuzz/fuzz.mk
include tests/hostile/hostile.mk
include tests/faults/faults.mk

# All tests; as root. Ends with 'N passed, N failed, N skipped'.
check:
	tests/install-deps
	+$(MAKE) -j$(shell nproc) all unit $(O)/tests/pam/test-pam $(faults_dir)/faults
	+$(MAKE) sanitized
	@# The other compiler's warnings are errors too.
	+$(MAKE) -j$(shell nproc) CC=clang all
	tests/run

# The logins in whole virtual machines of Debian 12 and 13; as root. Ends like check.
check-vm:
	tests/vm/check

# Not a part of check but in short: make soak LOGINS=2000 SEED=1.
soak:
	tests/install-deps
	$(MAKE) all
	tests/soak $(LOGINS) $(SEED)

demo:
	tests/install-deps
	$(MAKE) all
	tests/demo

# Reads the code instead of running it; prints what it finds.
lint:
	tests/install-deps
	$(MAKE) $(O)/places.h $(O)/seccomp_filters.h
	O=$(O) tests/lint

clean:
	rm -rf $(BUILD)/gcc $(BUILD)/clang $(BUILD)/sanitized

FORCE:
.PHONY: all install may-uninstall uninstall unit check check-vm soak lint demo clean FORCE
.SECONDARY:
-include $(shell find $(O) -type f -name '*.d' 2>/dev/null)
