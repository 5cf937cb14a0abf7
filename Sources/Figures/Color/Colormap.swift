import Tensors

/// A perceptually uniform map from `0...1` to colours: equal steps look equally large.
///
/// `inferno`, `magma` and `viridis` are matplotlib's (Smith and van der Walt, 2015; CC0). `greys` has equal steps of
/// CIE L\*. `diverging` is for signed values, zero at 0.5: dark in the middle, lighter to both sides, blue where
/// negative and orange where positive, so that equal magnitudes are equally light whatever their sign.
public struct Colormap: Sendable, Hashable, CustomStringConvertible {
  public let name: String

  /// The colours, in order; 256 of them in the maps that come with the room.
  public let colors: [Color]

  public var description: String { name }

  public static let inferno = Colormap(name: "inferno", digits: ColormapTables.inferno)
  public static let magma = Colormap(name: "magma", digits: ColormapTables.magma)
  public static let viridis = Colormap(name: "viridis", digits: ColormapTables.viridis)
  public static let greys = Colormap(name: "greys", digits: ColormapTables.greys)
  public static let diverging = Colormap(name: "diverging", digits: ColormapTables.diverging)

  /// The colour at `position`, rounded to the nearest entry; positions beyond `0...1` take the end's colour, and NaN
  /// the first.
  public subscript(position: Double) -> Color {
    let last = Double(colors.count - 1)
    return colors[Int((position > 0 ? min(position, 1) * last : 0).rounded())]
  }

  private init(name: String, digits: String) {
    self.name = name
    let values = digits.utf8.map { UInt8($0 < 58 ? $0 - 48 : $0 - 87) }
    colors = stride(from: 0, to: values.count, by: 6).map { start in
      func channel(_ index: Int) -> UInt8 { values[start + 2 * index] << 4 | values[start + 2 * index + 1] }
      return Color(channel(0), channel(1), channel(2))
    }
  }
}
