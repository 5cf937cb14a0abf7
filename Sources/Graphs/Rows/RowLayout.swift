import Tensors

/// Where the rows (the independent examples) of a network run in the tensors of its file.
///
/// A file may have them along the first axis, as most do (`[N, 96, 64]`), along another one (a state `[2, N, 128]`), or
/// along none: then its tensor is one row (`[T]` samples, `[frames, classes]`, `[]` a scalar). `Network` shows all of them
/// as rows: the first axis of what it takes and gives is the rows', and the file's other axes follow in their order.
public struct RowLayout: Sendable, Hashable, CustomStringConvertible {
  /// How many rows the file's tensors hold in one run.
  public enum Capacity: Sendable, Hashable {
    case any
    /// Just so many: a fixed batch, or 1 where there is no axis for rows.
    case exactly(Int)
  }

  /// The axis of the file's tensor along which rows run; nil where the tensor is one row. Of every input; of inner tensors
  /// and results only where someone said so, as their axes follow from the inputs'.
  public var axes: [TensorName: Int?]
  public var capacity: Capacity
  /// Inputs whose axis could be another one by what the file says.
  public var guessed: Set<TensorName> = []

  /// Axes that are known: those of other inputs and results are found by `Network`.
  public init(axes: [TensorName: Int?] = [:], capacity: Capacity = .any) {
    (self.axes, self.capacity) = (axes, capacity)
  }

  /// `x: rows along axis 0; sr: one row`
  public var description: String {
    axes.keys.sorted().map { name in
      let told = (axes[name] ?? nil).map { "rows along axis \($0)" } ?? "one row"
      return "\(name): \(told)\(guessed.contains(name) ? " (guessed)" : "")"
    }.joined(separator: "; ")
  }

  /// The shape of an input in the file, for `rows` rows of the shape `row`.
  func fileShape(of input: TensorName, row: [Int], rows: Int) -> Shape {
    guard let axis = axes[input] ?? nil, axis <= row.count else { return Shape(row) }
    return Shape(row[..<axis] + [rows] + row[axis...])
  }
}

extension Tensor {
  /// `[n, a…, b…]` of `[a…, n, b…]`: the axis at `axis` comes first.
  func bringingForward(axis: Int) -> Tensor {
    let extents = shape.dimensions
    let moved = Shape([extents[axis]] + extents[..<axis] + extents[(axis + 1)...])
    return exchangingBlocks(extents[..<axis].reduce(1, *), extents[axis], to: moved)
  }

  /// `[a…, n, b…]` of `[n, a…, b…]`: the first axis goes to `axis`.
  func bringingFirst(to axis: Int) -> Tensor {
    let rest = Array(shape.dimensions.dropFirst())
    let moved = Shape(rest[..<axis] + [shape[0]] + rest[axis...])
    return exchangingBlocks(shape[0], rest[..<axis].reduce(1, *), to: moved)
  }

  /// `[first, second, …]` with the first two axes exchanged, in the shape `moved`.
  private func exchangingBlocks(_ first: Int, _ second: Int, to moved: Shape) -> Tensor {
    guard first > 1, second > 1, count > 0 else { return reshaped(to: moved) }
    let size = count / (first * second)
    return Tensor(unsafeUninitialized: moved) { result in
      withUnsafeValues { values in
        for i in 0..<first {
          for j in 0..<second {
            let (source, target) = ((i * second + j) * size, (j * first + i) * size)
            _ = UnsafeMutableBufferPointer(rebasing: result[target..<target + size])
              .update(fromContentsOf: values[source..<source + size])
          }
        }
      }
    }
  }
}
