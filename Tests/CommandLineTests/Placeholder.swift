// The tests of CommandLine.
