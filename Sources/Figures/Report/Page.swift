/// A page being written: text, and the parts that need numbers of their own.
struct Page {
  private(set) var text = ""
  /// How the names of players begin, where parts of a page are written one by one.
  private let prefix: String
  private var players = 0

  init(prefix: String = "") { self.prefix = prefix }

  mutating func add(_ html: String) {
    text += html
    text += "\n"
  }

  /// All before the page's heading. A Content-Security-Policy forbids the page to load anything but itself and the
  /// linked sounds.
  mutating func begin(title: String, version: String, style: String = "") {
    add(
      """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; \
      media-src data: 'self' file:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; \
      form-action 'none'">
      <meta name="generator" content="Otoscope \(HTML.escaped(version))">
      <title>\(HTML.escaped(title)) · Otoscope</title>
      <style>\(PageAssets.style)
      \(style)</style>
      </head>
      <body>
      """)
  }

  /// The page's heading: what it is called, and which run made it.
  mutating func addHeading(title: String, model: String, commandLine: String, version: String, date: String) {
    add(
      """
      <p class="brand">\(PageAssets.mark)<span>Otoscope</span></p>
      <h1>\(HTML.escaped(title))</h1>
      <dl class="facts">
      \(Self.fact("Model", HTML.escaped(model)))
      \(Self.fact("Command", "<code>\(HTML.escaped(commandLine))</code>"))
      \(Self.fact("Version", HTML.escaped(version)))
      \(Self.fact("Date", HTML.escaped(date)))
      </dl>
      """)
  }

  /// All behind the page's content.
  mutating func end(version: String, date: String, script: String = "") {
    add(
      """
      <footer><p>Made by Otoscope \(HTML.escaped(version)), \(HTML.escaped(date)). \
      This page holds everything it shows; it loads nothing from the network.</p></footer>
      <script>\(PageAssets.script)
      \(script)</script>
      </body>
      </html>
      """)
  }

  /// A line of a list of facts, both sides already HTML.
  static func fact(_ name: String, _ value: String) -> String {
    "<div><dt>\(name)</dt><dd>\(value)</dd></div>"
  }

  static func probability(_ value: Double) -> String {
    value.isFinite ? Decimals.text(min(max(value, 0), 1), places: 2) : "unknown"
  }

  mutating func add(_ table: Gallery.Table) {
    func kind(_ column: Int) -> String { table.wordColumns.contains(column) ? " class=\"word\"" : "" }
    add("<div class=\"wide\"><table class=\"numbers\">")
    if !table.caption.isEmpty { add("<caption>\(HTML.escaped(table.caption))</caption>") }
    let heads = table.columns.enumerated().map { "<th scope=\"col\"\(kind($0))>\(HTML.escaped($1))</th>" }
    add("<thead><tr>\(heads.joined())</tr></thead><tbody>")
    for row in table.rows {
      let cells = row.enumerated().map { column, text in
        column == 0
          ? "<th scope=\"row\">\(HTML.escaped(text))</th>" : "<td\(kind(column))>\(HTML.escaped(text))</td>"
      }
      add("<tr>\(cells.joined())</tr>")
    }
    add("</tbody></table></div>")
  }

  /// A picture alone.
  mutating func addImage(_ picture: Report.Picture) {
    text += "<img alt=\"\(HTML.escaped(picture.alternative))\" src=\"data:image/png;base64,"
    text += Base64.encode(picture.png)
    add("\">")
  }

  /// A picture, with a slider over its axes that the page's script moves in time with the sound.
  /// - Parameter name: whose picture, already escaped.
  mutating func addPicture(_ picture: Report.Picture, of name: String) {
    let axes = picture.geometry
    func rounded(_ time: Double) -> Double { (time * 100).rounded() / 100 }
    func percent(_ fraction: Double) -> String { "\(fraction * 100)%" }
    add("<div class=\"picture\"><div class=\"frame\">")
    addImage(picture)
    add(
      """
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
  ///
  /// - Parameter isLoadedLate: for pages of many sounds: nothing is read of this one until it is played.
  /// - Returns: the player's identity in the page, for more buttons that play the same sound.
  @discardableResult
  mutating func addPlayer(
    _ source: AudioSource, _ label: String, _ hint: String, of name: String, isLoadedLate: Bool = false
  ) -> String {
    players += 1
    let identity = "player-\(prefix)\(players)"
    addButton(forPlayer: identity, label, hint, of: name)
    text += """
      <div class="native"><p>\(hint.isEmpty ? label : "\(label): \(hint)")</p>\
      <audio id="\(identity)" controls preload="\(isLoadedLate ? "none" : "metadata")" \
      aria-label="\(Self.spoken(label, hint)): \(name)" src="
      """
    text += source.attribute
    add("\"></audio></div>")
    return identity
  }

  mutating func addButton(forPlayer identity: String, _ label: String, _ hint: String, of name: String) {
    add(
      """
      <button type="button" class="player" data-player="\(identity)" aria-pressed="false" hidden \
      aria-label="Play \(Self.spoken(label.lowercased(), hint)): \(name)">\(PageAssets.playIcon)\
      <span class="words"><b>\(label)</b><small>\(hint)</small></span><span class="time"></span></button>
      """)
  }

  private static func spoken(_ label: String, _ hint: String) -> String {
    hint.isEmpty ? label : "\(label), \(hint)"
  }
}
