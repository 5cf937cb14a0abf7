import Glibc

/// An opaque sRGB colour of eight bits a channel.
public struct Color: Sendable, Hashable {
  public var red: UInt8
  public var green: UInt8
  public var blue: UInt8

  public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  static let white = Color(255, 255, 255)
  static let ink = Color(28, 32, 38)
  static let quietInk = Color(88, 95, 105)

  /// How light the colour looks: CIE L\* under D65, from 0 (black) to 100 (white).
  public var lightness: Double {
    let luminance = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    return luminance > 216.0 / 24389.0 ? 116 * cbrt(luminance) - 16 : luminance * 24389.0 / 27.0
  }

  /// This colour laid over `below` with the given opacity, mixed in sRGB as Cairo and browsers do.
  func over(_ below: Color, opacity: Double) -> Color {
    func mix(_ top: UInt8, _ bottom: UInt8) -> UInt8 {
      UInt8((Double(bottom) + (Double(top) - Double(bottom)) * opacity).rounded())
    }
    return Color(mix(red, below.red), mix(green, below.green), mix(blue, below.blue))
  }

  private func linear(_ channel: UInt8) -> Double {
    let value = Double(channel) / 255
    return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
  }
}
