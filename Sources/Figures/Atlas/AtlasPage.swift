/// A map of sounds as one HTML page: points are chosen with mouse, finger or keys, seen as a spectrogram and heard.
///
/// It needs no server, no network and no other file (unless sounds are linked). Without scripts it shows the map as a picture.
public struct AtlasPage: Sendable {
  /// Its lead says what the map shows and how far it is to be trusted.
  public var header: PageHeader
  /// The map as a PNG, for readers without scripts.
  public var picture: [UInt8]
  /// What the picture shows, for those who do not see it.
  public var alternative: String
  /// In the order of a legend.
  public var groups: [String]
  public var points: [Point]
  /// What `Point.value` is; nil where points have none.
  public var valueLabel: String?
  /// What `Point.colour` means.
  public var colourMeaning: String
  /// What the points are coloured by at first.
  public var colouring: Colouring

  public enum Colouring: String, Sendable { case group = "class", value = "unit", colour = "rgb" }

  public struct Point: Sendable {
    public var x: Double
    public var y: Double
    public var name: String
    /// Its place in `groups`; nil for none.
    public var group: Int?
    public var value: Double?
    public var colour: Color
    /// Of the sound, in seconds.
    public var seconds: Double?
    /// A PNG; nil where it is not kept.
    public var thumbnail: [UInt8]?
    public var sound: AudioSource?

    public init(
      x: Double, y: Double, name: String, group: Int? = nil, value: Double? = nil, colour: Color,
      seconds: Double? = nil, thumbnail: [UInt8]? = nil, sound: AudioSource? = nil
    ) {
      (self.x, self.y, self.name, self.group, self.value) = (x, y, name, group, value)
      (self.colour, self.seconds, self.thumbnail, self.sound) = (colour, seconds, thumbnail, sound)
    }
  }

  public init(
    _ header: PageHeader, picture: [UInt8], alternative: String, groups: [String], points: [Point],
    valueLabel: String? = nil,
    colourMeaning: String, colouring: Colouring
  ) {
    self.header = header
    self.picture = picture
    self.alternative = alternative
    self.groups = groups
    self.points = points
    self.valueLabel = valueLabel
    self.colourMeaning = colourMeaning
    self.colouring = colouring
  }

  /// The page. Everything that comes from outside is escaped, and nothing is loaded but the linked sounds.
  public func html() -> String {
    var page = Page()
    page.begin(header, style: PageAssets.atlasStyle)
    page.add("</header><main>")
    page.add("<div class=\"still\"><img alt=\"\(HTML.escaped(alternative))\" src=\"data:image/png;base64,")
    page.add(Base64.encode(picture) + "\"></div>")
    page.add(controls)
    page.add(
      """
      <div class="atlas"><div class="map">
      <canvas id="map" tabindex="0" role="application" aria-label="Map of \(points.count) sounds. Arrow keys move from \
      point to point, Enter plays, plus and minus zoom, 0 shows all." aria-describedby="chosen"></canvas>
      <div class="zoom"><button type="button" id="closer" aria-label="Zoom in">+</button>\
      <button type="button" id="farther" aria-label="Zoom out">−</button>\
      <button type="button" id="whole" aria-label="Show all">⤢</button></div></div>
      <aside class="chosen" id="chosen" aria-live="polite"><h2>No point chosen</h2>
      <p>Click or tap a point to see and hear it. With the keyboard: arrow keys on the map, Enter to listen.</p></aside></div>
      <button type="button" class="player" id="play" hidden aria-pressed="false">\(PageAssets.playIcon)\
      <span class="words"><b>Listen</b><small></small></span><span class="time"></span></button>
      <ul class="legend" id="legend" aria-label="Classes"></ul><div class="scale" id="scale" hidden></div>
      """)
    page.add("<script type=\"application/json\" id=\"atlas-data\">\(json)</script>")
    page.add("</main>")
    page.end(header, script: PageAssets.atlasScript)
    return page.text
  }

  private var controls: String {
    let offered: [(Colouring, String)] =
      (groups.isEmpty ? [] : [(.group, "class")])
      + (valueLabel.map { [(.value, $0)] } ?? []) + [(.colour, "likeness (PCA to RGB)")]
    let options = offered.map { colouring, name in
      """
      <option value="\(colouring.rawValue)"\(colouring == self.colouring ? " selected" : "")>\
      \(HTML.escaped(name))</option>
      """
    }
    return """
      <div class="controls"><label for="colouring">Colour <select id="colouring">\(options.joined())</select></label>
      <label for="find">Find <input id="find" type="search" placeholder="name or class" autocomplete="off"></label></div>
      """
  }
}
