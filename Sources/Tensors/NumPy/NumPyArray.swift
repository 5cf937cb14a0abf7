extension Tensor {
  /// The tensor in `bytes`, the content of a `.npy` file.
  ///
  /// Reads the versions 1.0, 2.0 and 3.0 and real numbers of every kind (`f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8`, `bool`) in
  /// either byte order, rounded to `Float`. An array in Fortran order is transposed: the shape is the array's own, the
  /// last axis the fastest.
  ///
  /// - Parameter path: where the bytes come from, for messages.
  /// - Throws: `NumPyError` for bytes that are no such array, before memory is taken for it.
  public init(npy bytes: [UInt8], from path: String) throws(NumPyError) {
    try self.init(npy: bytes[...], from: path)
  }

  init(npy bytes: ArraySlice<UInt8>, from path: String) throws(NumPyError) {
    var bytes = bytes
    let header = try NumPyHeader(reading: &bytes, from: path)
    let shape = Shape(header.isFortranOrder ? header.dimensions.reversed() : header.dimensions)
    let stored = Tensor(unsafeUninitialized: shape) { floats in
      bytes.withUnsafeBytes { header.elements.decode($0, into: floats) }
    }
    self = header.isFortranOrder ? stored.withReversedAxes() : stored
  }

  /// The tensor as the content of a `.npy` file: version 1.0, `<f4`, C order, the elements 64-byte aligned in the file.
  public var npy: [UInt8] {
    var bytes = NumPyHeader.bytes(for: shape)
    bytes.reserveCapacity(bytes.count + count * MemoryLayout<Float>.size)
    withUnsafeValues { bytes.append(contentsOf: UnsafeRawBufferPointer($0)) }
    return bytes
  }

  /// The transpose: element `[i, j, k]` becomes `[k, j, i]`.
  private func withReversedAxes() -> Tensor {
    let transposed = Shape(shape.dimensions.reversed())
    // How far apart neighbours along each axis of the result lie in `self`.
    let steps = Array(shape.strides.reversed())
    var index = [Int](repeating: 0, count: shape.rank)
    var source = 0
    return withUnsafeValues { values in
      Tensor(unsafeUninitialized: transposed) { result in
        for place in result.indices {
          result[place] = values[source]
          // One step on, the last axis first, carrying over as an odometer does.
          for axis in index.indices.reversed() {
            index[axis] += 1
            source += steps[axis]
            if index[axis] < transposed[axis] { break }
            source -= index[axis] * steps[axis]
            index[axis] = 0
          }
        }
      }
    }
  }
}
