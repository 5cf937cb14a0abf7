import CFFmpeg
import Files

/// How much time the bytes took that a demuxer skipped, in formats that have no time stamps.
///
/// MP3 and raw AAC or AC-3 number nothing: FFmpeg counts their frames, so that damaged bytes would shorten the sound, and
/// everything behind them would seem to come earlier. Bytes that are no frames are therefore given the time that as many
/// good bytes take: exact where the bit rate is constant, about right elsewhere.
final class LostBytes {
  private let sync: (mask: UInt16, value: UInt16)
  private let file: PacketPlaces?
  /// Added to the time stamps of the packets from here on, in the stream's time base.
  private var shift: Int64 = 0
  /// Of the good packets so far.
  private var bytes: Int64 = 0
  private var time: Int64 = 0

  /// Nil for a format with time stamps of its own.
  init?(format: String, path: String) {
    switch format {
    case "mp3": sync = (0xFFE0, 0xFFE0)
    case "aac": sync = (0xFFF6, 0xFFF0)
    case "ac3", "eac3": sync = (0xFFFF, 0x0B77)
    default: return nil
    }
    file = PacketPlaces(path)
  }

  /// Good packets, in bytes, before the bit rate is known well enough.
  private static let fewest: Int64 = 1000

  /// Takes note of the next packet; returns what its own time stamp is off by, and whether bytes were lost before it or in
  /// it.
  ///
  /// - Parameter end: the time stamp at the end of the file, where a header tells it.
  func pass(_ packet: AVPacket, end: Int64?) -> (shift: Int64, isAfterLoss: Bool) {
    let size = Int64(packet.size)
    guard packet.duration > 0, size > 4 else { return (shift, false) }
    let before = shift
    let isFrame = isFrame(packet)
    var lost = Int64(file?.skipped(before: packet) ?? 0)
    if !isFrame, !isTag(packet) { lost += size }
    if lost > 0 {
      let rest = end.flatMap { end in file.map { (end - packet.pts - shift, Int64($0.rest) + lost) } }
      let implied = Int64((Double(lost) * timePerByte(rest)).rounded())
      let frames = max(0, (implied + packet.duration / 2) / packet.duration - (isFrame ? 0 : 1))
      shift += frames * packet.duration
    }
    if isFrame {
      bytes += size
      time += packet.duration
    }
    // A packet of lost bytes takes the time at which they begin.
    return (isFrame ? shift : before, lost > 0)
  }

  /// In the stream's time base.
  private func timePerByte(_ rest: (time: Int64, bytes: Int64)?) -> Double {
    guard bytes >= Self.fewest else { return 0 }
    let soFar = Double(time) / Double(bytes)
    guard let rest, rest.bytes > 0 else { return soFar }
    // What the header says of the rest is better, if it can be true.
    let ofRest = Double(rest.time) / Double(rest.bytes)
    return abs(ofRest / soFar - 1) < 0.25 ? ofRest : soFar
  }

  private func isFrame(_ packet: AVPacket) -> Bool {
    (UInt16(packet.data[0]) << 8 | UInt16(packet.data[1])) & sync.mask == sync.value
  }

  /// Whether a packet is a tag in the middle of a file, which takes no time.
  private func isTag(_ packet: AVPacket) -> Bool {
    ["ID3", "TAG", "APET", "LYRI"].contains { name in
      zip(name.utf8, 0..<Int(packet.size)).allSatisfy { $0 == packet.data[$1] }
    }
  }
}

/// Where packets lie in their file, by their own bytes: FFmpeg tells a raw packet's place as if none had been skipped.
private final class PacketPlaces {
  private let file: FileInFolder
  /// The end of the last packet; nil before the first.
  private var end: Int?

  /// Bytes that tell a packet from others.
  private static let needle = 48

  init?(_ path: String) {
    guard let file = plainFile(path) else { return nil }
    self.file = file
  }

  /// How many bytes of the file come behind the last packet.
  var rest: Int { file.byteCount - (end ?? 0) }

  /// How many bytes of the file lie between the last packet and this one.
  func skipped(before packet: AVPacket) -> Int {
    let needle = Array(UnsafeBufferPointer(start: packet.data, count: min(Int(packet.size), Self.needle)))
    let due = end ?? 0
    guard let place = place(of: needle, from: due) else {
      end = end.map { $0 + Int(packet.size) }
      return 0
    }
    defer { end = place + Int(packet.size) }
    // A tag may come before the first.
    return end == nil ? 0 : place - due
  }

  private func place(of needle: [UInt8], from start: Int) -> Int? {
    guard file.bytes(at: start, count: needle.count) != needle else { return start }
    var start = start
    while start + needle.count <= file.byteCount {
      let count = min(1 << 16, file.byteCount - start)
      guard let bytes = file.bytes(at: start, count: count) else { return nil }
      let found = (0...count - needle.count).first { place in
        bytes[place] == needle[0] && bytes[place..<place + needle.count].elementsEqual(needle)
      }
      if let found { return start + found }
      start += count - needle.count + 1
    }
    return nil
  }
}

/// The header of an MPEG audio frame (ISO/IEC 11172-3, 13818-3).
enum MPEGHeader {
  /// Whether `packet` begins a frame and is shorter than its header says.
  static func isCut(_ packet: AVPacket) -> Bool {
    guard packet.size >= 4, let bytes = packet.data, bytes[0] == 0xFF, bytes[1] & 0xE0 == 0xE0,
      let length = length(of: (0..<4).map { Int(bytes[$0]) })
    else { return false }
    return Int(packet.size) < length
  }

  /// In bytes; nil for a free or forbidden bit rate, and for Layer I, whose frames are counted in other units.
  private static func length(of header: [Int]) -> Int? {
    let version = header[1] >> 3 & 3  // 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5
    let layer = 4 - (header[1] >> 1 & 3)
    let (rate, sampling) = (header[2] >> 4, header[2] >> 2 & 3)
    guard version != 1, layer == 2 || layer == 3, (1...14).contains(rate), sampling < 3 else { return nil }
    let rates = version == 3 ? (layer == 2 ? Self.ofLayer2 : Self.ofLayer3) : Self.ofMPEG2
    let hertz = [44100, 48000, 32000][sampling] >> (version == 3 ? 0 : version == 2 ? 1 : 2)
    let samples = layer == 3 && version != 3 ? 576 : 1152
    return samples / 8 * rates[rate - 1] * 1000 / hertz + (header[2] >> 1 & 1)
  }

  /// In kilobits per second.
  private static let ofLayer2 = [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384]
  private static let ofLayer3 = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
  private static let ofMPEG2 = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
}
