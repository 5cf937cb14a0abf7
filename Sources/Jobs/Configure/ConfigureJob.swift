import Audio
import Explain
import Files
import Graphs
package import Models
package import Reports
import Tensors

/// Proposes how a model listens: the JSON file beside it.
///
/// What the file itself says comes first; then what known networks of its form do; then what is usual. Each key says how
/// sure it is. The proposal is tried on a sound, so that a wrong one can be seen at once.
package struct ConfigureJob {
  package let request: ConfigureRequest
  private let workspace: Workspace
  /// Where the description belongs.
  package let sidecar: String

  package init(_ request: ConfigureRequest, in workspace: Workspace) throws {
    (self.request, self.workspace) = (request, workspace)
    sidecar = sidecarPath(of: try BundledData.modelPath(request.model))
  }

  /// What a proposal says of a model, and what the model then hears.
  package struct Result: Sendable {
    package let proposal: Proposal
    /// The model as it is proposed; nil where it cannot listen yet.
    package let model: AudioModel?
    /// What it hears in the sound; empty where it cannot listen.
    package let heard: [ClassRecord]
    /// The sound it was tried on.
    package let sound: String
    /// What the model's scores are; nil where it cannot listen.
    package let meaning: ScoreMeaning?
    /// Where the picture lies that is explained, in words.
    package let picture: String?
  }

  /// - Throws: `ModelError`, `ONNXError`, `GraphError`, `FileError`, `AudioError` for a sound that cannot be read.
  package func run() throws -> Result {
    let path = try BundledData.modelPath(request.model)
    let file = try ONNXModel(contentsOf: path)
    var proposal = Proposal()
    let described = try ModelDescription(of: file, at: path)
    try addDescribed(described, to: &proposal)
    let network = try described.network(
      file.graph, threads: workspace.threads, memory: workspace.memory, path: path)
    if let frontEnd = request.frontEnd {
      proposal.remove("front_end")
      try proposal.add("front_end", FrontEnd(described: frontEnd), .known, "named by the user")
    }
    try FrontEndGuess(file, network).add(to: &proposal)
    let sound = try request.sound ?? BundledData.soundPath("dog.mp3")
    do {
      guard let model = try listening(network, file, path, &proposal) else {
        return Result(
          proposal: proposal, model: nil, heard: [], sound: sound, meaning: nil, picture: nil)
      }
      try addLabels(of: model, file, path, &proposal)
      return try tried(model, network, proposal, on: sound, path)
    } catch let error as GraphError where request.acceptsUnheard {
      proposal.questions.append(Proposal.Question("as it is proposed, it cannot hear a sound: \(error)"))
      return Result(proposal: proposal, model: nil, heard: [], sound: sound, meaning: nil, picture: nil)
    }
  }

  /// What the model hears in a sound as it is proposed.
  private func tried(
    _ model: AudioModel, _ network: Network, _ known: Proposal, on sound: String, _ path: String
  ) throws -> Result {
    var proposal = known
    let recording = try Recording.read(
      sound, from: 0, duration: min(Clip.longest, max(10, 3 * model.patchSeconds)))
    let samples = try model.samples(of: recording)
    let listening = try model.fitted(toSamples: samples.count).listen(to: samples)
    try addActivation(of: model, listening, &proposal)
    // As it will be read, with labels and activation.
    let final = try AudioModel(network, proposal.description(), name: Folder.name(of: path), path: path)
      .fitted(toSamples: samples.count)
    let heard = try final.listen(to: samples)
    let scores = heard.clipScores
    return Result(
      proposal: proposal, model: final,
      heard: heard.ranking.prefix(5).map { ClassRecord($0, final, scores[$0], heard.meaning) }, sound: sound,
      meaning: heard.meaning, picture: final.pictureInWords)
  }

  /// What stands in the model or beside it, as it is.
  private func addDescribed(_ described: ModelDescription, to proposal: inout Proposal) throws {
    let place = "the model's description says so"
    if let frontEnd = described.frontEnd { try proposal.add("front_end", frontEnd, .described, place) }
    if let labels = described.labels { try proposal.add("labels", labels, .described, place) }
    if let activation = described.activation { try proposal.add("activation", activation, .described, place) }
    if let axes = described.axes { try proposal.add("axes", axes, .described, place) }
    if let output = described.output { try proposal.add("output", output, .described, place) }
    if let state = described.state { try proposal.add("state", state, .described, place) }
    if let inputs = described.inputs { try proposal.add("inputs", inputs, .described, place) }
    if let picture = described.picture { try proposal.add("picture", picture, .described, place) }
  }

  /// The model as far as it is proposed; where it asks for more, what is most likely is added. nil where that is not enough.
  private func listening(
    _ network: Network, _ file: ONNXModel, _ path: String, _ proposal: inout Proposal
  ) throws -> AudioModel? {
    guard proposal.entries.contains(where: { $0.key == "front_end" }) else { return nil }
    for _ in 0..<4 {
      do {
        return try AudioModel(network, proposal.description(), name: Folder.name(of: path), path: path)
      } catch ModelError.severalOutputs(_, let outputs) {
        let words = ["logit", "class", "score", "prob", "pred", "label"]
        let named = outputs.first { output in words.contains { output.name.lowercased().contains($0) } }
        guard let chosen = named ?? outputs.last else { return nil }
        try proposal.add(
          "output", ModelDescription.Output(tensor: chosen.name), named == nil ? .guess : .likely,
          "of its \(outputs.count) outputs (\(outputs.map { "\($0.name) \($0.shape)" }.joined(separator: ", "))), "
            + (named == nil ? "the last" : "the one whose name says so"))
      } catch ModelError.outputAxes(_, let tensor, let row, _) {
        // The longer axis is time, the other one classes, as in [frames, classes] and [classes, frames].
        guard row.count == 2 else { return nil }
        let timeFirst = row[0] >= row[1]
        let roles: [AxisRole] = timeFirst ? [.batch, .time, .class] : [.batch, .class, .time]
        proposal.remove("output")
        try proposal.add(
          "output", ModelDescription.Output(tensor: tensor, axes: roles), .guess,
          "a row of it is \(row.map(String.init).joined(separator: " x ")): the longer axis is taken for time"
        )
      } catch let error as ModelError {
        if case .frontEndMismatch = error, try addChannels(network, &proposal) { continue }
        proposal.questions.append(Proposal.Question("\(error)"))
        return nil
      }
    }
    return nil
  }

  /// Where the network takes several channels and the front end makes one: three copies of a picture, or the two sides of a
  /// stereo sound. Whether anything was changed.
  private func addChannels(_ network: Network, _ proposal: inout Proposal) throws -> Bool {
    guard let frontEnd = try proposal.description().frontEnd, frontEnd.patch.steps.isEmpty,
      frontEnd.sound.channels == .mix, let input = network.graph.inputs.first
    else { return false }
    let rowAxis = network.rows.axes[input.name] ?? nil
    let row = (input.dimensions ?? []).enumerated().filter { $0.offset != rowAxis }.map(\.element)
    var (sound, patch) = (frontEnd.sound, frontEnd.patch)
    let reason: String
    if row.count == 3, row.contains(.fixed(3)) {
      patch.steps = [.copies(3)]
      reason =
        "the input has three channels: the same picture in each, as networks made for images are given it"
    } else if row.count == 3, row.contains(.fixed(2)) {
      sound.channels = .all
      reason = "the input has two channels: those of a stereo sound"
    } else {
      return false
    }
    proposal.remove("front_end")
    try proposal.add(
      "front_end",
      FrontEnd(
        sampleRate: frontEnd.sampleRate, sound: sound, analysis: frontEnd.analysis, steps: frontEnd.steps,
        patch: patch), .guess, reason)
    return true
  }

  private func addLabels(
    of model: AudioModel, _ file: ONNXModel, _ path: String, _ proposal: inout Proposal
  ) throws {
    guard model.labels.isEmpty else { return }
    if let found = LabelFiles.find(for: path, file, classes: model.classCount) {
      try proposal.add(
        "labels", found.labels, found.isOwn ? .known : .likely, "\(found.place) has \(model.classCount) names"
      )
    } else if model.classCount > 1 {
      proposal.questions.append(
        Proposal.Question(
          "what its \(model.classCount) classes are called is not known",
          answer: "; put a list of their names, a line each, into "
            + "\(sidecar.dropLast(5))_labels.txt and ask again, or write 'labels'"))
    }
  }

  private func addActivation(of model: AudioModel, _ listening: Listening, _ proposal: inout Proposal) throws
  {
    switch listening.meaning.source {
    case .graph, .description: return
    case .values:
      try proposal.add(
        "activation", listening.meaning.activation, .likely,
        "its values lie in 0...1 on the sound it was tried on")
    case .unknown:
      // Nothing in the file makes probabilities, and the values are none.
      let name = model.output.tensor.lowercased()
      if ["hidden", "embed", "feature", "state"].contains(where: name.contains) {
        try proposal.add(
          "activation", ModelDescription.Activation.none, .likely,
          "the output '\(model.output.tensor)' is no list of classes by its name")
      } else if model.classCount == 1 {
        try proposal.add(
          "activation", ModelDescription.Activation.sigmoid, .guess,
          "one number of any size is most often the logit of a yes; \"none\" if it is a value of its own")
      } else {
        let many = model.classCount >= 100
        try proposal.add(
          "activation", many ? ModelDescription.Activation.sigmoid : .softmax, .guess,
          "its values are of any size, as logits are; with \(model.classCount) classes they "
            + (many ? "most often come together" : "most often exclude each other"))
      }
    }
  }
}

extension AudioModel {
  /// Where the picture lies that sounds are explained on.
  fileprivate var pictureInWords: String? {
    guard hasInnerPicture else {
      return hasPicture ? nil : "none inside: sounds are explained on an STFT put before it (--domain stft)"
    }
    return axes.panels.map { panel in
      let range = panel.range
      return "'\(panel.name)', \(panel.bands.count) bands from \(Int(panel.bands[0].centre.rounded())) to "
        + "\(Int((panel.bands.last?.centre ?? range.upperBound).rounded())) Hz, a frame every "
        + "\(NumberText.rounded(1000 * axes.hop, digits: 3)) ms"
    }.joined(separator: "; ")
  }
}
