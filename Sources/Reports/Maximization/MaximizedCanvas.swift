import Audio
import Explain
import Figures
import Files
import Models
import Probe
import Tensors

/// Turns one answer of `maximize` into pictures and films.
struct MaximizedCanvas {
  private let model: AudioModel
  private let unit: MaximizedUnit
  private var found: Maximization.Answer { unit.found }
  private var record: MaximizedRecord { unit.record }

  init(_ model: AudioModel, _ unit: MaximizedUnit) { (self.model, self.unit) = (model, unit) }

  /// The picture, or of samples their spectrum.
  func figure() throws -> any TimeFigure {
    try SoundPicture(model).figure(
      of: found.picture, title: title,
      caption: "Gradient ascent on \(model.name), rule '\(record.rule.rawValue)', from \(record.from), "
        + "\(record.pictureSteps) steps on the picture"
        + (record.steps > record.pictureSteps ? ", \(record.steps - record.pictureSteps) on the sound" : "")
        + "; seed \(record.seed).")
  }

  private var title: String {
    "\(unit.unit.label): \(Self.number(found.values.picture))"
  }

  var subtitle: String {
    unit.unit.kind == .layer
      ? "half the mean square of the layer" : unit.unit.kind == .class ? "class \(unit.unit.index ?? 0)" : ""
  }

  var notes: [String] {
    switch found.ending {
    case .finished: []
    case .dead: ["No input that was tried changes this unit: it seems to be dead."]
    case .notFinite(let step):
      ["At step \(step) the gradient was no number; this is the picture of the step before."]
    }
  }

  var parameters: [Report.Parameter] {
    var parameters = [
      Report.Parameter("at the beginning", Self.number(found.values.first)),
      Report.Parameter("with the picture", Self.number(found.values.picture)),
    ]
    if model.hasPicture, let lifted = found.values.lifted, let sound = found.values.sound {
      parameters.append(.init("with a sound made of it", Self.number(lifted)))
      if record.steps > record.pictureSteps { parameters.append(.init("with the sound", Self.number(sound))) }
    }
    if let heard = record.heard {
      let words = heard.map { "\($0.label) \(NumberText.threeDecimals($0.value))" }.joined(separator: ", ")
      parameters.append(.init("the model hears", words))
    }
    if let rank = record.rank { parameters.append(.init("place of the class", "\(rank)")) }
    return parameters
  }

  private static func number(_ value: Double) -> String { NumberText.rounded(value, digits: 4) }

  /// What was excited, step by step.
  func curve() -> CurveFigure {
    let steps = found.pictureSteps
    func series(_ name: String, _ range: Range<Int>) -> CurveFigure.Series {
      .init(name: name, points: range.map { .init(x: Double($0 + 1), y: found.curve[$0]) })
    }
    var all = [series("picture", 0..<min(steps, found.curve.count))]
    if found.curve.count > steps { all.append(series("sound", steps..<found.curve.count)) }
    return CurveFigure(
      title: "", x: .init(title: "step"), y: .init(title: unit.unit.label), series: all)
  }

  /// `picture`, the sound where there is one, and the curve.
  var archive: [(name: String, tensor: Tensor)] {
    var arrays = [
      ("picture", found.picture), ("curve", Tensor([found.curve.count], found.curve.map { Float($0) })),
    ]
    if let sound = found.sound { arrays.append(("samples", Tensor([sound.count], sound))) }
    if model.hasPicture {
      let frames = (0..<found.picture.shape[0]).map { Float(model.axes.time(ofFrame: $0)) }
      arrays.append(("frame_seconds", Tensor([frames.count], frames)))
      arrays.append(("band_hertz", Tensor([model.axes.bandCount], model.axes.bandCentres.map { Float($0) })))
    }
    return arrays
  }

  func film(_ form: FilmForm) throws -> [UInt8] {
    let pictures = found.way + [found.picture]
    return try SoundPicture(model).film(form, of: pictures, title: unit.unit.label, sound: found.sound)
  }
}
