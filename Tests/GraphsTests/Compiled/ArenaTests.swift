import Graphs
import Tensors
import TestSupport
import Testing

/// The plan of a program's memory.
struct ArenaTests {
  private func random(_ generator: inout SplitMix64) -> [(bytes: Int, lifetime: ClosedRange<Int>)] {
    (0..<Int.random(in: 1...60, using: &generator)).map { _ in
      let first = Int.random(in: 0..<30, using: &generator)
      let bytes = Int.random(in: 0...5000, using: &generator)
      return (bytes, first...first + Int.random(in: 0..<12, using: &generator))
    }
  }

  @Test("buffers alive at one time never overlap, and lie within the arena, on cache lines")
  func disjoint() {
    var generator = SplitMix64(seed: 1)
    for _ in 0..<300 {
      let buffers = random(&generator)
      let arena = Arena(buffers)
      for (index, buffer) in buffers.enumerated() {
        #expect(arena.offsets[index] % 64 == 0)
        #expect(arena.offsets[index] + buffer.bytes <= arena.byteCount)
        for other in 0..<index where buffers[other].lifetime.overlaps(buffer.lifetime) {
          let apart =
            arena.offsets[other] + buffers[other].bytes <= arena.offsets[index]
            || arena.offsets[index] + buffer.bytes <= arena.offsets[other]
          #expect(apart || buffer.bytes == 0 || buffers[other].bytes == 0)
        }
      }
    }
  }

  @Test("the plan never takes more than all buffers one after another, and a chain takes two")
  func size() {
    var generator = SplitMix64(seed: 2)
    for _ in 0..<100 {
      let buffers = random(&generator)
      #expect(Arena(buffers).byteCount <= buffers.reduce(0) { $0 + ($1.bytes + 63) / 64 * 64 })
    }
    #expect(Arena((0..<9).map { (640, $0...$0 + 1) }).byteCount == 1280)
    #expect(Arena([]).byteCount == 0)
  }
}
