public import Files
import Glibc

/// A file of numbers over steps that TensorBoard shows: `events.out.tfevents.otoscope` in a folder.
///
/// A record is TensorFlow's: its length (8 bytes), that length's masked CRC-32C (4), a protobuf `Event`, its masked CRC (4). Each
/// is written in one piece. A run that goes on from a checkpoint leaves out what was written after it, and what a sudden end cut
/// short, so that no step is told twice.
public final class EventFile {
  public let path: String
  private let descriptor: Int32

  /// A file in `folder`, begun anew, or gone on with behind `step`.
  ///
  /// - Throws: `FileError`.
  public init(in folder: String, after step: Int? = nil) throws(FileError) {
    try WholeFile.makeFolder(folder)
    path = Folder.path(to: "events.out.tfevents.otoscope", in: folder)
    let kept: [UInt8]
    if let step, WholeFile.exists(path) {
      let bytes = try WholeFile.read(path, limit: 1 << 30)
      kept = EventRecord.records(in: bytes).filter { $0.step.map { $0 <= step } ?? true }.flatMap {
        Array($0.bytes)
      }
    } else {
      kept = []
    }
    let head = EventRecord.framed(EventRecord.version(at: Self.now))
    try WholeFile.write(kept.isEmpty ? head : kept, to: path)
    descriptor = path.withPath { open($0, O_WRONLY | O_APPEND | O_CLOEXEC) }
    guard descriptor >= 0 else { throw .unwritable(path: path, reason: String(cString: strerror(errno))) }
  }

  deinit { close(descriptor) }

  /// Adds numbers at a step, by name: `loss/training`.
  ///
  /// - Throws: `FileError`; what was added before stays readable.
  public func add(_ values: KeyValuePairs<String, Double>, step: Int) throws(FileError) {
    let event = EventRecord.scalars(values.map { ($0.key, Float($0.value)) }, step: step, at: Self.now)
    let record = EventRecord.framed(event)
    let written = record.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    guard written == record.count else {
      let reason = written < 0 ? String(cString: strerror(errno)) : "the disk is full"
      // A part of a record would hide all that comes later.
      if written > 0 {
        let end = lseek(descriptor, 0, SEEK_END)
        ftruncate(descriptor, end - off_t(written))
      }
      throw .unwritable(path: path, reason: reason)
    }
  }

  /// In seconds since 1970.
  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
