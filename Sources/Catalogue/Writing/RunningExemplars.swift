/// The strongest places of every channel of one layer so far: who of a new file's places is among them.
///
/// For each channel the `top` largest values, the largest first; equal ones in the order of their files. What enters once is
/// written with its file and never changed: at any time, the `top` largest of all that is written are the same as here.
struct RunningExemplars {
  private struct Entry {
    var value: Float
    var file: Int

    /// Whether this one stands before `other`.
    func leads(_ other: Entry) -> Bool {
      value > other.value || (value == other.value && file < other.file)
    }
  }

  let top: Int
  private var channels: [[Entry]]

  init(channels: Int, top: Int) {
    self.top = top
    self.channels = [[Entry]](repeating: [], count: channels)
  }

  /// What a value of `file` must reach to be among them; minus infinity as long as there is room.
  func threshold(_ channel: Int) -> Float {
    let entries = channels[channel]
    return entries.count < top ? -.infinity : entries[top - 1].value
  }

  /// Takes a value in; false where it is not among the largest.
  @discardableResult
  mutating func insert(_ value: Float, of file: Int, channel: Int) -> Bool {
    let new = Entry(value: value, file: file)
    // Of equal values of one file, the first stays first.
    let place = channels[channel].firstIndex { new.leads($0) } ?? channels[channel].count
    guard place < top else { return false }
    channels[channel].insert(new, at: place)
    if channels[channel].count > top { channels[channel].removeLast() }
    return true
  }

  /// Takes a file's values out. Who was pushed out by them does not come back.
  mutating func remove(_ file: Int) {
    for channel in channels.indices where channels[channel].contains(where: { $0.file == file }) {
      channels[channel].removeAll { $0.file == file }
    }
  }
}
