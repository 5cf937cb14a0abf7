import Tensors
import Testing

@Suite("Shape")
struct ShapeTests {
  @Test(
    "Count and strides",
    arguments: [
      ([], count: 1, strides: []), ([5], count: 5, strides: [1]),
      ([2, 3, 4], count: 24, strides: [12, 4, 1]),
      ([2, 0, 4], count: 0, strides: [0, 4, 1]),
    ] as [(shape: Shape, count: Int, strides: [Int])])
  func counts(shape: Shape, count: Int, strides: [Int]) {
    #expect(shape.count == count)
    #expect(shape.strides == strides)
    #expect(shape.rank == strides.count)
  }

  @Test("Extents can be looked at and changed")
  func extents() {
    var shape: Shape = [2, 3]
    shape[0] = 7
    #expect(shape == [7, 3])
    #expect(shape[1] == 3)
    #expect(shape.description == "[7, 3]")
  }

  @Test("A negative extent is a mistake of the program")
  func negative() async {
    await #expect(processExitsWith: .failure) { _ = Shape([2, -1]) }
  }
}
