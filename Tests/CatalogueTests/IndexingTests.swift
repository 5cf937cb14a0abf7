import Audio
import Catalogue
import Explain
import Files
import Graphs
import Models
import Probe
import TestSupport
import Tensors
import Testing

/// What indexing finds, held against loops over one clip at a time.
@Suite("Indexing")
struct IndexingTests {
  /// A place of a channel, found without haste.
  private struct Place {
    var value: Float
    var file: Int
    var patch: Int
    var place: Int
    var start: Double
    var end: Double
  }

  @Test("Means and strongest places are those of plain loops and a full sort", arguments: [1, 2, 4])
  func oracle(perFile: Int) throws {
    try withScratchFolder { folder in
      let corpus = try Corpus(in: folder)
      try corpus.index(corpus.writer(CatalogueSettings(top: 5, perFile: perFile)))
      let catalogue = try Catalogue(reading: corpus.catalogue)
      let files = try catalogue.heardFiles()
      #expect(files.map(\.path) == corpus.sounds)
      #expect(catalogue.layers.map(\.tensor) == ["layer", "logits"])
      #expect(catalogue.embedding?.tensor == "embedding")
      for (layer, observed) in zip(catalogue.layers, corpus.layers) {
        let matrix = try catalogue.vectors(of: layer)
        var places = [[Place]](repeating: [], count: layer.channels)
        for (number, file) in files.enumerated() {
          let (means, found) = try naive(corpus, observed.geometry, file.path, file: number, perFile: perFile)
          let row = matrix[try #require(file.row)]
          // Sums of some hundred values in another order.
          for (a, b) in zip(row, means) { #expect(abs(a - b) <= 1e-5 * max(1, abs(b))) }
          for channel in 0..<layer.channels { places[channel] += found[channel] }
        }
        for channel in 0..<layer.channels {
          let expected = places[channel].sorted {
            ($1.value, $0.file, $0.patch) < ($0.value, $1.file, $1.patch)
          }
          let found = try catalogue.exemplars(of: layer, channel: channel)
          #expect(found.count == 5)
          for (exemplar, place) in zip(found, expected) {
            #expect(exemplar.file == files[place.file], "channel \(channel)")
            #expect((exemplar.patch, exemplar.place) == (place.patch, place.place))
            // Rows are computed together here and alone there: other kernels may round otherwise.
            #expect(abs(exemplar.value - place.value) <= 1e-5 * max(1, abs(place.value)))
            #expect(abs(exemplar.start - place.start) < 1e-4 && abs(exemplar.end - place.end) < 1e-4)
            #expect(exemplar.start < exemplar.end && exemplar.end <= (exemplar.file.seconds ?? 0) + 1e-6)
          }
        }
      }
    }
  }

  private func naive(_ corpus: Corpus, _ layer: LayerGeometry, _ path: String, file: Int, perFile: Int) throws
    -> (
      [Float], [[Place]]
    )
  {
    let model = corpus.model
    let samples = try Recording.read(path).mono(at: 8000)
    let seconds = Double(samples.count) / 8000
    let picture = try model.picture(of: samples)
    let patches = model.patches(of: picture)
    let values = try model.network.values(
      of: [layer.tensor], at: [model.inputName: model.inputTensor(for: patches)])[0]
    let maps = layer.maps(values)
    let (times, bands) = (layer.time.count, layer.band.count)
    var sums = [Double](repeating: 0, count: layer.channels)
    var count = 0.0
    var kept = [[Place]](repeating: [], count: layer.channels)
    for (patch, first) in model.patchStarts(frames: picture.shape[0]).enumerated() {
      // A place counts where its middle lies before the sound's end.
      let inside = max(
        1,
        (0..<times).count {
          model.axes.time(ofFrame: Double(first) + layer.time.centres[$0]) <= seconds + 1e-9
        })
      count += Double(inside * bands)
      for channel in 0..<layer.channels {
        var best: (value: Float, place: Int) = (-.infinity, 0)
        for place in 0..<inside * bands {
          let value = maps[patch, channel, place / bands, place % bands]
          sums[channel] += Double(value)
          if value > best.value { best = (value, place) }
        }
        let seen = layer.time.range(of: best.place / bands, within: 8)
        let window = model.axes.window
        let start = min(max(0, model.axes.time(ofFrame: first + seen.lowerBound) - window / 2), seconds)
        let end = min(seconds, model.axes.time(ofFrame: first + seen.upperBound - 1) + window / 2)
        let new = Place(
          value: best.value, file: file, patch: patch, place: best.place, start: start, end: end)
        let rivals = kept[channel].filter {
          min($0.end, new.end) - max($0.start, new.start) > 0.5 * min($0.end - $0.start, new.end - new.start)
        }
        guard rivals.allSatisfy({ $0.value < new.value }) else { continue }
        kept[channel].removeAll { place in rivals.contains { $0.patch == place.patch } }
        kept[channel].append(new)
        kept[channel].sort { ($1.value, $0.patch) < ($0.value, $1.patch) }
        kept[channel] = Array(kept[channel].prefix(perFile))
      }
    }
    return (sums.map { Float($0 / count) }, kept)
  }

  @Test("Silence, sounds shorter than a window, and what is no sound")
  func oddSounds() throws {
    try withScratchFolder { folder in
      var corpus = try Corpus(in: folder, sounds: 3)
      try writeWAV(
        Recording(channels: [[Float](repeating: 0, count: 2000)], sampleRate: 8000),
        to: "\(folder)/silence.wav")
      try writeWAV(Recording(channels: [[0.5, -0.5, 0.25]], sampleRate: 8000), to: "\(folder)/short.wav")
      try WholeFile.write(Array("no sound".utf8), to: "\(folder)/text.wav")
      corpus.sounds += ["silence.wav", "short.wav", "text.wav"].map { "\(folder)/\($0)" }
      corpus.sounds.append("\(folder)/missing.wav")
      try corpus.index(corpus.writer())
      let files = try Catalogue(reading: corpus.catalogue).files()
      #expect(files.map(\.status) == [.indexed, .indexed, .indexed, .indexed, .indexed, .failed, .failed])
      #expect(files[5].error?.contains("text.wav") == true && files[5].row == nil)
      #expect(files[6].error?.contains("no such file") == true)
      let catalogue = try Catalogue(reading: corpus.catalogue)
      let layer = try catalogue.layer(named: "layer")
      // The dead channel: zeros everywhere, in the order of the files.
      let dead = try catalogue.exemplars(of: layer, channel: 3)
      #expect(dead.allSatisfy { $0.value == 0 })
      #expect(dead.map(\.file.id) == dead.map(\.file.id).sorted())
      #expect(try catalogue.vectors(of: layer)[0][3] == 0)
      #expect(try catalogue.descriptors().column("one") == [1, 1, 1, 1, 1])
      #expect(try catalogue.descriptors().column("none")?.allSatisfy(\.isNaN) == true)
    }
  }

  @Test("As many threads as one likes: the same catalogue")
  func threads() throws {
    try withScratchFolder { folder in
      let corpus = try Corpus(in: folder)
      try corpus.index(corpus.writer(in: "\(folder)/one"), threads: 1)
      try corpus.index(corpus.writer(in: "\(folder)/five"), threads: 5)
      #expect(try CatalogueText("\(folder)/one") == CatalogueText("\(folder)/five"))
    }
  }
}
