/// What can go wrong between numbers and a picture.
public enum FigureError: Error, CustomStringConvertible, Equatable {
  /// A grid is empty, or not of the shape it has to have.
  case shape(what: String, shape: [Int], expected: String)
  /// A grid holds NaN or infinity.
  case notFinite(what: String, frame: Int, band: Int, value: Float)
  /// A single value cannot be drawn with: a hop of zero, a band centre out of order, a scale out of range.
  case value(what: String, value: String, expected: String)
  /// Cairo or zlib refused.
  case drawing(operation: String, reason: String)

  public var description: String {
    switch self {
    case .shape(let what, let shape, let expected):
      "\(what) has shape \(shape); expected \(expected)"
    case .notFinite(let what, let frame, let band, let value):
      "\(what) is \(value) at frame \(frame), band \(band); only finite values can be drawn"
    case .value(let what, let value, let expected):
      "\(what) is \(value); expected \(expected)"
    case .drawing(let operation, let reason):
      "the picture could not be made: \(operation): \(reason)"
    }
  }
}
