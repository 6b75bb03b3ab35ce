# tests/fuzz: whatever reads what others wrote, fed with what nobody would write; and the unit tests under sanitizers and
# under valgrind. `sudo make fuzz SECONDS=60`, `sudo make valgrind`; tests/run runs what `make sanitized` has made.
# Uses O, ALL_CFLAGS, CFLAGS, LINK, helper_o, conf_o, shell_o, hop_o and unit_tests of the Makefile that includes it.

# All objects once more, with clang's sanitizers. Nothing recovers: what they find is an end with a status.
# FORTIFY_SOURCE would hide from them what it checks itself. nsbox-init, -sweep and -keep have no libc and so can have no
# sanitizers; what sweep reads is in tests/fuzz/news.c all the same.
SANITIZED = $(BUILD)/sanitized
SECONDS ?= 60
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=all
sanitized_make = $(MAKE) O=$(SANITIZED) CC=clang HARDEN=-fPIC \
	CFLAGS='-O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link $(SANITIZE)'

fuzz_dir = $(O)/tests/fuzz
fuzz_names = $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c))
fuzzers = $(addprefix $(fuzz_dir)/,$(fuzz_names))

# What a harness does not name is not linked. The helper's come first: nssh has functions of the same names.
$(fuzz_dir)/helper.a: $(helper_o) $(conf_o)
$(fuzz_dir)/others.a: $(filter-out %/main.o,$(hop_o)) $(filter-out %/nssh.o,$(shell_o))
$(fuzz_dir)/%.a:
	@mkdir -p $(@D)
	@rm -f $@
	$(Q)ar crD $@ $^

$(fuzz_dir)/%: $(fuzz_dir)/%.o $(fuzz_dir)/helper.a $(fuzz_dir)/others.a
	@echo '  LINK  $@'
	$(Q)$(CC) $(CFLAGS) -fsanitize=fuzzer $(LINK) -o $@ -Wl,--start-group $^ -Wl,--end-group -liniparser -lcap -lmnl

fuzzers: $(fuzzers)
unit-tests: $(unit_tests)

sanitized:
	+$(sanitized_make) -j$(shell nproc) unit-tests fuzzers

# Finds are in build/fuzz/NAME, and what it has learned in build/fuzz/NAME/corpus.
fuzz:
	tests/install-deps
	+$(sanitized_make) -j$(shell nproc) fuzzers
	tests/fuzz/run $(SECONDS)

valgrind:
	tests/install-deps
	$(MAKE) all $(unit_tests)
	tests/fuzz/valgrind

.PHONY: fuzzers unit-tests sanitized fuzz valgrind
