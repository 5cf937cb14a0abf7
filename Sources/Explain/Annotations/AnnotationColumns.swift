/// Which column of a table holds what.
public struct AnnotationColumns: Sendable, Hashable {
  /// What a column can be told to hold by hand: `start=Begin,end=Fin,label=Espèce`.
  public enum Role: String, CaseIterable, Sendable {
    case start, end, duration, low, high, label, file
  }

  /// Columns named by hand: by their names, or in a table without names by their numbers from 1.
  public var named: [Role: String] = [:]

  public init() {}

  /// `start=Begin,end=Fin,label=Espèce,file=Fichier`.
  ///
  /// - Throws: `AnnotationError.badMapping`.
  public init(_ text: String) throws(AnnotationError) {
    named = try ColumnPairs.read(text, example: "start=Begin,label=Species")
  }
}

/// Where the fields of a table's rows are, and in which units.
struct AnnotationLayout {
  var start: Int
  var end: Int?
  var duration: Int?
  var low: Int?
  var high: Int?
  /// The first that is not empty names the region, the others are other names.
  var labels: [Int] = []
  var file: Int?
  /// Where the selection begins in the file that `file` names, in Raven's tables of several files.
  var fileOffset: Int?
  /// Raven's number of a selection, and the view it is shown in.
  var selection: Int?
  var view: Int?
  /// What a number in the column is in seconds, or in hertz.
  var scales: [Int: Double] = [:]
  /// Columns whose numbers are samples: of what rate is not known.
  var inSamples: Set<Int> = []

  var isRaven: Bool { selection != nil && view != nil }
  var unit: (Int) -> Double { { scales[$0] ?? 1 } }

  /// The columns called `names`; nil if there is none for the start, or neither one for the end nor one for the duration.
  init?(_ names: [String], given: [AnnotationColumns.Role: Int] = [:]) {
    let columns = names.map(ColumnName.init)
    func column(_ role: AnnotationColumns.Role, _ known: [String]) -> Int? {
      if let place = given[role] { return place }
      for name in known {
        if let place = columns.firstIndex(where: { $0.name == name }) { return place }
      }
      return nil
    }
    duration = column(.duration, ["duration", "dur", "length", "delta time", "deltatime", "len"])
    var begin = column(.start, Self.starts)
    end = column(.end, Self.ends)
    // Where nothing else is the start, an offset with a duration is (Kaleidoscope); beside an onset it is the end (DCASE).
    if begin == nil, duration != nil, given[.end] == nil {
      begin = columns.firstIndex { $0.name == "offset" }
      if end == begin { end = nil }
    }
    guard let begin, end != nil || duration != nil else { return nil }
    start = begin
    low = column(.low, Self.lows)
    high = column(.high, Self.highs)
    if let place = given[.label] {
      labels = [place]
    } else {
      labels = Self.labels.compactMap { name in columns.firstIndex { $0.name == name } }
    }
    file = column(.file, Self.files)
    let raven = columns.firstIndex { $0.name == "file offset" }
    fileOffset = file == nil ? nil : raven
    selection = columns.firstIndex { $0.name == "selection" }
    view = columns.firstIndex { $0.name == "view" }
    for (place, column) in columns.enumerated() {
      scales[place] = column.scale
      if column.isInSamples { inSamples.insert(place) }
    }
  }

  private static let starts = [
    "start", "start time", "starttime", "begin", "begin time", "begintime", "onset", "onset time", "from",
    "tmin", "xmin",
    "time", "t0", "start seconds", "begin seconds", "start offset", "segment start",
  ]
  private static let ends = [
    "end", "end time", "endtime", "stop", "stop time", "stoptime", "offset", "offset time", "to", "tmax",
    "xmax", "t1",
    "finish", "end seconds", "end offset", "segment end",
  ]
  private static let lows = [
    "low", "low freq", "low frequency", "lowest", "lowest frequency", "f min", "fmin", "min freq",
    "min frequency",
    "freq min", "freq low", "frequency min", "lower frequency", "low f", "lowfreq", "minfreq",
    "minimum frequency", "flow",
  ]
  private static let highs = [
    "high", "high freq", "high frequency", "highest", "highest frequency", "f max", "fmax", "max freq",
    "max frequency",
    "freq max", "freq high", "frequency max", "upper frequency", "high f", "highfreq", "maxfreq",
    "maximum frequency",
    "fhigh",
  ]
  private static let labels = [
    "label", "labels", "annotation", "annotations", "event label", "event", "class", "class name", "category",
    "tag",
    "tags", "manual id", "common name", "commonname", "species", "species name", "top1match", "name", "text",
    "type",
    "call", "call type", "sound type", "scientific name", "scientificname", "primary label", "species code",
  ]
  private static let files = [
    "file", "filename", "file name", "filepath", "file path", "begin path", "begin file", "path", "sound",
    "sound file",
    "soundfile", "audio", "audio file", "audio filename", "audio file name", "audiofilename", "recording",
    "recordings",
    "in file", "infile", "wav", "wav file", "clip", "source file",
  ]
}

/// A column's name without its unit: "Begin Time (s)" and "begin_time_s" are both "begin time" in seconds.
private struct ColumnName {
  let name: String
  /// Of the unit, in seconds or hertz; nil where there is none.
  let scale: Double?
  let isInSamples: Bool

  private static let units: [String: Double] = [
    "s": 1, "sec": 1, "secs": 1, "second": 1, "seconds": 1, "ms": 0.001, "msec": 0.001, "msecs": 0.001,
    "milliseconds": 0.001, "min": 60, "mins": 60, "minutes": 60, "hz": 1, "khz": 1000, "hertz": 1,
  ]
  private static let notations: Set = ["hh", "mm", "ss", "sss", "hms", "utc"]

  init(_ text: String) {
    let hasBrackets = text.contains("(") || text.contains("[")
    var words = text.lowercased().split { !($0.isLetter || $0.isNumber) }.map(String.init)
    var scale: Double?
    var isInSamples = false
    while words.count > 1, let last = words.last {
      // "f_min" and "freq min" are names, "(min)" is a unit.
      if let unit = Self.units[last], last != "min" || hasBrackets {
        scale = unit
      } else if ["samples", "sample", "frames"].contains(last) {
        isInSamples = true
      } else if Self.notations.contains(last) {
        // "ss.msec" and "hh:mm:ss.ms" are seconds with a fraction.
        scale = 1
      } else {
        break
      }
      words.removeLast()
    }
    name = words.joined(separator: " ")
    (self.scale, self.isInSamples) = (scale, isInSamples)
  }
}
