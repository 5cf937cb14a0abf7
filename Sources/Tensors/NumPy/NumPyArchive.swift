/// Tensors under names, in order: what a `.npz` file holds.
///
/// A name may be any text, with dots and slashes as ONNX tensors have them. It is a key and never a path.
public struct NumPyArchive: Sendable, RandomAccessCollection {
  private let arrays: [(name: String, tensor: Tensor)]
  private let places: [String: Int]

  /// - Parameter path: where the arrays come from or go to, for messages.
  /// - Throws: `NumPyError.duplicateName`, and `.unusableName` for a name with a NUL or of more than 65,531 bytes.
  public init(_ arrays: [(name: String, tensor: Tensor)], from path: String) throws(NumPyError) {
    var places = [String: Int]()
    for (place, array) in arrays.enumerated() {
      let longest = Int(UInt16.max) - Self.suffix.utf8.count
      guard array.name.utf8.count <= longest, !array.name.utf8.contains(0) else {
        throw .unusableName(path: path, name: array.name)
      }
      guard places.updateValue(place, forKey: array.name) == nil else {
        throw .duplicateName(path: path, name: array.name)
      }
    }
    self.arrays = arrays
    self.places = places
  }

  /// The arrays in `bytes`, the content of a `.npz` file.
  ///
  /// Reads stored and deflated entries and checks their checksums. Entries that are not called `.npy` are left out.
  ///
  /// - Parameters:
  ///   - path: where the bytes come from, for messages.
  ///   - limit: the bytes that all entries together may unpack to.
  /// - Throws: `NumPyError` for a damaged or dangerous archive, for one without arrays, and for arrays of anything but
  ///   real numbers.
  public init(npz bytes: [UInt8], from path: String, limit: Int = NumPy.defaultLimit) throws(NumPyError) {
    let zip = try ZipReader(bytes, from: path, limit: limit)
    var arrays = [(name: String, tensor: Tensor)]()
    for entry in zip.entries where entry.name.hasSuffix(Self.suffix) {
      let name = String(entry.name.dropLast(Self.suffix.count))
      let tensor = try Tensor(npy: zip.content(of: entry), from: "\(path)[\(name.debugDescription)]")
      arrays.append((name, tensor))
    }
    guard !arrays.isEmpty || zip.entries.isEmpty else {
      throw .unsupportedArchive(path: path, reason: "holds no .npy among its \(zip.entries.count) files")
    }
    try self.init(arrays, from: path)
  }

  /// The archive as the content of a `.npz` file, as `numpy.savez` and `numpy.savez_compressed` write it.
  public func npz(compressed: Bool = false) throws(NumPyError) -> [UInt8] {
    var zip = ZipWriter()
    for (name, tensor) in arrays {
      do { try zip.add(name + Self.suffix, tensor.npy, compressed: compressed) } catch {
        let status = if case .status(let status) = error { Int(status) } else { 0 }
        throw .incompressible(path: name.debugDescription, status: status)
      }
    }
    return zip.finish()
  }

  public var names: [String] { arrays.map(\.name) }

  /// The arrays without their order.
  public var dictionary: [String: Tensor] { places.mapValues { arrays[$0].tensor } }

  /// The array called `name`. O(1).
  public subscript(name: String) -> Tensor? { places[name].map { arrays[$0].tensor } }

  public var startIndex: Int { arrays.startIndex }
  public var endIndex: Int { arrays.endIndex }
  public subscript(position: Int) -> (name: String, tensor: Tensor) { arrays[position] }

  private static let suffix = ".npy"
}
