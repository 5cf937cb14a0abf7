import Tensors

/// Fourier transforms.
let signalReaders: [String: OperatorReader] = [
  "DFT": { node in
    let axis =
      node.opset < 20 ? node.integer("axis", default: 1) : try node.integers(2)?.first ?? -2
    let transform = FourierTransform(
      axis: axis, length: try node.integers(1)?.first,
      inverse: node.integer("inverse", default: 0) != 0, onesided: node.integer("onesided", default: 0) != 0)
    return (transform, try node.operands(1))
  },
  "STFT": { node in
    guard let step = try node.integers(1)?.first, step > 0 else { throw node.unsupported("it has no step") }
    let transform = ShortTimeFourierTransform(
      step: step, length: try node.integers(3)?.first, onesided: node.integer("onesided", default: 1) != 0)
    return (transform, try node.operands(1) + (node.hasOperand(2) ? [node.inputs[2]] : []))
  },
]

/// Windows and mel filters: constants, given by a few numbers.
let signalComposites: [String: CompositeReader] = [
  "HannWindow": { try $0.window([0.5, 0.5], &$1) },
  "HammingWindow": { try $0.window([25.0 / 46, 21.0 / 46], &$1) },
  "BlackmanWindow": { try $0.window([0.42, 0.5, 0.08], &$1) },
  "MelWeightMatrix": { node, composer in
    let sizes = try (0..<2).map { try node.size($0) }
    let rates = try (2..<5).map { index in Double(try node.scalar(index) ?? 0) }
    let mostHertz = 1e9
    _ = try composer.affordable([sizes[0], sizes[1] / 2 + 1])
    guard rates.allSatisfy({ (0...mostHertz).contains($0) }), rates[0] > 0, rates[1] <= rates[2] else {
      throw node.unsupported("\(sizes[0]) bands of \(sizes[1]) bins from \(rates[1]) to \(rates[2]) Hz")
    }
    composer.give(
      SpectralConstants.melWeights(
        bands: sizes[0], length: sizes[1], sampleRate: rates[0], from: rates[1], to: rates[2]))
  },
]

extension ONNXNode {
  /// Operand `index` as a constant size.
  fileprivate func size(_ index: Int) throws -> Int {
    guard let size = try integers(index)?.first, 0...1 << 23 ~= size else {
      throw unsupported("operand \(index) is not a size")
    }
    return size
  }

  fileprivate func window(_ coefficients: [Double], _ composer: inout Composer) throws {
    let periodic = integer("periodic", default: 1) != 0
    let size = try composer.affordable([try size(0)]).count
    composer.give(SpectralConstants.window(coefficients, size: size, periodic: periodic))
  }
}
