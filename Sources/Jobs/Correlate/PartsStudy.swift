import Audio
import Catalogue
import Explain
import Figures
import Files
import Graphs
import Models
import Probe
import Reports
import Tensors

/// Holds the maps of a catalogue's layers against the parts of some of its sounds.
struct PartsStudy {
  private let request: CorrelateRequest
  private let catalogue: Catalogue
  private let layers: [CatalogueLayer]
  private let numbers: [String: Int]

  /// Of each sound, the loudest stretch of so many seconds.
  private static let longest = 3.0

  struct Result {
    let records: [PartRecord]
    let sounds: Int
    let pictures: [(name: String, png: [UInt8])]
  }

  init(_ request: CorrelateRequest, catalogue: Catalogue, layers: [CatalogueLayer], numbers: [String: Int]) {
    (self.request, self.catalogue, self.layers, self.numbers) = (request, catalogue, layers, numbers)
  }

  /// - Returns: nil where there is nothing to compare; `note` says why.
  /// - Throws: `Cancelled`; what reading and running the model throw.
  func run(_ workspace: Workspace, control: RunControl, note: (String) throws -> Void) throws -> Result? {
    let model = try workspace.model(of: catalogue, at: request.model)
    guard model.hasPicture else {
      try note("the network hears samples, not a picture: its maps are not compared with parts of the sounds")
      return nil
    }
    let geometries = try layers.compactMap { layer -> (layer: CatalogueLayer, geometry: LayerGeometry)? in
      let geometry = try LayerGeometry(layer.tensor, of: model)
      // A map of one place, or of time alone, shows nothing that stands out.
      return geometry.time.count > 1 && geometry.band.count > 1 ? (layer, geometry) : nil
    }
    guard !geometries.isEmpty else {
      try note("no layer has maps of time and frequency: they are not compared with parts of the sounds")
      return nil
    }
    let files = chosen(try catalogue.heardFiles().filter { $0.status == .indexed })
    let listener = PartsListener(
      model: model, geometries: geometries.map(\.geometry), channels: request.comparedChannels,
      longest: Self.longest)
    var tally = PartsTally(layers: geometries.count)
    var (first, last): (MappedSound?, MappedSound?)
    for (index, file) in files.enumerated() {
      try control.report(index, of: files.count, "parts")
      guard let heard = try listener.heard(file.path) else { continue }
      if let last { tally.add(last, against: heard) } else { first = heard }
      last = heard
    }
    guard let first, let last, first.path != last.path else {
      try note("fewer than two sounds can be read: maps are not compared, for want of a control")
      return nil
    }
    tally.add(last, against: first)
    let results = tally.results(seed: request.seed)
    let records = zip(geometries, results).flatMap { entry, parts in
      parts.map { record(entry.layer, $0) }
    }
    return Result(
      records: records, sounds: tally.sounds,
      pictures: try PartsFigures(geometries.map { ($0.layer, numbers[$0.layer.tensor] ?? 0) }, results, tally)
        .drawn(
          model: model, listener))
  }

  /// As many as wanted, evenly spaced in the order of their paths, which puts classes side by side.
  private func chosen(_ files: [CatalogueFile]) -> [CatalogueFile] {
    let sorted = files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    let count = min(request.comparedSounds, sorted.count)
    return (0..<count).map { sorted[($0 * sorted.count + sorted.count / 2) / count] }
  }

  private func record(_ layer: CatalogueLayer, _ found: PartCorrespondence) -> PartRecord {
    var record = PartRecord(
      layer: layer.tensor, layerNumber: numbers[layer.tensor] ?? 0, part: found.part.rawValue,
      keypoints: found.own.keypoints, matches: found.own.matches)
    record.matched = found.own.matchShare
    record.matchedInPlace = found.own.inPlaceShare
    record.chanceMatched = found.control.matchShare
    record.chanceMatchedInPlace = found.control.inPlaceShare
    record.excess = found.excess?.value
    record.excessInterval = found.excess.map { [$0.low, $0.high] }
    record.correlation = found.own.meanCorrelation
    record.chanceCorrelation = found.control.meanCorrelation
    record.correlationExcessInterval = found.correlationExcess.map { [$0.low, $0.high] }
    return record
  }
}

/// A sound with its parts and maps, ready to be compared.
struct MappedSound: Sendable {
  let path: String
  let compared: ComparedSound
}

/// Makes the parts of sounds, and the maps that some channels of some layers make of them.
struct PartsListener {
  let model: AudioModel
  let geometries: [LayerGeometry]
  let channels: Int
  let longest: Double

  /// Of a layer, the channels that are compared: evenly spaced.
  func channels(of layer: Int) -> [Int] {
    let count = min(channels, geometries[layer].channels)
    return (0..<count).map { $0 * geometries[layer].channels / count }
  }

  /// - Returns: nil for a sound that cannot be read, or is silent.
  /// - Throws: what running the network throws.
  func heard(_ path: String) throws -> MappedSound? {
    guard let recording = try? Recording.read(path, limit: 600), recording.peak > 0,
      let mono = try? recording.mono(at: model.sampleRate), !mono.isEmpty
    else { return nil }
    let samples = mono.loudest(Int(longest * Double(model.sampleRate)))
    let loudest = Recording(channels: [samples], sampleRate: model.sampleRate)
    let chroma = try FrameDescriptors(of: loudest).values(of: .chroma)
    let parts = try SoundParts(of: loudest, chroma: chroma?.replacingNaN(with: 0), for: model)
    let picture = try model.picture(of: model.samples(of: loudest))
    let values = try model.network.values(
      of: geometries.map(\.tensor), at: [model.inputName: model.inputTensor(for: model.patches(of: picture))])
    let starts = model.patchStarts(frames: picture.shape[0])
    let frames = parts.frames
    let maps = zip(geometries.indices, zip(geometries, values)).map { layer, entry -> [Tensor] in
      let maps = MapPictures(
        entry.0.maps(entry.1), entry.0, starts: starts, frames: frames, bands: parts.bands,
        patchFrames: model.patchFrames)
      return channels(of: layer).map { maps.picture(ofChannel: $0) }
    }
    return MappedSound(
      path: path,
      compared: ComparedSound(
        frames: parts.frames, bands: parts.bands, parts: geometries.map(parts.pictures(asCoarseAs:)),
        maps: maps))
  }
}

/// What was found in each sound, layer by layer.
struct PartsTally {
  /// For each layer and part, one entry a sound.
  private var tallies: [[SoundPart: [(own: PartTally, control: PartTally)]]]
  private(set) var sounds = 0
  /// For each layer and part, where most was matched in place.
  private(set) var examples: [[SoundPart: (path: String, channel: Int, inPlace: Int)]]

  init(layers: Int) {
    tallies = .init(repeating: [:], count: layers)
    examples = .init(repeating: [:], count: layers)
  }

  mutating func add(_ sound: MappedSound, against other: MappedSound) {
    let comparison = MapComparison(of: sound.compared, against: other.compared)
    sounds += 1
    for layer in tallies.indices {
      for (part, own) in comparison.own[layer] {
        tallies[layer][part, default: []].append((own, comparison.control[layer][part] ?? PartTally()))
      }
      for (part, best) in comparison.best[layer] where best.inPlace > examples[layer][part]?.inPlace ?? 0 {
        examples[layer][part] = (sound.path, best.channel, best.inPlace)
      }
    }
  }

  /// For each layer, its parts.
  func results(seed: UInt64) -> [[PartCorrespondence]] {
    tallies.map { layer in
      SoundPart.allCases.compactMap { part in layer[part].map { PartCorrespondence(part, $0, seed: seed) } }
    }
  }
}

extension Tensor {
  /// Silent frames, for example, have no pitch classes.
  fileprivate func replacingNaN(with value: Float) -> Tensor {
    Tensor(shape, values.map { $0.isNaN ? value : $0 })
  }
}
