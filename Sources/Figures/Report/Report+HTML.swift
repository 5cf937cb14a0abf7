extension Report {
  /// The page. Everything that comes from outside is escaped, and nothing is loaded but the linked sounds.
  public func html() -> String {
    var page = Page()
    page.begin(title: title, version: version)
    addHeader(to: &page)
    page.add("<main>")
    for (index, average) in averages.enumerated() { add(average, index, to: &page) }
    for (index, sound) in sounds.enumerated() { add(sound, index, to: &page) }
    page.add("</main>")
    page.end(version: version, date: date)
    return page.text
  }

  private func addHeader(to page: inout Page) {
    page.add("<header>")
    page.addHeading(title: title, model: model, commandLine: commandLine, version: version, date: date)
    page.add(PageGuide.html)
    if averages.count > 1 {
      page.add(#"<nav aria-label="Classes"><h2>On average</h2><ol>"#)
      for (index, average) in averages.enumerated() {
        page.add(
          "<li><a href=\"#average-\(index + 1)\">\(HTML.escaped(average.title))</a> "
            + "<span>\(average.clips) sounds</span></li>")
      }
      page.add("</ol></nav>")
    }
    if sounds.count > 1 {
      page.add(#"<nav aria-label="Sounds"><h2>Sounds</h2><ol>"#)
      for (index, sound) in sounds.enumerated() {
        let best = sound.classes.first.map {
          " <span>\(HTML.escaped($0.label)) \(Page.probability($0.probability))</span>"
        }
        page.add(
          "<li><a href=\"#sound-\(index + 1)\">\(HTML.escaped(sound.name))</a>\(best ?? "")</li>")
      }
      page.add("</ol></nav>")
    }
    page.add("</header>")
  }

  private func add(_ sound: Sound, _ index: Int, to page: inout Page) {
    let name = HTML.escaped(sound.name)
    page.add(
      """
      <section class="sound" id="sound-\(index + 1)" aria-labelledby="sound-\(index + 1)-name">
      <div class="sound-head"><h2 id="sound-\(index + 1)-name">\(name)</h2>
      <p class="duration">\(Self.duration(sound.seconds))</p></div>
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

  private func addClasses(_ classes: [ClassProbability], to page: inout Page) {
    guard !classes.isEmpty else { return }
    page.add(
      """
      <table class="classes"><caption>What the model says</caption>
      <thead><tr><th scope="col">Class</th><th scope="col">Probability</th></tr></thead><tbody>
      """)
    for item in classes {
      let percent = Decimals.text(100 * Self.unit(item.probability), places: 1)
      page.add(
        """
        <tr><th scope="row">\(HTML.escaped(item.label))</th>\
        <td><span class="bar" aria-hidden="true"><i style="width:\(percent)%"></i></span>\
        <span class="value">\(Page.probability(item.probability))</span></td></tr>
        """)
    }
    page.add("</tbody></table>")
  }

  private func add(_ explanation: Explanation, of sound: String, clip: String, to page: inout Page) {
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
