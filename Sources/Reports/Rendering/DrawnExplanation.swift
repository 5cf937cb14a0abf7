package import Explain
package import Figures
import Files
package import Tensors

/// The files of one explanation, ready to be written.
package struct DrawnExplanation: Sendable {
  package let picture: Report.Picture
  package let svg: [UInt8]
  package let heard: [UInt8]
  package let ignored: [UInt8]
  /// As they are embedded in the page.
  package let heardPreview: [UInt8]
  package let ignoredPreview: [UInt8]
  package let archive: [(name: String, tensor: Tensor)]
  /// Where the evidence lies.
  package let octaves: [EvidenceShares.Octave]
  /// Of events.
  package let tables: [(ending: String, text: String)]

  /// How the names of its files end.
  package var endings: [String] { ["png", "svg", "npz", "heard.wav", "ignored.wav"] + tables.map(\.ending) }

  /// "1000 Hz 43 %, 2000 Hz 21 %": the octaves that hold a twentieth or more, the largest first.
  package var largestOctaves: String {
    let told = octaves.filter { $0.share >= 0.05 }.sorted { $0.share > $1.share }
    return told.isEmpty
      ? "none"
      : told.map { "\(NumberText.rounded($0.centre, digits: 3)) Hz \(Int(($0.share * 100).rounded())) %" }
        .joined(separator: ", ")
  }

  /// Writes the files whose names begin with `base`.
  package func write(to store: any ResultStore, base: String) throws {
    for table in tables { try store.write(Array(table.text.utf8), to: "\(base).\(table.ending)") }
    try store.write(picture.png, to: "\(base).png")
    try store.write(svg, to: "\(base).svg")
    try store.write(NumPyArchive(archive, from: base).npz(compressed: true), to: "\(base).npz")
    try store.write(heard, to: "\(base).heard.wav")
    try store.write(ignored, to: "\(base).ignored.wav")
  }
}
