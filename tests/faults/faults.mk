# tests/faults: every system call fails once, in the disposable host. `sudo make faults`.
# Uses O, CC, ALL_CFLAGS, CFLAGS, LINK and base_o of the Makefile that includes it.

faults_dir = $(O)/tests/faults
faults_o = $(patsubst tests/faults/%.c,$(faults_dir)/%.o,$(wildcard tests/faults/*.c))

# The numbers of this machine's system calls, with their names.
$(faults_dir)/names.h: tests/faults/faults.mk
	@mkdir -p $(@D)
	$(Q)echo '#include <sys/syscall.h>' | $(CC) -E -dM - | sed -nE 's/^#define __NR_([a-z0-9_]+) [0-9].*/[SYS_\1] = "\1",/p' | sort >$@

$(faults_dir)/calls.o: $(faults_dir)/names.h

$(faults_dir)/faults: $(faults_o) $(base_o)
	@echo '  LINK  $@'
	$(Q)$(CC) $(CFLAGS) $(LINK) -o $@ $^ -lpam

faults:
	tests/install-deps
	$(MAKE) all $(faults_dir)/faults
	O=$(O) tests/faults/run
.PHONY: faults
