import ArgumentParser
struct Explain: ParsableCommand {}
struct Classify: ParsableCommand {}
struct Demo: ParsableCommand {}
struct Inspect: ParsableCommand {}
