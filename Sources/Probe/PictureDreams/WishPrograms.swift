import Graphs
import Models
import Tensors

/// The programs of a dream, by the kinds of its wishes and the size of the picture; and what other pictures are compared with.
final class WishPrograms {
  private let model: ImageModel
  private let layers: [TensorName: DreamLayer]
  private var programs: [Key: WishProgram] = [:]
  private var guides: [DreamWish: Tensor] = [:]

  private struct Key: Hashable {
    let objective: Objective
    let width: Int
    let height: Int
    let guidePlaces: [Int]
  }

  /// More are forgotten all together: nobody dreams of so many things at once.
  private static let most = 96

  init(_ model: ImageModel) {
    self.model = model
    layers = Dictionary(model.dreamLayers().map { ($0.tensor, $0) }) { first, _ in first }
  }

  /// The program for these wishes, with its subjects in place.
  ///
  /// - Throws: `ProbeError.noLayer`, `.noChannel`; `ModelError.noSuchClass`; `GraphError`.
  func program(_ wishes: [DreamWish], width: Int, height: Int) throws -> WishProgram {
    let subjects = try wishes.map(subject)
    let objective = Objective(wishes.map { term($0) })
    let key = Key(
      objective: objective, width: width, height: height, guidePlaces: subjects.map { $0?.shape[0] ?? 0 })
    if programs[key] == nil {
      if programs.count >= Self.most { programs.removeAll() }
      var shapes = [model.input: model.inputShape(width: width, height: height)]
      for (number, subject) in subjects.enumerated() {
        shapes[Objective.weight(number)] = [1, 1]
        if let subject { shapes[Objective.subject(number)] = subject.shape }
      }
      let program = try model.network.program(
        of: objective, channels: layers.mapValues(\.channels), withRespectTo: model.input, at: shapes)
      programs[key] = WishProgram(program, wishes.count)
    }
    guard let program = programs[key] else { throw GraphError.malformed("no program") }
    program.subjects = subjects
    return program
  }

  private func term(_ wish: DreamWish) -> Objective.Term {
    switch wish {
    case .layer(let layer): .energy(layer)
    case .channels(let layer, _): .channels(layer)
    case .classes: .classes(model.logits)
    case .likeness(let layer, to: _): .likeness(layer)
    }
  }

  /// What a term compares with; nil where with nothing.
  private func subject(_ wish: DreamWish) throws -> Tensor? {
    switch wish {
    case .layer(let layer):
      _ = try checked(layer)
      return nil
    case .channels(let layer, let channels):
      let count = try checked(layer).channels
      return try mean(of: channels, count) { ProbeError.noChannel($0, of: layer, channels: count) }
    case .classes(let classes):
      let count = model.classCount
      return try mean(of: classes, count) { ModelError.noSuchClass($0, classes: count) }
    case .likeness(let layer, to: let picture):
      _ = try checked(layer)
      if let known = guides[wish] { return known }
      // As large as the network usually looks: what it knows of things it knows in that size.
      let usual = picture.resized(width: model.usualSize.width, height: model.usualSize.height)
      let activations = try model.activations(of: layer, for: usual)
      let (channels, places) = (activations.shape[1], activations.count / activations.shape[1])
      let guide = activations.withUnsafeValues { values in
        Tensor(unsafeUninitialized: [places, channels]) { guide in
          for channel in 0..<channels {
            for place in 0..<places { guide[place * channels + channel] = values[channel * places + place] }
          }
        }
      }
      if guides.count >= Self.most { guides.removeAll() }
      guides[wish] = guide
      return guide
    }
  }

  private func checked(_ layer: TensorName) throws -> DreamLayer {
    guard let found = layers[layer] else {
      throw ProbeError.noLayer(layer, layers: model.dreamLayers().map(\.tensor))
    }
    return found
  }

  private func mean(of indices: [Int], _ count: Int, _ wrong: (Int) -> any Error) throws -> Tensor {
    var vector = [Float](repeating: 0, count: count)
    for index in indices {
      guard vector.indices.contains(index) else { throw wrong(index) }
      vector[index] += 1 / Float(indices.count)
    }
    return Tensor([count, 1], vector)
  }
}

/// A program for wishes of certain kinds, with room for their weights.
final class WishProgram {
  private let program: Program
  var subjects: [Tensor?]
  /// How large each wish's own gradient is on average, as last measured; nil before.
  var sizes: [Double]?
  private var weights: [Float]
  private let one: [Float] = [1]

  init(_ program: Program, _ count: Int) {
    self.program = program
    subjects = [Tensor?](repeating: nil, count: count)
    weights = [Float](repeating: 0, count: count)
  }

  /// - Parameters:
  ///   - factors: of the wishes.
  ///   - body: is given the gradient with respect to the input, and the wishes' values.
  func run<Result>(
    _ name: TensorName, _ input: UnsafeBufferPointer<Float>, factors: [Float],
    _ body: (UnsafeBufferPointer<Float>, [Double]) throws -> Result
  ) throws -> Result {
    weights = factors
    return try weights.withUnsafeBufferPointer { weights in
      try one.withUnsafeBufferPointer { one in
        var inputs = [name: input, Graph.seedName(Objective.total): one]
        for number in weights.indices {
          inputs[Objective.weight(number)] = UnsafeBufferPointer(rebasing: weights[number..<number + 1])
          if let subject = subjects[number] {
            inputs[Objective.subject(number)] = subject.withUnsafeValues { $0 }
          }
        }
        return try withExtendedLifetime(subjects) {
          try program.run(at: inputs) { results in
            try body(results[0], results.dropFirst().map { Double($0[0]) })
          }
        }
      }
    }
  }
}
