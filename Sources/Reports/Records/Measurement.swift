import Glibc

/// What was measured of one piece of work.
package struct Measurement: Sendable {
  /// Of each run, in the order they were made.
  package let seconds: [Double]
  /// Of one run.
  package let multiplyAccumulates: Int
  /// What the programs that did it keep for intermediate results.
  package let arenaBytes: Int
  /// The most memory the process has held so far.
  package let residentBytes: Int

  /// The middle run; of an even number of runs, the upper of the two.
  package var median: Double { sorted[seconds.count / 2] }

  /// The runs that a quarter of the runs are faster, and slower, than.
  package var quartiles: (lower: Double, upper: Double) {
    (sorted[(seconds.count - 1) / 4], sorted[seconds.count - 1 - (seconds.count - 1) / 4])
  }

  /// Multiply-accumulates a second.
  package var rate: Double { Double(multiplyAccumulates) / median }

  package init(seconds: [Double], multiplyAccumulates: Int, arenaBytes: Int, residentBytes: Int) {
    (self.seconds, self.multiplyAccumulates) = (seconds, multiplyAccumulates)
    (self.arenaBytes, self.residentBytes) = (arenaBytes, residentBytes)
  }

  private var sorted: [Double] { seconds.sorted() }

  /// `getrusage` would count what the process was before it became this program.
  package static func peakResidentBytes() -> Int {
    guard let file = fopen("/proc/self/status", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      guard text.hasPrefix("VmHWM:") else { continue }
      return (text.split { $0 == " " || $0 == "\t" }.dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
    }
    return 0
  }
}
