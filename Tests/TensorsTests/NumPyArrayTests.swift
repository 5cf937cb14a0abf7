import TestSupport
import Testing

import Tensors

@Suite(".npy")
struct NumPyArrayTests {
  private let counting = Tensor([2, 3, 4], (0..<24).map(Float.init))

  @Test(
    "Every version and order of NumPy's gives the same array",
    arguments: ["version1.npy", "version2.npy", "version3.npy", "fortran.npy", "fortran_int16.npy"])
  func versionsAndOrders(name: String) throws {
    #expect(try NumPy.read(Golden.path(name)) == counting)
  }

  @Test("Shapes from a scalar to an empty array")
  func shapes() throws {
    #expect(try NumPy.read(Golden.path("scalar.npy")) == Tensor([], [3.5]))
    #expect(try NumPy.read(Golden.path("vector.npy")) == Tensor([5], [0, 1, 2, 3, 4]))
    #expect(try NumPy.read(Golden.path("empty.npy")) == Tensor([0, 7]))
  }

  @Test("Every kind of real number in either byte order is converted")
  func types() throws {
    let arrays = try NumPy.readArchive(Golden.path("types.npz"))
    #expect(arrays.count == 21)
    for (name, tensor) in arrays {
      let expected: [Float] =
        switch name.last(where: \.isLetter) {
        case "f": [-2, -1.5, 0, 1, 2.5, 100]
        case "i": [-2, -1, 0, 1, 2, 100]
        case "u": [0, 1, 2, 100, 200, 255]
        default: [0, 0, 1, 1, 1, 1]
        }
      #expect(tensor.values == expected, "\(name)")
    }
  }

  @Test("Doubles beyond Float are infinite or zero, as in NumPy")
  func extremes() throws {
    let values = try NumPy.read(Golden.path("extremes.npy")).values
    #expect(values[2].isNaN)
    #expect(values[..<2] == [.infinity, -.infinity])
    #expect(values[3...] == [.infinity, -.infinity, 0, 0, 0.1])
  }

  @Test("NumPy's bytes are written, to the last one", arguments: ["version1.npy", "empty.npy"])
  func sameBytes(name: String) throws {
    let bytes = try Golden.bytes(name)
    #expect(try Tensor(npy: bytes, from: name).npy == bytes)
  }

  @Test(
    "A header is a multiple of 64 bytes",
    arguments: [[], [1], [123_456_789, 0], Array(repeating: 1, count: 64)] as [[Int]])
  func alignment(dimensions: [Int]) throws {
    let tensor = Tensor(Shape(dimensions))
    let header = tensor.npy.dropLast(4 * tensor.count)
    #expect(header.count % 64 == 0)
    #expect(header.last == UInt8(ascii: "\n"))
    #expect(try Tensor(npy: tensor.npy, from: "x").shape == tensor.shape)
  }

  @Test(
    "What is written is read again, views too",
    arguments: [
      Tensor([], [1.25]), Tensor([0, 3]), Tensor([3], [.infinity, -0.0, .leastNonzeroMagnitude]),
      Tensor([4, 3, 2], (0..<24).map(Float.init)).rows(1..<3),
      Tensor([4, 6], (0..<24).map(Float.init)).reshaped(to: [2, 2, 6]).rows(1..<2).reshaped(to: [12]),
    ])
  func roundTrip(tensor: Tensor) throws {
    try withScratchFolder { folder in
      try NumPy.write(tensor, to: "\(folder)/x.npy")
      #expect(try NumPy.read("\(folder)/x.npy") == tensor)
    }
  }

  @Test(
    "Headers as other programs write them",
    arguments: [
      "{'shape':(2,),'fortran_order':False,'descr':'<f4'}",
      "{\"descr\": \"f4\", \"fortran_order\": True, \"shape\": [2]}   \n",
      " { 'descr' : '=f4' , 'fortran_order' : False , 'shape' : ( 2L , ) , 'more' : None } ",
    ])
  func otherHeaders(header: String) throws {
    let tensor = try Tensor(npy: Golden.npy(header, [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0]), from: "x")
    #expect(tensor == Tensor([2], [1, -2]))
  }
}
