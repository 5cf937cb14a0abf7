/// What the points of a group are drawn with: one of seven colours and one of five shapes.
package struct GroupPen: Sendable, Hashable {
  package enum Mark: Int, Sendable, CaseIterable { case disc, square, triangle, diamond, ring }

  package let color: Color
  package let mark: Mark

  package static let count = 7 * Mark.allCases.count

  /// The pen of the group at `index` in a legend; nil beyond those that can be told apart.
  package init?(_ index: Int) {
    guard index >= 0, index < Self.count else { return nil }
    color = CurvePen(index % 7).color
    mark = Mark.allCases[index / 7]
  }

  private init(_ color: Color, _ mark: Mark) { (self.color, self.mark) = (color, mark) }

  /// Of points without a group.
  package static let none = GroupPen(Color(165, 170, 178), .disc)
  static func plain(_ color: Color) -> GroupPen { GroupPen(color, .disc) }
}

extension Surface {
  /// A mark around `point`, about as large as a disc of that radius, with a thin light edge that parts it from its
  /// neighbours.
  func mark(_ pen: GroupPen, at point: (x: Double, y: Double), radius: Double) throws(FigureError) {
    let (x, y) = point
    let edge = 0.7
    func both(_ draw: (Double, Color) throws(FigureError) -> Void) throws(FigureError) {
      try draw(radius + edge, .white)
      try draw(radius, pen.color)
    }
    switch pen.mark {
    case .disc: try both { r, color throws(FigureError) in try dot(at: point, radius: r, color) }
    case .ring:
      try both { r, color throws(FigureError) in try dot(at: point, radius: r * 1.05, color) }
      try dot(at: point, radius: radius * 0.5, .white)
    case .square:
      try both { r, color throws(FigureError) in
        let side = r * 0.9
        try fill(Rectangle(left: x - side, top: y - side, right: x + side, bottom: y + side), color)
      }
    case .triangle:
      try both { r, color throws(FigureError) in
        let r = r * 1.25
        try fill(
          polygon: [(x, y - r), (x + 0.87 * r, y + 0.5 * r), (x - 0.87 * r, y + 0.5 * r)], color, opacity: 1)
      }
    case .diamond:
      try both { r, color throws(FigureError) in
        let r = r * 1.25
        try fill(polygon: [(x, y - r), (x + r, y), (x, y + r), (x - r, y)], color, opacity: 1)
      }
    }
  }
}
