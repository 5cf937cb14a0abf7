import Tensors

/// Where the classes of each moment lie in a row of a network's result.
///
/// A result of one score a class has one moment: the whole patch.
public struct OutputLayout: Sendable, Hashable {
  public let moments: Int
  public let classes: Int
  /// How far apart two moments, and two classes, lie in a row.
  private let momentStride: Int
  private let classStride: Int

  /// - Parameters:
  ///   - row: the extents of a row's axes.
  ///   - time: the axis along which moments run; nil for a single one.
  ///   - classes: the axis along which classes run; nil for a single one. All other axes have extent 1.
  init(row: [Int], time: Int?, classes: Int?) {
    func stride(_ axis: Int) -> Int { row[(axis + 1)...].reduce(1, *) }
    moments = time.map { row[$0] } ?? 1
    self.classes = classes.map { row[$0] } ?? 1
    momentStride = time.map(stride) ?? 0
    classStride = classes.map(stride) ?? 0
  }

  /// The element of a row that is a class's at a moment, counted over all its axes.
  public func element(class index: Int, moment: Int) -> Int { moment * momentStride + index * classStride }

  /// The classes of every moment, `[rows · moments, classes]`: row after row, and in it moment after moment.
  func matrix(_ values: Tensor) -> Tensor {
    let width = moments * classes
    let rows = values.count / max(1, width)
    if classStride == 1 || classes == 1, momentStride == classes || moments == 1 {
      return values.reshaped(to: [rows * moments, classes])
    }
    return Tensor(unsafeUninitialized: [rows * moments, classes]) { result in
      values.withUnsafeValues { values in
        for row in 0..<rows {
          for moment in 0..<moments {
            for index in 0..<classes {
              result[(row * moments + moment) * classes + index] =
                values[row * width + element(class: index, moment: moment)]
            }
          }
        }
      }
    }
  }
}
