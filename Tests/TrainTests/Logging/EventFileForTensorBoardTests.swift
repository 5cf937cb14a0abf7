import Glibc
import Testing
import Train

/// A file for `Benchmarks/events.py`, which reads it with TensorBoard; no test of anything.
struct EventFileForTensorBoardTests {
  private static let folder = getenv("OTOSCOPE_EVENTS").map { String(cString: $0) } ?? ""

  @Test("an event file that was gone on with", .enabled(if: !folder.isEmpty))
  func file() throws {
    var file = try EventFile(in: Self.folder)
    for step in 0..<300 { try file.add(["loss/training": 1 / Double(step + 1), "rate": 0.01], step: step) }
    file = try EventFile(in: Self.folder, after: 199)
    for step in 200..<400 { try file.add(["loss/training": 2 / Double(step + 1)], step: step) }
  }
}
