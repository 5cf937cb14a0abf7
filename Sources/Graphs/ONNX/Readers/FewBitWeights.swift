import OneDNN
import Tensors

extension ONNXNode {
  /// ONNX Runtime `MatMulNBits`: `a · bᵀ`, with `b[n, k] = (code − zero) · scale` of 2, 4 or 8 bits, one scale and one zero
  /// point for each block of `block_size` places along `k`. The matrix is made real while reading.
  func productOfFewBits(_ composer: inout Composer) throws {
    let (columns, depth) = (integer("N", default: 0), integer("K", default: 0))
    let (bits, block) = (integer("bits", default: 4), integer("block_size", default: 0))
    guard [2, 4, 8].contains(bits), (1...1 << 20).contains(block), (1...1 << 30).contains(columns),
      (1...1 << 30).contains(depth)
    else { throw unsupported("\(columns) × \(depth) weights of \(bits) bits in blocks of \(block)") }
    let blocks = (depth + block - 1) / block
    let codes = try codes(weight(1), bits: bits, perRow: blocks * block * bits / 8 * 8 / bits)
    let scales = try weight(2)
    let shape = try composer.affordable([columns, depth])
    let groups = try integers(4)
    guard scales.count == columns * blocks, codes.tensor.count * 8 / bits >= columns * codes.perRow,
      groups?.count ?? depth == depth, groups?.allSatisfy((0..<blocks).contains) ?? true
    else { throw unsupported("weights and scales that do not fit \(columns) × \(depth)") }
    let zeros = try hasOperand(3) ? weight(3) : nil
    let perRow = (blocks * bits + 7) / 8
    let zerosArePacked = isInteger(3)
    let zeroCodes = try zeros.flatMap { zeros in
      zerosArePacked ? try self.codes(zeros, bits: bits, perRow: perRow * 8 / bits) : nil
    }
    guard zeros.map({ $0.count >= (zerosArePacked ? columns * perRow : columns * blocks) }) ?? true else {
      throw unsupported("zero points of shape \(zeros?.shape ?? []) for \(columns) × \(blocks) blocks")
    }
    let usual = Float(1 << (bits - 1))
    let matrix = Tensor(unsafeUninitialized: shape) { values in
      scales.withUnsafeValues { scales in
        for n in 0..<columns {
          for k in 0..<depth {
            let group = groups?[k] ?? k / block
            var zero = usual
            if let zeroCodes {
              zero = zeroCodes[n, group]
            } else if let zeros {
              zero = zeros[flat: n * blocks + group]
            }
            values[n * depth + k] = (codes[n, k] - zero) * scales[n * blocks + group]
          }
        }
      }
    }
    var product = MatrixProduct(kind: "MatMulNBits")
    product.transposesB = true
    let weights = composer.add(constant: matrix)
    let source = try operands(1)[0]
    guard hasOperand(5) else {
      composer.add(product, [source, weights], as: outputs[0])
      return
    }
    let bare = composer.add(product, [source, weights])
    composer.add(Binary(.add), [bare, inputs[5]], as: outputs[0])
  }

  private func codes(_ tensor: Tensor, bits: Int, perRow: Int) throws -> Codes {
    guard tensor.withUnsafeValues({ $0.allSatisfy { -128...255 ~= $0 } }) else {
      throw unsupported("packed weights or zero points that are no bytes")
    }
    return Codes(tensor: tensor, bits: bits, perRow: perRow)
  }
}

/// Codes of few bits in rows, several in a byte, the lowest bits first.
private struct Codes {
  let tensor: Tensor
  let bits: Int
  /// Codes of a row, those that fill it up counted.
  let perRow: Int

  subscript(row: Int, column: Int) -> Float {
    let place = (row * perRow + column) * bits
    let byte = Int(tensor[flat: place / 8])
    return Float(byte >> (place % 8) & (1 << bits - 1))
  }
}

extension Tensor {
  /// Element `place` of all, the last axis fastest.
  fileprivate subscript(flat place: Int) -> Float { withUnsafeValues { $0[place] } }
}
