import Audio
import Explain
import Models
import Tensors
import TestSupport
import Testing

struct SoundEventTests {
  /// `[40, 20]` with a square of evidence for each `(frames, bands, value)`.
  private func map(_ squares: [(ClosedRange<Int>, ClosedRange<Int>, Float)]) -> Tensor {
    var map = Tensor([40, 20])
    for (frames, bands, value) in squares {
      for frame in frames { for band in bands { map[frame, band] = value } }
    }
    return map
  }

  private let exact = EventFinder(high: 0.5, low: 0.2, reach: 0, least: 0.01)

  @Test("Regions apart are events apart, in the order of time, with their shares")
  func regions() throws {
    let found = try exact.regions(
      in: map([(30...33, 2...5, 1), (5...8, 10...13, 0.5), (15...16, 0...1, -9)]))
    #expect(found.map(\.frames) == [5...8, 30...33] && found.map(\.bands) == [10...13, 2...5])
    #expect(abs(found[0].share - 1.0 / 3) < 1e-6 && abs(found[1].share - 2.0 / 3) < 1e-6)
  }

  @Test("What is faint counts where it touches what is clear, at corners too, and not alone")
  func hysteresis() throws {
    let tail = map([(5...8, 10...13, 1), (9...14, 14...15, 0.3), (30...33, 2...5, 0.3), (9...20, 0...1, 0.1)])
    let found = try exact.regions(in: tail)
    #expect(found.map(\.frames) == [5...14] && found.map(\.bands) == [10...15])
  }

  @Test("Too little evidence is no event; smoothing joins speckles")
  func smallAndSpeckled() throws {
    #expect(try exact.regions(in: map([(5...14, 5...14, 0.9), (30...30, 2...2, 0.9)])).count == 1)
    var speckles = Tensor([40, 20])
    for frame in 10..<20 { for band in 5..<12 where (frame + band) % 2 == 0 { speckles[frame, band] = 1 } }
    var loose = exact
    loose.reach = 1
    // A bin's width of smear on each side.
    #expect(try loose.regions(in: speckles).map(\.frames) == [9...20])
    #expect(try EventFinder().regions(in: Tensor([40, 20])).isEmpty)
    #expect(try EventFinder().regions(in: Tensor([40, 20], repeating: -1)).isEmpty)
  }

  @Test("Events lie in seconds and hertz, within the clip")
  func physical() throws {
    let file = HandmadeONNX.linear(["N", 40, 20], Tensor([800, 1], repeating: 1))
    let model = try file.model(frontEnd(frames: 40, bands: 20))
    // Windows of 8 ms every 4: frame i is centred on 4 + 4 i ms.
    let whole = try model.events(in: map([(0...39, 0...19, 1)]), duration: 0.1, by: exact)
    let edges = model.frontEnd.bandEdges
    #expect(
      whole.count == 1 && abs(whole[0].start - 0.002) < 1e-9 && whole[0].end == 0.1
        && abs(whole[0].share - 1) < 1e-6)
    #expect(whole[0].lowest == (edges[0] + edges[1]) / 2 && whole[0].highest == (edges[20] + edges[21]) / 2)
    let part = try model.events(in: map([(10...12, 3...3, 1)]), duration: 1, by: exact)
    #expect(abs(part[0].start - 0.042) < 1e-9 && abs(part[0].end - 0.054) < 1e-9)
    #expect(try model.events(in: map([(30...39, 0...1, 1)]), duration: 0.05, by: exact).isEmpty)
    #expect(try model.events(in: Tensor([0, 20]), duration: 1).isEmpty)
  }

  @Test("Tables as Audacity, Raven and spreadsheets read them")
  func tables() {
    let events = [SoundEvent(start: 0.25, end: 1.5, lowest: 125, highest: 3999.96, share: 0.123456)]
    #expect(
      EventTable.audacity.text(events, label: "Chicken, rooster")
        == "0.250000\t1.500000\tChicken, rooster\n\\\t125.0\t4000.0\n")
    #expect(
      EventTable.raven.text(events, label: "Tab\there", offset: 60)
        == "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)\tLabel\tShare\n"
        + "1\tSpectrogram 1\t1\t60.250000\t61.500000\t125.0\t4000.0\tTab here\t0.1235\n")
    #expect(
      EventTable.commaSeparated.text(events, label: "Chicken, \"rooster\"")
        == "start_s,end_s,low_hz,high_hz,label,share\n"
        + "0.250000,1.500000,125.0,4000.0,\"Chicken, \"\"rooster\"\"\",0.1235\n")
    #expect(EventTable.commaSeparated.text([], label: "Dog") == "start_s,end_s,low_hz,high_hz,label,share\n")
  }
}
