# shellcheck shell=bash
t__sleep() { sleep 100; }
t__ok() { eq a a; ssh root@host true; }
t__bad() { eq a b; echo no; }
t__skip() { skip because; }
