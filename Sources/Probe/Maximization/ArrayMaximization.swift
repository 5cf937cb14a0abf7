package import Explain
package import Graphs
package import Tensors

/// Finds the arrays that excite something in a network most, all its inputs together.
///
/// Each input has a λ of its own in `score − Σ λ |x|²`, where the rule is the paper's; with the modern one each is made of
/// waves, and λ counts beside the other regularizers.
package struct ArrayMaximization: Sendable {
  package let network: Network
  /// By input, the extents of a row.
  package let rows: [TensorName: [Int]]
  package let settings: MaximizationSettings

  /// - Parameter rows: of all inputs of the network.
  package init(_ network: Network, rows: [TensorName: [Int]], settings: MaximizationSettings) {
    (self.network, self.rows, self.settings) = (network, rows, settings)
  }

  package struct Answer: Sendable {
    /// By input, one row.
    package let arrays: [TensorName: Tensor]
    package let first: Double
    package let value: Double
    package let curve: [Double]
    package let ending: Ascent.Ending
  }

  /// Answers to each question, those to one after another.
  ///
  /// - Parameter isSilent: whether it is begun from zeros, not from noise.
  package func run(
    _ excitation: Excitation, fromZeros isSilent: Bool = false, control: RunControl = RunControl()
  ) throws
    -> [Answer]
  {
    let asked = excitation.repeated(settings.answers)
    let count = asked.measures.count
    var normal = GaussianGenerator(seed: settings.seed)
    let names = rows.keys.sorted()
    let canvases = names.map { name in
      let lens = ArrayLens(row: rows[name] ?? [1])
      let shape = lens.canvas
      var start = Tensor(shape.tensor(rows: count))
      if !isSilent { start = start.mapped { _ in 0.1 * normal.normal() } }
      var canvas = Canvas(name, shape: shape, lens: lens, start: start)
      let usual: Float? = settings.rule == .paper ? MaximizationSettings.paperLambda : nil
      if settings.rule == .modern { canvas.basis = .waves(decay: 1) }
      if let lambda = settings.lambdas[name] ?? settings.lambda ?? usual {
        canvas.regularizers.append(.init(SquaredNorm(), weight: lambda))
      }
      if settings.rule == .modern {
        canvas.regularizers.append(.init(TotalVariation(), weight: 0.04 * settings.smoothness))
      }
      if settings.answers > 1, settings.rule == .modern {
        canvas.regularizers.append(.init(Similarity(answers: settings.answers), weight: 0.5))
      }
      return canvas
    }
    let found = try Ascent(network, asked, canvases, settings: settings.ascent).run(control: control)
    return (0..<count).map { row in
      var arrays: [TensorName: Tensor] = [:]
      for (name, pictures) in zip(names, found.pictures) {
        arrays[name] = pictures.rows(row..<row + 1).reshaped(to: Shape([1] + (rows[name] ?? [1])))
      }
      return Answer(
        arrays: arrays, first: found.first[row], value: found.last[row], curve: found.curves[row],
        ending: found.endings[row])
    }
  }
}

extension Excitation {
  /// Elements of a tensor, counted over all axes of a row: a picture for each.
  ///
  /// - Throws: `ExplainError.noSuchElement`.
  package static func elements(_ indices: [Int], of tensor: TensorName, row: [Int]) throws -> Excitation {
    let width = row.reduce(1, *)
    return Excitation(
      tensor,
      try indices.map { index in
        guard (0..<width).contains(index) else {
          throw ExplainError.noSuchElement(index, of: tensor, count: width)
        }
        return Measure.sum([(element: index, weight: 1)])
      })
  }

  /// Channels of a tensor `[N, C, places…]`, each the mean over its places.
  ///
  /// - Throws: `ProbeError.noChannel`.
  package static func channels(_ indices: [Int], of tensor: TensorName, row: [Int]) throws -> Excitation {
    let channels = row.first ?? 1
    let places = row.dropFirst().reduce(1, *)
    return Excitation(
      tensor,
      try indices.map { index in
        guard (0..<channels).contains(index) else {
          throw ProbeError.noChannel(index, of: tensor, channels: channels)
        }
        return Measure.sum((index * places..<(index + 1) * places).map { ($0, 1 / Float(max(1, places))) })
      })
  }
}
