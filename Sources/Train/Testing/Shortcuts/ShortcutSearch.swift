import Audio
public import Explain
import Files
public import Models
import Tensors

/// Looks for classes that a network tells by what is not their sound: padding, silence, a constant band, the ceiling of a
/// recording, one recording group.
///
/// Of each class, clips that the network gets right are taken, and heard again without each part (``PartOcclusion``). A part is
/// suspect where the class's probability rests on it, where it does not for other classes, and where there is little of the
/// class's sound: ``Shortcut``. All is measured on the model's picture.
public struct ShortcutSearch: Sendable {
  public struct Settings: Sendable, Hashable {
    /// At most of each class.
    public var clips = 40
    /// Of a class with fewer clips that are right, nothing is said.
    public var fewestClips = 4
    public var draws = 1000
    public var seed: UInt64 = 0

    public init() {}
  }

  private let model: AudioModel
  private let data: DataSet
  private let match: ClassMatch
  private let settings: Settings
  private let slices: BandSlices

  /// - Throws: `TestingError.noPicture`, `.severalChannels`.
  public init(
    _ model: AudioModel, on data: DataSet, _ match: ClassMatch, _ settings: Settings = Settings()
  ) throws(TestingError) {
    guard model.hasPicture else { throw .noPicture(model: model.name) }
    guard model.channelCount == 1 else {
      throw .severalChannels(model: model.name, count: model.channelCount)
    }
    (self.model, self.data, self.match, self.settings) = (model, data, match, settings)
    slices = BandSlices(model.axes)
  }

  /// - Parameters:
  ///   - answers: of the clips to look at.
  ///   - training: the clips that the network was trained on, as far as that is known.
  /// - Throws: `Cancelled`; what the network throws.
  public func run(
    _ answers: Answers, training: [Int], control: RunControl = RunControl()
  ) throws -> ShortcutReport {
    let chosen = choose(answers)
    var findings: [ClipFinding] = []
    for (number, (clip, index)) in chosen.enumerated() {
      try control.report(number, of: chosen.count, Folder.name(of: data.clips[clip.place].path))
      if let found = try finding(clip, index, of: answers) { findings.append(found) }
    }
    try control.report(chosen.count, of: chosen.count)
    return ShortcutReport(
      findings, of: data, answers, training: training, slices: slices, sampleRate: model.sampleRate, settings)
  }

  /// For each class, clips drawn at random, those that are right first.
  private func choose(_ answers: Answers) -> [(clip: Answers.Clip, index: Int)] {
    var generator = SplitMix64(seed: settings.seed)
    return answers.classes.indices.filter { answers.isKnown[$0] }.flatMap { index in
      let own = answers.clips.filter { $0.truth.contains(index) }.shuffled(using: &generator)
      let right = own.filter { isRight($0, index, of: answers) }
      let wrong = own.filter { !isRight($0, index, of: answers) }
      let taken = right.prefix(settings.clips)
      return (taken + wrong.prefix(max(settings.clips / 4, settings.clips - taken.count))).map { ($0, index) }
    }
  }

  private func isRight(_ clip: Answers.Clip, _ index: Int, of answers: Answers) -> Bool {
    answers.isMultiLabel ? clip.scores[index] >= 0.5 : answers.answer(to: clip) == index
  }

  /// nil for a clip that cannot be read any more.
  private func finding(_ clip: Answers.Clip, _ index: Int, of answers: Answers) throws -> ClipFinding? {
    guard let output = match.outputs[index], let recording = try? data.clips[clip.place].recording(),
      let samples = try? self.model.samples(of: recording), !samples.isEmpty
    else { return nil }
    let model = try self.model.fitted(toSamples: samples.count)
    let picture = try model.picture(of: samples)
    let anatomy = ClipAnatomy(samples, frames: picture.shape[0], of: model, slices: slices)
    let frames = Double(max(1, picture.shape[0]))
    let isRight = isRight(clip, index, of: answers)
    var drops: [PicturePart: Double] = [:]
    var saliency: AverageEvidence.Clip?
    if isRight {
      let listening = try model.listen(to: samples)
      let whole = Double(listening.clipScores[output])
      let parts = PartOcclusion(slices: slices, seed: settings.seed).pictures(picture, anatomy)
      let step = max(1, min(64, (1 << 22) / max(1, picture.count)))
      for start in stride(from: 0, to: parts.count, by: step) {
        let some = parts[start..<min(parts.count, start + step)]
        let scores = try model.clipOutputs(at: Tensor(joining: some.map(\.picture))).scores
        for (row, entry) in some.enumerated() where whole > 0 {
          drops[entry.part] = min(1, max(-1, (whole - Double(scores[row, output])) / whole))
        }
      }
      if let target = try model.targets(.index(output), for: listening).first {
        let found = try model.explain(listening, target: target, by: .saliency, .init())
        saliency = AverageEvidence.Clip(
          found.evidenceShares(model), frames: model.clipFrames(of: recording.duration, in: listening))
      }
    }
    return ClipFinding(
      place: clip.place, classIndex: index, group: clip.group, isRight: isRight, drops: drops,
      energy: anatomy.energy, prominence: anatomy.prominence, ceiling: anatomy.ceiling,
      paddingShare: Double(anatomy.padding.count) / frames, silenceShare: Double(anatomy.gaps.count) / frames,
      saliency: saliency)
  }
}
