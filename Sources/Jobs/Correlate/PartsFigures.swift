import Audio
import Catalogue
import Explain
import Figures
import Files
import Models
import Probe
import Reports
import Tensors

/// Pictures of what layers' maps have in common with the parts of sounds.
struct PartsFigures {
  private let layers: [(layer: CatalogueLayer, number: Int)]
  private let results: [[PartCorrespondence]]
  private let tally: PartsTally

  init(_ layers: [(CatalogueLayer, Int)], _ results: [[PartCorrespondence]], _ tally: PartsTally) {
    self.layers = layers.map { (layer: $0.0, number: $0.1) }
    (self.results, self.tally) = (results, tally)
  }

  func drawn(model: AudioModel, _ listener: PartsListener) throws -> [(name: String, png: [UInt8])] {
    var pictures: [(name: String, png: [UInt8])] = [
      ("parts.png", try shares.png()), ("parts-correlation.png", try correlations.png()),
    ]
    if let distances { pictures.append(("distances.png", try distances.png())) }
    for part in [SoundPart.harmonic, .percussive] {
      if let example = try example(of: part, model, listener) {
        pictures.append(("matches-\(part.rawValue).png", try example.png()))
      }
    }
    return pictures
  }

  /// How much more is matched in place than by chance, layer by layer.
  private var shares: CurveFigure {
    CurveFigure(
      title: "What layers' maps have in common with parts of the sounds: SIFT",
      caption:
        "Share of the maps' keypoints that match one of the part (Lowe's ratio \(KeypointMatches.ratio)) at its own place, less "
        + "that of the same channels' maps of another sound; \(tally.sounds) sounds, 95 % intervals over them. Zero is chance.",
      x: .init(title: "layer"), y: .init(title: "share above chance"),
      series: series { found in found.excess })
  }

  private var correlations: CurveFigure {
    CurveFigure(
      title: "What layers' maps have in common with parts of the sounds: correlation",
      caption:
        "Mean |r| of map and part, bin by bin, less that of the same channels' maps of another sound; \(tally.sounds) sounds, "
        + "95 % intervals over them. Zero is chance.",
      x: .init(title: "layer"), y: .init(title: "|r| above chance"),
      series: series { found in found.correlationExcess })
  }

  private func series(_ number: (PartCorrespondence) -> Bootstrap.Estimate?) -> [CurveFigure.Series] {
    SoundPart.allCases.compactMap { part in
      let points = zip(layers, results).compactMap { layer, parts -> CurveFigure.Point? in
        guard let found = parts.first(where: { $0.part == part }), let estimate = number(found) else {
          return nil
        }
        return .init(x: Double(layer.number), y: estimate.value, low: estimate.low, high: estimate.high)
      }
      return points.isEmpty ? nil : CurveFigure.Series(name: part.rawValue, points: points)
    }
  }

  /// How alike matched keypoints are, of the first, a middle and the last layer, and by chance; nil without matches.
  private var distances: CurveFigure? {
    let chosen = Set([0, layers.count / 2, layers.count - 1]).sorted()
    func points(_ tally: PartTally) -> [CurveFigure.Point] {
      let all = max(1, tally.distances.reduce(0, +))
      let step = PartTally.largestDistance / Double(PartTally.distanceBins)
      return tally.distances.enumerated().map { bin, count in
        .init(x: (Double(bin) + 0.5) * step, y: Double(count) / Double(all))
      }
    }
    var series: [CurveFigure.Series] = []
    for index in chosen where layers.indices.contains(index) {
      for part in [SoundPart.harmonic, .percussive] {
        guard let found = results[index].first(where: { $0.part == part }), found.own.matches > 0 else {
          continue
        }
        series.append(
          .init(
            name: "layer \(layers[index].number), \(part.rawValue) (\(found.own.matches))",
            points: points(found.own)))
      }
    }
    guard !series.isEmpty else { return nil }
    let control = results.flatMap { $0 }.filter { $0.part != .chroma }.reduce(PartTally()) { $0 + $1.control }
    series.append(.init(name: "all layers, other sound (\(control.matches))", points: points(control)))
    return CurveFigure(
      title: "How alike matched keypoints are",
      caption:
        "Histograms of the distance of the descriptors of matched keypoints, 0 (equal) to 1.41; the number of matches in "
        + "brackets.",
      x: .init(title: "distance of descriptors"), y: .init(title: "share of matches"), series: series)
  }

  /// The map and the sound with most matches in place, of the layer that has most in common with the part.
  private func example(of part: SoundPart, _ model: AudioModel, _ listener: PartsListener) throws
    -> MatchesFigure?
  {
    let candidates = layers.indices.filter { tally.examples[$0][part] != nil }
    let best = candidates.max { a, b in
      func excess(_ index: Int) -> Double { results[index].first { $0.part == part }?.excess?.value ?? -1 }
      return excess(a) < excess(b)
    }
    guard let best, let example = tally.examples[best][part], let sound = try listener.heard(example.path),
      let picture = sound.compared.parts[best][part]
    else { return nil }
    let map = sound.compared.maps[best][example.channel]
    let (first, second) = (Keypoints(of: GreyPicture(map)), Keypoints(of: GreyPicture(picture)))
    let matches = KeypointMatches(first, second)
    let reach = max(1, Double(sound.compared.bands) * MapComparison.tolerance)
    let inPlace = Set(matches.inPlace(first, second, frames: reach, bands: part.hasFrequency ? reach : nil))
    let axes = model.axes
    func place(_ place: Keypoints.Place) -> MatchesFigure.Place {
      let centres = axes.bandCentres
      let low = min(max(Int(place.band), 0), centres.count - 1)
      let high = min(low + 1, centres.count - 1)
      let share = min(max(place.band - Double(low), 0), 1)
      return .init(
        time: axes.meanStart + place.frame * axes.meanHop,
        hertz: centres[low] + share * (centres[high] - centres[low]))
    }
    func figure(_ values: Tensor, _ title: String, _ label: String) -> TimeFrequencyFigure {
      TimeFrequencyFigure(
        spectrogram: values, start: axes.meanStart, hop: axes.meanHop, bandCentres: axes.bandCentres,
        title: title,
        spectrogramLabel: label)
    }
    let channel = listener.channels(of: best)[example.channel]
    let name = PathText.shown(Folder.name(of: example.path))
    return MatchesFigure(
      upper: figure(
        map, "\(name): channel \(channel) of layer \(layers[best].number) (\(layers[best].layer.tensor))",
        "activation"),
      lower: figure(picture, "\(name): \(part.rawValue) part, as coarse as the map", "log-mel energy"),
      lines: matches.matches.map {
        .init(
          upper: place(first.places[$0.first]), lower: place(second.places[$0.second]),
          isInPlace: inPlace.contains($0))
      },
      caption:
        "SIFT keypoints of the map (\(first.count)) that match one of the \(part.rawValue) part (\(second.count)): blue at the same "
        + "place (\(inPlace.count)), orange elsewhere (\(matches.matches.count - inPlace.count)).")
  }
}
