import Catalogue
import Explain
import Files
import TestSupport
import Tensors
import Testing

@Suite("Neighbours in a catalogue")
struct NeighboursTests {
  @Test(
    "Nearest clips are those of plain loops, equals in the order of the files",
    arguments: VectorMetric.allCases)
  func oracle(metric: VectorMetric) throws {
    try withScratchFolder { folder in
      var corpus = try Corpus(in: folder, sounds: 12)
      // Copies are equally near.
      try WholeFile.write(WholeFile.read(corpus.sounds[3]), to: "\(folder)/copy.wav")
      corpus.sounds.append("\(folder)/copy.wav")
      try corpus.index(corpus.writer())
      let catalogue = try Catalogue(reading: corpus.catalogue)
      let files = try catalogue.heardFiles()
      for layer in catalogue.layers + [try #require(catalogue.embedding)] {
        let matrix = try catalogue.vectors(of: layer)
        let query = try SoundVectors(
          of: corpus.sounds[5], by: corpus.model, [try ObservedLayer(layer, of: corpus.model)])
        // Heard alone, to the last bit as it was heard among others.
        #expect(query.vectors[0] == matrix[5])
        let vector = query.vectors[0].map(Double.init)
        func distance(_ row: Int) -> Double {
          let other = matrix[row].map(Double.init)
          func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
          switch metric {
          case .cosine: return 1 - dot(vector, other) / (dot(vector, vector) * dot(other, other)).squareRoot()
          case .euclidean:
            return zip(vector, other).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
          }
        }
        let found = try catalogue.neighbours(
          of: query.vectors[0], in: layer, metric: metric, top: 6, excluding: query.contentHash)
        let expected = files.filter { $0.id != files[5].id }.map { ($0, distance($0.row ?? 0)) }
          .sorted { ($0.1, $0.0.id) < ($1.1, $1.0.id) }
        #expect(found.count == 6 && found.map(\.rank) == Array(1...6))
        for (neighbour, other) in zip(found, expected) {
          // Single precision; of nearly parallel vectors little is left of the cosine.
          #expect(abs(Double(neighbour.distance) - other.1) < 1e-5 * max(1, other.1))
        }
        let copies = found.filter { [files[3].id, files[12].id].contains($0.file.id) }
        if copies.count == 2 {
          #expect(copies[0].file.id == files[3].id && copies[1].rank == copies[0].rank + 1)
        }
        let all = try catalogue.neighbours(of: query.vectors[0], in: layer, metric: metric, top: 1)
        #expect(all[0].file.id == files[5].id && all[0].distance < 1e-3)
      }
    }
  }

  @Test("How often neighbours share their class is what plain loops say", arguments: VectorMetric.allCases)
  func agreement(metric: VectorMetric) throws {
    try withScratchFolder { folder in
      let corpus = try Corpus(in: folder, sounds: 14)
      let writer = try corpus.writer()
      let sources = corpus.sounds.enumerated().map { number, path in
        SoundSource(
          path: path, bytes: 1, modified: 1, label: number == 13 ? "rare" : "class \(number % 3)",
          group: number == 13 ? nil : "recording \(number / 4)")
      }
      _ = try Indexer(corpus.model, layers: corpus.layers, into: writer, describe: nil)
        .index(sources, control: RunControl()) { _ in }
      try writer.finish()
      let catalogue = try Catalogue(reading: corpus.catalogue)
      let layer = try catalogue.layer(named: "embedding")
      let matrix = try catalogue.vectors(of: layer)
      let (files, rows) = (sources, sources.indices.map { matrix[$0].map(Double.init) })
      func distance(_ a: [Double], _ b: [Double]) -> Double {
        func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
        return metric == .euclidean
          ? zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
          : -dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
      }
      var (first, share, chance) = ([Double](), [Double](), [Double]())
      for a in 0..<13 {
        let others = (0..<14).filter { b in
          b != a && !(files[a].label == files[b].label && files[a].group == files[b].group)
        }
        let order = others.sorted { (distance(rows[a], rows[$0]), $0) < (distance(rows[a], rows[$1]), $1) }
        func isSame(_ b: Int) -> Double { files[a].label == files[b].label ? 1 : 0 }
        first.append(isSame(order[0]))
        share.append(order.prefix(3).map(isSame).reduce(0, +) / 3)
        chance.append(others.map(isSame).reduce(0, +) / Double(others.count))
      }
      func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
      let found = try catalogue.classAgreement(in: layer, metric: metric, top: 3)
      #expect((found.sounds, found.classes, found.recordings) == (13, 3, 10))
      #expect(abs(found.nearest.value - mean(first)) < 1e-12)
      #expect(abs(found.precision.value - mean(share)) < 1e-12)
      #expect(abs(found.chance - mean(chance)) < 1e-12)
      #expect(found.nearest.low <= found.nearest.value && found.nearest.value <= found.nearest.high)
    }
  }

  @Test("How likely a share of classes is: all draws counted")
  func hypergeometric() {
    func file(_ id: Int, _ label: String, group: String? = nil) -> CatalogueFile {
      CatalogueFile(
        SoundSource(path: "/\(id)", bytes: 0, modified: 0, label: label, group: group), id: id,
        contentHash: nil,
        seconds: 1, status: .indexed, row: id)
    }
    let files = (0..<9).map { file($0, $0 < 4 ? "a" : "b") }
    let shares = ClassShare.shares(of: [files[0], files[1], files[2], files[5]], among: files)
    #expect(shares.map(\.label) == ["a", "b"] && shares.map(\.found) == [3, 1])
    var (all, asMany) = (0, 0)
    for mask in 0..<512 where mask.nonzeroBitCount == 4 {
      all += 1
      if (mask & 0b1111).nonzeroBitCount >= 3 { asMany += 1 }
    }
    // Two classes were drawn: twice the tail.
    #expect(abs(shares[0].probability - 2 * Double(asMany) / Double(all)) < 1e-12)
    // Clips of one recording count once.
    let one = (0..<5).map { file($0, "a", group: "g") } + [file(8, "b")]
    #expect(ClassShare.shares(of: Array(one.prefix(3)), among: one).map(\.found) == [1])
  }
}
