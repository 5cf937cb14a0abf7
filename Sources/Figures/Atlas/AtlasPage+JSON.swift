extension AtlasPage {
  /// What the page's script reads: points, groups and scale, safe within a `script` element.
  var json: String {
    var counts = [Int](repeating: 0, count: groups.count)
    for point in points { if let group = point.group, counts.indices.contains(group) { counts[group] += 1 } }
    let groups = self.groups.enumerated().map { index, name -> String in
      let pen = GroupPen(index)
      var fields = ["\"name\":\(Self.quoted(name))", "\"count\":\(counts[index])"]
      fields.append("\"mark\":\"\(pen.map { "\($0.mark)" } ?? "disc")\"")
      if let pen { fields.append("\"colour\":\"\(pen.color.hexadecimal)\"") }
      return "{\(fields.joined(separator: ","))}"
    }
    let values = points.compactMap(\.value).filter(\.isFinite)
    let ramp = stride(from: 0.0, through: 0.93, by: 0.93 / 32).map {
      "\"\(Colormap.viridis[$0].hexadecimal)\""
    }
    let scale = """
      {"label":\(Self.quoted(valueLabel ?? "")),"low":\(values.min() ?? 0),"high":\(values.max() ?? 0),\
      "colours":[\(ramp.joined(separator: ","))]}
      """
    return """
      {"groups":[\(groups.joined(separator: ","))],"scale":\(scale),"meaning":\(Self.quoted(colourMeaning)),\
      "points":[\(points.filter { $0.x.isFinite && $0.y.isFinite }.map(Self.json).joined(separator: ",\n"))]}
      """
  }

  private static func json(_ point: Point) -> String {
    var fields = [
      "\"x\":\(Float(point.x))", "\"y\":\(Float(point.y))", "\"n\":\(quoted(point.name))",
      "\"c\":\"\(point.colour.hexadecimal)\"",
    ]
    if let group = point.group { fields.append("\"g\":\(group)") }
    if let value = point.value, value.isFinite { fields.append("\"v\":\(Float(value))") }
    if let seconds = point.seconds, seconds.isFinite { fields.append("\"l\":\(Float(seconds))") }
    if let thumbnail = point.thumbnail {
      fields.append("\"t\":\"data:image/png;base64,\(Base64.encode(thumbnail))\"")
    }
    if let sound = point.sound { fields.append("\"s\":\(quoted(sound.attribute))") }
    return "{\(fields.joined(separator: ","))}"
  }

  /// A JSON string that cannot end a `script` element.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    result.reserveCapacity(text.utf8.count + 2)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where scalar.value < 0x20 || ["<", "\u{2028}", "\u{2029}"].contains(scalar):
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

extension Color {
  /// `#1c2026`
  package var hexadecimal: String {
    "#"
      + [red, green, blue].map { channel in
        (channel < 16 ? "0" : "") + String(channel, radix: 16)
      }.joined()
  }
}
