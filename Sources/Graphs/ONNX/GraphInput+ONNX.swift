extension GraphInput {
  /// An input as the file declares it; an extent of 0 is one that it leaves open.
  init(_ value: Onnx_ValueInfoProto, path: String) throws {
    let type = value.type.tensorType
    // Whole numbers and truth values are fed as float32, too.
    guard ![8, 14, 15].contains(type.elemType), (0...26).contains(type.elemType) else {
      throw ONNXError.notANetwork(
        path: path, reason: "input '\(value.name)' does not take numbers (ONNX type \(type.elemType))")
    }
    let isInteger = holdsWholeNumbers(Int(type.elemType))
    guard type.hasShape else {
      self.init(name: value.name, dimensions: nil, isInteger: isInteger)
      return
    }
    var dimensions: [Dimension] = []
    for dimension in type.shape.dim {
      switch dimension.value {
      case .dimValue(let extent)? where extent > 0 && extent < 1 << 31: dimensions.append(.fixed(Int(extent)))
      case .dimValue(let extent)? where extent > 0:
        throw ONNXError.notANetwork(path: path, reason: "input '\(value.name)' has an axis of \(extent)")
      case .dimParam(let symbol)?: dimensions.append(.symbolic(symbol))
      default: dimensions.append(.symbolic(""))
      }
    }
    self.init(name: value.name, dimensions: dimensions, isInteger: isInteger)
  }
}
