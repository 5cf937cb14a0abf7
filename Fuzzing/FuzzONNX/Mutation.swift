import Foundation
import SwiftProtobuf

/// libFuzzer's mutator for protobuf: bytes changed at random seldom decode, so that three times in four a decoded file
/// is changed in one or two places and encoded again.
@_cdecl("LLVMFuzzerCustomMutator")
public func mutate(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ limit: Int, _ seed: CUnsignedInt)
  -> Int
{
  var generator = Generator(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1)
  guard generator.next() % 4 > 0,
    var file = try? Onnx_ModelProto(serializedBytes: Array(UnsafeBufferPointer(start: data, count: size)))
  else { return mutateBytes(data, size, limit) }
  for _ in 0...generator.next() % 2 {
    if !file.functions.isEmpty, generator.next() % 2 == 0 {
      file.functions.mutateOne(&generator) { function, generator in
        function.node.mutateOne(&generator) { $0.mutate(&$1) }
      }
    } else {
      file.graph.mutate(&generator)
    }
  }
  return write(file, to: data, limit) ?? mutateBytes(data, size, limit)
}

/// The first file with a node of the second, and that node's constants.
@_cdecl("LLVMFuzzerCustomCrossOver")
public func cross(
  _ first: UnsafePointer<UInt8>, _ firstSize: Int, _ second: UnsafePointer<UInt8>, _ secondSize: Int,
  _ result: UnsafeMutablePointer<UInt8>, _ limit: Int, _ seed: CUnsignedInt
) -> Int {
  var generator = Generator(state: UInt64(seed) | 1)
  guard
    var file = try? Onnx_ModelProto(
      serializedBytes: Array(UnsafeBufferPointer(start: first, count: firstSize))),
    let other = try? Onnx_ModelProto(
      serializedBytes: Array(UnsafeBufferPointer(start: second, count: secondSize))),
    var node = other.graph.node.randomElement(using: &generator)
  else { return 0 }
  let known = Set(file.graph.initializer.map(\.name))
  file.graph.initializer += other.graph.initializer.filter {
    node.input.contains($0.name) && !known.contains($0.name)
  }
  // It reads what is there, and is read by whoever comes next.
  if let last = file.graph.node.last?.output.first, !node.input.isEmpty { node.input[0] = last }
  file.graph.node.append(node)
  if let output = node.output.first, !file.graph.output.isEmpty { file.graph.output[0].name = output }
  return write(file, to: result, limit) ?? 0
}

@_silgen_name("LLVMFuzzerMutate")
private func mutateBytes(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ limit: Int) -> Int

private func write(_ file: Onnx_ModelProto, to data: UnsafeMutablePointer<UInt8>, _ limit: Int) -> Int? {
  guard let bytes: [UInt8] = try? file.serializedBytes(), bytes.count <= limit else { return nil }
  data.update(from: bytes, count: bytes.count)
  return bytes.count
}

/// Xorshift (Marsaglia 2003).
private struct Generator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}

/// Numbers at the edges of what types and sizes hold.
private let numbers: [Int64] = [
  .min, .min + 1, -1 << 31, -3, -2, -1, 0, 1, 2, 3, 4, 5, 7, 8, 12, 13, 16, 255, 1 << 16, 1 << 24, 1 << 31,
  1 << 32,
  1 << 40, 1 << 62, .max - 1, .max,
]
private let floats: [Float] = [0, -0.0, 1, -1, 0.5, 2, 1e-30, 1e9, 1e30, .infinity, -.infinity, .nan]

extension Onnx_GraphProto {
  fileprivate mutating func mutate(_ generator: inout Generator) {
    switch generator.next() % 10 {
    case 0: initializer.mutateOne(&generator) { $0.mutate(&$1) }
    case 1: input.mutateOne(&generator) { $0.mutate(&$1) }
    case 2: rewire(&generator)
    case 3: initializer.mutateOne(&generator) { $0.mutate(&$1) }
    case 4: turnIntoConstant(&generator)
    case 5:
      output.mutateOne(&generator) { [node] value, generator in
        value.name = node.randomElement(using: &generator)?.output.randomElement(using: &generator) ?? ""
      }
    default: node.mutateOne(&generator) { $0.mutate(&$1) }
    }
  }

  /// Lets an operand be another tensor, be left out, or come in addition.
  private mutating func rewire(_ generator: inout Generator) {
    let names = node.flatMap(\.output) + input.map(\.name) + initializer.map(\.name) + [""]
    node.mutateOne(&generator) { node, generator in
      let name = names.randomElement(using: &generator) ?? ""
      if node.input.isEmpty || generator.next() % 4 == 0 {
        node.input.append(name)
      } else {
        node.input[Int.random(in: 0..<node.input.count, using: &generator)] = name
      }
    }
  }

  /// An input becomes a small constant: whatever hangs on it is computed while reading.
  private mutating func turnIntoConstant(_ generator: inout Generator) {
    guard input.count > 1 else { return }
    let value = input.remove(at: Int.random(in: 0..<input.count, using: &generator))
    var tensor = Onnx_TensorProto()
    tensor.name = value.name
    tensor.dataType = 7
    tensor.int64Data = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
      numbers.randomElement(using: &generator) ?? 0
    }
    tensor.dims = [Int64(tensor.int64Data.count)]
    initializer.append(tensor)
  }
}

extension Onnx_NodeProto {
  fileprivate mutating func mutate(_ generator: inout Generator) {
    if attribute.isEmpty || generator.next() % 8 == 0 {
      var new = Onnx_AttributeProto()
      new.name =
        ["axis", "axes", "kernel_shape", "strides", "pads", "dilations", "group", "perm", "to", "value"]
        .randomElement(using: &generator) ?? ""
      new.i = numbers.randomElement(using: &generator) ?? 0
      new.ints = [new.i, numbers.randomElement(using: &generator) ?? 0]
      attribute.append(new)
    } else if generator.next() % 16 == 0 {
      attribute.remove(at: Int.random(in: 0..<attribute.count, using: &generator))
    } else {
      attribute.mutateOne(&generator) { $0.mutate(&$1) }
    }
  }
}

extension Onnx_AttributeProto {
  fileprivate mutating func mutate(_ generator: inout Generator) {
    if hasG, generator.next() % 4 > 0 { return g.mutate(&generator) }
    if hasT, generator.next() % 4 > 0 { return t.mutate(&generator) }
    i = numbers.randomElement(using: &generator) ?? 0
    f = floats.randomElement(using: &generator) ?? 0
    ints.mutateNumbers(&generator)
  }
}

extension Onnx_TensorProto {
  fileprivate mutating func mutate(_ generator: inout Generator) {
    switch generator.next() % 4 {
    case 0: dims.mutateNumbers(&generator)
    case 1:
      dataType = Int32.random(in: 0...24, using: &generator)
    default:
      if dataType == 7, rawData.count >= 8 {
        let place = Int.random(in: 0..<rawData.count / 8, using: &generator) * 8
        let number = numbers.randomElement(using: &generator) ?? 0
        withUnsafeBytes(of: number.littleEndian) { rawData.replaceSubrange(place..<place + 8, with: $0) }
      } else if dataType == 1, rawData.count >= 4 {
        let place = Int.random(in: 0..<rawData.count / 4, using: &generator) * 4
        let number = floats.randomElement(using: &generator) ?? 0
        withUnsafeBytes(of: number) { rawData.replaceSubrange(place..<place + 4, with: $0) }
      } else {
        int64Data.mutateNumbers(&generator)
      }
    }
  }
}

extension Onnx_ValueInfoProto {
  fileprivate mutating func mutate(_ generator: inout Generator) {
    if generator.next() % 8 == 0 { type.tensorType.elemType = Int32.random(in: 0...16, using: &generator) }
    type.tensorType.shape.dim.mutateOne(&generator) { dimension, generator in
      dimension.dimValue = numbers.randomElement(using: &generator) ?? 0
    }
    if generator.next() % 8 == 0 { type.tensorType.shape.dim.append(.init()) }
  }
}

extension Array {
  fileprivate mutating func mutateOne(
    _ generator: inout Generator, _ body: (inout Element, inout Generator) -> Void
  ) {
    guard !isEmpty else { return }
    body(&self[Int.random(in: 0..<count, using: &generator)], &generator)
  }
}

extension [Int64] {
  fileprivate mutating func mutateNumbers(_ generator: inout Generator) {
    let number = numbers.randomElement(using: &generator) ?? 0
    if isEmpty || generator.next() % 8 == 0 { return append(number) }
    if generator.next() % 8 == 0 {
      removeLast()
    } else {
      mutateOne(&generator) { value, _ in value = number }
    }
  }
}
