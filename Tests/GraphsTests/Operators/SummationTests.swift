import Graphs
import Tensors
import TestSupport
import Testing

/// `Einsum` beside a loop over every index.
struct SummationTests {
  struct Example: Sendable, CustomTestStringConvertible {
    let equation: String
    let shapes: [[Int]]
    var testDescription: String { "\(equation) of \(shapes)" }

    init(_ equation: String, _ shapes: [Int]...) { (self.equation, self.shapes) = (equation, shapes) }

    /// A network whose inputs are the operands.
    func network() -> ToyNetwork {
      var toy = ToyNetwork([1])
      toy.inputs = shapes.enumerated().map { .init(name: "x\($0)", dimensions: $1) }
      toy.add("Einsum", toy.inputs.map(\.name), "y", ["equation": .string(equation)])
      return toy
    }
  }

  @Test(
    "sums of products, and their gradients",
    arguments: [
      Example("ij,jk->ik", [3, 4], [4, 5]), Example("ji,kj->ki", [4, 3], [5, 4]),
      Example("ij,jk", [3, 4], [4, 5]),
      Example("ij->", [3, 4]), Example("ij->j", [3, 4]), Example("ij->ji", [3, 4]),
      Example("i,j->ji", [3], [4]),
      Example("ba", [3, 4]), Example("bnqk,bnkd->bqnd", [2, 3, 4, 5], [2, 3, 5, 2]),
      Example("bhid,bhjd->bhij", [2, 3, 4, 5], [2, 3, 2, 5]),
      Example("aibj,cjbi->acb", [2, 3, 4, 5], [3, 5, 4, 3]),
      Example("abc,dbe->acde", [2, 3, 4], [3, 3, 2]), Example(" i j , j -> i ", [3, 4], [4]),
      // Diagonals.
      Example("ii->i", [4, 4]), Example("ii", [4, 4]), Example("iji->ji", [3, 4, 3]),
      Example("iiij->ij", [3, 3, 3, 2]),
      Example("iijj->ji", [3, 3, 2, 2]), Example("iij,jk->ik", [3, 3, 4], [4, 2]),
      Example("iij,ij->", [1, 1, 2], [3, 2]),
      // Axes without names.
      Example("...ij,...jk->...ik", [2, 3, 4, 5], [2, 3, 5, 2]),
      Example("...ij,jk->...ik", [2, 3, 4, 5], [5, 2]),
      Example("i...,i...->...", [3, 2, 4], [3, 2, 4]), Example("...i->i...", [2, 3, 4]),
      Example("b...", [2, 3, 4]),
      Example("...i,...i->...", [2, 1, 3], [4, 3]), Example("i...j,j->i...", [2, 3, 4], [4]),
      Example("i->...i", [3]),
      Example("...,...", [2, 3], [3]), Example("b...->b", [2, 3, 4]),
      Example("...ij,ij->...", [3, 4], [3, 4]),
      // Axes of 1 that are broadcast, and those that are not.
      Example("ij,jk->ik", [2, 1], [3, 4]), Example("ij,jk->ijk", [2, 3], [1, 4]),
      Example("ij,jk->ik", [1, 1], [1, 1]),
      Example("i,i", [3], [1]), Example("bij,bj->bi", [1, 3, 4], [2, 4]),
      Example("bij,bjk->bik", [1, 3, 4], [1, 4, 1]),
      // One, two, many operands; some of them numbers.
      Example("->", []), Example("", []), Example(",ij->ji", [], [2, 3]), Example(",->", [], []),
      Example("ij,,jk->ik", [2, 3], [], [3, 2]), Example("a,ab,abc->abc", [2], [2, 3], [2, 3, 4]),
      Example("ij,jk,kl,lm->im", [2, 3], [3, 4], [4, 2], [2, 3]), Example("i,i,i,i->", [3], [3], [3], [3]),
      Example("i,j,k,l->lji", [2], [3], [2], [4]), Example("bi,oij,bj->bo", [2, 3], [4, 3, 5], [2, 5]),
      // Capitals come before small letters.
      Example("Bb,bA", [2, 3], [3, 4]),
    ])
  func sums(example: Example) throws {
    try expectNaive(example.network())
    // Products of up to four factors, each rounded.
    try expectDifferences(example.network(), tolerance: 5e-5)
  }

  @Test("a batch of any size, cut or whole")
  func batches() throws {
    var generator = SplitMix64(seed: 3)
    var toy = ToyNetwork([1, 3, 4])
    toy.add("Einsum", ["x", toy.weight("w", generator.tensor([4, 5]))], "h", ["equation": "bti,io->bto"])
    toy.add("Einsum", ["h", "h"], "y", ["equation": "bio,bjo->bij"])
    #expect(try toy.graph().dependsOnShapes)
    for rows in [1, 2, 7] { try expectNaive(toy, rows: rows) }
    let inputs = toy.sample(rows: 7)
    let whole = try toy.network().values(of: ["y"], at: inputs)[0]
    let cut = try toy.rowNetwork(threads: 2, rowsPerRun: 2).evaluate(["y"], at: inputs)[0]
    #expect(distance(cut, Values(whole)) < 1e-6)
  }

  @Test("of constants, a constant")
  func constants() throws {
    var toy = ToyNetwork([1, 2])
    let weights = toy.weight("w", Tensor([2, 2], [1, 2, 3, 4]))
    toy.add("Einsum", [weights, weights], "v", ["equation": "ij,jk->ik"])
    toy.add("MatMul", ["x", "v"], "y")
    #expect(try toy.graph().constants["v"] == Tensor([2, 2], [7, 10, 15, 22]))
  }

  @Test(
    "what is no equation of the operands",
    arguments: [
      (Example("ij,jk->ik", [2, 3]), "equation 'ij,jk->ik': it tells of 2 operands, and there are 1"),
      (Example("i->i->i", [2]), "equation 'i->i->i': it has several arrows"),
      (Example("i-j", [2]), "equation 'i-j': 'i-j' is not letters with at most one '...' among them"),
      (Example("i.j", [2, 3]), "equation 'i.j': 'i.j' is not letters with at most one '...' among them"),
      (
        Example("...i...", [2]),
        "equation '...i...': '...i...' is not letters with at most one '...' among them"
      ),
      (Example("i1->i", [2, 3]), "equation 'i1->i': 'i1' is not letters with at most one '...' among them"),
      (Example("é->é", [2]), "equation 'é->é': 'é' is not letters with at most one '...' among them"),
      (Example("ij->ik", [2, 3]), "equation 'ij->ik': its result has an axis 'k' that no operand has"),
      (Example("ij->ii", [2, 3]), "equation 'ij->ii': its result has an axis twice"),
      (Example("ijk->i", [2, 3]), "operand 0 has shape [2, 3], not the axes that its equation names"),
      (Example("i->i", [2, 3]), "operand 0 has shape [2, 3], not the axes that its equation names"),
      (Example("ij...k->i", [2, 3]), "operand 0 has shape [2, 3], not the axes that its equation names"),
      (Example("ij,jk->ik", [2, 3], [4, 5]), "axis 'j' has 3 places and 4"),
      (Example("...i,...i->i", [2, 3], [4, 3]), "axis 1 from the end of '...' has 2 places and 4"),
      (Example("ii->i", [2, 3]), "operand 0 of shape [2, 3] has no diagonal along axis 'i'"),
      (Example("ii->i", [1, 3]), "operand 0 of shape [1, 3] has no diagonal along axis 'i'"),
      (
        Example(String(repeating: "i", count: 1_000_000), [2]),
        "an equation of 1000000 bytes; at most 256 are read"
      ),
    ])
  func refused(example: Example, message: String) {
    expectError("node 'node y' (Einsum): \(message)") { _ = try example.network().graph() }
  }

  @Test("products of more axes than there can be, and of more elements")
  func tooLarge() {
    let axes = Example(
      "abcdefgh,ijklmnop->abcdefghijklmnop", [Int](repeating: 1, count: 8), [Int](repeating: 1, count: 8))
    let ones = Shape([Int](repeating: 1, count: 16))
    let place = "node 'node y/0 (Reshape)' (Reshape): its result of shape \(ones)"
    expectError("\(place) has more than the 12 axes that oneDNN knows") { _ = try axes.network().graph() }
    let elements = Example("i,j,k->ijk", [1 << 15], [1 << 15], [1 << 15])
    let cube = "node 'node y/5 (Mul)' (Mul): its result of shape [32768, 32768, 32768]"
    expectError("\(cube) would not fit into memory") { _ = try elements.network().graph() }
  }
}
