/// What the first bytes of a `.npy` file say of the rest.
///
/// `\x93NUMPY`, a version (2 bytes), the length of what follows (2 bytes little-endian; 4 from version 2.0 on), and a
/// Python dictionary of `descr`, `fortran_order` and `shape`, filled up with spaces and a newline to a multiple of 64.
/// Version 3.0 is 2.0 with UTF-8 instead of Latin-1, for the names of fields.
struct NumPyHeader: Equatable {
  var elements: ElementType
  /// Whether the first axis is the fastest, as in Fortran.
  var isFortranOrder: Bool
  var dimensions: [Int]

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// NumPy itself refuses headers beyond 10,000 bytes; only records with very many fields have those.
  private static let longest = 1 << 20

  /// Reads the header at the start of `bytes` and steps over it.
  ///
  /// Allocates in proportion to the bytes that are there, whatever they announce. Afterwards `bytes` holds the
  /// elements and nothing else: their number has been checked against `dimensions`.
  init(reading bytes: inout ArraySlice<UInt8>, from path: String) throws(NumPyError) {
    guard bytes.starts(with: Self.magic) else { throw .notNumPy(path: path, expected: .array) }
    let start = bytes.startIndex + Self.magic.count
    guard bytes.endIndex - start >= 4 else {
      throw .malformedHeader(path: path, reason: "the file ends in it")
    }
    let version = (major: Int(bytes[start]), minor: Int(bytes[start + 1]))
    guard (1...3).contains(version.major), version.minor == 0 else {
      throw .unsupportedVersion(path: path, major: version.major, minor: version.minor)
    }
    let width = version.major == 1 ? 2 : 4
    let textStart = start + 2 + width
    guard textStart <= bytes.endIndex else {
      throw .malformedHeader(path: path, reason: "the file ends in it")
    }
    let length = bytes[start + 2..<textStart].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= bytes.endIndex - textStart else {
      throw .malformedHeader(
        path: path, reason: "it should be \(length) bytes long, and \(bytes.endIndex - textStart) are left")
    }
    guard length <= Self.longest else {
      throw .malformedHeader(path: path, reason: "its length of \(length) bytes exceeds \(Self.longest)")
    }
    let text = bytes[textStart..<textStart + length]
    bytes = bytes[(textStart + length)...]
    try self.init(String(decoding: text, as: UTF8.self), path: path)
    try checkSize(bytes.count, path: path)
  }

  private init(_ text: String, path: String) throws(NumPyError) {
    let literal: PythonLiteral
    do { literal = try PythonLiteral(parsing: text) } catch {
      throw .malformedHeader(path: path, reason: error.reason)
    }
    guard case .dictionary(let fields) = literal, let descr = fields["descr"],
      case .bool(let isFortranOrder)? = fields["fortran_order"], case .sequence(let shape)? = fields["shape"]
    else {
      throw .malformedHeader(path: path, reason: "it does not give descr, fortran_order and shape")
    }
    elements = try Self.elements(descr, path: path)
    self.isFortranOrder = isFortranOrder
    dimensions = []
    for extent in shape {
      guard case .number(let extent) = extent, extent >= 0 else {
        throw .malformedHeader(path: path, reason: "an extent of its shape is not a whole number of elements")
      }
      dimensions.append(extent)
    }
    guard dimensions.count <= 64 else {
      throw .malformedHeader(path: path, reason: "its shape has \(dimensions.count) axes")
    }
  }

  private static func elements(_ descr: PythonLiteral, path: String) throws(NumPyError) -> ElementType {
    let foreign: ForeignElements
    switch descr {
    case .text(let code):
      if let elements = ElementType(code) { return elements }
      foreign = ForeignElements(code)
    case .sequence(let fields):
      foreign = ForeignElements(
        fields: fields.compactMap { field in
          // A field is a tuple of a name, a type and sometimes a shape.
          guard case .sequence(let parts) = field, case .text(let name)? = parts.first else { return nil }
          return name
        })
    default:
      throw .malformedHeader(path: path, reason: "its descr is not a type of NumPy's")
    }
    throw .unsupportedElements(path: path, what: foreign.what, remedy: foreign.remedy)
  }

  /// Refuses shapes that do not fit the `found` bytes of elements, and those whose strides `Int` cannot hold.
  private func checkSize(_ found: Int, path: String) throws(NumPyError) {
    var bytes: Int? = elements.size
    for extent in dimensions {
      // An empty array must not hide an axis that overflows: count it as if it had one element.
      let (product, overflow) = (bytes ?? 0).multipliedReportingOverflow(by: max(extent, 1))
      bytes = bytes == nil || overflow ? nil : product
    }
    if bytes != nil, dimensions.contains(0) { bytes = 0 }
    guard bytes == found else {
      throw .wrongSize(path: path, shape: dimensions, announced: bytes, found: found)
    }
  }

  /// The header NumPy writes for a C-ordered `<f4` array of this shape: version 1.0, 64-byte aligned, and byte for
  /// byte the same, with NumPy's room for the first extent to grow to 21 digits.
  static func bytes(for shape: Shape) -> [UInt8] {
    let extents = shape.dimensions.map(String.init).joined(separator: ", ")
    let tuple = shape.rank == 1 ? "(\(extents),)" : "(\(extents))"
    let growth = shape.dimensions.first.map { max(0, 21 - String($0).count) } ?? 0
    let text =
      "{'descr': '<f4', 'fortran_order': False, 'shape': \(tuple), }" + String(repeating: " ", count: growth)
    let fixed = magic.count + 4
    // 2.0 is for headers beyond 65,535 bytes: thousands of axes.
    let padding = (64 - (fixed + text.utf8.count + 1) % 64) % 64
    let length = text.utf8.count + padding + 1
    precondition(length <= Int(UInt16.max), "a tensor of \(shape.rank) axes")
    return magic + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + Array(text.utf8)
      + [UInt8](repeating: UInt8(ascii: " "), count: padding) + [UInt8(ascii: "\n")]
  }
}
