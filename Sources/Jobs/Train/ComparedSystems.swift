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
        record(
          "\(model.name), \(variant.rawValue) clips",
          try TestRun.answers(
            of: model, on: data, places, as: variant, seconds: request.paddedSeconds, threads: threads,
            control: part)))
    }
    if let cache = request.baselineCache {
      let answered = try Baselines().answers(
        of: data, training: split.training + split.validation, on: places, cache: cache, threads: threads,
        control: control.part(steps - 1, of: steps, "baselines"))
      records += answered.map { record($0.name, $0.answers) }
    }
    return records
  }

  private func record(_ name: String, _ answers: Answers) -> SystemRecord {
    SystemRecord(
      name, Measures(answers, threshold: request.threshold, draws: request.draws, seed: request.seed))
  }
}
