extension EvaluationReport {
  /// The page. Everything that comes from outside is escaped, and nothing is loaded but the linked sounds.
  public func html() -> String {
    var page = Page()
    page.begin(title: title, version: version, style: PageAssets.evaluationStyle)
    page.add("<header>")
    page.addHeading(title: title, model: model, commandLine: commandLine, version: version, date: date)
    addFindings(to: &page)
    addContents(to: &page)
    page.add("</header><main>")
    if !methods.isEmpty { RankingTable(self).add(to: &page) }
    addCurves(to: &page)
    addClips(to: &page)
    addNotes(to: &page)
    addDefinitions(to: &page)
    page.add("</main>")
    page.end(version: version, date: date, script: PageAssets.evaluationScript)
    return page.text
  }

  private func addFindings(to page: inout Page) {
    if !recommendation.isEmpty {
      page.add(
        """
        <section class="advice" aria-labelledby="advice"><h2 id="advice">Recommendation</h2>
        <p>\(HTML.escaped(recommendation))</p></section>
        """)
    }
    guard !warnings.isEmpty else { return }
    page.add(
      """
      <section class="warnings" aria-labelledby="warnings"><h2 id="warnings">Beware</h2>
      <ul>\(warnings.map { "<li>\(Self.withEmphasisOnName($0))</li>" }.joined(separator: "\n"))</ul></section>
      """)
  }

  /// The text with what stands before its first colon in bold.
  private static func withEmphasisOnName(_ text: String) -> String {
    guard let colon = text.firstIndex(of: ":"), colon > text.startIndex else { return HTML.escaped(text) }
    return "<b>\(HTML.escaped(String(text[..<colon])))</b>\(HTML.escaped(String(text[colon...])))"
  }

  private func addContents(to page: inout Page) {
    let parts = [
      ("ranking", "Ranking", methods.isEmpty), ("curves", "Curves", curves.isEmpty),
      ("clips", "Listen and compare", clips.isEmpty), ("notes", "How it was measured", notes.isEmpty),
      ("criteria", "What the criteria mean", criteria.isEmpty),
    ]
    let links = parts.filter { !$0.2 }.map { "<a href=\"#\($0.0)\">\($0.1)</a>" }
    page.add("<nav class=\"contents\" aria-label=\"Contents\">\(links.joined(separator: "\n"))</nav>")
  }

  private func addCurves(to page: inout Page) {
    guard !curves.isEmpty else { return }
    page.add("<section class=\"part\" id=\"curves\"><h2>Curves</h2><div class=\"curves\">")
    for figure in curves {
      page.add("<figure class=\"card\"><h3>\(HTML.escaped(figure.title))</h3><div class=\"drawing\">")
      page.addImage(figure.picture)
      page.add("</div>")
      if !figure.caption.isEmpty { page.add("<figcaption>\(HTML.escaped(figure.caption))</figcaption>") }
      page.add("</figure>")
    }
    page.add("</div></section>")
  }

  private func addClips(to page: inout Page) {
    guard !clips.isEmpty else { return }
    page.add(
      """
      <section class="part" id="clips"><h2>Listen and compare</h2>
      <p class="lead">What each method says mattered, best first. Click into a picture, or on the button
      below, to hear only that part of the sound.</p>
      """)
    for clip in clips { add(clip, to: &page) }
    page.add("</section>")
  }

  private func add(_ clip: Clip, to page: inout Page) {
    let name = HTML.escaped(clip.name)
    page.add(
      """
      <section class="clip"><div class="explanation-head"><h3>\(name)</h3>
      <p class="target"><span>as</span> <strong>\(HTML.escaped(clip.target))</strong> \
      \(Page.probability(clip.probability))</p></div>
      <div class="original\(clip.sound == nil ? "" : " listen")">
      """)
    page.addPicture(clip.picture, of: name)
    if let sound = clip.sound {
      page.add("<div class=\"players\">")
      page.addPlayer(sound, "Clip", "the whole sound", of: name)
      page.add("</div>")
    }
    page.add("</div><div class=\"multiples\">")
    for entry in clip.entries {
      let method = HTML.escaped(entry.method)
      let remark = HTML.escaped(entry.remark)
      page.add("<figure class=\"multiple\(entry.heard == nil ? "\"" : " listen\" data-plays")>")
      page.addPicture(entry.picture, of: "\(method), \(name)")
      page.add("<figcaption>")
      if let heard = entry.heard {
        page.addPlayer(heard, method, remark, of: name, isLoadedLate: true)
      } else {
        page.add("<span class=\"words\"><b>\(method)</b><small>\(remark)</small></span>")
      }
      page.add("</figcaption></figure>")
    }
    page.add("</div></section>")
  }

  private func addNotes(to page: inout Page) {
    guard !notes.isEmpty else { return }
    page.add(
      """
      <section class="part" id="notes"><h2>How it was measured</h2>
      <ul class="notes">\(notes.map { "<li>\(HTML.escaped($0))</li>" }.joined(separator: "\n"))</ul></section>
      """)
  }

  private func addDefinitions(to page: inout Page) {
    guard !criteria.isEmpty else { return }
    page.add(
      """
      <section class="part" id="criteria"><h2>What the criteria mean</h2>
      <div class="scroll"><table class="definitions"><thead><tr><th scope="col">Criterion</th>\
      <th scope="col">Meaning</th><th scope="col">Better</th><th scope="col">Unit</th>\
      <th scope="col" class="number">Weight</th></tr></thead>
      """)
    for (group, members) in groups {
      page.add(
        """
        <tbody><tr class="group"><th colspan="5" scope="rowgroup">\(HTML.escaped(group.capitalizedFirst))</th></tr>
        """)
      for criterion in members.map({ criteria[$0] }) {
        page.add(
          """
          <tr><th scope="row">\(HTML.escaped(criterion.title))<br><code>\(HTML.escaped(criterion.name))</code></th>\
          <td>\(HTML.escaped(criterion.meaning))</td><td>\(criterion.isBetterHigh ? "higher ↑" : "lower ↓")</td>\
          <td>\(criterion.unit.isEmpty ? "–" : HTML.escaped(criterion.unit))</td>\
          <td class="number">\(criterion.weight == 0 ? "not counted" : Ticks.plain(criterion.weight))</td></tr>
          """)
      }
      page.add("</tbody>")
    }
    page.add("</table></div></section>")
  }

  /// The criteria's places by group, the groups in the order in which they first occur.
  var groups: [(name: String, members: [Int])] {
    var result: [(name: String, members: [Int])] = []
    for (place, criterion) in criteria.enumerated() {
      if let known = result.firstIndex(where: { $0.name == criterion.group }) {
        result[known].members.append(place)
      } else {
        result.append((criterion.group, [place]))
      }
    }
    return result
  }
}

extension String {
  /// As a heading begins.
  var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
