import Files

/// Tensors as NumPy's files: `.npy` for one array, `.npz` for several with names.
///
/// ```swift
/// let input = try NumPy.read("input.npy")
/// let weights = try NumPy.readArchive("weights.npz")
/// if let kernel = weights["conv1/kernel"] { … }
/// try NumPy.writeArchive([("logits", logits), ("block_3/Relu", map)], to: "taps.npz")
/// ```
public enum NumPy {
  /// What is read at once: bytes of a `.npy` file, or of an archive once unpacked.
  public static let defaultLimit = 8 << 30

  /// The array in the `.npy` file at `path`.
  public static func read(_ path: String, limit: Int = defaultLimit) throws(NumPyError) -> Tensor {
    try Tensor(npy: bytes(of: path, limit: limit), from: path)
  }

  /// The arrays in the `.npz` archive at `path`, in the order of the file.
  public static func readArchive(
    _ path: String, limit: Int = defaultLimit
  ) throws(NumPyError) -> NumPyArchive {
    try NumPyArchive(npz: bytes(of: path, limit: limit), from: path, limit: limit)
  }

  /// Writes `tensor` to `path` as `numpy.save` does, whole or not at all.
  public static func write(_ tensor: Tensor, to path: String) throws(NumPyError) {
    try write(tensor.npy, to: path)
  }

  /// Writes `arrays` to `path` as `numpy.savez` (or `savez_compressed`) does, whole or not at all.
  ///
  /// - Throws: `NumPyError`, also for two arrays of one name.
  public static func writeArchive(
    _ arrays: [(name: String, tensor: Tensor)], to path: String, compressed: Bool = false
  ) throws(NumPyError) {
    try write(NumPyArchive(arrays, from: path).npz(compressed: compressed), to: path)
  }

  private static func bytes(of path: String, limit: Int) throws(NumPyError) -> [UInt8] {
    do { return try WholeFile.read(path, limit: limit) } catch { throw .file(error) }
  }

  private static func write(_ bytes: [UInt8], to path: String) throws(NumPyError) {
    do { try WholeFile.write(bytes, to: path) } catch { throw .file(error) }
  }
}
