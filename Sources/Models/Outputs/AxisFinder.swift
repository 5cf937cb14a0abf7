import Graphs

/// Finds out what runs along each axis of a row of a network's result.
///
/// Known: what the description says, the axis that follows the input's frames (time), the one that a softmax adds up over
/// (classes), the one with as many places as there are labels (classes), and a single axis. Where two axes are left and
/// none of this tells them apart, it is asked.
struct AxisFinder {
  /// The extents of a row's axes.
  let row: [Int]
  let tensor: TensorName
  /// How many labels there are; 0 for none.
  let labels: Int
  let softmaxAxis: Int?
  /// The axes that run along the input's frames and bands.
  let frames: Int?
  let bands: Int?
  /// For messages.
  let path: String

  /// The role of each axis; nil for axes of extent 1 that play none.
  ///
  /// - Parameter declared: by the description, for the tensor as the file has it.
  /// - Throws: `ModelError.outputAxes`, `.badDescription`.
  func roles(declared: [AxisRole]?) throws(ModelError) -> [AxisRole?] {
    if let declared { return try checked(declared) }
    let large = row.indices.filter { row[$0] != 1 }
    var roles = [AxisRole?](repeating: nil, count: row.count)
    func follows(_ axis: Int?) -> Bool { axis.map(large.contains) ?? false }
    switch large.count {
    case 0: return roles
    case 1:
      // One number a moment, as a detector of speech gives.
      let isTime = frames == large[0] && labels <= 1 && softmaxAxis != large[0]
      roles[large[0]] = isTime ? .time : .class
      return roles
    case 2 where bands.map(large.contains) != true:
      let classes = [softmaxAxis, fitting(large), frames.flatMap { time in large.first { $0 != time } }]
        .compactMap { $0 }.filter(large.contains)
      guard let index = classes.first, classes.allSatisfy({ $0 == index }), frames != index else { break }
      roles[index] = .class
      roles[large[0] == index ? large[1] : large[0]] = .time
      return roles
    default: break
    }
    throw .outputAxes(path: path, tensor: tensor, row: row, labels: labels)
  }

  /// The only axis with a place for each label.
  private func fitting(_ large: [Int]) -> Int? {
    let axes = large.filter { row[$0] == labels }
    return axes.count == 1 ? axes[0] : nil
  }

  private func checked(_ declared: [AxisRole]) throws(ModelError) -> [AxisRole?] {
    func wrong(_ reason: String) -> ModelError {
      .badDescription(where: path, reason: "'output.axes' \(reason)")
    }
    let roles = declared.filter { $0 != .batch }
    guard roles.count == row.count else {
      throw wrong(
        "names \(roles.count) axes besides \"batch\", but a row of '\(tensor)' has \(row.count): "
          + row.map(String.init).joined(separator: " x "))
    }
    for role in AxisRole.allCases where declared.count(where: { $0 == role }) > 1 {
      throw wrong("names \"\(role.rawValue)\" twice")
    }
    for (axis, role) in roles.enumerated() where role != .time && role != .class && row[axis] > 1 {
      throw wrong(
        "says that \(row[axis]) places of '\(tensor)' run along \"\(role.rawValue)\"; only \"time\" and \"class\" can "
          + "have more than one")
    }
    return roles
  }
}
