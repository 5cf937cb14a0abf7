import Figures
import Files
package import Graphs
package import Probe
import Tensors

/// The arrays that excite something in a network most.
package struct MaximizedArrays: Sendable {
  private let found: ArrayMaximization.Answer
  private let base: String
  package let record: MaximizedArraysRecord

  package init(
    _ unit: SoughtUnit, answer: Int, _ found: ArrayMaximization.Answer, model: String,
    _ settings: MaximizationSettings, from start: String, base: String
  ) {
    (self.found, self.base) = (found, base)
    record = MaximizedArraysRecord(
      model: model, unit: unit.kind, tensor: unit.tensor, index: unit.index, label: unit.label,
      answer: answer,
      rule: settings.rule, from: start, seed: settings.seed, steps: found.curve.count,
      first: found.first.finite,
      value: found.value.finite, ending: found.ending.words,
      files: ["\(base).npz", "\(base).png", "\(base).svg"])
  }

  /// An array for each input, under its name, and the inputs drawn side by side.
  package func write(to store: any ResultStore) throws {
    let names = found.arrays.keys.sorted()
    let arrays = names.compactMap { name in found.arrays[name].map { (name: name, tensor: $0) } }
    try store.write(NumPyArchive(arrays, from: base).npz(compressed: true), to: "\(base).npz")
    let cells = arrays.map { entry in
      let extents = entry.tensor.shape.dimensions
      let bands = extents.count > 2 ? extents[extents.count - 1] : 1
      let frames = entry.tensor.count / max(1, bands)
      return SheetFigure.Cell(
        entry.tensor.reshaped(to: [frames, bands]), across: 0...Double(frames),
        up: .linear(0...Double(bands)),
        title: entry.name)
    }
    let sheet = SheetFigure(
      cells: cells, title: "\(record.label): \(NumberText.rounded(found.value, digits: 4))",
      valueLabel: "value",
      acrossLabel: "place", upLabel: "place on the last axis")
    try store.write(try sheet.png(), to: "\(base).png")
    try store.write(try sheet.svg(), to: "\(base).svg")
  }
}

/// What `maximize` found for arrays, on a line of JSON.
package struct MaximizedArraysRecord: Codable, Sendable {
  package let model: String
  package let unit: SoughtUnit.Kind
  package let tensor: TensorName
  @OrNull package var index: Int?
  package let label: String
  package let answer: Int
  package let rule: MaximizationSettings.Rule
  package let from: String
  package let seed: UInt64
  package let steps: Int
  @OrNull package var first: Double?
  @OrNull package var value: Double?
  package let ending: String
  package let files: [String]
}
