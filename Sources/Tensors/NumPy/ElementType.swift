/// How the elements of a `.npy` file are stored: which kind of number, in which byte order.
///
/// NumPy's `descr` strings, `<f4` or `>i2`: a byte order (`<` little, `>` big, `=` the writer's own, `|` none), a kind,
/// and a number of bytes.
struct ElementType: Equatable {
  /// The kind of number, by NumPy's own code.
  enum Number: String {
    case float16 = "f2"
    case float32 = "f4"
    case float64 = "f8"
    case int8 = "i1"
    case int16 = "i2"
    case int32 = "i4"
    case int64 = "i8"
    case uint8 = "u1"
    case uint16 = "u2"
    case uint32 = "u4"
    case uint64 = "u8"
    case bool = "b1"
  }

  var number: Number
  var isBigEndian: Bool

  /// The type that `descr` names, or nil if it is none of real numbers.
  init?(_ descr: String) {
    let order = descr.first.flatMap { "<>=|".contains($0) ? $0 : nil }
    guard let number = Number(rawValue: String(descr.dropFirst(order == nil ? 0 : 1))) else { return nil }
    self.number = number
    isBigEndian = order == ">"
  }

  /// Bytes an element takes.
  var size: Int {
    switch number {
    case .int8, .uint8, .bool: 1
    case .float16, .int16, .uint16: 2
    case .float32, .int32, .uint32: 4
    case .float64, .int64, .uint64: 8
    }
  }

  /// Converts elements to `Float`, rounding to nearest; true is 1, what is beyond `Float` is infinite.
  ///
  /// - Precondition: `bytes.count == floats.count * size`.
  func decode(_ bytes: UnsafeRawBufferPointer, into floats: UnsafeMutableBufferPointer<Float>) {
    precondition(bytes.count == floats.count * size, "\(bytes.count) bytes for \(floats.count) elements")
    switch number {
    case .float16: convert(bytes, floats) { (word: UInt16) in Float(Float16(bitPattern: word)) }
    case .float32: convert(bytes, floats) { (word: UInt32) in Float(bitPattern: word) }
    case .float64: convert(bytes, floats) { (word: UInt64) in Float(Double(bitPattern: word)) }
    case .int8: convert(bytes, floats) { (word: Int8) in Float(word) }
    case .int16: convert(bytes, floats) { (word: Int16) in Float(word) }
    case .int32: convert(bytes, floats) { (word: Int32) in Float(word) }
    case .int64: convert(bytes, floats) { (word: Int64) in Float(word) }
    case .uint8: convert(bytes, floats) { (word: UInt8) in Float(word) }
    case .uint16: convert(bytes, floats) { (word: UInt16) in Float(word) }
    case .uint32: convert(bytes, floats) { (word: UInt32) in Float(word) }
    case .uint64: convert(bytes, floats) { (word: UInt64) in Float(word) }
    case .bool: convert(bytes, floats) { (word: UInt8) in word == 0 ? 0 : 1 }
    }
  }

  @inline(__always)
  private func convert<Word: FixedWidthInteger>(
    _ bytes: UnsafeRawBufferPointer, _ floats: UnsafeMutableBufferPointer<Float>, _ value: (Word) -> Float
  ) {
    for index in floats.indices {
      let word = bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Word>.size, as: Word.self)
      floats[index] = value(isBigEndian ? Word(bigEndian: word) : Word(littleEndian: word))
    }
  }
}

/// Why elements that are not real numbers cannot be read, and how their owner can make them so.
struct ForeignElements {
  let what: String
  let remedy: String

  /// - Parameter descr: a `descr` string that names no real number.
  init(_ descr: String) {
    let code = descr.drop { "<>=|".contains($0) }
    switch code.first {
    case "O":
      what = "Python objects (pickled)"
      remedy = "convert them: numpy.save(path, array.astype('float32'))"
    case "c":
      what = "complex numbers"
      remedy = "save numpy.abs(array), or array.real and array.imag"
    case "S", "U", "a":
      what = "text"
      remedy = "save numbers: array.astype('float32')"
    case "M", "m":
      what = "dates or durations"
      remedy = "convert them: array.astype('int64')"
    case "f", "g":
      what = "floating-point numbers in a format that differs between machines"
      remedy = "convert them: array.astype('float64')"
    case "V":
      what = "raw records"
      remedy = "save one field of them: array['field'].astype('float32')"
    default:
      what = "elements of type \(descr.prefix(20).debugDescription)"
      remedy = "convert them: array.astype('float32')"
    }
  }

  /// Records, `descr` being a list of fields.
  init(fields: [String]) {
    let names = fields.prefix(4).map { $0.prefix(20).debugDescription }.joined(separator: ", ")
    what = "records" + (fields.isEmpty ? "" : " of \(names)\(fields.count > 4 ? ", ..." : "")")
    let field = fields.first.map { String($0.prefix(20)) } ?? "field"
    remedy = "save one field of them: array[\(field.debugDescription)].astype('float32')"
  }
}
