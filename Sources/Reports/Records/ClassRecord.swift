package import Models

/// A class and its probability, as JSON.
package func classRecord(_ index: Int, _ model: AudioModel, _ probability: Float) -> JSON {
  .object([
    ("index", .number(Double(index))), ("label", .string(model.label(index))),
    ("probability", .number(Double(probability))),
  ])
}
