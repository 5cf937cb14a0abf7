/// Where each of a program's buffers lies in one block of memory, such that buffers alive at the same time do not
/// overlap.
///
/// Largest first, each at the lowest place that is free for its whole life: the greedy-by-size plan of Pisarchyk and
/// Lee, "Efficient memory management for deep neural net inference", MLSys 2020.
package struct Arena {
  /// The offset of each buffer, in bytes; a multiple of 64.
  package private(set) var offsets: [Int]
  package private(set) var byteCount = 0

  /// Lifetimes are closed ranges of step numbers.
  package init(_ buffers: [(bytes: Int, lifetime: ClosedRange<Int>)]) {
    offsets = [Int](repeating: 0, count: buffers.count)
    var placed: [Int] = []
    for index in buffers.indices.sorted(by: { buffers[$0].bytes > buffers[$1].bytes }) {
      let (bytes, lifetime) = buffers[index]
      let size = (bytes + 63) / 64 * 64
      var offset = 0
      // `placed` is kept in order of offset, so one pass finds the first gap that is wide enough.
      for other in placed where buffers[other].lifetime.overlaps(lifetime) {
        if offsets[other] >= offset + size { break }
        offset = max(offset, offsets[other] + (buffers[other].bytes + 63) / 64 * 64)
      }
      offsets[index] = offset
      byteCount = max(byteCount, offset + size)
      let place = placed.firstIndex { offsets[$0] > offset } ?? placed.count
      placed.insert(index, at: place)
    }
  }
}
