/// What stands at the top of a page: what it is called, which run made it, and how to read it.
public struct PageHeader: Sendable {
  /// What the page is called, in its heading and its tab.
  public var title: String
  public var model: String
  /// The command that made the page, as typed.
  public var commandLine: String
  /// The tool's version: `0.1.0`.
  public var version: String
  /// When it was made, as it shall be read.
  public var date: String
  /// What the page shows and how to read it, a paragraph each.
  public var lead: [String]

  public init(
    title: String, model: String, commandLine: String, version: String, date: String, lead: [String] = []
  ) {
    (self.title, self.model, self.commandLine) = (title, model, commandLine)
    (self.version, self.date, self.lead) = (version, date, lead)
  }
}

extension Page {
  /// All of a page before its main part; the `header` element stays open for what else belongs into it.
  mutating func begin(_ header: PageHeader, style: String = "") {
    begin(title: header.title, version: header.version, style: style)
    add("<header>")
    addHeading(
      title: header.title, model: header.model, commandLine: header.commandLine, version: header.version,
      date: header.date)
    for paragraph in header.lead { add("<p class=\"lead\">\(HTML.escaped(paragraph))</p>") }
  }

  /// All behind the main part.
  mutating func end(_ header: PageHeader, script: String = "") {
    end(version: header.version, date: header.date, script: script)
  }
}
