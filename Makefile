# pipewright: one Makefile, no recursion.
#   make            build everything into build/
#   make check      all tests            make lint     the quick lints and the slow analyzers
#   make demo       the main job         make bench    measurements
#   make torture    the fault rigs of tests/torture in full, beside you, for hours; again: how far they are
#   make features   what the last test run proved, by number
#   make install    DESTDIR= PREFIX=/usr/local
#   TESTS=...       with check: only these test files
#   ROWS="4 8"      with bench: only these rows of the table
#   V=1             prints whole commands
#   make coverage   the tests, and how many branches of each folder they take; tests/coverage.py says which they do not
#   make fuzz       each reader of input against libFuzzer for FUZZ_SECONDS=600; FUZZ_TARGETS=...
#   SAN=1           with address and undefined-behaviour sanitizers, in build-san/
#   WERROR=1        warnings are errors

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += -j$(shell nproc)

VERSION := 0.1.0
PREFIX  ?= /usr/local
DESTDIR ?=

# `make coverage` is a build of its own, that counts which way each branch goes.
COV := $(or $(COV),$(filter coverage,$(MAKECMDGOALS)))

CC       ?= gcc
CFLAGS   ?= $(if $(COV),-O0,-O2) -g
LDFLAGS  ?=
AR       ?= ar
PKG_CONFIG ?= pkg-config

Q := $(if $(V),,@)
say = $(if $(V),,@echo '  $(1)' '$@')

# The fuzzers are compiled by clang, in a folder of their own.
FUZZ := $(filter fuzz,$(MAKECMDGOALS))
B := $(if $(FUZZ),build-fuzz,$(if $(COV),build-cov,$(if $(SAN),build-san,build)))

WARN := -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes \
  -Wmissing-prototypes -Wold-style-definition -Wvla -Wwrite-strings -Wcast-qual -Wundef -Wformat=2 \
  -Wswitch-enum -Wnull-dereference $(if $(FUZZ),-Wno-sign-conversion,-Wduplicated-cond -Wduplicated-branches -Wlogical-op)

BASE_CFLAGS := -std=c17 -D_GNU_SOURCE -DPW_VERSION='"$(VERSION)"' -Ilib -fno-common -Wno-overlength-strings -ffunction-sections -fdata-sections \
  -fstack-protector-strong $(WARN) $(if $(WERROR),-Werror)
ifneq ($(FUZZ),)
CC := clang
BASE_CFLAGS += -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
BASE_LDFLAGS := -fsanitize=address,undefined
else ifdef SAN
BASE_CFLAGS += -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
BASE_LDFLAGS := -fsanitize=address,undefined
else ifneq ($(COV),)
$(B)/lib/%.o $(B)/cmd/%.o: BASE_CFLAGS += --coverage -fprofile-abs-path -std=gnu17
BASE_LDFLAGS := --coverage -Wl,--wrap=_exit -Wl,--wrap=_Exit
else
BASE_CFLAGS += $(if $(findstring -O0,$(CFLAGS)),,-D_FORTIFY_SOURCE=2)
endif
BASE_LDFLAGS += -Wl,--gc-sections -Wl,--as-needed

, := ,

# One door for each foreign library: only the files named here see its headers (tests/lint/doors.t).
PKG_glib    := glib-2.0
PKG_sqlite  := sqlite3
PKG_curl    := libcurl
PKG_yaml    := yaml-0.1
PKG_sodium  := libsodium
PKG_gmime   := gmime-3.0
cflags_of    = $(shell $(PKG_CONFIG) --cflags $(PKG_$(1)))
libs_of      = $(shell $(PKG_CONFIG) --libs $(PKG_$(1)))

GLIB_CFLAGS := $(call cflags_of,glib)
GMIME_CFLAGS := $(call cflags_of,gmime)
LIBS_TICK   := $(call libs_of,sqlite)
LIBS_RING1  := $(LIBS_TICK) $(call libs_of,yaml) -lm
LIBS_WORKER := $(LIBS_RING1) $(call libs_of,curl)
LIBS_INBOX  := $(LIBS_WORKER) $(call libs_of,gmime)

# Libraries that a program opens when it first needs them (lib/base/late.h), by the names that linking would give it.
soname_of = $(shell readelf -d $$($(CC) -print-file-name=$(1).so) | sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p')
late_name = -D$(1)='"$(call soname_of,$(2))"'
LATE := $(call late_name,LIBCJSON,libcjson) $(call late_name,LIBCSV,libcsv) $(call late_name,LIBGLIB,libglib-2.0) \
  $(call late_name,LIBIDN2,libidn2) $(call late_name,LIBLZ4,liblz4) $(call late_name,LIBSODIUM,libsodium)

SRC_LIB  := $(sort $(wildcard lib/*/*.c))
OBJ_LIB  := $(SRC_LIB:%.c=$(B)/%.o) $(B)/schema.o $(B)/completion.o $(if $(COV),$(B)/tests/coverage.o)
LIB      := $(B)/libpipewright.a

SINGLE   := pipe-tick pipe-inbox pipe-drop
RING1    := pipectl contactctl taskctl
WITH_MAIN := $(patsubst cmd/%/main.c,%,$(wildcard cmd/*/main.c))
PROGRAMS := $(patsubst %,$(B)/bin/%,$(filter $(RING1) $(SINGLE),$(WITH_MAIN))) \
  $(patsubst %,$(B)/libexec/pipewright/%,$(filter pipe-worker,$(WITH_MAIN)))

SRC_CMD  := $(sort $(wildcard cmd/*/*.c))
objs_of   = $(patsubst %.c,$(B)/%.o,$(sort $(wildcard cmd/$(1)/*.c)))

UNIT     := $(patsubst tests/unit/%.c,$(B)/tests/%,$(sort $(wildcard tests/unit/test_*.c)))
TOOLS    := $(patsubst tests/tools/%.c,$(B)/tests/%,$(sort $(wildcard tests/tools/*.c)))

.PHONY: all check coverage demo bench fuzz torture lint tidy features install clean unit

all: $(LIB) $(PROGRAMS)

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(BASE_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/lib/base/fold.o: BASE_CFLAGS += $(GLIB_CFLAGS)
$(addprefix $(B)/lib/,base/fold.o base/packed.o base/token.o format/csv.o format/json.o model/address.o): BASE_CFLAGS += $(LATE)
$(B)/lib/mail/%.o: BASE_CFLAGS += $(GMIME_CFLAGS)

# The schema is embedded: each lib/store/schema/NNNN_*.sql becomes a C string, in order.
SCHEMA := $(sort $(wildcard lib/store/schema/*.sql))
$(B)/schema.c: $(SCHEMA) lib/store/embed.sh
	@mkdir -p $(@D)
	$(call say,GEN)
	$(Q)sh lib/store/embed.sh $(SCHEMA) >$@

$(B)/schema.o: $(B)/schema.c
	$(call say,CC)
	$(Q)$(CC) $(BASE_CFLAGS) $(CFLAGS) -c -o $@ $<

# So are the fixed parts of the completion scripts.
COMPLETION := $(sort $(wildcard lib/cli/completion/*))
$(B)/completion.c: $(COMPLETION) lib/cli/embed.sh
	@mkdir -p $(@D)
	$(call say,GEN)
	$(Q)sh lib/cli/embed.sh $(COMPLETION) >$@

$(B)/completion.o: $(B)/completion.c
	$(call say,CC)
	$(Q)$(CC) $(BASE_CFLAGS) $(CFLAGS) -c -o $@ $<

$(LIB): $(OBJ_LIB)
	@rm -f $@
	$(call say,AR)
	$(Q)$(AR) rcs $@ $^

link = $(CC) $(BASE_LDFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LIB)

.SECONDEXPANSION:
$(RING1:%=$(B)/bin/%): $(B)/bin/%: $$(call objs_of,%) $(LIB)
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(link) $(LIBS_RING1)

$(B)/bin/pipe-tick: $(call objs_of,pipe-tick) $(LIB)
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(link) $(LIBS_TICK)

$(B)/bin/pipe-drop: $(call objs_of,pipe-drop) $(LIB)
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(link)

$(B)/bin/pipe-inbox: $(call objs_of,pipe-inbox) $(LIB)
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(link) $(LIBS_INBOX)

$(B)/libexec/pipewright/pipe-worker: $(call objs_of,pipe-worker) $(LIB)
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(link) $(LIBS_WORKER)

# Unit tests (cmocka, TAP) and the small programs that tests use.
# Tests of the engine share a database and what is done with it.
$(filter $(B)/tests/test_engine%,$(UNIT)): $(B)/tests/unit/fixture.o

# What is linked in front of SQLite, so that any statement can be made to fail (tests/torture/failing.h).
WRAP_sql := $(patsubst %,-Wl$(,)--wrap=sqlite3_%,step finalize exec prepare_v2 prepare_v3 errcode extended_errcode errmsg)
FAIL_SQL := $(filter $(B)/tests/test_engine_failing% $(B)/tests/test_engine_leftovers,$(UNIT))
$(FAIL_SQL): $(B)/tests/torture/failing.o $(addprefix $(B)/tests/unit/,every_failure.o failing_scene.o scene_reads.o)
$(FAIL_SQL): WRAP := $(WRAP_sql)
$(B)/tests/test_engine_jump: WRAP := -Wl$(,)--wrap=clock_now
$(B)/tests/test_engine_blocks: WRAP := $(patsubst %,-Wl$(,)--wrap=%,clock_monotonic_ms poll __poll_chk)
$(B)/tests/test_account: WRAP := -Wl,--wrap=getpwuid

$(B)/tests/test_engine_failing_inbox: LIBS_WORKER := $(LIBS_INBOX)

$(UNIT): $(B)/tests/%: $(B)/tests/unit/%.o $(LIB)
	$(call say,LD)
	$(Q)$(link) $(WRAP) -lcmocka $(LIBS_WORKER)

$(TOOLS): $(B)/tests/%: $(B)/tests/tools/%.o $(LIB)
	$(call say,LD)
	$(Q)$(link) $(LIBS_WORKER) $(TOOL_LIBS_$*)

$(B)/tests/test_smtp $(B)/tests/test_smtp_load $(B)/tests/test_smtp_greet: | $(B)/tests/smtp_sink
TOOL_LIBS_cli_sample := -Wl,--wrap=clock_monotonic_ms
# The only program that links GMime to judge what we compose; test_mime_readers runs it.
TOOL_LIBS_mime_gmime = $(shell $(PKG_CONFIG) --libs gmime-3.0)
$(B)/tests/tools/mime_gmime.o: BASE_CFLAGS += $(shell $(PKG_CONFIG) --cflags gmime-3.0)
$(B)/tests/test_mime_readers: | $(B)/tests/mime_gmime

# Fuzz targets: each with the small program that runs it over the inputs that were kept, or with libFuzzer.
FUZZERS := $(patsubst tests/fuzz/fuzz_%.c,$(B)/fuzz/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
$(FUZZERS): $(B)/fuzz/%: $(B)/tests/fuzz/fuzz_%.o $(if $(FUZZ),,$(B)/tests/fuzz/replay.o) $(LIB)
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(link) $(if $(FUZZ),-fsanitize=fuzzer) -lcmocka $(call libs_of,sodium) $(if $(filter mail,$*),$(LIBS_INBOX),$(LIBS_WORKER))

$(B)/fuzz/spool: $(B)/tests/unit/fixture.o

FUZZ_TARGETS ?= $(notdir $(FUZZERS))
fuzz: $(FUZZERS)
	sh tests/fuzz/run.sh $(B)/fuzz $(or $(FUZZ_SECONDS),600) $(FUZZ_TARGETS)

unit: $(UNIT)

# Rigs that are linked with what they watch or break (tests/torture/README.md).
LINKED := $(B)/tests/power $(B)/tests/clock $(B)/tests/storage
PARTS_power := power power_log power_disk power_check
PARTS_clock := clock clock_time clock_world
WRAP_clock  := clock_now clock_boottime clock_monotonic_ms poll __poll_chk flock txn_begin txn_commit message_fence \
  calendar_next_open guard_jump smtp_open smtp_begin smtp_feed smtp_content smtp_abandon smtp_close
PARTS_storage := storage clock_time clock_world
WRAP_storage  := $(WRAP_clock) statfs due_mail_load page_sum
$(LINKED): $(B)/tests/%: $$(addprefix $(B)/tests/torture/,$$(addsuffix .o,$$(PARTS_$$*))) $(B)/tests/torture/stand.o $(LIB) | $(B)/tests/smtp_sink
	$(call say,LD)
	$(Q)$(link) $(WRAP_$*:%=-Wl$(,)--wrap=%) $(LIBS_WORKER)

# The programs, with a VFS that records what they do to the disk.
RECORDED := $(patsubst $(B)/%,$(B)/tests/recorded/%,$(PROGRAMS))
$(RECORDED): $$(call objs_of,$$(@F)) $(B)/tests/torture/record_vfs.o $(LIB)
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(link) -Wl,--wrap=sqlite3_exec $(LIBS_INBOX)
$(B)/tests/power: | $(RECORDED)

# The programs, any statement of which can be made to fail.
FAILING := $(addprefix $(B)/tests/failing/,$(RING1:%=bin/%) bin/pipe-inbox libexec/pipewright/pipe-worker)
$(FAILING): $$(call objs_of,$$(@F)) $(B)/tests/torture/statements.o $(B)/tests/torture/failing.o $(LIB)
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(link) -Wl$(,)--wrap=main $(WRAP_sql) $(if $(filter pipe-inbox,$(@F)),$(LIBS_INBOX),$(LIBS_WORKER))

# The fault rigs (tests/torture/README.md): programs with a seeded bug each, which the rigs have to find, and what is
# loaded in front of libc. A mutant says itself which program it is of and which functions it replaces.
MUTANTS  := $(patsubst tests/torture/mutants/%.c,$(B)/mutants/%/stamp,$(sort $(wildcard tests/torture/mutants/*.c)))
PRELOADS := $(patsubst tests/torture/preload/%.c,$(B)/preload/%.so,$(sort $(wildcard tests/torture/preload/*.c)))
RIGS     := $(sort $(wildcard tests/torture/*.py))
said_in   = $(shell sed -n 's|^ \* $(2): ||p' $(1))

mutated   = $(CC) $(BASE_LDFLAGS) $(LDFLAGS) $(patsubst %,-Wl$(,)--wrap=%,$(call said_in,tests/torture/mutants/$*.c,wrap)) \
  -o $(@D)/$(if $(filter pipe-worker,$(1)),libexec/pipewright,bin)/$(1) $< $(call objs_of,$(1)) $(LIB) $(LIBS_WORKER)
$(MUTANTS): $(B)/mutants/%/stamp: $(B)/tests/torture/mutants/%.o $$(foreach p,$$(call said_in,tests/torture/mutants/%.c,program),$$(call objs_of,$$p)) \
  $(LIB) $(B)/bin/pipe-tick
	@mkdir -p $(@D)/bin $(@D)/libexec/pipewright
	$(call say,LD)
	$(Q)$(foreach p,$(call said_in,tests/torture/mutants/$*.c,program),$(call mutated,$p) &&) cp $(B)/bin/pipe-tick $(@D)/bin/
	@touch $@

$(PRELOADS): $(B)/preload/%.so: tests/torture/preload/%.c $(wildcard tests/torture/preload/*.h)
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(filter-out -fsanitize%,$(BASE_CFLAGS)) $(CFLAGS) -fPIC -shared -o $@ $<

# All tests run under one prove. Each leaves its TAP in $(B)/tap, which `make features` reads.
# Those that wait for real servers come first, so that the others run beside them.
TESTS ?= $(RIGS) $(sort $(wildcard tests/server/*.bats tests/server/*.t)) $(sort $(wildcard tests/lint/*.t)) \
  $(sort $(wildcard tests/cli/*.bats tests/cli/*.t tests/golden/*.t tests/golden/*.bats tests/model/*.t tests/fuzz/*.t)) $(UNIT)
TEST_ENV := env -u PIPEWRIGHT_DB -u PIPEWRIGHT_TEAM -u NO_COLOR -u MAKEFLAGS -u MAKELEVEL LC_ALL=C.UTF-8 TZ=UTC \
  PW_TOP=$(CURDIR) PW_BUILD=$(CURDIR)/$(B)

# What is loaded in front of libc cannot stand in front of the sanitizers, too.
ifdef SAN
TESTS := $(filter-out $(patsubst %,tests/torture/%.py,alloc relay syscall) tests/cli/waiting.bats,$(TESTS))
endif

check: all $(UNIT) $(TOOLS) $(FUZZERS) $(LINKED) $(FAILING) $(MUTANTS) $(PRELOADS)
	@$(if $(filter file,$(origin TESTS)),rm -rf $(B)/tap)
	@mkdir -p $(B)/tap
	$(TEST_ENV) prove -j$(shell nproc) --exec tests/run $(TESTS)

# The rigs that break things in other ways come to nothing that these do not. What a program that may not write to its
# counters says of that belongs to no test.
coverage: TESTS := $(filter-out $(RIGS) tests/lint/% tests/model/%,$(TESTS))
coverage: TEST_ENV += COV=1 GCOV_ERROR_FILE=/dev/null
coverage: all $(UNIT) $(TOOLS) $(FUZZERS) $(FAILING) $(PRELOADS)
	@mkdir -p $(B)/tap
	python3 tests/coverage.py clear $(B)
	failed=0; \
	  $(TEST_ENV) tests/torture/statements.py --dose 100000 || failed=1; \
	  $(TEST_ENV) prove -j$(shell nproc) --exec tests/run $(TESTS) || failed=1; \
	  python3 tests/coverage.py report $(B) || failed=1; \
	  exit $$failed

features:
	@perl tests/features.pl $(B)/tap

# The quick lints are tests; gcc's analyzer takes a build of its own. `make tidy` only prints.
lint: all
	$(TEST_ENV) prove $(sort $(wildcard tests/lint/*.t))
	sh tests/lint/analyze.sh $(MAKE)

tidy:
	@printf '%s\n' $(SRC_LIB) $(SRC_CMD) | xargs -P $(shell nproc) -n 1 sh -c \
	  'clang-tidy --quiet "$$1" -- -std=c17 -D_GNU_SOURCE -Ilib $(GLIB_CFLAGS) $(subst '",\",$(subst "',\",$(LATE))) 2>/dev/null' sh

# Completions come from the programs' own option tables. cron.d and the unit name the folder of pipe-tick.
SYSCONFDIR ?= $(if $(filter /usr /usr/local,$(PREFIX)),/etc,$(PREFIX)/etc)
D := $(DESTDIR)$(PREFIX)
SHARE := $(D)/share

install: all
	install -d $(D)/bin $(D)/libexec/pipewright $(SHARE)/doc/pipewright $(D)/lib/systemd/system $(DESTDIR)$(SYSCONFDIR)/cron.d \
	  $(SHARE)/bash-completion/completions $(SHARE)/zsh/site-functions $(SHARE)/fish/vendor_completions.d
	install $(filter $(B)/bin/%,$(PROGRAMS)) $(D)/bin
	$(if $(filter $(B)/libexec/%,$(PROGRAMS)),install $(filter $(B)/libexec/%,$(PROGRAMS)) $(D)/libexec/pipewright)
	for page in $(wildcard man/*.[1-8]); do \
	  install -D -m 644 $$page $(SHARE)/man/man$${page##*.}/$${page##*/} || exit 1; \
	done
	for program in $(filter $(RING1),$(WITH_MAIN)); do \
	  $(B)/bin/$$program completion bash >$(SHARE)/bash-completion/completions/$$program && \
	  $(B)/bin/$$program completion zsh >$(SHARE)/zsh/site-functions/_$$program && \
	  $(B)/bin/$$program completion fish >$(SHARE)/fish/vendor_completions.d/$$program.fish || exit 1; \
	done
	completion_of() { $(B)/bin/$$1 --dump-options | awk -v program=$$1 -v shell=$$2 -f lib/cli/single_completion.awk; }; \
	for program in $(filter $(SINGLE),$(WITH_MAIN)); do \
	  completion_of $$program bash >$(SHARE)/bash-completion/completions/$$program && \
	  completion_of $$program zsh >$(SHARE)/zsh/site-functions/_$$program && \
	  completion_of $$program fish >$(SHARE)/fish/vendor_completions.d/$$program.fish || exit 1; \
	done
	install -m 644 README.md LICENSE $(SHARE)/doc/pipewright
	$(if $(wildcard etc/examples),cp -r etc/examples $(SHARE)/doc/pipewright)
	for unit in pipewright.service pipewright.timer pipewright-inbox.service pipewright-inbox.timer; do \
	  sed 's|/usr/local/bin|$(PREFIX)/bin|' etc/systemd/$$unit >$(D)/lib/systemd/system/$$unit || exit 1; \
	done
	sed 's|/usr/local/bin|$(PREFIX)/bin|' etc/cron.d/pipewright >$(DESTDIR)$(SYSCONFDIR)/cron.d/pipewright

# Small programs that the measurements compare with.
BENCH := $(patsubst tests/bench/%.c,$(B)/bench/%,$(wildcard tests/bench/*.c))
$(filter-out %/make_runs,$(BENCH)): $(B)/bench/%: $(B)/tests/bench/%.o
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(BASE_LDFLAGS) $(LDFLAGS) -o $@ $< $(LIBS_TICK)

$(B)/bench/make_runs: $(B)/tests/bench/make_runs.o $(LIB)
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(link) $(LIBS_WORKER)

bench: all $(BENCH) $(B)/tests/smtp_sink
	PW_BUILD=$(CURDIR)/$(B) python3 tests/bench/bench.py $(ROWS)

torture: all $(TOOLS) $(LINKED) $(FAILING) $(MUTANTS) $(PRELOADS)
	@$(TEST_ENV) sh tests/torture/detach.sh "$(DOSE)" $(RIGS)

demo: all
	@PW_BUILD=$(CURDIR)/$(B) sh tests/demo.sh

clean:
	rm -rf build build-cov build-san build-lint build-fuzz

-include $(shell find $(B)/lib $(B)/cmd $(B)/tests -name '*.d' 2>/dev/null)
