import Tensors
import Testing

@Suite struct GaussianGeneratorTests {
  @Test(
    "Numbers made by several threads are those made one by one", arguments: [0, 1, 2, 7, 32_768, 100_001])
  func fillsAsOneByOne(count: Int) {
    var (one, many) = (GaussianGenerator(seed: 5), GaussianGenerator(seed: 5))
    // One number before leaves half a pair behind.
    #expect(one.normal() == many.normal())
    let expected = (0..<count).map { _ in one.normal() }
    var numbers = [Float](repeating: 0, count: count)
    numbers.withUnsafeMutableBufferPointer { many.fill($0) }
    #expect(numbers == expected)
    #expect(one.normal() == many.normal())
  }
}
