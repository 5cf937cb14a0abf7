/// A request that cannot be meant, as opposed to one that failed.
public struct Misuse: Error, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}
