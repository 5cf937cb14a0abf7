/// What pages are made of beside their content: style, script and words, files in this folder that the compiler embeds.
enum PageAssets {
  static let style = text(PackageResources.page_css)
  static let script = text(PackageResources.page_js)
  /// What a reader has to know before believing a picture.
  static let guide = text(PackageResources.guide_html)
  /// The tool's mark: the view into an ear.
  static let mark = text(PackageResources.mark_svg)
  /// A triangle while the sound rests, two bars while it plays.
  static let playIcon = text(PackageResources.play_svg)
  static let evaluationStyle = text(PackageResources.evaluation_css)
  static let evaluationScript = text(PackageResources.evaluation_js)
  static let atlasStyle = text(PackageResources.atlas_css)
  static let atlasScript = text(PackageResources.atlas_js)

  /// Without the last line's end.
  private static func text(_ file: [UInt8]) -> String {
    String(decoding: file.last == 10 ? file.dropLast() : file[...], as: UTF8.self)
  }
}
