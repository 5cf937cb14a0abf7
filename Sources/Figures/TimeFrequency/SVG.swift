/// What Cairo leaves out of an SVG file.
enum SVG {
  /// The file with a `title` and a `desc` as first children of its root, as SVG 1.1 wants them for accessibility.
  static func described(_ file: [UInt8], title: String, description: String) -> [UInt8] {
    // The root element's start tag is the first to end after `<svg`.
    let root = Array("<svg".utf8)
    guard let start = file.indices.first(where: { file[$0...].starts(with: root) }),
      let end = file[start...].firstIndex(of: UInt8(ascii: ">"))
    else { return file }
    let text = "\n<title>\(HTML.escaped(title))</title>\n<desc>\(HTML.escaped(description))</desc>"
    return file[...end] + Array(text.utf8) + file[(end + 1)...]
  }
}
