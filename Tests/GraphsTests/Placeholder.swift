// The tests of Graphs.
