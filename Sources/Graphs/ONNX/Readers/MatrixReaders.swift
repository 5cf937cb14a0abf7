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

extension ONNXNode {
  fileprivate func softmax(logarithm: Bool) -> Softmax {
    Softmax(
      logarithm: logarithm, axis: integer("axis", default: opset < 13 ? 1 : -1), overAllBehind: opset < 13)
  }
}
