.PHONY: test
test:
	scripts/setup
	swift build -c release --build-tests
	swift test -c release --skip-build
