import Explain
import Synchronization
import Tensors
import TestSupport
import Testing

struct RISETests {
  /// Numbers from 0 to 1.
  private func masks(_ count: Int, _ frames: Int, _ bands: Int) -> Tensor {
    let values = Tensor.random([count, frames, bands], seed: 11).values
    return Tensor([count, frames, bands], values.map { ($0 + 1) / 2 })
  }

  // Scores are float32 sums of 48 terms.
  @Test("The definition, with given masks", arguments: [(1, 6), (70, 6), (70, 1)])
  func definition(count: Int, frames: Int) throws {
    let function = Polynomial(2 * frames * 4, seed: 4)
    let x = Tensor.random([2, 2, frames, 4], seed: 5)
    let masks = masks(count, frames, 4)
    let ours = try RISE(masks: masks, probability: 0.4, baseline: .constant(-1)).attribute(function, at: x)
    #expect(ours.shape == x.shape)
    let size = frames * 4
    for row in 0..<2 {
      let values = x.rows(row..<row + 1).values
      let scores = try (0..<count).map { mask in
        let masked = values.indices.map { -1 + masks.values[mask * size + $0 % size] * (values[$0] + 1) }
        return Double(try function.scores(at: Tensor([1, 2, frames, 4], masked))[0])
      }
      let mean = scores.reduce(0, +) / Double(count)
      let expected = values.indices.map { place in
        scores.enumerated().reduce(0) { sum, entry in
          sum + (entry.element - mean) * Double(masks.values[entry.offset * size + place % size])
        } / (Double(count) * 0.4)
      }
      let found = ours.rows(row..<row + 1).values
      #expect(zip(found, expected).allSatisfy { abs(Double($0) - $1) < 1e-4 })
    }
  }

  @Test("The segment that the score reads stands out", arguments: [(16, 24), (40, 9), (1, 32)])
  func findsTheSegment(frames: Int, bands: Int) throws {
    // Everything beyond the middle of the bands in the last half of the frames.
    let inside = (0..<frames * bands).map { $0 / bands >= frames / 2 && $0 % bands > bands / 2 }
    let x = Tensor([1, frames, bands], repeating: 1)
    let map = try RISE(samples: 1500).attribute(
      Asked { row in zip(row, inside).reduce(0) { $1.1 ? $0 + $1.0 : $0 } }, at: x
    ).values
    let largest = map.indices.max { map[$0] < map[$1] } ?? 0
    #expect(inside[largest])
    func mean(_ part: [Float]) -> Float { part.reduce(0, +) / Float(max(1, part.count)) }
    let (hits, misses) = (map.indices.filter { inside[$0] }, map.indices.filter { !inside[$0] })
    #expect(mean(hits.map { map[$0] }) > 3 * abs(mean(misses.map { map[$0] })))
  }

  @Test("Drawn masks lie in 0...1, let through what they should, and are smooth")
  func drawnMasks() throws {
    // Of ones over a baseline of zeros the masks themselves are what the network is asked.
    let function = Asked { $0[0] }
    _ = try RISE(samples: 500, probability: 0.3).attribute(function, at: Tensor([1, 21, 17], repeating: 1))
    let masks = function.rows.dropFirst()
    #expect(masks.count == 500)
    #expect(masks.allSatisfy { $0.allSatisfy { $0 >= 0 && $0 <= 1 } })
    let mean = masks.reduce(0.0) { $0 + $1.reduce(0.0) { $0 + Double($1) } } / Double(500 * 21 * 17)
    // 500 masks of about 64 cells: a standard error of √(0.3 · 0.7 / 32,000) = 0.003.
    #expect(abs(mean - 0.3) < 0.015)
    // Cells of 3 by 3 places, 9 of them over 8 cells of the grid: a step along an axis is at most 8/27.
    for mask in masks.prefix(50) {
      for place in 0..<20 * 17 { #expect(abs(mask[place] - mask[place + 17]) < 0.2963) }
    }
  }

  @Test("Masks of another shape are refused", arguments: [[3, 5, 4], [4, 5], [0, 4, 5]])
  func misfits(shape: [Int]) throws {
    let error = #expect(throws: ExplainError.self) {
      try RISE(masks: Tensor(Shape(shape))).attribute(Polynomial(20, seed: 1), at: Tensor([1, 4, 5]))
    }
    #expect("\(error.map { "\($0)" } ?? "")".contains("[masks, 4, 5]"))
  }

  @Test("Progress goes up to all masks of all rows")
  func progress() throws {
    let seen = Mutex<[[Int]]>([])
    var method = RISE(samples: 100)
    method.control = RunControl { told in seen.withLock { $0.append([told.done, told.all]) } }
    _ = try method.attribute(Polynomial(12, seed: 1), at: Tensor.random([2, 4, 3], seed: 1))
    #expect(seen.withLock { $0 } == [[50, 200], [100, 200], [150, 200], [200, 200]])
  }
}
