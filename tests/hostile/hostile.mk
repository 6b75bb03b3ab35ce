# tests/hostile: programs that login tests run as a user, on the host and in boxes. They bring all that they need.
# Uses O, CC, CFLAGS of the Makefile that includes it.

hostile_dir = $(O)/tests/hostile
hostile_programs = $(addprefix $(hostile_dir)/,caller calls strike pry flood reach)

$(hostile_programs): $(hostile_dir)/%: $(hostile_dir)/%.o
	@echo '  LINK  $@'
	$(Q)$(CC) $(CFLAGS) -static -o $@ $^
$(hostile_dir)/caller: $(addprefix $(hostile_dir)/,conditions.o descriptors.o)

hostile: $(hostile_programs)

# Where the tests find them: HOSTILE=DIR.
install-hostile: hostile
	install -D -t $(HOSTILE) $(hostile_programs)
.PHONY: hostile install-hostile
