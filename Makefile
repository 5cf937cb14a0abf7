# Otoscope: `make demo` to see what it does, `make test` to check it, `make install PREFIX=...` to keep it.
PREFIX ?= /usr/local
SWIFT_BUILD = swift build -c release
BINARY = .build/release/otoscope
# The generated protocol code is left as its generator writes it.
SOURCES = $(shell git ls-files '*.swift' | grep -v '\.pb\.swift$$')

.PHONY: build demo test test-kernels install uninstall format lint clean

build:
	scripts/setup
	$(SWIFT_BUILD) --product otoscope

demo: build
	$(BINARY) demo --output otoscope-demo

# By product: `--build-tests` after `make demo` builds all of protoc, which nothing here uses.
test: build
	scripts/setup tests
	$(SWIFT_BUILD) --product OtoscopePackageTests
	# Short spins: see Sources/CommandLine/RuntimeSettings.swift.
	GOMP_SPINCOUNT=1000 swift test -c release --skip-build

# The numeric suites again, with the kernels that oneDNN has for other processors. Builds nothing: `make test` first.
KERNELS = SSE41 AVX2
NUMERIC_SUITES = GraphsTests|ModelsTests|ExplainTests
test-kernels:
	@set -e; for kernels in $(KERNELS); do \
		echo "numeric suites with oneDNN's kernels for $$kernels"; \
		ONEDNN_MAX_CPU_ISA=$$kernels GOMP_SPINCOUNT=1000 \
			swift test -c release --skip-build --filter '$(NUMERIC_SUITES)'; \
	done

# The binary carries the Swift runtime; its data goes to $(PREFIX)/share/otoscope, where it looks for them.
install: build
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/otoscope/models \
		$(DESTDIR)$(PREFIX)/share/otoscope/sounds $(DESTDIR)$(PREFIX)/share/otoscope/recommendations \
		$(DESTDIR)$(PREFIX)/share/otoscope/seeds
	install -m 755 -s $(BINARY) $(DESTDIR)$(PREFIX)/bin/otoscope
	install -m 644 Data/models/*.onnx $(DESTDIR)$(PREFIX)/share/otoscope/models
	install -m 644 Data/seeds/*.jpg Data/seeds/seeds.json Data/seeds/README.md $(DESTDIR)$(PREFIX)/share/otoscope/seeds
	install -m 644 Data/sounds/* $(DESTDIR)$(PREFIX)/share/otoscope/sounds
	install -m 644 Data/recommendations/*.json $(DESTDIR)$(PREFIX)/share/otoscope/recommendations
	install -m 644 LICENSE NOTICE $(DESTDIR)$(PREFIX)/share/otoscope

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/otoscope
	rm -rf $(DESTDIR)$(PREFIX)/share/otoscope

format:
	@swift format --in-place --parallel $(SOURCES)

lint:
	@swift format lint --strict --parallel $(SOURCES)

clean:
	rm -rf .build otoscope-demo
