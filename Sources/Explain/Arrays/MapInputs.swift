public import Tensors

/// The maps in a file, one value for each place of the question's input.
///
/// - Throws: `InputError`.
public func readMaps(_ path: String, for question: ArrayQuestion) throws -> Tensor {
  let x = question.x
  let name = "attribution"
  var maps: Tensor
  if path.hasSuffix(".npz") {
    let archive = try NumPy.readArchive(path)
    guard let array = archive[name] else {
      throw InputError.missingMaps(path: path, array: name, present: archive.map(\.name))
    }
    maps = array
  } else {
    maps = try NumPy.read(path)
  }
  maps = try question.rowForm(maps)
  guard maps.shape.rank == x.shape.rank, maps.shape[0] == x.shape[0], let laid = maps.laidOut(like: x) else {
    throw InputError.shape(path: path, array: name, expected: x.shape.description, got: maps.shape)
  }
  try checkFinite(maps, name, path)
  return laid
}

/// Where the answer lies, 1 inside, a value for each place of `x`.
///
/// - Throws: `InputError`; `MeasureError.emptyRegion`.
public func readRegion(_ path: String, for x: Tensor) throws -> Tensor {
  let region = try NumPy.read(path)
  guard let laid = region.laidOut(like: x) else {
    let row = Shape(Array(x.shape.dimensions.dropFirst()))
    throw InputError.shape(
      path: path, array: "region", expected: "\(x.shape), or \(row) for all rows", got: region.shape)
  }
  try checkFinite(region, "region", path)
  for row in 0..<x.shape[0] where !laid.rows(row..<row + 1).values.contains(where: { $0 > 0 }) {
    throw MeasureError.emptyRegion(path: path, row: row)
  }
  return laid
}

/// `[samples]` + the shape of one row of `x`.
///
/// - Throws: `InputError`.
public func readRows(_ path: String, _ name: String, for x: Tensor) throws -> Tensor {
  let rows = try NumPy.read(path)
  let row = Shape(Array(x.shape.dimensions.dropFirst()))
  guard rows.shape.rank > 0, rows.shape[0] > 0, Array(rows.shape.dimensions.dropFirst()) == row.dimensions
  else {
    throw InputError.shape(path: path, array: name, expected: "[samples] + \(row)", got: rows.shape)
  }
  try checkFinite(rows, name, path)
  return rows
}

extension Tensor {
  /// A value for each place of `x`: itself, one row for all rows, one channel for all channels, with these axes or
  /// without; nil for any other shape.
  fileprivate func laidOut(like x: Tensor) -> Tensor? {
    let wanted = x.shape.dimensions
    // A picture has channels: [N, channels, frames, bands].
    let leading = wanted.count >= 4 ? 2 : 1
    let missing = wanted.count - shape.rank
    guard (0...leading).contains(missing), !wanted.contains(0) else { return nil }
    let own = [Int](repeating: 1, count: missing) + shape.dimensions
    for (axis, (extent, other)) in zip(own, wanted).enumerated() where extent != other {
      guard extent == 1, axis < leading else { return nil }
    }
    if own == wanted { return reshaped(to: x.shape) }
    let strides = zip(own, Shape(own).strides).map { extent, stride in extent == 1 ? 0 : stride }
    return Tensor(unsafeUninitialized: x.shape) { result in
      withUnsafeValues { values in
        var sources = [0]
        for (extent, stride) in zip(wanted, strides) {
          sources = sources.flatMap { start in (0..<extent).map { start + $0 * stride } }
        }
        for (place, source) in sources.enumerated() { result[place] = values[source] }
      }
    }
  }
}
