import Audio
package import Explain
import Graphs
package import Models
package import Tensors

/// Finds the sounds that excite units of a model most: first the picture, then a sound that has it, then the sound itself.
///
/// 1. An ``Ascent`` on the model's picture, or on the samples of a network that takes these.
/// 2. A sound with that picture: see ``AudioModel/sound(ofPicture:like:seed:control:)``.
/// 3. Some more steps on the samples of that sound, through the front end's derivative: what the picture asks for and no
///    sound can have is made up for.
package struct Maximization: Sendable {
  /// For sounds of the length that is sought.
  package let model: AudioModel
  package let settings: MaximizationSettings
  /// Frames of the picture.
  package let frames: Int
  /// Whether pictures become sounds.
  package var makesSounds = true
  private let range: ClosedRange<Float>

  /// - Parameter seconds: how long the sounds are; nil for a patch, or a second for networks that take any length.
  package init(_ model: AudioModel, settings: MaximizationSettings, seconds: Double? = nil) throws {
    let length = seconds ?? (model.frontEnd.patch.isFree ? 1 : model.patchSeconds)
    self.model = try model.fitted(toSamples: Int((length * Double(model.sampleRate)).rounded()))
    self.settings = settings
    frames =
      seconds == nil || self.model.frontEnd.patch.isFree
      ? self.model.patchFrames
      : max(
        self.model.patchFrames,
        self.model.frameCount(
          samples: Int((length * Double(model.sampleRate)).rounded()) * model.channelCount))
    range = try self.model.valueRange()
  }

  /// One sound that was found.
  package struct Answer: Sendable {
    /// `[frames, bands]`; of networks on samples `[samples, 1]`.
    package let picture: Tensor
    /// Mono at the model's rate, at most full scale; nil where there is no way back to one.
    package var sound: [Float]?
    package var values: Values
    /// What is excited after each step, on the picture and then on the sound.
    package var curve: [Double]
    /// Steps on the picture.
    package let pictureSteps: Int
    package let ending: Ascent.Ending
    /// The picture on the way, some steps apart.
    package let way: [Tensor]
  }

  /// What is excited.
  package struct Values: Sendable, Hashable {
    /// By what the ascent began with.
    package let first: Double
    /// By the picture.
    package let picture: Double
    /// By the sound with that picture, as it is put through the model.
    package var lifted: Double?
    /// By the sound in the end.
    package var sound: Double?
  }

  /// The picture's extents.
  package var shape: CanvasShape { CanvasShape(frames: frames, panels: model.axes.panelRanges) }

  /// Answers to each of the excitation's questions, those to one after another.
  ///
  /// - Parameters:
  ///   - keeping: how many pictures of the way are kept.
  /// - Throws: `Cancelled`; `GraphError`, `AudioError`.
  package func run(
    _ excitation: Excitation, from start: CanvasStart, keeping: Int = 0, control: RunControl = RunControl()
  ) throws -> [Answer] {
    let asked = excitation.repeated(settings.answers)
    let share = !makesSounds ? 1 : soundSteps > 0 ? 0.5 : 0.9
    let pictureControl = control.part(from: 0, to: share, "picture")
    var answers = try ascend(
      asked, from: start, keeping: keeping, control: pictureControl.part(from: 0, to: 0.7))
    if start == .noise, settings.answers == 1, model.hasPicture {
      try seekFromSilence(&answers, asked, keeping: keeping, control: pictureControl.part(from: 0.7, to: 1))
    }
    try addSounds(to: &answers, asked, control: control.part(from: share, to: 1, "sound"))
    return answers
  }

  // MARK: - The picture

  /// The answers' pictures.
  private func ascend(_ asked: Excitation, from start: CanvasStart, keeping: Int, control: RunControl) throws
    -> [Answer]
  {
    var ascent = Ascent(
      model.network, asked, [try canvas(start, rows: asked.measures.count)], settings: settings.ascent)
    if settings.rule == .modern {
      ascent.settings.jitter = jitter
      // As waves, samples reach full scale within a few steps.
      if !model.hasPicture { ascent.settings.rate = 0.01 }
    }
    let steps = ascent.settings.steps
    let kept = Set((0..<keeping).map { $0 * max(1, steps - 1) / max(1, keeping - 1) })
    var way: [Tensor] = []
    let found = try ascent.run(control: control) { step, pictures, _ in
      if kept.contains(step) { way.append(pictures) }
    }
    return asked.measures.indices.map { row in
      Answer(
        picture: found.pictures[0].picture(row),
        values: Values(first: found.first[row], picture: found.last[row]), curve: found.curves[row],
        pictureSteps: found.curves[row].count, ending: found.endings[row], way: way.map { $0.picture(row) })
    }
  }

  /// Seeks again, from silence, what silence excites more than all that was found from noise: units that wait for pauses,
  /// which lie at the edge of the range, far from its middle.
  private func seekFromSilence(
    _ answers: inout [Answer], _ asked: Excitation, keeping: Int, control: RunControl
  ) throws {
    var still = Ascent(
      model.network, asked, [try canvas(.silence, rows: asked.measures.count)], settings: settings.ascent)
    still.settings.steps = 0
    let silence = try still.run()
    let rows = answers.indices.filter { silence.first[$0] > answers[$0].values.picture }
    guard !rows.isEmpty else { return }
    let again = Excitation(asked.tensor, rows.map { asked.measures[$0] })
    for (row, answer) in zip(rows, try ascend(again, from: .silence, keeping: keeping, control: control)) {
      let quiet = silence.first[row]
      answers[row] =
        answer.values.picture > quiet
        ? answer
        : Answer(
          picture: silence.pictures[0].picture(row), values: Values(first: quiet, picture: quiet),
          curve: answer.curve, pictureSteps: answer.pictureSteps, ending: answer.ending, way: answer.way)
    }
  }

  private func canvas(_ start: CanvasStart, rows: Int) throws -> Canvas {
    let basis: PictureBasis = settings.rule == .paper ? .values : .waves(decay: model.hasPicture ? 1 : 0.5)
    let pictures = try model.startingPictures(
      start, rows: rows, shape, basis, within: range, seed: settings.seed)
    var canvas = Canvas(model.inputName, shape: shape, lens: PictureLens(model), start: pictures)
    canvas.basis = basis
    let lambda = settings.lambdas[model.inputName] ?? settings.lambda
    switch settings.rule {
    case .paper:
      canvas.regularizers = [.init(SquaredNorm(), weight: lambda ?? MaximizationSettings.paperLambda)]
    case .modern:
      canvas.range = range
      canvas.regularizers = model.hasPicture ? pictureRegularizers : []
      if let lambda { canvas.regularizers.append(.init(SquaredNorm(), weight: lambda)) }
      if settings.answers > 1 {
        canvas.regularizers.append(.init(Similarity(answers: settings.answers), weight: 0.5))
      }
    }
    return canvas
  }

  private var pictureRegularizers: [Canvas.Weighted] {
    [
      .init(TotalVariation(), weight: 0.04 * settings.smoothness),
      .init(FrequencyRoughness(), weight: 0.04 * settings.smoothness),
    ]
  }

  /// A twentieth of the picture, of samples at most 10 ms.
  private var jitter: Int {
    model.hasPicture ? max(1, frames / 20) : max(1, min(frames / 20, model.sampleRate / 100))
  }

  // MARK: - The sound

  private var soundSteps: Int { settings.soundSteps ?? (settings.rule == .modern ? 60 : 0) }

  /// Adds the sounds, where there is a way back to one.
  private func addSounds(to answers: inout [Answer], _ asked: Excitation, control: RunControl) throws {
    guard makesSounds, model.channelCount == 1 else { return }
    guard model.hasPicture else {
      for row in answers.indices { answers[row].take(sound: answers[row].picture.values, limit: 1) }
      return
    }
    var sounds: [[Float]] = []
    for row in answers.indices {
      let part = control.part(from: 0, to: 0.3).part(row, of: answers.count)
      try part.check()
      sounds.append(try model.sound(ofPicture: answers[row].picture, seed: settings.seed, control: part))
    }
    let listener = try SoundCanvas(model)
    let lifted = try listener.values(of: sounds, asked)
    for row in answers.indices { answers[row].take(sound: sounds[row], lifted: lifted[row]) }
    guard soundSteps > 0 else { return }
    let refined = try listener.refine(
      sounds, asked, steps: soundSteps, seed: settings.seed, control: control.part(from: 0.3, to: 1))
    for row in answers.indices where refined.endings[row] == .finished {
      answers[row].take(refined: refined.sounds[row], refined.values[row], refined.curves[row])
    }
  }
}

extension Maximization.Answer {
  fileprivate mutating func take(sound: [Float], limit: Float) {
    self.sound = sound.map { min(max($0, -limit), limit) }
    values.lifted = values.picture
    values.sound = values.picture
  }

  fileprivate mutating func take(sound: [Float], lifted: Double) {
    self.sound = sound
    (values.lifted, values.sound) = (lifted, lifted)
  }

  fileprivate mutating func take(refined: [Float], _ value: Double, _ more: [Double]) {
    sound = refined
    values.sound = value
    curve += more
  }
}

extension Tensor {
  /// Picture `row` of `[rows, frames, bands]`.
  package func picture(_ row: Int) -> Tensor { rows(row..<row + 1).reshaped(to: [shape[1], shape[2]]) }
}
