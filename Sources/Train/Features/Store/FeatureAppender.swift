import Files
import Glibc
import Synchronization
import Tensors

/// Adds pictures at the end of a feature file, from any thread. Whoever has one holds the folder's lock.
final class FeatureAppender: Sendable {
  private let folder: String
  private let descriptor: Int32
  private let state: Mutex<State>

  private struct State {
    var end: Int
    var added: [FeatureKey: FeatureRecord] = [:]
  }

  init(_ file: FeatureFile) throws(FeatureError) {
    folder = file.folder
    descriptor = file.path.withPath { open($0, O_WRONLY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw FeatureFile.failure(file.folder, errno) }
    state = Mutex(State(end: file.end))
  }

  deinit { close(descriptor) }

  /// What was added.
  var added: [FeatureKey: FeatureRecord] { state.withLock { $0.added } }

  /// Adds a picture, `[frames, width]`. Where the disk is full, nothing of it is left in the file.
  func add(_ picture: Tensor, isSilent: Bool, as key: FeatureKey) throws(FeatureError) {
    let (frames, width) = (picture.shape[0], picture.shape[1])
    let fingerprint = picture.withUnsafeValues { FeatureLayout.fingerprint($0) }
    let failure: Int32 = state.withLock { state in
      let record = FeatureRecord(
        key: key, place: state.end + FeatureLayout.alignment, frames: frames, width: width,
        isSilent: isSilent,
        fingerprint: fingerprint)
      let length = FeatureLayout.aligned(record.end) - state.end
      // A full disk shows here, before anything is written.
      let room = posix_fallocate(descriptor, off_t(state.end), off_t(length))
      guard room != ENOSPC, room != EDQUOT, room != EFBIG else {
        ftruncate(descriptor, off_t(state.end))
        return room
      }
      let padding = [UInt8](repeating: 0, count: FeatureLayout.aligned(record.end) - record.end)
      let number = picture.withUnsafeValues { values in
        let first = write(UnsafeRawBufferPointer(values), at: record.place)
        let second = first == 0 ? padding.withUnsafeBytes { write($0, at: record.end) } : first
        // Last: whoever finds a head finds the values.
        return second == 0 ? record.head.withUnsafeBytes { write($0, at: state.end) } : second
      }
      guard number == 0 else {
        ftruncate(descriptor, off_t(state.end))
        return number
      }
      state.added[key] = record
      state.end += length
      return 0
    }
    guard failure == 0 else { throw FeatureFile.failure(folder, failure) }
  }

  /// 0, or the system's reason.
  private func write(_ bytes: UnsafeRawBufferPointer, at place: Int) -> Int32 {
    var done = 0
    while done < bytes.count {
      let written = pwrite(
        descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(place + done))
      if written > 0 { done += written } else if errno != EINTR { return written == 0 ? ENOSPC : errno }
    }
    return 0
  }
}
