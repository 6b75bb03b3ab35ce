# tests/pam: the module as the real .so, loaded by libpam from stacks of the test's own. `sudo make check-pam`.
# Uses O, CC, ALL_CFLAGS, CFLAGS, LINK, pam_o, base_o and face_o of the Makefile that includes it.

pam_test = $(O)/tests/pam

# The same objects but one: where the helper is and how long it may take are compiled in. The test's helper is in
# /run, which the test has for itself.
$(pam_test)/helper_run.o: pam_module/helper_run.c tests/pam/pam.mk | $(O)/places.h
	@mkdir -p $(pam_test)/include
	@echo '#define NSBOX_HELPER "/run/nsbox-test-helper"' > $(pam_test)/include/places.h
	@echo '  CC    $<'
	$(Q)$(CC) -I$(pam_test)/include $(ALL_CFLAGS) -DHELPER_MS=1500 -MMD -MP -c -o $@ $<

$(pam_test)/pam_nsbox.so: $(filter-out %/helper_run.o,$(pam_o)) $(pam_test)/helper_run.o $(base_o) $(face_o)
	@echo '  LINK  $@'
	$(Q)$(CC) $(CFLAGS) -shared -Wl,-z,relro,-z,now,-z,noexecstack,-z,defs -Wl,--version-script=pam_module/exports.map -o $@ $^ -lpam

$(pam_test)/fake-helper: $(pam_test)/fake_helper.o $(pam_test)/fake_box.o $(base_o) $(face_o)
	@echo '  LINK  $@'
	$(Q)$(CC) $(CFLAGS) $(LINK) -o $@ $^

# -rdynamic: the test stands in for pam_syslog and getgrnam_r, which the module then finds here first.
$(pam_test)/stacks.o: CFLAGS += -DTEST_MODULE='"$(abspath $(pam_test))/pam_nsbox.so"' -DTEST_HELPER='"$(abspath $(pam_test))/fake-helper"'
$(pam_test)/test-pam: $(pam_test)/test_pam.o $(pam_test)/login.o $(pam_test)/stacks.o $(pam_test)/children.o $(pam_test)/services.o $(base_o) | $(pam_test)/pam_nsbox.so $(pam_test)/fake-helper
	@echo '  LINK  $@'
	$(Q)$(CC) $(CFLAGS) $(LINK) -rdynamic -o $@ $^ -lcmocka -lpam

check-pam: $(pam_test)/test-pam
	$(pam_test)/test-pam
.PHONY: check-pam
