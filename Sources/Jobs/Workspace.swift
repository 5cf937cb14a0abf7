package import Graphs
package import Models
import Synchronization
import Tensors

/// What jobs share: how much they may use, the models they have read, and what evaluations have recommended.
package final class Workspace: Sendable {
  package let threads: Int
  /// The most bytes of a network's intermediate results; nil for no bound.
  package let memory: Int?
  package let recommendations: RecommendationStore

  private let models = Mutex<[(choice: ModelChoice, model: AudioModel)]>([])
  private let imageModels = Mutex<[(name: String, model: ImageModel)]>([])

  /// More models are read again when they are asked for again.
  private static let mostModels = 4

  package init(
    threads: Int = ComputeThreads.count, memory: Int? = nil,
    recommendations: RecommendationStore = RecommendationStore()
  ) {
    (self.threads, self.memory, self.recommendations) = (threads, memory, recommendations)
    ComputeThreads.use(threads)
  }

  /// A model, ready to listen; read once.
  package func model(_ choice: ModelChoice) throws -> AudioModel {
    if let known = models.withLock({ $0.first { $0.choice == choice }?.model }) { return known }
    let model = try AudioModel(
      named: choice.name, threads: threads, memory: memory, told: try choice.told())
    models.withLock { models in
      models.append((choice, model))
      if models.count > Self.mostModels { models.removeFirst() }
    }
    return model
  }

  /// A model that looks at pictures: a bundled one, or an ONNX file; read once.
  package func imageModel(_ name: String) throws -> ImageModel {
    if let known = imageModels.withLock({ $0.first { $0.name == name }?.model }) { return known }
    let model = try ImageModel(
      path: try BundledData.modelPath(name), name: BundledData.imageModelNames.contains(name) ? name : nil,
      threads: threads)
    imageModels.withLock { models in
      models.append((name, model))
      if models.count > Self.mostModels { models.removeFirst() }
    }
    return model
  }

  /// Reads a model again when it is asked for again: its file or its description has changed.
  package func forget(model name: String) {
    models.withLock { $0.removeAll { $0.choice.name == name } }
  }

  /// A bundled network, or that of an ONNX file, for questions about arrays.
  package func network(_ name: String, _ reading: NetworkReading = NetworkReading()) throws -> Network {
    let graph = try ONNXModel(contentsOf: try BundledData.modelPath(name)).graph
    let rows = reading.rows.isEmpty ? nil : RowLayout(axes: reading.rows)
    guard !reading.state.isEmpty else { return Network(graph, threads: threads, memory: memory, rows: rows) }
    return try Network(stepping: graph, state: reading.state, threads: threads, memory: memory, rows: rows)
  }
}
