import COneDNN

/// A row-major matrix in memory: `stride` elements from one row to the next.
public struct MatrixView {
  let start: UnsafePointer<Float>
  let stride: Int
  let transposed: Bool

  /// - Parameter transposed: whether the product reads columns for rows.
  public init(_ start: UnsafePointer<Float>, stride: Int, transposed: Bool = false) {
    self.start = start
    self.stride = stride
    self.transposed = transposed
  }

  fileprivate subscript(row: Int, column: Int) -> Float {
    transposed ? start[column * stride + row] : start[row * stride + column]
  }

  public init(_ start: UnsafeMutablePointer<Float>, stride: Int, transposed: Bool = false) {
    self.init(UnsafePointer(start), stride: stride, transposed: transposed)
  }
}

/// `c = a · b`, or `c += a · b`, with `a` of `rows × depth`, `b` of `depth × columns` and `c`'s rows `stride` apart.
///
/// For products inside native kernels, one for each time step, where a primitive each would cost more than it computes.
/// It works on the OpenMP threads of the calling thread (`Engine.useThreads`). Where oneDNN fails, for want of memory for
/// its copies, the product is computed by its definition.
public func multiply(
  _ a: MatrixView, _ b: MatrixView, rows: Int, columns: Int, depth: Int, adding: Bool = false,
  into c: UnsafeMutablePointer<Float>, stride: Int
) {
  let status = dnnl_sgemm(
    CChar(UInt8(ascii: a.transposed ? "T" : "N")), CChar(UInt8(ascii: b.transposed ? "T" : "N")),
    dnnl_dim_t(rows), dnnl_dim_t(columns), dnnl_dim_t(depth), 1, a.start, dnnl_dim_t(a.stride), b.start,
    dnnl_dim_t(b.stride), adding ? 1 : 0, c, dnnl_dim_t(stride))
  guard status != dnnl_success else { return }
  multiplyByDefinition(
    a, b, rows: rows, columns: columns, depth: depth, adding: adding, into: c, stride: stride)
}

/// The same, slowly, with no memory but the operands'.
package func multiplyByDefinition(
  _ a: MatrixView, _ b: MatrixView, rows: Int, columns: Int, depth: Int, adding: Bool = false,
  into c: UnsafeMutablePointer<Float>, stride: Int
) {
  for row in 0..<rows {
    for column in 0..<columns {
      var sum = 0.0
      for index in 0..<depth { sum += Double(a[row, index]) * Double(b[index, column]) }
      c[row * stride + column] = Float(adding ? Double(c[row * stride + column]) + sum : sum)
    }
  }
}
