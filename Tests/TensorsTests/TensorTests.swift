import Tensors
import TestSupport
import Testing

@Suite("Tensor")
struct TensorTests {
  private let counting = Tensor([2, 3, 4], (0..<24).map(Float.init))

  @Test("Subscripts are row-major")
  func subscripts() {
    #expect(counting[0, 0, 0] == 0)
    #expect(counting[0, 2, 3] == 11)
    #expect(counting[1, 1, 0] == 16)
    #expect(Tensor([], [5])[] == 5)
  }

  @Test("A copy does not see what is written to the other")
  func copyOnWrite() {
    let original = counting
    var copy = original
    copy[1, 2, 3] = -1
    #expect(original[1, 2, 3] == 23)
    #expect(copy[1, 2, 3] == -1)
    #expect(copy.values.dropLast() == original.values.dropLast())
  }

  @Test("A tensor of one's own is written to in place")
  func inPlace() {
    var tensor = Tensor([4], repeating: 1)
    let before = tensor.withUnsafeValues(\.baseAddress)
    tensor[2] = 3
    #expect(tensor.withUnsafeValues(\.baseAddress) == before)
    #expect(tensor.values == [1, 1, 3, 1])
  }

  @Test("Views share storage until one is written to")
  func views() {
    let tensor = counting
    let start = tensor.withUnsafeValues(\.baseAddress)
    #expect(tensor.reshaped(to: [4, 6]).withUnsafeValues(\.baseAddress) == start)
    var row = tensor.rows(1..<2)
    #expect(row.withUnsafeValues(\.baseAddress) == start.map { $0 + 12 })
    #expect(row.shape == [1, 3, 4])
    #expect(row.values == (12..<24).map(Float.init))

    row[0, 0, 0] = -1
    #expect(row.values == [-1] + (13..<24).map(Float.init))
    #expect(tensor[1, 0, 0] == 12)
    #expect(tensor.reshaped(to: [24]).rows(5..<7).rows(1..<2).values == [6])
    #expect(tensor.rows(1..<1).values == [])
    #expect(tensor.rows(1..<1).shape == [0, 3, 4])
  }

  @Test("A view outlives the tensor it is of, and then is alone")
  func lastView() {
    var row = Tensor([2, 2], [1, 2, 3, 4]).rows(1..<2)
    let before = row.withUnsafeValues(\.baseAddress)
    row[0, 1] = 9
    #expect(row.withUnsafeValues(\.baseAddress) == before)
    #expect(row.values == [3, 9])
  }

  @Test("Storage starts on a cache line")
  func alignment() throws {
    for count in [0, 1, 17] {
      let start = try #require(Tensor([count]).withUnsafeValues(\.baseAddress))
      #expect(UInt(bitPattern: start) % 64 == 0)
    }
  }

  @Test("Equality is of shape and elements, and of no NaN")
  func equality() {
    #expect(counting == Tensor([2, 3, 4], (0..<24).map(Float.init)))
    #expect(counting != counting.reshaped(to: [6, 4]))
    #expect(counting.rows(0..<1) == Tensor([1, 3, 4], (0..<12).map(Float.init)))
    #expect(Tensor([1], [.nan]) != Tensor([1], [.nan]))
    #expect(Tensor([1], [-0.0]) == Tensor([1], [0]))
  }

  @Test("What does not fit is a mistake of the program")
  func misuse() async {
    await #expect(processExitsWith: .failure) { _ = Tensor([2], [1]) }
    await #expect(processExitsWith: .failure) { _ = Tensor([2]).reshaped(to: [3]) }
    await #expect(processExitsWith: .failure) { _ = Tensor([2]).rows(1..<3) }
    await #expect(processExitsWith: .failure) { _ = Tensor([2, 2])[1] }
    await #expect(processExitsWith: .failure) { _ = Tensor([2, 2])[0, 2] }
  }
}
