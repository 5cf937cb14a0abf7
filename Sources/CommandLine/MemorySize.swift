import ArgumentParser

/// An amount of memory as people write it: `512MB`, `1.5 GB`, `64MiB`, `1000000`. Units with an `i` are powers of 1024,
/// the others of 1000.
struct MemorySize: ExpressibleByArgument {
  let bytes: Int

  init?(argument: String) {
    let text = argument.lowercased()
    let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let unit = text.dropFirst(number.count).drop { $0 == " " }
    guard let value = Double(number), let factor = Self.factors[String(unit)], value * factor >= 1,
      value * factor < 0x1p62
    else { return nil }
    bytes = Int(value * factor)
  }

  private static let factors: [String: Double] = [
    "": 1, "b": 1, "k": 1e3, "kb": 1e3, "m": 1e6, "mb": 1e6, "g": 1e9, "gb": 1e9, "t": 1e12, "tb": 1e12,
    "kib": 0x1p10, "mib": 0x1p20, "gib": 0x1p30, "tib": 0x1p40,
  ]
}
