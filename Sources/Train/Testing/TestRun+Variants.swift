package import Explain
package import Models

extension TestRun {
  /// What a model says of clips in each variation of a variant; every variation counts as a clip. Variations that are the same
  /// sound are heard once.
  ///
  /// - Parameters:
  ///   - places: among the data set's clips.
  ///   - seconds: the length that clips are padded to.
  /// - Throws: `TestingError`; as ``run(_:threads:control:)``.
  package static func answers(
    of model: AudioModel, on data: DataSet, _ places: [Int], as variant: Variant, seconds: Double = 4,
    threads: Int, control: RunControl = RunControl()
  ) throws -> Answers {
    let variations = variant.variations(seconds: seconds).map(\.canonical)
    let rate = model.sampleRate
    var heard: [Variation: Answers] = [:]
    for (number, variation) in variations.enumerated() where heard[variation] == nil {
      var change: Change?
      if !variation.isEmpty {
        change = { samples in try variation.apply(to: [samples], sampleRate: rate)[0] }
      }
      let run = try TestRun(model, on: data, change: change)
      heard[variation] = try run.run(
        places, threads: threads, control: control.part(number, of: variations.count)
      ).answers
    }
    let first = heard.values.first
    return Answers(
      classes: data.classes, clips: variations.flatMap { heard[$0]?.clips ?? [] },
      isMultiLabel: data.isMultiLabel, isProbability: first?.isProbability ?? true, isKnown: first?.isKnown)
  }
}
