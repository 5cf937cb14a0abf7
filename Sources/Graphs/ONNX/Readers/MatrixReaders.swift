import OneDNN
import Tensors

/// Matrix products, and functions of whole rows.
let matrixReaders: [String: OperatorReader] = [
  "Gemm": { node in
    var product = MatrixProduct(kind: "Gemm")
    product.alpha = node.float("alpha", default: 1)
    product.beta = node.float("beta", default: 1)
    product.transposesA = node.integer("transA", default: 0) != 0
    product.transposesB = node.integer("transB", default: 0) != 0
    return (product, try node.operands(2, atMost: 3))
  },
  "MatMul": { (MatrixProduct(kind: "MatMul"), try $0.operands(2)) },
  "Softmax": { ($0.softmax(logarithm: false), try $0.operands(1)) },
  "LogSoftmax": { ($0.softmax(logarithm: true), try $0.operands(1)) },
  "Hardmax": { (Hardmax(soft: $0.softmax(logarithm: false)), try $0.operands(1)) },

]

/// Matrix products of ONNX Runtime.
let matrixComposites: [String: CompositeReader] = [
  "com.microsoft.FusedMatMul": { try $0.fusedProduct(&$1) },
  "com.microsoft.TransposeMatMul": { try $0.fusedProduct(&$1) },
  "com.microsoft.MatMulNBits": { try $0.productOfFewBits(&$1) },
]

extension ONNXNode {
  /// `alpha · a · b`, either transposed first, and before that its first axis brought behind those of the batch.
  fileprivate func fusedProduct(_ composer: inout Composer) throws {
    var factors = try operands(2)
    for (place, attribute) in ["transBatchA", "transBatchB"].enumerated()
    where integer(attribute, default: 0) != 0 {
      let rank = try knownShape(place).rank
      guard rank > 2 else { continue }
      let axes = Array(1..<rank - 1) + [0, rank - 1]
      factors[place] = composer.add(Transposition(axes: axes), [factors[place]])
    }
    var product = MatrixProduct(kind: "FusedMatMul")
    product.alpha = float("alpha", default: 1)
    // A vector has nothing to be transposed.
    product.transposesA = integer("transA", default: 0) != 0 && shape(0)?.rank != 1
    product.transposesB = integer("transB", default: 0) != 0 && shape(1)?.rank != 1
    composer.add(product, factors, as: outputs[0])
  }

  fileprivate func softmax(logarithm: Bool) -> Softmax {
    Softmax(
      logarithm: logarithm, axis: integer("axis", default: opset < 13 ? 1 : -1), overAllBehind: opset < 13)
  }
}
