import Explain
import Graphs
import Models
import Tensors
import TestSupport
import Testing

struct EmbeddingTests {
  /// Two convolutions, the embedding of five numbers, three classes.
  private func model() throws -> AudioModel {
    var file = HandmadeONNX(input: "sound", ["N", 1, 8, 6])
    file.add("Conv", ["sound"], "early", weights: [.random([4, 1, 3, 3], seed: 1)], ["pads": [1, 1, 1, 1]])
    // Smooth, so that differences of steps tell the derivative.
    file.add("Tanh", ["early"], "early layer")
    file.add(
      "Conv", ["early layer"], "late", weights: [.random([5, 4, 3, 3], seed: 2)], ["strides": [2, 2]])
    file.add("Tanh", ["late"], "late layer")
    file.classify("late layer", .random([5, 3], seed: 3))
    return try file.model(frontEnd(frames: 8, bands: 6), labels: ["Ouch", "Meow", "Woof"])
  }

  private func question(_ kind: EmbeddingQuestion.Kind, _ model: AudioModel, seed: UInt64 = 11) throws
    -> EmbeddingQuestion
  {
    let other = try model.listen(toLogMel: .random([12, 6], seed: seed))
    return try EmbeddingQuestion(
      kind, "embedding", of: model.embedding("embedding", of: other), name: "other.wav")
  }

  /// Central differences over a step of 0.01 of a smooth function, in single precision: a score near 1 is rounded to
  /// 1e-7, so a slope to 1e-5, and the third derivative adds as much.
  private func expectDerivative(
    _ function: some ScoreFunction, at x: Tensor, tolerance: Float = 2e-4,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let gradient = try function.gradient(at: x)
    #expect(gradient.shape == x.shape, sourceLocation: sourceLocation)
    let largest = gradient.values.reduce(0) { max($0, abs($1)) }
    #expect(largest > 0, sourceLocation: sourceLocation)
    for place in stride(from: 0, to: x.count, by: 7) {
      let scores = try [Float(0.002), -0.002].map { step -> Float in
        var moved = x
        moved.withUnsafeMutableValues { $0[place] += step }
        let row = place / (x.count / x.shape[0])
        return try function.scores(at: moved)[row]
      }
      let slope = (scores[0] - scores[1]) / 0.004
      #expect(abs(slope - gradient.values[place]) < tolerance, sourceLocation: sourceLocation)
    }
  }

  @Test("A channel's mean, a direction and a difference have the gradients of their values")
  func linearScores() throws {
    let network = try model().network
    let x = Tensor.random([3, 1, 8, 6], seed: 5)
    let late = try network.values(of: ["late layer"], at: ["sound": x])[0]
    let channel = try NetworkScore(network, tensor: "late layer", of: .channelMean(2))
    let places = late.count / 15
    for row in 0..<3 {
      let values = late.rows(row..<row + 1).values[2 * places..<3 * places]
      let mean = values.reduce(0) { $0 + Double($1) } / Double(places)
      #expect(abs(Double(try channel.scores(at: x)[row]) - mean) < 1e-6)
    }
    try expectDerivative(channel, at: x)
    let vector = Tensor.random([5], seed: 6).values
    let direction = try NetworkScore(network, tensor: "embedding", of: .direction(vector))
    try expectDerivative(direction, at: x)
    let embedding = try network.values(of: ["embedding"], at: ["sound": x])[0]
    for row in 0..<3 {
      let expected = (0..<5).reduce(0.0) { $0 + Double(embedding[row, $1]) * Double(vector[$1]) }
      #expect(abs(Double(try direction.scores(at: x)[row]) - expected) < 1e-6)
    }
    try expectDerivative(NetworkScore(network, tensor: "logits", of: .difference(2, 0)), at: x)
    // One-hot directions are elements.
    let element = try NetworkScore(network, tensor: "embedding", element: 3)
    let unit = try NetworkScore(network, tensor: "embedding", of: .direction([0, 0, 0, 1, 0]))
    #expect(try element.scores(at: x) == unit.scores(at: x))
    #expect(try element.gradient(at: x) == unit.gradient(at: x))
  }

  @Test("What a tensor does not have is refused")
  func refusals() throws {
    let model = try model()
    let x = Tensor.random([1, 1, 8, 6], seed: 5)
    for (of, words) in [
      (ScoreOf.channelMean(5), "there is no channel 5; choose 0 to 4"), (.channelMean(-1), "no channel -1"),
      (.direction([1, 2]), "the direction has 2 numbers, and 'embedding' 5 a row"),
      (.element(5), "no element 5"),
    ] {
      let score = try NetworkScore(model.network, tensor: "embedding", of: of)
      let error = #expect(throws: ExplainError.self) { try score.scores(at: x) }
      #expect(error?.description.contains(words) == true)
      #expect(throws: ExplainError.self) { try score.gradient(at: x) }
    }
    #expect(throws: ExplainError.self) {
      try EmbeddingQuestion(.like, "embedding", of: [0, 0, 0, 0, 0], name: "silence.wav")
    }
    let listening = try model.listen(toLogMel: .random([20, 6], seed: 4))
    #expect(throws: ExplainError.self) { try model.embedding("logits weights 0", of: listening) }
    #expect(throws: GraphError.self) { try model.embedding("nothing", of: listening) }
    let other = try EmbeddingQuestion(.like, "embedding", of: [1, 2], name: "other.wav")
    #expect(throws: ExplainError.self) {
      try model.explain(listening, .embedding(other), by: .saliency, .init())
    }
    let like = try question(.like, model)
    let error = #expect(throws: ExplainError.self) {
      try model.explain(listening, .embedding(like), by: .scoreCAM, .init())
    }
    #expect(error?.isOfTheMethod == true && error?.description.contains("grad-cam") == true)
  }

  @Test("The embedding is the mean over patches of what the last linear layer reads")
  func embedding() throws {
    let model = try model()
    #expect(try model.defaultEmbedding() == "embedding")
    let picture = Tensor.random([16, 6], seed: 4)
    let listening = try model.listen(toLogMel: picture)
    #expect(listening.patchStarts == [0, 4, 8])
    let parts = try listening.patchStarts.map {
      try model.embedding("embedding", of: model.listen(toLogMel: picture.rows($0..<$0 + 8)))
    }
    for (place, value) in try model.embedding("embedding", of: listening).enumerated() {
      #expect(abs(value - parts.reduce(0) { $0 + $1[place] } / 3) < 1e-6)
    }
    var file = HandmadeONNX(input: "sound", ["N", 1, 8, 6])
    file.add("Conv", ["sound"], "conv", weights: [.random([3, 1, 3, 3], seed: 1)])
    file.add("Relu", ["conv"], "relu")
    file.add("GlobalAveragePool", ["relu"], "pool")
    file.add("Flatten", ["pool"], "logits")
    let other = try file.model(frontEnd(frames: 8, bands: 6))
    #expect(throws: ExplainError.self) { try other.defaultEmbedding() }
  }

  @Test("The similarity is the cosine, with its exact gradient, however many patches look at a frame")
  func similarity() throws {
    let model = try model()
    let like = try question(.like, model)
    let score = SimilarityScore(model, like)
    let clips = Tensor.random([2, 16, 6], seed: 7)
    let values = try score.scores(at: clips)
    #expect(values.allSatisfy { abs($0) <= 1 })
    for row in 0..<2 {
      let listening = try model.listen(toLogMel: clips.rows(row..<row + 1).reshaped(to: [16, 6]))
      let embedding = try model.embedding("embedding", of: listening)
      let length = embedding.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      let dot = zip(embedding, like.direction).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      #expect(abs(Double(values[row]) - dot / length) < 1e-6)
    }
    try expectDerivative(score, at: clips)
  }

  @Test("A clip changed in a few bins has the same similarity, whatever is left out")
  func differing() throws {
    let model = try model()
    let score = try SimilarityScore(model, question(.like, model))
    let base = Tensor.random([1, 20, 6], seed: 7)
    let rows = (0..<3).map { row in
      var changed = base
      changed.withUnsafeMutableValues { values in
        for place in row * 30..<row * 30 + 9 { values[place] += 1 }
      }
      return changed
    }
    let x = Tensor(joining: rows + [base])
    // Means of embeddings near 1, added up in another order.
    for (short, long) in zip(try score.scores(at: x, differingFrom: base), try score.scores(at: x)) {
      #expect(abs(short - long) < 1e-5)
    }
  }

  @Test("A clip is like itself by 1, and nothing that is moved a little changes that")
  func itself() throws {
    let model = try model()
    let picture = Tensor.random([20, 6], seed: 4)
    let listening = try model.listen(toLogMel: picture)
    let own = try EmbeddingQuestion(
      .like, "embedding", of: model.embedding("embedding", of: listening), name: "itself.wav")
    let score = SimilarityScore(model, own)
    let clip = picture.reshaped(to: [1, 20, 6])
    #expect(abs(try score.scores(at: clip)[0] - 1) < 1e-6)
    #expect(try score.gradient(at: clip).values.allSatisfy { $0 == 0 })
    let explanation = try model.explain(listening, .embedding(own), by: .saliency, .init())
    #expect(explanation.question.label == "similarity to itself.wav" && explanation.target == nil)
    #expect(abs(explanation.value - 1) < 1e-6)
  }

  @Test(
    "Every method explains a similarity and a direction, or says why not", arguments: AttributionMethod.all)
  func methods(_ method: AttributionMethod) throws {
    let model = try model()
    let listening = try model.listen(toLogMel: .random([20, 6], seed: 4))
    var settings = AttributionMethod.Settings()
    settings.samples = 5
    settings.window = [4, 2]
    settings.strides = [2, 2]
    for kind in [EmbeddingQuestion.Kind.like, .towards] {
      let question = try Question.embedding(question(kind, model))
      if kind == .like, [.scoreCAM, .deepLIFT].contains(method) {
        let error = #expect(throws: ExplainError.self) {
          try model.explain(listening, question, by: method, settings)
        }
        #expect(error?.isOfTheMethod == true)
        continue
      }
      let explanation = try model.explain(listening, question, by: method, settings)
      #expect(explanation.attribution.shape == [20, 6])
      #expect(explanation.attribution.values.allSatisfy { $0.isFinite })
      #expect(explanation.attribution.values.contains { $0 != 0 }, "\(kind)")
      #expect(!explanation.quantity.contains("logit"))
    }
  }

  @Test("A map of a similarity goes by the gradient of the clip's cosine at the layer")
  func layerGradients() throws {
    let model = try model()
    let picture = Tensor.random([20, 6], seed: 4)
    let listening = try model.listen(toLogMel: picture)
    let like = try question(.like, model)
    let ours = try model.explain(listening, .embedding(like), by: .gradCAM, .init()).attribution
    let embedding = try model.embedding("embedding", of: listening)
    let length = embedding.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    let cosine = zip(embedding, like.direction).reduce(0) { $0 + Double($1.0) * Double($1.1) } / length
    let slope = zip(embedding, like.direction).map {
      Float((Double($1) - cosine * Double($0) / length) / length)
    }
    let tangent = try NetworkScore(model.network, tensor: "embedding", of: .direction(slope))
    let theirs = try model.clipMap(GradCAM(), tangent, layers: ["late layer"], logMel: picture)
    #expect(largestDifference(ours, theirs) < 1e-6)
  }

  @Test("Relevance of a similarity sums to the cosine where nothing absorbs any")
  func relevance() throws {
    // Without biases, one linear layer: the ε rule hands on all but its stabilizer.
    var file = HandmadeONNX(input: "sound", ["N", 8, 6])
    file.add("Flatten", ["sound"], "flat")
    file.add("MatMul", ["flat"], "embedding", weights: [.random([48, 5], seed: 1)])
    file.add("MatMul", ["embedding"], "logits", weights: [.random([5, 3], seed: 2)])
    let model = try file.model(frontEnd(frames: 8, bands: 6))
    let listening = try model.listen(toLogMel: .random([8, 6], seed: 4))
    let like = try question(.like, model)
    let explanation = try model.explain(listening, .embedding(like), by: .epsilonRelevance, .init())
    let sum = explanation.attribution.values.reduce(0) { $0 + Double($1) }
    #expect(abs(sum - Double(explanation.value)) < 1e-4)
  }

  @Test("The order test asks the same of embeddings, without a probability")
  func order() throws {
    let model = try model()
    let listening = try model.listen(toLogMel: .random([20, 6], seed: 4))
    let question = try Question.embedding(question(.like, model))
    let order = try model.orderTest(listening, question, draws: 4)
    let value = try model.explain(listening, question, by: .saliency, .init()).value
    #expect(order.bands.probability == nil && abs(order.score - value) < 1e-6)
    #expect(order.words(unit: question.unit).contains("of cosine"))
  }
}
