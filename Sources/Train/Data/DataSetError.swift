/// What can be wrong with a data set.
public enum DataSetError: Error, Hashable, CustomStringConvertible {
  /// It cannot be read, or does not hold what is needed.
  case unreadable(path: String, reason: String)

  public var description: String {
    switch self {
    case .unreadable(let path, let reason): "\(path): \(reason)"
    }
  }
}
