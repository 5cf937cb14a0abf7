import CFFmpeg
import Files

/// What is known of a container: how long it says the sound is, and how its clock can be trusted.
extension MediaFile {
  /// FFmpeg's name of the container: "mp3", "mov,mp4,m4a,3gp,3g2,mj2".
  var formatName: String { format?.pointee.iformat.map { String(cString: $0.pointee.name) } ?? "" }

  /// Those that number every sample, so that a seek arrives where it says.
  private static let numbered = ["wav", "w64", "aiff", "caf", "au", "flac", "mov,mp4,m4a,3gp,3g2,mj2"]

  /// The length the container claims or FFmpeg guesses, in seconds; nil where neither does.
  var duration: Double? {
    guard let format, let stream else { return nil }
    let base = stream.pointee.time_base
    if stream.pointee.duration != otoscope_no_timestamp, stream.pointee.duration > 0, base.den > 0 {
      return Double(stream.pointee.duration) * Double(base.num) / Double(base.den)
    }
    let duration = format.pointee.duration
    return duration != otoscope_no_timestamp && duration > 0 ? Double(duration) / Double(AV_TIME_BASE) : nil
  }

  /// The length that the header gives to this very sound, in seconds; nil where it says nothing, or where FFmpeg has it
  /// from the size or the last page of the file.
  var headerDuration: Double? {
    if formatName == "wav", let wav { return wav.claimed }
    guard let format, let stream, formatName != "ogg",
      format.pointee.duration_estimation_method == AVFMT_DURATION_FROM_STREAM
    else { return nil }
    // A film may be longer than its sound.
    let isOfStream = stream.pointee.duration != otoscope_no_timestamp && stream.pointee.duration > 0
    return isOfStream || format.pointee.nb_streams == 1 ? duration : nil
  }

  /// In seconds: by how much a sound may differ from its header. Where samples are numbered it is a few of them; elsewhere
  /// what encoders add at the ends is counted in it or not.
  var durationTolerance: Double {
    switch formatName {
    case "wav", "w64", "aiff", "au", "flac": 0.002
    case "ogg": 0.15
    default: 0.5
    }
  }

  /// Whether time is counted in frames: the container has no time stamps.
  var countsTime: Bool { lostBytes != nil }

  /// Whether sound that does not begin at 0 has lost its beginning: of FLAC, whose frames are numbered, always; of others
  /// that begin at 0, if something could not be read before it.
  var beginsLate: Bool {
    switch formatName {
    case "flac": true
    case "ogg", "matroska,webm", "mov,mp4,m4a,3gp,3g2,mj2": troubles > 0
    default: false
    }
  }

  /// Whether one can go anywhere in the file (not in a pipe) and tell there one sample from the next.
  var isSeekable: Bool { isRandomAccess && isExact && Self.numbered.contains(formatName) }

  /// Whether packets tell their place to the sample, so that they need not be decoded to know where they lie.
  ///
  /// Vorbis blocks depend on their neighbours, and FFmpeg is wrong by half a block where their length changes.
  var canPassOver: Bool { isRandomAccess && isExact && codec?.pointee.codec_id != AV_CODEC_ID_VORBIS }

  /// Whether one can go anywhere in the file: not in a pipe.
  var isRandomAccess: Bool { (input?.pointee.seekable ?? 0) & AVIO_SEEKABLE_NORMAL != 0 }

  /// Whether time stamps are whole samples, or whole parts of them.
  var isExact: Bool {
    guard let base = stream?.pointee.time_base else { return false }
    let samples = Int(base.num) * firstRate
    return samples > 0 && Int(base.den) % samples == 0
  }

  /// Whether the samples are stored as they are.
  var isPlain: Bool { (0x10000..<0x11000).contains(codec?.pointee.codec_id.rawValue ?? 0) }

  /// Whether a file that tells no length ends in the middle of something: a packet, a block of an MPEG transport stream, or
  /// an Ogg stream without its last page.
  var endsOpen: Bool {
    switch formatName {
    case "mp3", "caf", "w64": lastIsCut
    case "ogg": isRandomAccess && !(lastPage.map { $0.endsStream && $0.isWhole } ?? false)
    case "mpegts": size.map { size in ![188, 192, 204].contains { size % $0 == 0 } } ?? false
    default: false
    }
  }

  /// In bytes; nil for a pipe.
  private var size: Int? { isRandomAccess ? plainFile(path)?.byteCount : nil }

  /// The page that ends an Ogg file; nil for other files, or where there is none in its last 128 KiB.
  var lastPage: OggPage? {
    guard formatName == "ogg", isRandomAccess, let file = plainFile(path) else { return nil }
    let count = min(file.byteCount, 1 << 17)
    return file.bytes(at: file.byteCount - count, count: count).flatMap { OggPage.last(in: $0) }
  }

  /// Where the sound of an Ogg file ends by its last page, on the stream's time line in samples; nil where that is unknown.
  var lastGranule: Int? {
    guard let page = lastPage, page.isWhole, page.granule > 0, let stream, format?.pointee.nb_streams == 1
    else {
      return nil
    }
    return page.granule - Int(stream.pointee.codecpar.pointee.initial_padding)
  }

  /// Whether the file begins as an MP4 file does.
  static func isUnfinishedMP4(_ path: String) -> Bool {
    guard let file = plainFile(path), let head = file.bytes(at: 4, count: 4) else {
      return false
    }
    return head.elementsEqual("ftyp".utf8)
  }
}
