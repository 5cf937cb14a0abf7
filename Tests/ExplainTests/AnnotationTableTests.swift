import Audio
import Explain
import Models
import Tensors
import TestSupport
import Testing

struct AnnotationTableTests {
  private func read(_ text: String) throws -> AnnotationTable {
    try AnnotationTable(Array(text.utf8), from: "labels.txt")
  }

  @Test("What the event tables write comes back", arguments: EventTable.allCases)
  func roundTrip(table: EventTable) throws {
    let events = [
      SoundEvent(start: 0.25, end: 1.5, lowest: 125, highest: 3999.9, share: 0.1),
      SoundEvent(start: 2, end: 2.000001, lowest: 0, highest: 20000, share: 0.9),
    ]
    for label in ["Dog", "Chicken, \"rooster\"", "ä, 犬 & <b>"] {
      let read = try read(table.text(events, label: label, offset: 60))
      #expect(
        read.regions == [
          .init(start: 60.25, end: 61.5, lowest: 125, highest: 3999.9, label: label),
          .init(start: 62, end: 62.000001, lowest: 0, highest: 20000, label: label),
        ])
      #expect(read.notes.isEmpty)
      #expect(read.form == [.audacity: .labels, .raven: .raven, .commaSeparated: .columns][table])
    }
    #expect(try self.read(table.text([], label: "Dog")).regions.isEmpty)
  }
}

struct AnnotationMaskTests {
  private func marked(_ mask: Tensor) -> Set<[Int]> {
    let bands = mask.shape[1]
    return Set(mask.values.indices.filter { mask.values[$0] != 0 }.map { [$0 / bands, $0 % bands] })
  }

  @Test("A region marks the bins whose centres it holds, to the edges, and nothing else")
  func centres() throws {
    // Windows of 8 ms every 4: frame i is centred on 4 + 4 i ms.
    let frontEnd = try frontEnd(frames: 40, bands: 20)
    let centres = frontEnd.bandCentres
    let region = AnnotatedRegion(start: 0.044, end: 0.0521, lowest: centres[3], highest: centres[5] + 0.1)
    let mask = frontEnd.axes.mask(of: [region], frames: 40)
    #expect(mask.shape == [40, 20] && mask.values.allSatisfy { $0 == 0 || $0 == 1 })
    #expect(marked(mask) == Set((10...12).flatMap { f in (3...5).map { [f, $0] } }))
    // The same in a clip cut out of the file.
    #expect(
      marked(frontEnd.axes.mask(of: [region], frames: 40, offset: 0.04))
        == Set((0...2).flatMap { f in (3...5).map { [f, $0] } }))
    let open = AnnotatedRegion(start: 0.0435, end: 0.0445)
    #expect(marked(frontEnd.axes.mask(of: [open], frames: 40)) == Set((0..<20).map { [10, $0] }))
    let both = frontEnd.axes.mask(of: [region, open], frames: 40)
    #expect(marked(both).count == 9 + 20 - 3)
    #expect(frontEnd.axes.mask(of: [region], frames: 0).shape == [0, 20])
  }

  @Test("A region narrower than a bin marks the nearest one; one outside of what is heard marks none")
  func narrow() throws {
    let frontEnd = try frontEnd(frames: 40, bands: 20)
    let centres = frontEnd.bandCentres
    func bins(_ start: Double, _ end: Double, _ low: Double?, _ high: Double?) -> Set<[Int]> {
      marked(frontEnd.axes.mask(of: [.init(start: start, end: end, lowest: low, highest: high)], frames: 40))
    }
    #expect(bins(0.0451, 0.0459, centres[7] + 2, centres[7] + 3) == [[10, 7]])
    #expect(bins(0.0461, 0.0469, centres[8] - 3, centres[8] - 2) == [[11, 8]])
    // Before the first frame's centre and after the last one's, within their windows; below the lowest band's centre.
    #expect(bins(0, 0.001, 101, 102) == [[0, 0]])
    #expect(bins(0.163, 0.9, 3890, 9000) == [[39, 19]])
    #expect(bins(0.2, 0.9, nil, nil).isEmpty && bins(0, 1, 0, 90).isEmpty && bins(0, 1, 3901, nil).isEmpty)
    #expect(bins(0, .infinity, nil, .infinity).count == 800 && bins(.nan, .nan, nil, nil).isEmpty)
  }

  @Test("Events that were found, written and read again lie where they were", arguments: EventTable.allCases)
  func events(table: EventTable) throws {
    let model = try HandmadeONNX.linear(["N", 40, 20], Tensor([800, 1], repeating: 1))
      .model(try frontEnd(frames: 40, bands: 20))
    var map = Tensor([40, 20])
    let bins = [(5...8, 10...13), (20...20, 0...0), (30...33, 2...5)]
    for (frames, bands) in bins { for frame in frames { for band in bands { map[frame, band] = 1 } } }
    let finder = EventFinder(high: 0.5, low: 0.2, reach: 0, least: 0.01)
    let text = table.text(try model.events(in: map, duration: 1, by: finder), label: "Dog", offset: 7)
    let regions = try AnnotationTable(Array(text.utf8), from: "events").regions
    #expect(regions.count == 3)
    #expect(model.axes.mask(of: regions, frames: 40, offset: 7) == map)
  }
}
