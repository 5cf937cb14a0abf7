/// Columns named by hand: `start=Begin,end=Fin`.
package enum ColumnPairs {
  /// The column of each role in `text`.
  ///
  /// - Parameter example: what errors show as one.
  /// - Throws: `AnnotationError.badMapping`.
  package static func read<Role: RawRepresentable<String> & CaseIterable & Hashable>(
    _ text: String, example: String
  ) throws(AnnotationError) -> [Role: String] {
    var named: [Role: String] = [:]
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(\.trimmed)
      guard sides.count == 2, let role = Role(rawValue: sides[0]), !sides[1].isEmpty else {
        let roles = Role.allCases.map(\.rawValue).joined(separator: ", ")
        throw .badMapping(text: text, problem: "give pairs such as \(example), of \(roles)")
      }
      guard named.updateValue(sides[1], forKey: role) == nil else {
        throw .badMapping(text: text, problem: "names the column for '\(role.rawValue)' twice")
      }
    }
    return named
  }
}
