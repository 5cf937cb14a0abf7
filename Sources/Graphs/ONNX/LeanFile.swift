import Files

/// An ONNX file without the bytes of its large weights, which stay in the file until they are converted: so that a weight
/// is in memory once, as the numbers it becomes.
///
/// What is read is the same message with some `raw_data` left out. A file that is small, is no regular file, or does not
/// look like ONNX is not taken apart; the decoder then reads it whole, and says what is wrong with it.
package struct LeanFile {
  /// Bytes of a weight, in the model's own file.
  package struct Span: Sendable {
    package let path: String
    package let offset: Int
    package let count: Int
  }

  package private(set) var bytes: [UInt8] = []
  /// Of each weight that was left out, by its place among all of the graph.
  package private(set) var weights: [Int: Span] = [:]
  /// Of the whole file.
  let byteCount: Int

  private var tensors = 0

  package init?(_ path: String) {
    guard let file = try? FileInFolder(at: path), (Self.least...Self.most).contains(file.byteCount) else {
      return nil
    }
    byteCount = file.byteCount
    var source = Source(file)
    let end = byteCount
    guard (try? addModel(&source, path, 0..<end)) != nil else { return nil }
  }

  /// Smaller files are read whole, and so are weights smaller than the other.
  private static let (least, leastWeight) = (1 << 20, 1 << 16)
  /// As `WholeFile.read` has it.
  private static let most = 8 << 30

  private struct Malformed: Error {}

  private mutating func addModel(_ source: inout Source, _ path: String, _ range: Range<Int>) throws {
    var place = range.lowerBound
    while place < range.upperBound {
      let field = try source.field(at: place, end: range.upperBound)
      if field.key == 7 << 3 | 2 {
        var graph = LeanFile(empty: byteCount, tensors)
        try graph.addGraph(&source, path, field.content)
        weights.merge(graph.weights) { first, _ in first }
        tensors = graph.tensors
        append(field.key, graph.bytes)
      } else {
        try source.copy(place..<field.content.upperBound, to: &bytes)
      }
      place = field.content.upperBound
    }
  }

  private mutating func addGraph(_ source: inout Source, _ path: String, _ range: Range<Int>) throws {
    var place = range.lowerBound
    while place < range.upperBound {
      let field = try source.field(at: place, end: range.upperBound)
      var rest: [UInt8]?
      if field.key == 5 << 3 | 2 {
        let large = try source.largeData(of: field.content, least: Self.leastWeight)
        if let large {
          var tensor: [UInt8] = []
          try source.copy(field.content.lowerBound..<large.field.lowerBound, to: &tensor)
          try source.copy(large.field.upperBound..<field.content.upperBound, to: &tensor)
          weights[tensors] = Span(path: path, offset: large.content.lowerBound, count: large.content.count)
          rest = tensor
        }
        tensors += 1
      }
      if let rest {
        append(field.key, rest)
      } else {
        try source.copy(place..<field.content.upperBound, to: &bytes)
      }
      place = field.content.upperBound
    }
  }

  private init(empty byteCount: Int, _ tensors: Int) { (self.byteCount, self.tensors) = (byteCount, tensors) }

  /// Adds a field of that content.
  private mutating func append(_ key: Int, _ content: [UInt8]) {
    for number in [key, content.count] {
      var rest = number
      while rest > 127 {
        bytes.append(UInt8(rest & 127) | 128)
        rest >>= 7
      }
      bytes.append(UInt8(rest))
    }
    bytes += content
  }

  /// The file, through a window that follows where it is read.
  private struct Source: ~Copyable {
    private let file: FileInFolder
    private var window: [UInt8] = []
    private var start = 0

    init(_ file: consuming FileInFolder) { self.file = file }

    struct Field {
      let key: Int
      /// Behind the key, and the length if there is one.
      let content: Range<Int>
    }

    mutating func field(at place: Int, end: Int) throws -> Field {
      var place = place
      let key = try varint(&place, end)
      var length = 0
      switch key & 7 {
      case 0:
        let first = place
        _ = try varint(&place, end)
        return Field(key: key, content: first..<place)
      case 1: length = 8
      case 2: length = try varint(&place, end)
      case 5: length = 4
      default: throw Malformed()
      }
      guard length <= end - place else { throw Malformed() }
      return Field(key: key, content: place..<place + length)
    }

    /// The one `raw_data` of a tensor, if it is large: the whole field, and its bytes.
    mutating func largeData(of tensor: Range<Int>, least: Int) throws -> (
      field: Range<Int>, content: Range<Int>
    )? {
      guard tensor.count >= least else { return nil }
      var (place, found) = (tensor.lowerBound, [(field: Range<Int>, content: Range<Int>)]())
      while place < tensor.upperBound {
        let field = try field(at: place, end: tensor.upperBound)
        let whole = place..<field.content.upperBound
        // Bytes in another file, which go before those in this one.
        if [13, 14].contains(field.key >> 3) { return nil }
        if field.key == 9 << 3 | 2 { found.append((whole, field.content)) }
        place = whole.upperBound
      }
      return found.count == 1 && found[0].content.count >= least ? found[0] : nil
    }

    private mutating func varint(_ place: inout Int, _ end: Int) throws -> Int {
      var value = 0
      for shift in stride(from: 0, to: 70, by: 7) {
        guard place < end else { throw Malformed() }
        if !(start..<start + window.count).contains(place) { try load(at: place) }
        let byte = window[place - start]
        place += 1
        if shift < 63 { value |= Int(byte & 127) << shift }
        if byte < 128 { return value }
      }
      throw Malformed()
    }

    private mutating func load(at place: Int) throws {
      let count = min(1 << 16, file.byteCount - place)
      guard count > 0 else { throw Malformed() }
      window = try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        try file.read(
          into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<count]),
          at: place)
        initialized = count
      }
      start = place
    }

    /// Adds the bytes of `range` to `bytes`.
    func copy(_ range: Range<Int>, to bytes: inout [UInt8]) throws {
      guard !range.isEmpty else { return }
      bytes += try [UInt8](unsafeUninitializedCapacity: range.count) { buffer, initialized in
        let raw = UnsafeMutableRawBufferPointer(buffer)
        try file.read(
          into: UnsafeMutableRawBufferPointer(rebasing: raw[..<range.count]), at: range.lowerBound)
        initialized = range.count
      }
    }
  }
}
