import Files
import Glibc
import Graphs
import Models
import Testing

/// Files for `Benchmarks/architectures.py`.
struct ArchitectureFilesTests {
  @Test(
    "The networks, written to the folder in OTOSCOPE_ARCHITECTURES",
    .enabled(if: getenv("OTOSCOPE_ARCHITECTURES") != nil))
  func write() throws {
    let folder = String(cString: try #require(getenv("OTOSCOPE_ARCHITECTURES")))
    try WholeFile.makeFolder(folder)
    for architecture in Architecture.allCases {
      var file = try architecture.network(classes: 10, seed: 1)
      file.metadata["otoscope.labels"] = "[\((0..<10).map { "\"class \($0)\"" }.joined(separator: ", "))]"
      try file.write(to: "\(folder)/\(architecture.rawValue).onnx")
    }
    // Cut files, each beside the name of the one that it came from.
    guard let named = getenv("OTOSCOPE_TRANSFER") else { return }
    for path in String(cString: named).split(separator: ":").map(String.init) {
      let old = try ONNXFile(contentsOf: path)
      let name = (path.split(separator: "/").last ?? "").dropLast(".onnx".count)
      try old.withNewHead(at: nil, classes: 10, hidden: 32, dropout: 0.3, seed: 1).file
        .write(to: "\(folder)/\(name).transfer.onnx")
    }
  }
}
