/// A page of pictures with words, numbers and sounds, in sections: for results that are not explanations of a sound.
///
/// It needs no server, no network and no other file (unless sounds are linked). Where an item has sounds, a cursor moves
/// over its first picture in time with them, and clicking into the picture moves the sound.
public struct Gallery: Sendable {
  public var header: PageHeader
  public var sections: [Section]

  public struct Section: Sendable {
    public var title: String
    /// Below the title, a paragraph each.
    public var notes: [String]
    public var items: [Item]

    public init(title: String, notes: [String] = [], items: [Item]) {
      (self.title, self.notes, self.items) = (title, notes, items)
    }
  }

  /// Pictures and sounds that belong together, with what is to be said of them.
  public struct Item: Sendable {
    /// May be empty.
    public var title: String
    /// Beside the title, in quiet type: "64 channels, 48 x 32 places".
    public var subtitle: String
    public var notes: [String]
    public var pictures: [Report.Picture]
    /// Whether pictures stand beside each other, where the page is wide enough.
    public var isSideBySide = false
    public var tables: [Table]
    public var sounds: [Sound]
    /// Beside the page: a film each, in forms of which a browser takes the first that it knows.
    public var films: [[AudioSource]]
    public var parameters: [Report.Parameter]

    public init(
      title: String = "", subtitle: String = "", notes: [String] = [], pictures: [Report.Picture] = [],
      tables: [Table] = [], sounds: [Sound] = [], films: [[AudioSource]] = [],
      parameters: [Report.Parameter] = []
    ) {
      self.tables = tables
      self.films = films
      self.title = title
      self.subtitle = subtitle
      self.notes = notes
      self.pictures = pictures
      self.sounds = sounds
      self.parameters = parameters
    }
  }

  /// Words and numbers in rows; the first cell of each is what it is about.
  public struct Table: Sendable, Hashable {
    /// May be empty.
    public var caption: String
    public var columns: [String]
    public var rows: [[String]]
    /// Columns of words; all others but the first are set as numbers.
    public var wordColumns: Set<Int>

    public init(_ caption: String = "", columns: [String], rows: [[String]], wordColumns: Set<Int> = []) {
      (self.caption, self.columns, self.rows, self.wordColumns) = (caption, columns, rows, wordColumns)
    }
  }

  public struct Sound: Sendable {
    /// "Clip"
    public var label: String
    /// "the whole sound"
    public var hint: String
    public var source: AudioSource

    public init(_ label: String, hint: String = "", _ source: AudioSource) {
      (self.label, self.hint, self.source) = (label, hint, source)
    }
  }

  public init(_ header: PageHeader, sections: [Section]) {
    (self.header, self.sections) = (header, sections)
  }

  /// The page. Everything that comes from outside is escaped, and nothing is loaded but the linked sounds.
  public func html() -> String {
    var page = Page()
    page.begin(header)
    if sections.count > 1 {
      page.add(#"<nav aria-label="Sections"><h2>On this page</h2><ol>"#)
      for (index, section) in sections.enumerated() {
        page.add("<li><a href=\"#section-\(index + 1)\">\(HTML.escaped(section.title))</a></li>")
      }
      page.add("</ol></nav>")
    }
    page.add("</header>\n<main>")
    for (index, section) in sections.enumerated() { Self.add(section, index + 1, to: &page) }
    page.add("</main>")
    page.end(header)
    return page.text
  }

  private static func add(_ section: Section, _ number: Int, to page: inout Page) {
    page.add(
      """
      <section class="sound" id="section-\(number)" aria-labelledby="section-\(number)-name">
      <div class="sound-head"><h2 id="section-\(number)-name">\(HTML.escaped(section.title))</h2></div>
      """)
    for note in section.notes { page.add("<p class=\"note\">\(HTML.escaped(note))</p>") }
    for item in section.items { add(item, in: section, to: &page) }
    page.add("</section>")
  }

  private static func add(_ item: Item, in section: Section, to page: inout Page) {
    let isTimed = !item.sounds.isEmpty && !item.pictures.isEmpty
    page.add("<article class=\"explanation\(isTimed ? " listen" : "")\">")
    if !item.title.isEmpty || !item.subtitle.isEmpty {
      page.add(
        """
        <div class="explanation-head"><h3>\(HTML.escaped(item.title))</h3>\
        <p class="target">\(HTML.escaped(item.subtitle))</p></div>
        """)
    }
    for note in item.notes { page.add("<p class=\"note\">\(HTML.escaped(note))</p>") }
    let name = HTML.escaped(item.title.isEmpty ? section.title : item.title)
    for table in item.tables { page.add(table) }
    if item.isSideBySide { page.add("<div class=\"pair\">") }
    for (index, picture) in item.pictures.enumerated() {
      if isTimed, index == 0 {
        page.addPicture(picture, of: name)
      } else {
        page.add("<div class=\"picture\"><div class=\"frame\">")
        page.addImage(picture)
        page.add("</div></div>")
      }
    }
    if item.isSideBySide { page.add("</div>") }
    if !item.sounds.isEmpty {
      page.add(#"<div class="players">"#)
      for sound in item.sounds {
        page.addPlayer(sound.source, HTML.escaped(sound.label), HTML.escaped(sound.hint), of: name)
      }
      page.add("</div>")
    }
    for film in item.films {
      let sources = film.map { "<source src=\"\($0.attribute)\">" }.joined()
      page.add("<video class=\"film\" controls preload=\"metadata\" width=\"100%\">\(sources)</video>")
    }
    if !item.parameters.isEmpty {
      page.add(#"<dl class="parameters">"#)
      for parameter in item.parameters {
        page.add(Page.fact(HTML.escaped(parameter.name), HTML.escaped(parameter.value)))
      }
      page.add("</dl>")
    }
    page.add("</article>")
  }
}
