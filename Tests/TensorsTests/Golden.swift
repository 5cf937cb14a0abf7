import Files

/// The files beside `Golden/make.py`, which NumPy wrote.
enum Golden {
  static func path(_ name: String) -> String {
    let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    return (folder + ["Golden", Substring(name)]).joined(separator: "/")
  }

  static func bytes(_ name: String) throws -> [UInt8] { try WholeFile.read(path(name)) }

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// A `.npy` file of version 1.0 with this header and these elements.
  static func npy(_ header: String, _ elements: [UInt8] = []) -> [UInt8] {
    let length = header.utf8.count
    return magic + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + Array(header.utf8) + elements
  }

  static let readableArrays = [
    "version1.npy", "version2.npy", "version3.npy", "fortran.npy", "fortran_int16.npy", "scalar.npy",
    "vector.npy",
    "empty.npy", "extremes.npy",
  ]
  static let foreignArrays = [
    "records.npy", "objects.npy", "text.npy", "complex.npy", "dates.npy", "extended.npy",
  ]
  static let readableArchives = [
    "types.npz", "stored.npz", "compressed.npz", "streamed.npz", "mixed.npz",
  ]
}
