import Explain
import Tensors
import TestSupport
import Testing

/// The forms in which people keep annotations.
struct AnnotationFormsTests {
  private func read(_ text: String, _ columns: AnnotationColumns = .init()) throws -> AnnotationTable {
    try AnnotationTable(Array(text.utf8), from: "table", columns: columns)
  }

  private static let dog = AnnotatedRegion(start: 1, end: 2.5, label: "Dog")
  private static let dogInFile = AnnotatedRegion(start: 1, end: 2.5, label: "Dog", file: "a.wav")
  private static let heard = AnnotatedRegion(
    start: 1, end: 2.5, lowest: 100, highest: 200, label: "Dog", file: "a.wav")

  @Test(
    "Programs' own forms",
    arguments: [
      // Audacity; BirdNET for Audacity; mir_eval's .lab; ELAN's tab export.
      ("1\t2.5\tDog\n", [dog]), ("1.0\t2.5\tDog\t0.93\n", [dog]), ("1 2.5 Dog\n", [dog]),
      (
        "Tier\tBegin Time - hh:mm:ss.ms\tEnd Time - ss.msec\tAnnotation\ndogs\t00:00:01.000\t2.5\tDog\n",
        [dog]
      ),
      ("Begin Time - msec\tEnd Time - msec\tlabel\n1000\t2500\tDog\n", [dog]),
      // Sonic Visualiser's regions with a head, and without one (the second number cannot be an end).
      ("TIME,DURATION,LABEL\n1,1.5,Dog\n", [dog]),
      (
        "1,1.5,Dog\n9,1.5,Dog\n8,2,Cat\n",
        [dog, .init(start: 9, end: 10.5, label: "Dog"), .init(start: 8, end: 10, label: "Cat")]
      ),
      ("onset,duration\n1,1.5\n", [.init(start: 1, end: 2.5)]),
      // DCASE; AudioSet's strong labels; Kaleidoscope, by its own and BirdNET's head.
      ("filename\tonset\toffset\tevent_label\na.wav\t1\t2.5\tDog\n", [dogInFile]),
      ("segment_id,start_time_seconds,end_time_seconds,label\nx,1,2.5,Dog\n", [dog]),
      ("INDIR,FOLDER,IN FILE,OFFSET,DURATION,MANUAL ID\n/in,b,a.wav,1,1.5,Dog\n", [dogInFile]),
      (
        "INDIR,FOLDER,IN FILE,OFFSET,DURATION,scientific_name,common_name,confidence\n/in,b,a.wav,1.0,1.5,Canis,Dog,0.9\n",
        [.init(start: 1, end: 2.5, label: "Dog", otherLabels: ["Canis"], file: "a.wav")]
      ),
      // BirdNET's CSV and its table for Raven.
      (
        "Start (s),End (s),Scientific name,Common name,Confidence\n1.0,2.5,Canis,Dog,0.9\n",
        [.init(start: 1, end: 2.5, label: "Dog", otherLabels: ["Canis"])]
      ),
      (
        "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)\tCommon Name\tSpecies Code\t"
          + "Confidence\tBegin Path\tFile Offset (s)\n1\tSpectrogram 1\t1\t31\t32.5\t100\t200\tDog\tdog1\t0.9\ta.wav\t1\n",
        [
          .init(
            start: 1, end: 2.5, lowest: 100, highest: 200, label: "Dog", otherLabels: ["dog1"], file: "a.wav")
        ]
      ),
      // Raven's of several files, each selection once for its two views.
      (
        "Selection\tView\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)\tBegin File\tFile Offset (s)\tLabel\n"
          + "1\tWaveform 1\t41\t42.5\t100\t200\ta.wav\t1\tDog\n1\tSpectrogram 1\t41\t42.5\t100\t200\ta.wav\t1\tDog\n",
        [heard]
      ),
    ])
  func programs(text: String, regions: [AnnotatedRegion]) throws {
    let table = try read(text)
    #expect(table.regions == regions)
    #expect(table.notes.allSatisfy { $0.contains("duration") })
  }

  @Test(
    "Separators, decimal commas, units, times, order and names of columns",
    arguments: [
      "file;start;end;low;high;label\na.wav;1,0;2,5;100,0;200;Dog",
      "file|begin|stop|fmin|fmax|class\na.wav | 1 | 2.5 |100|200| Dog",
      "label,end,start,f_min,f_max,filename\nDog,2.5,1,100,200,a.wav",
      "Class,Offset,Onset,Low,High,Sound\n\"Dog\",2.5,1.0,100,\"200\",\"a.wav\"\n",
      "file,extra,begin,end,Low Freq (Hz),High Freq (Hz),Annotation\n\n a.wav ,x, 1 ,2.5,100,200,Dog\n,,,,,,\n",
      "file\tStart (ms)\tduration_ms\tLow (kHz)\tHigh [kHz]\tTag\na.wav\t1000\t1500\t0.1\t0.2\tDog",
      "file,start,end,low,high,label\r\na.wav,0:01,00:00:02.5,100,200,Dog\r\n",
      "file,start,end,low,high,label\ra.wav,1s,2.5 s,100,200,Dog\r",
      "sep=;\n# made by hand\nSounds of 2024\nfile;start;end;low;high;label\na.wav;1;2.5;100;200;Dog",
      "\u{FEFF}file,start,end,low,high,label\na.wav,1,2.5,100,200,Dog\n",
    ])
  func writings(text: String) throws {
    let table = try read(text)
    #expect(table.form == .columns && table.regions == [Self.heard] && table.notes.isEmpty)
  }

  @Test("Columns named by hand, by name or by number")
  func columnsByHand() throws {
    let french = "Fichier;Début;Fin;Espèce\na.wav;1,0;2,5;Dog"
    #expect(throws: AnnotationError.self) { try read(french) }
    let columns = try AnnotationColumns("start=début,end=Fin,label=Espèce,file=Fichier")
    #expect(try read(french, columns).regions == [Self.dogInFile])
    let layer = "1.0,440,1.5,Dog\n3.0,440,1,Cat\n"
    #expect(try read(layer).regions.isEmpty && read(layer).notes.first?.contains("three numbers") == true)
    #expect(try read(layer, .init("start=1,duration=3,label=4")).regions.first == Self.dog)
    for text in ["start", "begin=1", "start=", "start=a,start=b", ""] {
      #expect(throws: AnnotationError.self) { try AnnotationColumns(text) }
    }
    #expect(throws: AnnotationError.noColumn(path: "table", name: "Nom", found: "'start,end'")) {
      try read("start,end\n1,2", .init("label=Nom"))
    }
  }

  @Test("UTF-8, UTF-16 and Windows-1252")
  func encodings() throws {
    let text = "start;end;label\n1,0;2,5;Möwe – “犬”\n"
    func utf16(_ isBig: Bool) -> [UInt8] {
      text.utf16.flatMap { isBig ? [UInt8($0 >> 8), UInt8($0 & 255)] : [UInt8($0 & 255), UInt8($0 >> 8)] }
    }
    let wanted = [AnnotatedRegion(start: 1, end: 2.5, label: "Möwe – “犬”")]
    for bytes in [
      Array(text.utf8), [0xEF, 0xBB, 0xBF] + Array(text.utf8), [0xFF, 0xFE] + utf16(false),
      [0xFE, 0xFF] + utf16(true),
      utf16(false), utf16(true),
    ] {
      #expect(try AnnotationTable(bytes, from: "x").regions == wanted)
    }
    let western = Array("start;end;label\n1;2;M".utf8) + [0xF6] + Array("we ".utf8) + [0x96, 0x80]
    let table = try AnnotationTable(western, from: "x")
    #expect(table.regions == [.init(start: 1, end: 2, label: "Möwe –€")])
    #expect(table.notes == ["x: is not UTF-8 and was read as Windows-1252 (Latin-1)"])
  }

  @Test("Audacity: frequencies, open sides, points, any label")
  func audacity() throws {
    let table = try read(
      "0.5\t1.25\tdog\tand cat\r\n\\\t200.0\t4000.5\r\n2\t3\r\n\r\n4.0\t4.0\tpoint\r\\\t1\t2\n"
        + "5e0\t6\t\n\\\t-1.000000\t880\n")
    #expect(
      table.regions == [
        .init(start: 0.5, end: 1.25, lowest: 200, highest: 4000.5, label: "dog\tand cat"),
        .init(start: 2, end: 3), .init(start: 5, end: 6, highest: 880),
      ])
    #expect(table.notes.count == 1 && table.notes[0].contains("line 5:"))
    #expect(try read("").regions.isEmpty && read(" \n\n").form == .labels)
  }

  @Test("Praat's TextGrid, long and short")
  func textGrid() throws {
    let long = """
      File type = "ooTextFile"
      Object class = "TextGrid"

      xmin = 0
      xmax = 9
      tiers? <exists>
      size = 2
      item []:
          item [1]:
              class = "IntervalTier"
              name = "animals"
              xmin = 0
              xmax = 9
              intervals: size = 2
              intervals [1]:
                  xmin = 0
                  xmax = 1
                  text = ""
              intervals [2]:
                  xmin = 1
                  xmax = 2.5
                  text = "a ""Dog"" = x"
          item [2]:
              class = "TextTier"
              name = "points"
              xmin = 0
              xmax = 9
              points: size = 1
              points [1]:
                  number = 3
                  mark = "bark"
      """
    let short = """
      File type = "ooTextFile"
      Object class = "TextGrid"

      0
      9
      <exists>
      1
      "IntervalTier"
      "animals"
      0
      9
      2
      0
      1
      ""
      1
      2.5
      "a ""Dog"" = x"
      """
    for text in [long, short] {
      let table = try read(text)
      #expect(table.form == .textGrid)
      #expect(table.regions == [.init(start: 1, end: 2.5, label: "a \"Dog\" = x")])
    }
  }

  @Test("Quoted fields hold separators, quotes and line ends; an open quote ends with its line")
  func quotes() throws {
    let table = try read("start,end,label\r\n0,1,\"a, \"\"b\"\"\r\nc\"\r\n1,2,\"\"\r\n")
    #expect(table.regions == [.init(start: 0, end: 1, label: "a, \"b\"\nc"), .init(start: 1, end: 2)])
    #expect(try read("start,end,label\n0,1,\"a\n1,2,b").regions.map(\.label) == ["a", "b"])
  }

  @Test(
    "A row that cannot be understood is passed over with its line and reason, and the others are read",
    arguments: [
      ("0\t1\ta\nx\t2\tb", 2, "no start"), ("0\t1\ta\n\n3\t2\tb", 3, "before its start"),
      ("0\t1\ta\n1", 2, "tab"),
      ("0\t1\ta\n-1\t2\tb", 2, "no start"), ("0\t1\ta\nnan\t2\tb", 2, "no start"),
      ("0\t1\ta\n0x1p3\t9\tb", 2, "no start"), ("0\t1\ta\n1\t1e999\tb", 2, "end"),
      ("0\t1\ta\n0\t1\tb\n\\\t900\t100", 3, "frequency"), ("0\t1\ta\n\\\t1\t2\n\\\t1\t2", 3, "label"),
      ("start,end\n0,1\n1", 3, "no end"), ("start,end,low\n0,1,5\n1,2,a", 3, "hertz"),
      ("start,end\n0,1\n,2", 3, "no start"),
      ("start,end,low,high\n0,1,,\n1,2,5,4", 3, "highest"), ("start,end\n0,1\n1:75,80", 3, "no start"),
      ("start;end\n0;1\n1.000,5;2", 3, "no start"),
    ] as [(String, Int, String)])
  func wrongRows(text: String, line: Int, reason: String) throws {
    let table = try read(text)
    #expect(table.regions.count == 1 && table.regions.first?.start == 0)
    #expect(table.notes.count == 1)
    let note = table.notes.first ?? ""
    #expect(note.hasPrefix("table, line \(line): passed over: ") && note.contains(reason))
  }

  @Test("Reasons are told once, with the first lines and how many more")
  func manyRows() throws {
    let rows = (0..<50).map { "\($0 + 1),\($0)" }.joined(separator: "\n")
    let table = try read("start,end\n" + rows)
    #expect(table.regions.isEmpty)
    #expect(
      table.notes == ["table, lines 2, 3, 4 and 47 more: passed over: '1 0': its end lies before its start"])
    let samples = try read("start_sample,end_samples,label\n1,2,a")
    #expect(samples.regions.isEmpty)
    let frames = try read("start (samples),end (samples),label\n1,2,a")
    #expect(frames.regions.isEmpty && frames.notes.first?.contains("samples") == true)
  }

  @Test(
    "What is no table is an error that names the line",
    arguments: [
      "\n\u{1}\u{7}binary", "Begin Time (s)\tLabel\n1\ta", "Dear diary, today\nI heard a dog", "a;b\n1,5;2,5",
    ])
  func noTable(text: String) {
    #expect {
      try read(text)
    } throws: { error in
      let message = "\(error)"
      return message.hasPrefix("table, line ") && !message.contains("\u{7}") && !message.contains("\n")
    }
  }

  @Test("Any bytes give a table or an error")
  func hostile() throws {
    func error(_ bytes: [UInt8]) -> AnnotationError? {
      do throws(AnnotationError) {
        _ = try AnnotationTable(bytes, from: "x")
        return nil
      } catch { return error }
    }
    #expect(error([0x30, 0, 0, 0x31]) == .notText(path: "x"))
    let limit = AnnotationTable.largestFile
    #expect(
      error([UInt8](repeating: 0x0A, count: limit + 1))
        == .tooLarge(path: "x", bytes: limit + 1, limit: limit))
    // A quote that never ends, and a line as long as the file.
    #expect(error(Array("start,end,label\n0,1,\"a".utf8) + [UInt8](repeating: 0x0A, count: 70_000)) == nil)
    #expect(try AnnotationTable([UInt8](repeating: 0x30, count: 1 << 20), from: "x").notes.count == 1)
    var generator = SplitMix64(seed: 5)
    let alphabet = Array("0123456789.,-e\t\n\r\"\\start,end;|: \n".utf8) + [0xC3, 0xA4, 0xCC, 0x88, 0, 0xFF]
    for _ in 0..<3000 {
      let start = Array(
        ["0\t1\t", "start,end,label\n", "", "a;start;end\n"][Int.random(in: 0..<4, using: &generator)].utf8)
      let count = Int.random(in: 0..<60, using: &generator)
      let rest = (0..<count).map { _ in alphabet[Int.random(in: alphabet.indices, using: &generator)] }
      if let table = try? AnnotationTable(start + rest, from: "x") {
        #expect(table.regions.allSatisfy { $0.start >= 0 && $0.end > $0.start && $0.end.isFinite })
        #expect(table.notes.allSatisfy { !$0.contains("\n") })
      }
    }
  }
}
