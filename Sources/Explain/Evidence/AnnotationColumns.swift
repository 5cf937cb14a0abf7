/// Which column of a table holds what, by the names in its head.
struct AnnotationColumns {
  let start: Int
  let end: Int
  let low: Int?
  let high: Int?
  let label: Int?
  let file: Int?
  /// Raven's number of a selection, and the view it is shown in.
  let selection: Int?
  let view: Int?
  let isRaven: Bool

  /// The columns called `names`; nil if there is none for the start or none for the end.
  init?(_ names: [String]) {
    // "Begin Time (s)" and "begin_time_s" are one name.
    let plain = names.map { name in String(name.lowercased().filter { $0.isLetter || $0.isNumber }) }
    func column(_ known: [String]) -> Int? {
      for name in known { if let place = plain.firstIndex(of: name) { return place } }
      return nil
    }
    guard let start = column(Self.starts), let end = column(Self.ends) else { return nil }
    (self.start, self.end) = (start, end)
    low = column(Self.lows)
    high = column(Self.highs)
    label = column(["label", "annotation", "species", "class", "eventlabel"])
    file = column(["file", "filename", "sound", "beginfile"])
    isRaven = plain.contains("begintimes")
    selection = isRaven ? column(["selection"]) : nil
    view = isRaven ? column(["view"]) : nil
  }

  private static let starts = [
    "starts", "start", "onset", "onsets", "begin", "begins", "begintimes", "begintime", "starttime",
    "starttimes",
    "startseconds",
  ]
  private static let ends = [
    "ends", "end", "offset", "offsets", "endtimes", "endtime", "endseconds", "stop", "stops",
  ]
  private static let lows = [
    "lowhz", "low", "lowest", "fmin", "fminhz", "lowfreqhz", "lowfreq", "lowfrequency", "lowfrequencyhz",
    "minfreq",
    "minfrequency",
  ]
  private static let highs = [
    "highhz", "high", "highest", "fmax", "fmaxhz", "highfreqhz", "highfreq", "highfrequency",
    "highfrequencyhz",
    "maxfreq", "maxfrequency",
  ]
}
