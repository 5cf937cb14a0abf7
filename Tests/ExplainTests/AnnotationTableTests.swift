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
      #expect(read.form == [.audacity: .audacity, .raven: .raven, .commaSeparated: .columns][table])
    }
    #expect(try self.read(table.text([], label: "Dog")).regions.isEmpty)
  }

  @Test(
    "Audacity: with and without frequencies, open sides, points left out, any line end, a byte order mark")
  func audacity() throws {
    let table = try read(
      "\u{FEFF}0.5\t1.25\tdog\tand cat\r\n\\\t200.0\t4000.5\r\n2\t3\r\n\r\n4.0\t4.0\tpoint\r\\\t1\t2\n"
        + "5e0\t6\t\n\\\t-1.000000\t880\n")
    #expect(
      table.regions == [
        .init(start: 0.5, end: 1.25, lowest: 200, highest: 4000.5, label: "dog\tand cat"),
        .init(start: 2, end: 3), .init(start: 5, end: 6, highest: 880),
      ])
    #expect(table.notes.count == 1 && table.notes[0].hasPrefix("line 5:"))
    #expect(try read("").regions.isEmpty && read(" \n\n").form == .audacity)
  }

  @Test("Raven: each selection once, whatever its views, with its file")
  func raven() throws {
    let head =
      "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)\tBegin File\tSpecies"
    let table = try read(
      """
      \(head)
      1\tWaveform 1\t1\t0.5\t1.5\t100.0\t900.0\ta.wav\twren
      1\tSpectrogram 1\t1\t0.5\t1.5\t100.0\t900.0\ta.wav\twren
      2\tSpectrogram 1\t1\t2.5\t3.5\t\t\ta.wav\t
      1\tSpectrogram 1\t1\t0.5\t1.5\t100.0\t900.0\tb.wav\trobin
      """)
    #expect(table.form == .raven)
    #expect(
      table.regions == [
        .init(start: 0.5, end: 1.5, lowest: 100, highest: 900, label: "wren", file: "a.wav"),
        .init(start: 2.5, end: 3.5, file: "a.wav"),
        .init(start: 0.5, end: 1.5, lowest: 100, highest: 900, label: "robin", file: "b.wav"),
      ])
  }

  @Test(
    "Columns by their usual names, in any order",
    arguments: [
      "label,end,start,f_min,f_max,filename\ndog,2,1,100,200,a.wav",
      "Class,Offset,Onset,Low,High,Sound\n\"dog\",2.0,1.0,100,\"200\",\"a.wav\"\n",
      "filename\tonset\toffset\tevent_label\tlow_hz\thigh_hz\na.wav\t1\t2\tdog\t100\t200\n",
      "file,extra,begin,end,Low Freq (Hz),High Freq (Hz),Annotation\n\n a.wav ,x, 1 ,2,100,200,dog\n,,,,,,\n",
    ])
  func columns(text: String) throws {
    let table = try read(text)
    #expect(table.form == .columns)
    #expect(
      table.regions == [.init(start: 1, end: 2, lowest: 100, highest: 200, label: "dog", file: "a.wav")])
  }

  @Test("Quoted fields hold commas, quotes and line ends; errors name the line they begin in")
  func quotes() throws {
    let table = try read("start,end,label\r\n0,1,\"a, \"\"b\"\"\r\nc\"\r\n1,2,\"\"\r\n")
    #expect(table.regions == [.init(start: 0, end: 1, label: "a, \"b\"\nc"), .init(start: 1, end: 2)])
    for text in ["start,end,label\n0,1,\"a\n1,2,b", "start,end,label\n0,1,\"a\"b"] {
      #expect { try read(text) } throws: { "\($0)".hasPrefix("labels.txt, line 2: ") }
    }
  }

  @Test(
    "What is wrong is named with its line",
    arguments: [
      ("0\t1\ta\nx\t2\tb", 2, "start"), ("0\t1\ta\n\n3\t2\tb", 3, "not before"), ("0\t1\ta\n1", 2, "tabs"),
      ("0\t1\ta\n-1\t2\tb", 2, "seconds"), ("0\t1\ta\nnan\t2\tb", 2, "start"),
      ("0\t1\ta\n1\tinf\tb", 2, "end"),
      ("0\t1\ta\n0x1p3\t9\tb", 2, "start"), ("0\t1\ta\n1\t1e999\tb", 2, "end"),
      ("0\t1\ta\n1,5\t2\tb", 2, "point"),
      ("0\t1\ta\n\\\t900\t100", 2, "lowest"), ("0\t1\ta\n\\\t900", 2, "backslash"),
      ("0\t1\ta\n\\\t1\t2\n\\\t1\t2", 3, "label"), ("0\t1\ta\n\\\t-5\t2", 2, "hertz"),
      ("start,end\n1", 2, "end"), ("start,end,low\n1,2,a", 2, "hertz"), ("start,end\n,2", 2, "start"),
      ("start,end,low,high\n1,2,5,4", 2, "lowest"), ("0.5,1.5,dog\n", 1, "names of columns"),
      ("start;end\n1,5;2,5", 1, "names of columns"), ("\n\u{1}\u{7}binary", 2, "names of columns"),
      ("Begin Time (s)\tLabel\n1\ta", 1, "End Time (s)"),
    ] as [(String, Int, String)])
  func wrong(text: String, line: Int, expected: String) {
    #expect {
      try read(text)
    } throws: { error in
      let message = "\(error)"
      return error is AnnotationError && message.hasPrefix("labels.txt, line \(line): ")
        && message.contains(expected) && !message.contains("\u{7}")
    }
  }

  @Test("Bytes that are no text, lines and files beyond any table, are refused")
  func hostile() {
    func error(_ bytes: [UInt8]) -> AnnotationError? {
      do throws(AnnotationError) {
        _ = try AnnotationTable(bytes, from: "x")
        return nil
      } catch { return error }
    }
    #expect(error(Array("0\t1\ta\n".utf8) + [0xFF, 0xFE, 0x41]) == .notText(path: "x", line: 2))
    #expect(error([0x30, 0, 0x31]) == .notText(path: "x", line: 1))
    let long = [UInt8](repeating: 0x30, count: 10 << 20)
    #expect(error(long) == .lineTooLong(path: "x", line: 1, limit: 65_536))
    let limit = AnnotationTable.largestFile
    #expect(
      error([UInt8](repeating: 0x0A, count: limit + 1))
        == .tooLarge(path: "x", bytes: limit + 1, limit: limit))
    // A quote that never ends is given up after as much.
    let open = Array("start,end,label\n0,1,\"a".utf8) + [UInt8](repeating: 0x0A, count: 70_000)
    #expect(error(open) == .lineTooLong(path: "x", line: 2, limit: 65_536))
    // Any bytes give a table or this error.
    var generator = SplitMix64(seed: 5)
    let alphabet = Array("0123456789.,-e\t\n\r\"\\start,end\n".utf8) + [0xC3, 0xA4, 0xCC, 0x88]
    for _ in 0..<3000 {
      let start = Array(["0\t1\t", "start,end,label\n", ""][Int.random(in: 0..<3, using: &generator)].utf8)
      let count = Int.random(in: 0..<60, using: &generator)
      let rest = (0..<count).map { _ in alphabet[Int.random(in: alphabet.indices, using: &generator)] }
      if let table = try? AnnotationTable(start + rest, from: "x") {
        #expect(table.regions.allSatisfy { $0.start >= 0 && $0.end > $0.start && $0.end.isFinite })
      }
    }
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
    let mask = frontEnd.mask(of: [region], frames: 40)
    #expect(mask.shape == [40, 20] && mask.values.allSatisfy { $0 == 0 || $0 == 1 })
    #expect(marked(mask) == Set((10...12).flatMap { f in (3...5).map { [f, $0] } }))
    // The same in a clip cut out of the file.
    #expect(
      marked(frontEnd.mask(of: [region], frames: 40, offset: 0.04))
        == Set((0...2).flatMap { f in (3...5).map { [f, $0] } }))
    let open = AnnotatedRegion(start: 0.0435, end: 0.0445)
    #expect(marked(frontEnd.mask(of: [open], frames: 40)) == Set((0..<20).map { [10, $0] }))
    let both = frontEnd.mask(of: [region, open], frames: 40)
    #expect(marked(both).count == 9 + 20 - 3)
    #expect(frontEnd.mask(of: [region], frames: 0).shape == [0, 20])
  }

  @Test("A region narrower than a bin marks the nearest one; one outside of what is heard marks none")
  func narrow() throws {
    let frontEnd = try frontEnd(frames: 40, bands: 20)
    let centres = frontEnd.bandCentres
    func bins(_ start: Double, _ end: Double, _ low: Double?, _ high: Double?) -> Set<[Int]> {
      marked(frontEnd.mask(of: [.init(start: start, end: end, lowest: low, highest: high)], frames: 40))
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
    let model = try ONNXFile.linear(["N", 40, 20], Tensor([800, 1], repeating: 1))
      .model(try frontEnd(frames: 40, bands: 20))
    var map = Tensor([40, 20])
    let bins = [(5...8, 10...13), (20...20, 0...0), (30...33, 2...5)]
    for (frames, bands) in bins { for frame in frames { for band in bands { map[frame, band] = 1 } } }
    let finder = EventFinder(high: 0.5, low: 0.2, reach: 0, least: 0.01)
    let text = table.text(try model.events(in: map, duration: 1, by: finder), label: "Dog", offset: 7)
    let regions = try AnnotationTable(Array(text.utf8), from: "events").regions
    #expect(regions.count == 3)
    #expect(model.frontEnd.mask(of: regions, frames: 40, offset: 7) == map)
  }
}
