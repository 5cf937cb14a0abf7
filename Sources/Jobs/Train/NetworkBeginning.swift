import Audio
import Files
import Graphs
import Models
import Reports
import Tensors
import Train

import struct FoundationEssentials.Data
import class FoundationEssentials.JSONDecoder

/// A network before its training: the file that its weights are written back into, and the model that it makes.
struct NetworkBeginning {
  private(set) var file: ONNXFile
  private(set) var model: AudioModel
  /// What may be learnt: weights that the file stores.
  let parameters: [TensorName]
  private(set) var remarks: [String] = []
  /// Whether the pictures are to be scaled first.
  let scalesInput: Bool
  private let threads: Int
  /// Of a network that takes any length.
  private var patchSeconds: Double?

  /// In seconds, where nobody says.
  private static let longestPatch = 10.0

  init(_ request: TrainRequest, data: DataSet, threads: Int) throws {
    self.threads = threads
    let seed = request.plan.seed
    // What is learnt at most; nil for all.
    var head: Set<TensorName>?
    switch request.beginning {
    case .architecture(let architecture, let frontEnd):
      let told = try frontEnd.map { try FrontEnd(described: $0) }
      file = try architecture.network(
        classes: data.classes.count, frontEnd: told, isMultiLabel: data.isMultiLabel, seed: seed)
      let own = told ?? architecture.frontEnd
      scalesInput = request.scalesInput ?? (!own.isSamples && !own.isStandardised)
    case .model(let choice, let transfer):
      let path = try BundledData.modelPath(choice.name)
      var given = try ONNXFile(contentsOf: path)
      let onnx = try given.model()
      let description = try ModelDescription(of: onnx, at: path).overridden(by: choice.told())
      let fits = description.labels == data.classes && !transfer.replacesHead && transfer.cut == nil
      if fits {
        try given.storeComputedWeights(of: onnx.graph)
        if let frontEnd = description.frontEnd { given.metadata["otoscope.front_end"] = try frontEnd.json() }
        if let axes = description.axes { given.metadata["otoscope.axes"] = axes.rawValue }
        file = given
        if transfer.freezesTrunk { head = Set(try file.headWeights()) }
        remarks.append("\(choice.name): has these classes already; its own head is trained on")
      } else {
        var told: FrontEnd? = description.frontEnd
        if choice.frontEnd == nil { told = nil }
        if let scaling = transfer.imageScaling { told = try given.imageFrontEnd(scaling) }
        let made = try given.withNewHead(
          at: transfer.cut, classes: data.classes.count, hidden: transfer.hidden, dropout: transfer.dropout,
          isMultiLabel: data.isMultiLabel, seed: seed, frontEnd: told)
        file = made.file
        if transfer.freezesTrunk { head = Set(made.headWeights) }
      }
      scalesInput = request.scalesInput ?? false
    }
    let weights: TrainableWeights
    (model, weights) = try Self.read(file, request.output, threads: threads)
    parameters = weights.trainable.filter { head?.contains($0) ?? true }
    if model.frontEnd.patch.isFree {
      patchSeconds = request.patch ?? min(Self.longestPatch, Self.longestClip(of: data))
      model = try fitted(model)
    } else if request.patch != nil {
      throw TrainRequestError.fixedPatch(seconds: model.patchSeconds)
    }
    if !weights.frozen.isEmpty {
      remarks.append(
        "\(weights.frozen.count) weights are computed inside the file and stay as they are: "
          + weights.frozen.prefix(4).joined(separator: ", "))
    }
  }

  /// The tensor that the loss is taken of.
  var logits: TensorName { model.logits }

  mutating func scaleInput(mean: [Float], deviation: [Float]) throws {
    try file.scaleInput(mean: mean, deviation: deviation)
    (model, _) = try Self.read(file, file.path, threads: threads)
    model = try fitted(model)
  }

  private func fitted(_ model: AudioModel) throws -> AudioModel {
    guard let patchSeconds else { return model }
    return try model.fitted(toSamples: Int(patchSeconds * Double(model.sampleRate)))
  }

  /// In seconds.
  private static func longestClip(of data: DataSet) -> Double {
    data.clips.map { clip in
      clip.stretch.map { $0.upperBound - $0.lowerBound } ?? (try? Recording.probe(clip.path).duration) ?? 0
    }.max() ?? longestPatch
  }

  /// Writes the network with what was learnt, its front end, its labels and how it came about.
  func write(_ training: Training, labels: [String], to path: String) throws {
    var written = file
    try written.replaceWeights(training.weights)
    written.metadata["otoscope.labels"] = try RecordCoding.line(labels)
    written.metadata[Self.trainingKey] = training.identity
    // Without times: the same training gives the same bytes.
    written.metadata[Self.historyKey] = try RecordCoding.line(
      training.history.map { record in
        var record = record
        (record.seconds, record.examplesPerSecond) = (0, 0)
        return record
      })
    try written.write(to: path)
  }

  /// The epochs of a training that has ended in the file at `path`; nil if that is none, or of another training.
  func finished(_ identity: String, at path: String) throws -> [EpochRecord]? {
    guard WholeFile.exists(path) else { return nil }
    let metadata = try ONNXFile(contentsOf: path).metadata
    guard metadata[Self.trainingKey] == identity, let history = metadata[Self.historyKey] else { return nil }
    return try? JSONDecoder().decode([EpochRecord].self, from: Data(history.utf8))
  }

  private static let trainingKey = "training.identity"
  private static let historyKey = "training.history"

  private static func read(_ file: ONNXFile, _ path: String, threads: Int) throws -> (
    AudioModel, TrainableWeights
  ) {
    let onnx = try file.model(from: path)
    let description = try ModelDescription(of: onnx, at: path)
    let network = try description.network(onnx.graph, threads: threads, path: path)
    let model = try AudioModel(network, description, name: "the network", path: path).onWholeNetwork
    return (model, file.trainable(in: onnx.graph))
  }
}

extension FrontEnd {
  /// Whether values are brought to a common mean or range already.
  fileprivate var isStandardised: Bool {
    steps.contains(where: \.isStandardising)
      || patch.steps.contains { if case .values(let step) = $0 { step.isStandardising } else { false } }
  }
}

extension PictureStep {
  fileprivate var isStandardising: Bool {
    switch self {
    case .standardise, .statistics, .unitRange, .unitPeak: true
    default: false
    }
  }
}
