# tests/bench: how fast things are, in the disposable host. `sudo make bench`.
# Uses O, CC, ALL_CFLAGS, CFLAGS, LINK, base_o and wire_o of the Makefile that includes it.

bench_dir = $(O)/tests/bench
bench_programs = $(addprefix $(bench_dir)/,open commands bare-open bare-enter bulk filter)

$(bench_dir)/open: $(bench_dir)/open.o $(wire_o) $(base_o)
	@echo '  LINK  $@'
	$(Q)$(CC) $(CFLAGS) $(LINK) -o $@ $^

$(bench_dir)/commands: $(bench_dir)/commands.o
	@echo '  LINK  $@'
	$(Q)$(CC) $(CFLAGS) $(LINK) -o $@ $^

$(bench_dir)/bare-open: $(bench_dir)/bare_open.o $(wire_o) $(base_o)
	@echo '  LINK  $@'
	$(Q)$(CC) $(CFLAGS) $(LINK) -o $@ $^

$(bench_dir)/bare-enter: $(bench_dir)/bare_enter.o
	@echo '  LINK  $@'
	$(Q)$(CC) $(CFLAGS) $(LINK) -o $@ $^

$(bench_dir)/bulk: $(bench_dir)/bulk.o
	@echo '  LINK  $@'
	$(Q)$(CC) $(CFLAGS) $(LINK) -o $@ $^

$(bench_dir)/filter: $(bench_dir)/filter.o $(O)/helper/filter.o $(base_o)
	@echo '  LINK  $@'
	$(Q)$(CC) $(CFLAGS) $(LINK) -o $@ $^

bench:
	tests/install-deps
	$(MAKE) all $(bench_programs)
	O=$(O) tests/bench/run
.PHONY: bench
