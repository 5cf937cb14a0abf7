import Explain
import Models
import Reports
import Tensors
import Train

/// What a tested model is held against on the same clips: itself on the variants of the clips, and the baselines.
struct ComparedSystems {
  let request: TestRequest
  let data: DataSet
  let split: Split
  /// The clips that were tested, among the data set's.
  let places: [Int]
  let threads: Int

  func records(_ model: AudioModel, control: RunControl) throws -> [SystemRecord] {
    let steps = request.variants.count + (request.baselineCache == nil ? 0 : 1)
    var records: [SystemRecord] = []
    for (step, variant) in request.variants.enumerated() {
      let part = control.part(step, of: steps, "\(variant.rawValue) clips")
      records.append(
        record("\(model.name), \(variant.rawValue) clips", try answers(of: model, to: variant, part)))
    }
    if let cache = request.baselineCache {
      let answered = try Baselines().answers(
        of: data, training: split.training, on: places, cache: cache, threads: threads,
        control: control.part(steps - 1, of: steps, "baselines"))
      records += answered.map { record($0.name, $0.answers) }
    }
    return records
  }

  private func record(_ name: String, _ answers: Answers) -> SystemRecord {
    SystemRecord(
      name, Measures(answers, threshold: request.threshold, draws: request.draws, seed: request.seed))
  }

  /// To each clip in each of the variant's variations.
  private func answers(of model: AudioModel, to variant: Variant, _ control: RunControl) throws -> Answers {
    // What is the same sound is heard once, and counts as often as it is there.
    let variations = variant.variations(seconds: request.paddedSeconds)
    var heard: [Variation: Answers] = [:]
    var parts: [Answers] = []
    for (number, variation) in variations.enumerated() {
      let change = variation.canonical
      if heard[change] == nil {
        let run = try TestRun(model, on: data) { samples in
          try change.apply(to: [samples], sampleRate: model.sampleRate)[0]
        }
        heard[change] = try run.run(
          places, threads: threads, control: control.part(number, of: variations.count)
        ).answers
      }
      if let answers = heard[change] { parts.append(answers) }
    }
    return Answers(
      classes: data.classes, clips: parts.flatMap(\.clips), isMultiLabel: data.isMultiLabel,
      isProbability: parts[0].isProbability, isKnown: parts[0].isKnown)
  }
}
