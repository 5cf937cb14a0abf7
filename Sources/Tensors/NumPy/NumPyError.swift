public import Files

/// What can go wrong between a `.npy` or `.npz` file and a tensor.
///
/// `path` names the file, and the array in it where there are several: `weights.npz['conv1/kernel']`.
public enum NumPyError: Error, CustomStringConvertible, Equatable {
  /// The file cannot be read or written at all.
  case file(FileError)
  /// The bytes do not begin as `.npy` (or `.npz`) files do.
  case notNumPy(path: String, expected: Kind)
  /// A version of the `.npy` format that is not 1.0, 2.0 or 3.0.
  case unsupportedVersion(path: String, major: Int, minor: Int)
  /// The header ends early or is not the dictionary that NumPy writes.
  case malformedHeader(path: String, reason: String)
  /// The elements are no portable real numbers: records, objects, text, complex numbers, dates.
  case unsupportedElements(path: String, what: String, remedy: String)
  /// The header announces another number of bytes than follow it.
  case wrongSize(path: String, shape: [Int], announced: Int?, found: Int)
  /// The archive unpacks to more than is read at once.
  case tooLarge(path: String, bytes: Int, limit: Int)
  /// The archive contradicts itself, or holds what its checksum denies.
  case damagedArchive(path: String, reason: String)
  /// The archive is whole, but packed in a way that is not read here.
  case unsupportedArchive(path: String, reason: String)
  /// Two arrays of an archive have one name.
  case duplicateName(path: String, name: String)
  /// No entry of an archive can have such a name.
  case unusableName(path: String, name: String)
  /// zlib refuses to compress, for lack of memory.
  case incompressible(path: String, status: Int)

  /// The two kinds of file.
  public enum Kind: String, Sendable {
    case array = ".npy"
    case archive = ".npz"
  }

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .file(let error):
      error.description
    case .notNumPy(let path, .array):
      "\(path): is not a .npy file; write one with numpy.save"
    case .notNumPy(let path, .archive):
      "\(path): is not a .npz archive; write one with numpy.savez"
    case .unsupportedVersion(let path, let major, let minor):
      "\(path): is of .npy version \(major).\(minor), and 1.0, 2.0 and 3.0 are read; save it again with numpy.save"
    case .malformedHeader(let path, let reason):
      "\(path): the header of the array is damaged: \(reason); save it again with numpy.save"
    case .unsupportedElements(let path, let what, let remedy):
      "\(path): holds \(what), which are not read; \(remedy)"
    case .wrongSize(let path, let shape, .some(let announced), let found):
      "\(path): an array of shape \(shape) takes \(announced) bytes, and \(found) follow the header; "
        + "the file is damaged, fetch or save it again"
    case .wrongSize(let path, let shape, .none, let found):
      "\(path): no memory holds an array of shape \(shape), and only \(found) bytes follow the header; "
        + "the file is damaged, fetch or save it again"
    case .tooLarge(let path, let bytes, let limit):
      "\(path): unpacks to \(bytes) bytes, more than the \(limit) that are read at once; split it"
    case .damagedArchive(let path, let reason):
      "\(path): the archive is damaged: \(reason); fetch or save it again"
    case .unsupportedArchive(let path, let reason):
      "\(path): \(reason); save it again with numpy.savez"
    case .duplicateName(let path, let name):
      "\(path): two arrays are named \(name.debugDescription); give each its own name"
    case .unusableName(let path, let name):
      "\(path): an array cannot be named \(name.prefix(60).debugDescription) in an archive; choose a shorter, simpler name"
    case .incompressible(let path, let status):
      "\(path): cannot be compressed (zlib status \(status)); write it uncompressed"
    }
  }
}
