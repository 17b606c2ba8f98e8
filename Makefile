# The commands of everyday work; each is a script of tools/ that can be run alone. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help demo test nightly build format tidy fuzz bench clean install

PREFIX ?= /usr/local
PRESET ?= release
NAME ?= assess

help:
	@echo 'make demo      packages, release build, and an assessment of examples/support-assistant'
	@echo 'make test      packages, format, floors, build with sanitizers, every test'
	@echo 'make nightly   kills the ledger and the gateway a thousand times, at every system call and under load'
	@echo 'make build     the release build (PRESET=dev, tsan, coverage for others)'
	@echo 'make format    repairs the format of every source file'
	@echo 'make tidy      clang-tidy over what differs from main (ARGS=--all for everything)'
	@echo 'make fuzz      every fuzz target for a minute (ARGS=NAME for one; tools/fuzz.py says what else)'
	@echo 'make bench     figures of docs/performance.md (NAME=assess, scan, gateway, ledger, monitor, bom, sign …)'
	@echo 'make install   the release build into PREFIX (/usr/local), below DESTDIR'
	@echo 'make clean     removes build/'

demo:
	@tools/demo.sh

test:
	@tools/test.sh

nightly:
	@tools/install_packages.sh test
	@tools/build.sh release surety ledger_load
	@SURETY=build/release/src/app/surety LEDGER_LOAD=build/release/bench/ledger/ledger_load LEDGER_KILLS=1000 \
	  python3 tests/end_to_end/test_ledger_faults.py -v
	@SURETY=build/release/src/app/surety SURETY_NIGHTLY=1 python3 tests/end_to_end/test_gateway_operation.py -v

build:
	@tools/install_packages.sh build
	@tools/build.sh $(PRESET)

format:
	@tools/install_packages.sh test
	@tools/format.sh --fix

tidy:
	@tools/install_packages.sh develop
	@tools/tidy.sh $(ARGS)

fuzz:
	@tools/install_packages.sh develop
	@tools/fuzz.py $(ARGS)

bench:
	@tools/install_packages.sh build
	@tools/build.sh release surety ledger_load control_speed inspect_speed monitor_bench gateway_upstream gateway_stream_client
	@python3 $(firstword $(wildcard bench/$(NAME)/$(NAME).py bench/$(NAME).py)) $(ARGS)

install:
	@tools/build.sh release surety
	DESTDIR='$(DESTDIR)' cmake --install build/release --prefix '$(PREFIX)'

clean:
	rm -rf build
