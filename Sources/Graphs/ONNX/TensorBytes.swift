import Files
import SwiftProtobuf
import Tensors

import struct FoundationEssentials.Data

/// The raw bytes of a tensor: in the file itself, or in another one beside it.
struct TensorBytes {
  private enum Place {
    case inside(Data)
    case outside(location: String, folder: String, offset: Int)
    /// In the model's file, of which they are not read yet.
    case apart(LeanFile.Span)
  }

  private let place: Place
  private let name: TensorName
  /// nil: up to the end of the other file.
  private let count: Int?

  /// nil where the file lists the elements instead.
  ///
  /// - Parameters:
  ///   - folder: where other files may lie; nil where the model did not come from a file.
  ///   - apart: where they are if they were left out of `proto`.
  init?(
    _ proto: Onnx_TensorProto, named name: TensorName, folder: String?, apart: LeanFile.Span?
  ) throws(ONNXError) {
    self.name = name
    if let apart {
      place = .apart(apart)
      count = apart.count
      return
    }
    guard proto.dataLocation != 0 || !proto.externalData.isEmpty else {
      guard !proto.rawData.isEmpty else { return nil }
      place = .inside(proto.rawData)
      count = proto.rawData.count
      return
    }
    guard let folder else {
      throw .tensor(name: name, reason: "is kept in an external file, which is not read")
    }
    let entries = Dictionary(proto.externalData.map { ($0.key, $0.value) }) { first, _ in first }
    guard let location = entries["location"] else {
      throw .tensor(name: name, reason: "is kept in an external file without a name")
    }
    func number(_ key: String) throws(ONNXError) -> Int? {
      guard let text = entries[key] else { return nil }
      guard let value = Int(text), 0...1 << 48 ~= value else {
        throw .tensor(name: name, reason: "is kept in an external file at \(key) '\(text)'")
      }
      return value
    }
    place = .outside(location: location, folder: folder, offset: try number("offset") ?? 0)
    count = try number("length")
  }

  /// `count` elements, which must be all there are.
  func elements<Element: BitwiseCopyable>(_ count: Int, shape: [Int64]) throws(ONNXError) -> [Element] {
    try check(count, of: Element.self, shape: shape)
    var elements: [Element] = []
    elements.reserveCapacity(count)
    try read(count) { _, piece in elements.append(contentsOf: piece) }
    return elements
  }

  /// Throws unless there are `count` elements and nothing more: before anything is allocated for them.
  func check<Element: BitwiseCopyable>(_ count: Int, of type: Element.Type, shape: [Int64]) throws(ONNXError)
  {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
    func mismatch(_ found: Int) -> ONNXError {
      .tensor(name: name, reason: "declares \(count) elements of shape \(shape) in \(found) bytes")
    }
    if let found = self.count, overflow || found != bytes { throw mismatch(found) }
    guard case .outside(let location, let folder, let offset) = place else { return }
    var left = 0
    do throws(FileError) {
      left = max(0, try FileInFolder(location, in: folder).byteCount - offset)
    } catch {
      throw unreadable(error)
    }
    guard !overflow, bytes <= left, self.count != nil || bytes == left else { throw mismatch(left) }
  }

  /// Hands over `count` elements, which have been checked to be there, piece by piece: the place of the first, and the
  /// elements. No more than a piece is copied at a time.
  func read<Element: BitwiseCopyable>(
    _ count: Int, _ body: (Int, UnsafeBufferPointer<Element>) -> Void
  ) throws(ONNXError) {
    let width = MemoryLayout<Element>.stride
    let piece = UnsafeMutableBufferPointer<Element>.allocate(capacity: min(count, Self.pieceBytes / width))
    defer { piece.deallocate() }
    func pieces(
      _ copy: (UnsafeMutableRawBufferPointer, Int) throws(FileError) -> Void
    ) throws(FileError) {
      for first in stride(from: 0, to: count, by: max(1, piece.count)) {
        let part = piece[..<min(piece.count, count - first)]
        try copy(UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: part)), first * width)
        body(first, UnsafeBufferPointer(rebasing: part))
      }
    }
    do throws(FileError) {
      switch place {
      case .inside(let data):
        try pieces { buffer, offset throws(FileError) in
          let first = data.startIndex + offset
          data.copyBytes(to: buffer, from: first..<first + buffer.count)
        }
      case .outside(let location, let folder, let start):
        let file = try FileInFolder(location, in: folder)
        try pieces { buffer, offset throws(FileError) in try file.read(into: buffer, at: start + offset) }
      case .apart(let span):
        let file = try FileInFolder(at: span.path)
        try pieces { buffer, offset throws(FileError) in try file.read(into: buffer, at: span.offset + offset)
        }
      }
    } catch {
      throw unreadable(error)
    }
  }

  private func unreadable(_ error: FileError) -> ONNXError {
    .tensor(name: name, reason: "is kept in an external file: \(error)")
  }

  private static let pieceBytes = 1 << 20
}
