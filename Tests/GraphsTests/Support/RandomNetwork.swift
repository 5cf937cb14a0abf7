import Tensors
import TestSupport

extension ToyNetwork {
  /// A random network of about `size` operations on maps of one extent: layers, branches that join again, tensors that
  /// several read, and some that none reads.
  ///
  /// Without `ties` nothing makes many equal numbers, of which a later maximum could take any: a difference quotient
  /// there depends on the direction.
  static func random(size: Int, seed: UInt64, ties: Bool = true) -> ToyNetwork {
    var generator = SplitMix64(seed: seed)
    var toy = ToyNetwork([1, 3, 5, 6])
    var known: [(name: String, channels: Int)] = [("x", 3)]
    for index in 0..<size {
      // The newest tensor more often than not, so that there are chains to fuse.
      let source =
        Bool.random(using: &generator) ? known[known.count - 1] : known.randomElement(using: &generator)
      guard let source else { continue }
      let name = "t\(index)"
      let companions = known.filter { $0.channels == source.channels && (ties || $0.name != source.name) }
      let channels = toy.addRandom(
        name, source, companions.randomElement(using: &generator) ?? source, &generator,
        ties: ties)
      known.append((name, channels))
    }
    return toy
  }

  private mutating func addRandom(
    _ name: String, _ source: (name: String, channels: Int), _ companion: (name: String, channels: Int),
    _ generator: inout SplitMix64, ties: Bool
  ) -> Int {
    let channels = source.channels
    switch Int.random(in: 0..<12, using: &generator) {
    case 0, 1, 2:
      let filters = [3, 8, 13, 16].randomElement(using: &generator) ?? 3
      let kernel = [1, 3].randomElement(using: &generator) ?? 1
      let weights = generator.tensor([filters, channels, kernel, kernel], in: -0.5...0.5)
      var operands = [source.name, weight("w\(name)", weights)]
      if Bool.random(using: &generator) { operands.append(weight("b\(name)", generator.tensor([filters]))) }
      add("Conv", operands, name, ["auto_pad": "SAME_UPPER"])
      return filters
    case 3, 4: add(ties ? "Relu" : "LeakyRelu", [source.name], name, ties ? [:] : ["alpha": 0.3])
    case 5: add("Add", [source.name, companion.name], name)
    case 6 where companion.name != source.name || ties:
      add("Sub", [companion.name, source.name], name)
    case 7:
      add("Tanh", [source.name], "\(name) tame")
      add("Mul", ["\(name) tame", companion.name], name)
    case 8:
      let constants = ["scale", "bias", "mean"].map { weight("\($0)\(name)", generator.tensor([channels])) }
      let variance = weight("variance\(name)", generator.tensor([channels], in: 0.5...2))
      add("BatchNormalization", [source.name] + constants + [variance], name)
    case 9:
      add("MaxPool", [source.name], "\(name) max", ["kernel_shape": [3, 2], "auto_pad": "SAME_UPPER"])
      // Neighbouring windows find the same maximum; different factors make the two differ.
      let factors = ties ? Tensor([], [2]) : generator.tensor([5, 6], in: 0.5...2)
      add("Mul", ["\(name) max", weight("f\(name)", factors)], name)
    case 10: add("AveragePool", [source.name], name, ["kernel_shape": [2, 2], "auto_pad": "SAME_LOWER"])
    default:
      add("GlobalAveragePool", [source.name], "\(name) mean")
      add("Sigmoid", ["\(name) mean"], "\(name) gate")
      add("Mul", [source.name, "\(name) gate"], name)
    }
    return channels
  }
}
