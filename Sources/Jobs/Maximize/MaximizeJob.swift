package import Audio
package import Explain
import Files
import Graphs
package import Models
import Probe
package import Reports
import Tensors

/// What a run of `maximize` tells, one by one.
package enum MaximizeEvent: Sendable {
  case found(MaximizedUnit)
  /// What is wrong with the sound that was begun from.
  case flawed(sound: String, [Flaw])
}

/// Seeks the sounds that excite classes or units of a model most.
///
/// What can be wrong with the request as such is found by `init`, before anything is sought.
package struct MaximizeJob: Sendable {
  package let request: MaximizeRequest
  /// For sounds of the length that is sought.
  package let model: AudioModel
  package let units: [SoughtUnit]
  private let maximization: Maximization
  private let excitation: Excitation

  /// Pictures sought at once: they share a batch.
  private static let mostAtOnce = 32
  /// Of more units no sounds are made by default.
  package static let mostSounds = 32

  package init(_ request: MaximizeRequest, in workspace: Workspace) throws {
    var request = request
    let given = try workspace.model(request.model)
    let length = request.seconds
    var maximization = try Maximization(given, settings: request.settings, seconds: length)
    model = maximization.model
    (units, excitation) = try Self.units(of: request, in: maximization.model)
    let makesSounds = request.makesSounds ?? (units.count * request.settings.answers <= Self.mostSounds)
    request.makesSounds = makesSounds
    maximization.makesSounds = makesSounds
    (self.request, self.maximization) = (request, maximization)
  }

  private static func units(of request: MaximizeRequest, in model: AudioModel) throws -> (
    [SoughtUnit], Excitation
  ) {
    guard let layer = request.layer else {
      let indices = try model.classes(named: request.targets)
      let units = indices.map { SoughtUnit(.class, of: model.logits, index: $0, label: model.label($0)) }
      return (units, try .classes(indices, of: model))
    }
    let geometry = try LayerGeometry(layer, of: model)
    guard let channels = request.channels else {
      return ([SoughtUnit(.layer, of: layer, index: nil, label: layer)], Excitation(layer, [.energy]))
    }
    let indices = try channels.indices(of: layer, channels: geometry.channels)
    let kind: SoughtUnit.Kind = request.isCentred ? .place : .channel
    return (
      indices.map { SoughtUnit(kind, of: layer, index: $0, label: "channel \($0) of \(layer)") },
      try .channels(indices, of: geometry, isCentred: request.isCentred)
    )
  }

  /// For the page.
  package var title: String {
    guard let layer = request.layer else {
      return "What \(model.name) takes for \(units.first?.label ?? "its classes")"
        + (units.count > 1 ? " and others" : "")
    }
    return "What excites \(layer) of \(model.name)"
  }

  /// What is begun from, for records.
  private var startName: String {
    switch request.start {
    case .noise: "noise"
    case .silence: "silence"
    case .sound(let path): path
    }
  }

  /// Seeks all units, some at once, and tells each as it is found.
  ///
  /// - Throws: `Cancelled`; `AudioError`, `GraphError`; what `emit` throws.
  package func run(control: RunControl = RunControl(), emit: (MaximizeEvent) throws -> Void) throws {
    let start: CanvasStart
    switch request.start {
    case .noise: start = .noise
    case .silence: start = .silence
    case .sound(let path):
      let part = request.part
      let clip = try Clip(reading: path, start: part.start, duration: part.duration, channel: part.channel)
      if !clip.recording.flaws.isEmpty { try emit(.flawed(sound: path, clip.recording.flaws)) }
      start = .sound(try model.samples(of: clip.recording))
    }
    let answers = request.settings.answers
    let atOnce = max(1, Self.mostAtOnce / answers)
    let names = MaximizedFiles(units, answers: answers)
    let batches = stride(from: 0, to: units.count, by: atOnce).map { $0..<min($0 + atOnce, units.count) }
    for (number, batch) in batches.enumerated() {
      let part = control.part(
        number, of: batches.count, batch.count == 1 ? units[batch.lowerBound].label : nil)
      let asked = Excitation(excitation.tensor, Array(excitation.measures[batch]))
      let found = try maximization.run(
        asked, from: start, keeping: request.makesFilms ? MaximizedFiles.filmPictures : 0, control: part)
      for (place, answer) in found.enumerated() {
        let index = batch.lowerBound + place / answers
        let unit = try MaximizedUnit(
          units[index], answer: place % answers, answer, of: model, request.settings, from: startName,
          files: names.files(
            of: index, answer: place % answers, hasSound: answer.sound != nil, hasFilm: request.makesFilms))
        try emit(.found(unit))
      }
    }
  }
}

extension AudioModel {
  /// Classes as a user writes them: a label or a number, or several with commas between.
  ///
  /// - Throws: `ModelError.unknownLabel`, `.noSuchClass`.
  func classes(named texts: [String]) throws -> [Int] {
    var indices: [Int] = []
    for text in texts {
      // A label may hold commas.
      let parts =
        labels.contains { $0.lowercased() == text.lowercased() }
        ? [text] : text.split(separator: ",").map { String($0).trimmingSpaces }
      for part in parts {
        if let index = Int(part), !labels.contains(part) {
          guard (0..<classCount).contains(index) else {
            throw ModelError.noSuchClass(index, classes: classCount)
          }
          indices.append(index)
        } else {
          indices.append(try classIndex(of: part))
        }
      }
    }
    var known: Set<Int> = []
    return indices.filter { known.insert($0).inserted }
  }
}

extension String {
  fileprivate var trimmingSpaces: String {
    var text = self[...]
    while text.first == " " { text = text.dropFirst() }
    while text.last == " " { text = text.dropLast() }
    return String(text)
  }
}
