extension Report {
  /// A line of the page's list of sounds.
  public struct IndexEntry: Sendable, Hashable {
    public var name: String
    /// The most probable class.
    public var best: ClassProbability?
    public var place: Place

    /// Where the part about a sound is.
    public enum Place: Sendable, Hashable {
      /// On this page.
      case section(Int)
      /// A page beside this one.
      case page(String)
    }

    public init(name: String, best: ClassProbability?, place: Place) {
      (self.name, self.best, self.place) = (name, best, place)
    }

    fileprivate var link: String {
      switch place {
      case .section(let number): "#sound-\(number)"
      case .page(let path): AudioSource.linked(path).attribute
      }
    }
  }

  /// The page. Everything that comes from outside is escaped, and nothing is loaded but the linked sounds.
  public func html() -> String {
    html(
      sections: sounds.enumerated().map { Self.section(of: $1, number: $0 + 1) },
      index: sounds.enumerated().map {
        IndexEntry(name: $1.name, best: $1.classes.first, place: .section($0 + 1))
      })
  }

  /// The page with parts that were written before.
  ///
  /// - Parameters:
  ///   - sections: in HTML, as ``section(of:number:)`` makes them.
  ///   - index: where each sound is.
  ///   - status: what a reader must know of the run: that it is not finished.
  ///   - parent: the page to go back to.
  public func html(
    sections: [String], index: [IndexEntry], status: String? = nil, parent: String? = nil
  ) -> String {
    var page = Page()
    page.begin(title: title, version: version)
    addHeader(to: &page, index, status, parent)
    page.add("<main>")
    for (index, average) in averages.enumerated() { add(average, index, to: &page) }
    for section in sections { page.add(section) }
    page.add("</main>")
    page.end(version: version, date: date)
    return page.text
  }

  /// The part of a page about one sound, in HTML.
  ///
  /// - Parameter number: of the sound on its page, from 1 on.
  public static func section(of sound: Sound, number: Int) -> String {
    var page = Page(prefix: "\(number)-")
    add(sound, number, to: &page)
    return page.text
  }

  private func addHeader(to page: inout Page, _ index: [IndexEntry], _ status: String?, _ parent: String?) {
    page.add("<header>")
    page.addHeading(title: title, model: model, commandLine: commandLine, version: version, date: date)
    if let parent {
      page.add("<p class=\"parent\"><a href=\"\(AudioSource.linked(parent).attribute)\">← All sounds</a></p>")
    }
    if let status { page.add("<p class=\"note\" role=\"status\">\(HTML.escaped(status))</p>") }
    page.add(PageAssets.guide)
    if averages.count > 1 {
      page.add(#"<nav aria-label="Classes"><h2>On average</h2><ol>"#)
      for (index, average) in averages.enumerated() {
        page.add(
          "<li><a href=\"#average-\(index + 1)\">\(HTML.escaped(average.title))</a> "
            + "<span>\(average.clips) sounds</span></li>")
      }
      page.add("</ol></nav>")
    }
    addIndex(index, to: &page)
    page.add("</header>")
  }

  private func addIndex(_ index: [IndexEntry], to page: inout Page) {
    guard index.count > 1 || index.contains(where: { if case .page = $0.place { true } else { false } })
    else {
      return
    }
    page.add(#"<nav aria-label="Sounds"><h2>Sounds</h2><ol>"#)
    for entry in index {
      let best = entry.best.map {
        " <span>\(HTML.escaped($0.label)) \($0.text)</span>"
      }
      page.add("<li><a href=\"\(entry.link)\">\(HTML.escaped(entry.name))</a>\(best ?? "")</li>")
    }
    page.add("</ol></nav>")
  }

  private static func add(_ sound: Sound, _ number: Int, to page: inout Page) {
    let name = HTML.escaped(sound.name)
    page.add(
      """
      <section class="sound" id="sound-\(number)" aria-labelledby="sound-\(number)-name">
      <div class="sound-head"><h2 id="sound-\(number)-name">\(name)</h2>
      <p class="duration">\(duration(sound.seconds))</p></div>
      """)
    for note in sound.notes { page.add("<p class=\"note\">\(HTML.escaped(note))</p>") }
    page.add(#"<div class="overview"><div class="listen">"#)
    page.addPicture(sound.spectrogram, of: name)
    page.add(#"<div class="players">"#)
    let clip = page.addPlayer(sound.clip, "Clip", "the whole sound", of: name)
    page.add("</div></div>")
    addClasses(sound.classes, to: &page)
    page.add("</div>")
    if !sound.explanations.isEmpty { page.add("<h3>Where the decision came from</h3>") }
    if !sound.remarks.isEmpty {
      page.add(#"<dl class="facts remarks">"#)
      for remark in sound.remarks {
        page.add(Page.fact(HTML.escaped(remark.name), HTML.escaped(remark.value)))
      }
      page.add("</dl>")
    }
    for explanation in sound.explanations { add(explanation, of: name, clip: clip, to: &page) }
    page.add("</section>")
  }

  private static func addClasses(_ classes: [ClassProbability], to page: inout Page) {
    guard !classes.isEmpty else { return }
    let word = classes.allSatisfy(\.isProbability) ? "Probability" : "Score"
    page.add(
      """
      <table class="classes"><caption>What the model says</caption>
      <thead><tr><th scope="col">Class</th><th scope="col">\(word)</th></tr></thead><tbody>
      """)
    for item in classes {
      let percent = Decimals.text(100 * unit(item.probability), places: 1)
      let bar = #"<span class="bar" aria-hidden="true"><i style="width:\#(percent)%"></i></span>"#
      page.add(
        """
        <tr><th scope="row">\(HTML.escaped(item.label))</th>\
        <td>\(item.isProbability ? bar : "")<span class="value">\(item.text)</span></td></tr>
        """)
    }
    page.add("</tbody></table>")
  }

  private static func add(_ explanation: Explanation, of sound: String, clip: String, to page: inout Page) {
    let method = HTML.escaped(explanation.method)
    let target = HTML.escaped(explanation.target)
    let value =
      explanation.isProbability
      ? Page.probability(explanation.probability) : Ticks.compact(explanation.probability)
    page.add(
      """
      <article class="explanation listen">
      <div class="explanation-head"><h4>\(method)</h4>
      <p class="target"><span>for</span> <strong>\(target)</strong> \(value)</p></div>
      """)
    let name = "\(method), \(target), \(sound)"
    page.addPicture(explanation.picture, of: name)
    page.add(#"<div class="players">"#)
    page.addButton(forPlayer: clip, "Clip", "the whole sound", of: name)
    if let heard = explanation.heard {
      page.addPlayer(heard, "Heard", "only what mattered", of: name)
    }
    if let ignored = explanation.ignored {
      page.addPlayer(ignored, "Ignored", "only the rest", of: name)
    }
    page.add(#"</div><dl class="parameters">"#)
    if let layer = explanation.layer { page.add(Page.fact("Layer", "<code>\(HTML.escaped(layer))</code>")) }
    for parameter in explanation.parameters + explanation.measurements {
      page.add(Page.fact(HTML.escaped(parameter.name), HTML.escaped(parameter.value)))
    }
    page.add("</dl></article>")
  }

  private static func unit(_ value: Double) -> Double { value.isFinite ? min(max(value, 0), 1) : 0 }

  private static func duration(_ seconds: Double) -> String {
    guard seconds >= 120 else { return Decimals.text(seconds, places: 2) + " s" }
    let whole = Int(min(seconds, 1e9).rounded())
    let rest = whole % 60
    return "\(whole / 60):\(rest < 10 ? "0" : "")\(rest) min"
  }
}
