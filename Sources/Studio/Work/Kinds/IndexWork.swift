import Catalogue
import Explain
import Files
import Jobs
import Models
import Reports

/// A catalogue of what a model hears in the sounds of a data set; it is shown among the others once it is done.
struct IndexWork: JobWork {
  struct Body: Decodable {
    var model: String?
    let data: String
  }

  let kind = JobKind.index
  let title: String
  private let model: KnownModel
  private let sounds: String

  /// The catalogue's folder in the job's.
  static let catalogue = "catalogue"

  init(_ body: Body, in studio: Studio) throws {
    model = try studio.known(model: body.model ?? studio.defaultModel)
    sounds = try studio.settings.dataSet(named: body.data)
    guard Folder.exists(sounds) else { throw StudioFailure.bad("'\(body.data)' is no folder of sounds") }
    title = "Catalogue of \(body.data), as \(model.name) hears it"
  }

  private struct Result: Encodable {
    /// Its id.
    let catalogue: String
    let sounds: Int
    let layers: Int
    let channels: Int
    let passedOver: Int
    let seconds: Double
  }

  func run(_ studio: Studio, _ desk: JobDesk) throws -> JobOutcome {
    try desk.control.report(0, of: 1, "reading the model")
    let request = IndexRequest(sounds: [sounds], model: model.choice, catalogue: desk.path(Self.catalogue))
    let record = try IndexJob(request, in: studio.workspace).run(control: desk.control) { _ in }
    return try JobOutcome(
      Result(
        catalogue: desk.id, sounds: record.sounds, layers: record.layers, channels: record.channels,
        passedOver: record.failed, seconds: record.seconds))
  }
}
