import Models
import Tensors

extension Evaluation {
  /// Takes over the numbers of an earlier run.
  mutating func restore(_ step: Step) {
    for value in step.values {
      guard let method = methods.first(where: { $0.name == value.method }),
        let criterion = Criterion.all.first(where: { $0.name == value.criterion })
      else { continue }
      measured.add(value.value, method, criterion, sound: value.sound)
    }
    for curve in step.curves {
      guard let method = methods.first(where: { $0.name == curve.method }) else { continue }
      curves[method, default: []].append(
        Curves(
          deletion: PerturbationCurve(values: curve.deletion),
          insertion: PerturbationCurve(values: curve.insertion)))
    }
    for text in step.notes { note(text) }
    methods.removeAll { step.leftOut.contains($0.name) }
  }

  /// Takes over the numbers of a clip, and explains it again where its maps are needed: to be shown, or to be held
  /// against those of shuffled weights.
  mutating func restore(_ step: Step, of clip: Clip, isClose: Bool, _ control: RunControl) throws {
    let sound = measured.add(sound: clip.name)
    restore(step)
    let isShown = examples.count(where: { !$0.isKnown }) < budget.examples
    guard isClose || isShown else { return }
    let listening = try model.listen(to: clip.samples)
    guard let target = try model.targets(.top(1), for: listening).first else { return }
    let trial = try self.trial(listening, target)
    let noise = Trial.disturbances(of: trial.x, samples: budget.disturbances, seed: budget.seed)
    let question = Question(
      listening: listening, target: target, sound: sound, trial: trial,
      disturbances: try trial.disturbed(by: noise), sounding: try sounding(in: listening))
    let shared = Self.sharedMemory
    var shown: [ClipExplanation] = []
    let before = done
    for method in methods {
      try control.report(before, of: whole, "\(clip.name): \(method.name)")
      if let explanation = try explain(model, listening, target, method, memory: shared) {
        shown.append(explanation)
      }
    }
    done = before
    if isClose { close.append((question, shown)) }
    show(
      Example(
        name: clip.name, sound: sound, samples: clip.samples, isKnown: false, target: target,
        listening: listening, explanations: shown))
  }
}
