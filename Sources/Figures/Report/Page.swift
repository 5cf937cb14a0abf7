/// A page being written: text, and the parts that need numbers of their own.
struct Page {
  private(set) var text = ""
  private var players = 0

  mutating func add(_ html: String) {
    text += html
    text += "\n"
  }

  /// A picture, with a slider over its axes that the page's script moves in time with the sound.
  /// - Parameter name: whose picture, already escaped.
  mutating func addPicture(_ picture: Report.Picture, of name: String) {
    let axes = picture.geometry
    func rounded(_ time: Double) -> Double { (time * 100).rounded() / 100 }
    func percent(_ fraction: Double) -> String { "\(fraction * 100)%" }
    text += """
      <div class="picture"><div class="frame">
      <img alt="\(HTML.escaped(picture.alternative))" src="data:image/png;base64,
      """
    text += Base64.encode(picture.png)
    add(
      """
      ">
      <div class="seek" role="slider" tabindex="0" hidden aria-label="Position in \(name)" \
      aria-valuemin="\(rounded(axes.startTime))" aria-valuemax="\(rounded(axes.endTime))" \
      aria-valuenow="\(rounded(axes.startTime))" \
      data-start="\(axes.startTime)" data-end="\(axes.endTime)" \
      style="left:\(percent(axes.left));right:\(percent(1 - axes.right));top:\(percent(axes.top));\
      bottom:\(percent(1 - axes.bottom))"><i class="cursor"></i></div>
      </div></div>
      """)
  }

  /// A sound with the browser's own controls, which the page's script replaces by a button.
  /// - Returns: the player's identity in the page, for more buttons that play the same sound.
  @discardableResult
  mutating func addPlayer(_ source: AudioSource, _ label: String, _ hint: String, of name: String) -> String {
    players += 1
    let identity = "player-\(players)"
    addButton(forPlayer: identity, label, hint, of: name)
    text += """
      <div class="native"><p>\(label): \(hint)</p>\
      <audio id="\(identity)" controls preload="metadata" aria-label="\(label), \(hint): \(name)" src="
      """
    text += source.attribute
    add("\"></audio></div>")
    return identity
  }

  mutating func addButton(forPlayer identity: String, _ label: String, _ hint: String, of name: String) {
    add(
      """
      <button type="button" class="player" data-player="\(identity)" aria-pressed="false" hidden \
      aria-label="Play \(label.lowercased()), \(hint): \(name)">\(PageStyle.playIcon)\
      <span class="words"><b>\(label)</b><small>\(hint)</small></span><span class="time"></span></button>
      """)
  }
}
