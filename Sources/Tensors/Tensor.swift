/// A dense array of `Float` in row-major order.
///
/// A value: copies share their storage until one of them is written to. `reshaped(to:)` and `rows(_:)` are views of
/// the same storage and copy nothing. The first axis is the batch wherever there is one.
public struct Tensor: Sendable {
  public let shape: Shape
  private var storage: Storage
  private let offset: Int

  /// A tensor whose every element is `value`.
  public init(_ shape: Shape, repeating value: Float = 0) {
    self.init(unsafeUninitialized: shape) { $0.update(repeating: value) }
  }

  /// A tensor of the given elements, last axis fastest. There must be `shape.count` of them.
  public init(_ shape: Shape, _ values: some Collection<Float>) {
    precondition(values.count == shape.count, "\(values.count) values do not fill a tensor of shape \(shape)")
    self.init(unsafeUninitialized: shape) { buffer in
      _ = buffer.update(fromContentsOf: values)
    }
  }

  /// A tensor filled by `fill`, which must write every element.
  public init<Failure: Error>(
    unsafeUninitialized shape: Shape, _ fill: (UnsafeMutableBufferPointer<Float>) throws(Failure) -> Void
  ) throws(Failure) {
    self.shape = shape
    storage = Storage(count: shape.count)
    offset = 0
    try fill(UnsafeMutableBufferPointer(start: storage.start, count: shape.count))
  }

  /// The rows of `parts`, one after another. All have the same shape but for the first axis.
  public init(joining parts: [Tensor]) {
    precondition(!parts.isEmpty, "no parts to join")
    var shape = parts[0].shape
    shape[0] = parts.reduce(0) { $0 + $1.shape[0] }
    self.init(unsafeUninitialized: shape) { buffer in
      var place = 0
      for part in parts {
        precondition(
          part.shape.dimensions.dropFirst() == shape.dimensions.dropFirst(), "parts differ in shape")
        place = part.withUnsafeValues { buffer[place...].update(fromContentsOf: $0) }
      }
    }
  }

  private init(shape: Shape, storage: Storage, offset: Int) {
    self.shape = shape
    self.storage = storage
    self.offset = offset
  }

  public var count: Int { shape.count }

  /// The elements, last axis fastest. A copy: inner loops use `withUnsafeValues`.
  public var values: [Float] { withUnsafeValues { Array($0) } }

  /// The same elements in another shape of the same count; shares the storage.
  public func reshaped(to shape: Shape) -> Tensor {
    precondition(shape.count == self.shape.count, "\(self.shape) cannot be reshaped to \(shape)")
    return Tensor(shape: shape, storage: storage, offset: offset)
  }

  /// Rows `range` of the first axis; shares the storage.
  public func rows(_ range: Range<Int>) -> Tensor {
    precondition(
      shape.rank > 0 && range.lowerBound >= 0 && range.upperBound <= shape[0], "rows \(range) of \(shape)")
    var part = shape
    part[0] = range.count
    let width = shape.dimensions.dropFirst().reduce(1, *)
    return Tensor(shape: part, storage: storage, offset: offset + range.lowerBound * width)
  }

  public func withUnsafeValues<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(storage) {} }
    return try body(UnsafeBufferPointer(start: storage.start + offset, count: shape.count))
  }

  /// Access to the elements for writing; copies them first if another tensor shares them.
  public mutating func withUnsafeMutableValues<Result, Failure: Error>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    if !isKnownUniquelyReferenced(&storage) {
      self = Tensor(unsafeUninitialized: shape) { copy in
        withUnsafeValues { _ = copy.update(fromContentsOf: $0) }
      }
    }
    defer { withExtendedLifetime(storage) {} }
    return try body(UnsafeMutableBufferPointer(start: storage.start + offset, count: shape.count))
  }

  public subscript(_ index: Int...) -> Float {
    get {
      let position = position(of: index)
      return withUnsafeValues { $0[position] }
    }
    set {
      let position = position(of: index)
      withUnsafeMutableValues { $0[position] = newValue }
    }
  }

  private func position(of index: [Int]) -> Int {
    precondition(index.count == shape.rank, "index \(index) into shape \(shape)")
    return zip(index, zip(shape.dimensions, shape.strides)).reduce(0) { sum, axis in
      let (place, (extent, stride)) = axis
      precondition(place >= 0 && place < extent, "index \(index) into shape \(shape)")
      return sum + place * stride
    }
  }
}

extension Tensor {
  /// `a − b`, element by element, of tensors of one shape.
  package func minus(_ other: Tensor) -> Tensor {
    precondition(shape == other.shape, "\(shape) minus \(other.shape)")
    return withUnsafeValues { a in
      other.withUnsafeValues { b in
        Tensor(unsafeUninitialized: shape) { result in
          for place in result.indices { result[place] = a[place] - b[place] }
        }
      }
    }
  }
}

extension Tensor: Equatable {
  /// Equal shapes and equal elements; like `Float`, a NaN equals nothing.
  public static func == (a: Tensor, b: Tensor) -> Bool {
    a.shape == b.shape && a.withUnsafeValues { x in b.withUnsafeValues { y in x.elementsEqual(y) } }
  }
}

/// The elements of one or more tensors, aligned to a cache line as vector kernels want it.
///
/// Sendable because nothing writes to it once the tensor that allocated it has been filled.
private final class Storage: @unchecked Sendable {
  let start: UnsafeMutablePointer<Float>

  init(count: Int) {
    let bytes = max(count, 1) * MemoryLayout<Float>.stride
    start = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
      .bindMemory(to: Float.self, capacity: max(count, 1))
  }

  deinit { start.deallocate() }
}
