package import Audio
package import Explain
import Files
import Graphs
import Models
package import Reports
package import Tensors

/// What a network is given of a sound.
package struct FrontEndResult: Sendable {
  package let record: FrontEndRecord
  /// In the network's own layout; for a front end alone `[patches, frames, bands]`, `[patches, samples]` where the network
  /// takes samples, with channels behind patches where there are several.
  package let patches: Tensor
  /// The samples that the front end was given, mixed and resampled: `[samples]`, or `[channels, samples]`.
  package let samples: Tensor
  package let flaws: [Flaw]
  /// The patch that differs most, or the first; nil where nobody asked, or the network takes samples.
  package let picture: PatchPicture?
}

/// Makes what a network is given of a sound, and compares it with what another program made.
package struct FrontEndJob {
  private let request: FrontEndRequest
  private let model: AudioModel?
  private let frontEnd: FrontEnd

  /// Seconds of sound that are held at once.
  private static let longest = 600.0

  /// - Throws: `FrontEndCheckError.noModel`; what reading a model or a front end throws.
  package init(_ request: FrontEndRequest, in workspace: Workspace) throws {
    self.request = request
    if let choice = request.model {
      let model = try workspace.model(choice)
      (self.model, frontEnd) = (model, model.frontEnd)
    } else {
      model = nil
      frontEnd = try FrontEnd(described: request.frontEnd ?? "")
      guard request.theirScores == nil else { throw FrontEndCheckError.noModel }
    }
  }

  /// - Throws: `Cancelled`; `AudioError`, `FrontEndCheckError`, `NumPyError`, `FileError`, `ModelError`.
  package func run(control: RunControl = RunControl()) throws -> FrontEndResult {
    let part = request.part
    let recording = try Recording.read(
      request.sound, from: part.start, duration: part.duration, limit: Self.longest, channel: part.channel)
    let sound = HeardSound(recording)
    let hearing = Hearing(frontEnd)
    let given = try hearing.patches(of: sound)
    var record = FrontEndRecord(
      sound: PathText.shown(request.sound), frontEnd: request.model?.name ?? request.frontEnd ?? "",
      sampleRate: frontEnd.sampleRate, seconds: recording.duration, given: given)
    var (worst, theirs): (Int, Tensor?) = (0, nil)
    if let path = request.theirs {
      let tolerance = request.tolerance ?? FrontEndComparison.defaultTolerance
      let comparison = try FrontEndComparison(
        array(path), with: hearing, of: sound, order: order, tolerance: tolerance,
        control: control.part(from: 0, to: request.theirScores == nil ? 1 : 0.5))
      (worst, theirs) = (comparison.difference.place[0], comparison.theirs)
      record.comparison = ComparisonRecord(comparison, tolerance: tolerance)
    }
    if let path = request.theirScores, let model {
      let tolerance = request.tolerance ?? ScoreComparison.defaultTolerance
      let comparison = try ScoreComparison(
        TheirScores(path, of: model), with: hearing, of: sound, model: model,
        tolerance: tolerance, control: control.part(from: request.theirs == nil ? 0 : 0.5, to: 1))
      record.scores = ScoreComparisonRecord(comparison, tolerance: tolerance)
    }
    let channels = try hearing.channels(of: sound)
    let patches = layout(given, of: channels)
    record.shape = patches.shape.dimensions
    let title =
      "\(Folder.name(of: record.sound)): patch \(worst + 1) of \(record.patches), \(record.frontEnd)"
    let picture =
      request.drawsPicture
      ? PatchPicture(
        given, patch: worst, theirs: theirs, frontEnd, title: title, caption: Self.caption(record)) : nil
    return FrontEndResult(
      record: record, patches: patches, samples: Self.array(of: channels), flaws: recording.flaws,
      picture: picture)
  }

  private static func caption(_ record: FrontEndRecord) -> String {
    let given = "What the network is given: \(record.frames) frames x \(record.bands) bands"
    guard let comparison = record.comparison else { return given + "." }
    let culprit = comparison.culprits.first.map { "\"\($0.setting.rawValue)\" is \($0.theirs)" }
    switch comparison.verdict {
    case .agrees: return given + ". The other program's agrees."
    case .culprit: return given + ". The other program's is as if \(culprit ?? "")."
    case .noneAlone: return given + ". No single setting explains the difference."
    }
  }

  /// The order in which the network takes axes.
  private var order: [PatchArrangement.Axis] {
    guard let axes = model?.onWholeNetwork.pictureAxes, let bands = axes.bands, bands < axes.frames else {
      return PatchArrangement.Axis.allCases
    }
    return [.patches, .channels, .bands, .frames]
  }

  /// - Parameter given: `[patches, channels, frames, bands]`.
  private func layout(_ given: Tensor, of channels: [[Float]]) -> Tensor {
    if let model = model?.onWholeNetwork {
      return model.given(for: frontEnd.patches(of: frontEnd.logMel(channels: channels)))
    }
    var extents = given.shape.dimensions
    if frontEnd.isSamples, extents[3] == 1 { extents.removeLast() }
    if extents[1] == 1 { extents.remove(at: 1) }
    return given.reshaped(to: Shape(extents))
  }

  /// The array at `path`, all of it numbers.
  private func array(_ path: String) throws -> Tensor {
    let array = try NumPy.read(path)
    let wrong = array.withUnsafeValues { values in values.firstIndex { !$0.isFinite } }
    guard let wrong else { return array }
    var (place, rest) = ([Int](), wrong)
    for stride in array.shape.strides {
      place.append(rest / stride)
      rest %= stride
    }
    throw FrontEndCheckError.notFinite(path: path, place: place)
  }

  private static func array(of channels: [[Float]]) -> Tensor {
    let count = channels.first?.count ?? 0
    return channels.count == 1
      ? Tensor([count], channels[0]) : Tensor([channels.count, count], channels.flatMap { $0 })
  }
}
