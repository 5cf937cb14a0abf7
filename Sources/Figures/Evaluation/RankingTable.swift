/// The table of methods and criteria.
///
/// It is three tables in one, of which the reader chooses: the values, the values with their intervals, or the mean rank
/// in each group. A cell is the darker, the better the method's rank in that column, in equal steps of OKLab, where
/// equal steps look equally large.
struct RankingTable {
  private let report: EvaluationReport
  private let groups: [(name: String, members: [Int])]
  /// The mean ranks in each group, `[group][method]`.
  private let groupRanks: [[Double?]]
  /// The worst rank there is by each criterion.
  private let worstRanks: [Double]
  private let forms: [NumberForm]

  init(_ report: EvaluationReport) {
    self.report = report
    let groups = report.groups
    self.groups = groups
    groupRanks = groups.map { group in
      report.methods.map { Self.meanRank(of: $0, group.members, report.criteria) }
    }
    worstRanks = report.criteria.indices.map { criterion in
      report.methods.compactMap { $0.rank(by: criterion) }.max() ?? 1
    }
    forms = report.criteria.indices.map { criterion in
      NumberForm(
        for: report.methods.compactMap { $0.value(by: criterion)?.value },
        unit: report.criteria[criterion].unit)
    }
  }

  /// By the criteria's weights; where none in the group counts, all count alike.
  private static func meanRank(
    of method: EvaluationReport.Method, _ members: [Int], _ criteria: [EvaluationReport.Criterion]
  ) -> Double? {
    let isWeighted = members.contains { criteria[$0].weight > 0 }
    var (sum, whole) = (0.0, 0.0)
    for criterion in members {
      let weight = isWeighted ? criteria[criterion].weight : 1
      guard let rank = method.rank(by: criterion), weight > 0 else { continue }
      sum += weight * rank
      whole += weight
    }
    return whole > 0 ? sum / whole : nil
  }

  func add(to page: inout Page) {
    page.add(
      """
      <section class="part ranking" id="ranking"><h2>Ranking</h2>
      <p class="lead">Best first, by the mean of the ranks that a method has by the criteria; the line beside it is the
      95 % interval over resampled clips. Arrows say whether high or low is good; click a heading to sort by it. Names in
      <em>italics</em> are controls, which know nothing of the model: what does not beat them says nothing.</p>
      <input type="radio" name="view" id="view-values" checked><label for="view-values">Values</label>
      <input type="radio" name="view" id="view-intervals"><label for="view-intervals">With 95 % intervals</label>
      <input type="radio" name="view" id="view-groups"><label for="view-groups">Mean ranks by group</label>
      <span class="legend">worst rank<i aria-hidden="true"></i>best rank</span>
      <div class="scroll" tabindex="0" role="region" aria-label="Ranking"><table class="sortable">
      """)
    addHead(to: &page)
    page.add("<tbody>")
    for row in report.methods.indices { addRow(row, to: &page) }
    page.add("</tbody></table></div></section>")
  }

  private func addHead(to page: inout Page) {
    page.add("<thead><tr class=\"groups\"><th colspan=\"4\"></th>")
    for group in groups {
      // A name longer than its columns are wide is turned.
      let isNarrow = group.name.count > 6 * group.members.count
      page.add(
        """
        <th class="criterion first\(isNarrow ? " narrow" : "")" colspan="\(group.members.count)" scope="colgroup"><span>\
        \(HTML.escaped(group.name.capitalizedFirst))</span></th>
        """)
    }
    page.add("</tr><tr>")
    var column = 0
    func heading(_ kind: String, _ text: String, _ hint: String, _ isBetterHigh: Bool, rest: String = "") {
      let order = isBetterHigh ? "descending" : "ascending"
      page.add(
        """
        <th scope="col" class="\(kind)"\(rest)><button type="button" data-column="\(column)" data-best="\(order)" \
        title="\(hint)"><span>\(text)</span></button></th>
        """)
      column += 1
    }
    heading("place", "#", "The place in the ranking", false, rest: " aria-sort=\"ascending\"")
    heading("name", "Method", "The method’s name", false)
    heading("mean", "Mean rank", "The mean of the ranks, and its 95 % interval", false)
    heading("share", "First in", "The share of resamples in which it comes first", true)
    for group in groups {
      for (place, index) in group.members.enumerated() {
        let criterion = report.criteria[index]
        let unit = criterion.unit.isEmpty ? "" : " <small>(\(HTML.escaped(criterion.unit)))</small>"
        heading(
          "criterion\(place == 0 ? " first" : "")",
          "\(HTML.escaped(criterion.title))\(unit) \(criterion.isBetterHigh ? "↑" : "↓")",
          HTML.escaped(criterion.meaning), criterion.isBetterHigh)
      }
    }
    for group in groups {
      let text = HTML.escaped(group.name.capitalizedFirst)
      let members = group.members.map { report.criteria[$0].title }.joined(separator: ", ")
      heading("by-group", text, "Mean rank by: \(HTML.escaped(members))", false)
    }
    page.add("</tr></thead>")
  }

  private func addRow(_ row: Int, to page: inout Page) {
    let method = report.methods[row]
    let kind = [method.isControl ? "control" : nil, method.failures.isEmpty ? nil : "failing"]
      .compactMap { $0 }.joined(separator: " ")
    let failures = method.failures.map { "<small class=\"failure\">\(HTML.escaped($0))</small>" }.joined()
    let title = HTML.escaped(method.title)
    page.add(
      """
      <tr class="\(kind)"><td class="place" data-value="\(row + 1)">\(row + 1)</td>\
      <th scope="row" class="name" title="\(HTML.escaped(method.name))">\(title)\
      \(method.isControl ? "<small class=\"tag\">control</small>" : "")\(failures)</th>\
      \(meanCell(method.meanRank))\(shareCell(method.bestShare))
      """)
    for group in groups {
      for (place, criterion) in group.members.enumerated() {
        page.add(cell(of: method, by: criterion, isFirst: place == 0))
      }
    }
    for (group, ranks) in zip(groups, groupRanks) {
      guard let rank = ranks[row] else {
        page.add("<td class=\"by-group unknown\">–</td>")
        continue
      }
      let known = ranks.compactMap { $0 }
      let shade = Self.shade(rank, best: known.min() ?? 1, worst: known.max() ?? 1)
      page.add(
        """
        <td class="by-group" data-value="\(rank)" style="--shade:\(shade)%" \
        title="\(HTML.escaped(group.name.capitalizedFirst)): mean rank \(Decimals.text(rank, places: 1))">\
        \(Decimals.text(rank, places: 1))</td>
        """)
    }
    page.add("</tr>")
  }

  private func meanCell(_ rank: EvaluationReport.Interval) -> String {
    guard rank.value.isFinite else { return "<td class=\"mean unknown\">–</td>" }
    let last = Double(max(2, report.methods.count))
    func percent(_ rank: Double) -> Double { (min(max((rank - 1) / (last - 1), 0), 1) * 1000).rounded() / 10 }
    let low = percent(rank.low.isFinite ? rank.low : rank.value)
    let high = max(low, percent(rank.high.isFinite ? rank.high : rank.value))
    return """
      <td class="mean" data-value="\(rank.value)" title="95 % interval: \(rank.range(.places(1)))">\
      <div><span>\(Decimals.text(rank.value, places: 1))</span><span class="whisker" aria-hidden="true">\
      <i style="left:\(low)%;right:\(100 - high)%"></i><b style="left:\(percent(rank.value))%"></b></span></div>\
      <small class="interval">\(rank.range(.places(1)))</small></td>
      """
  }

  private func shareCell(_ share: Double) -> String {
    guard share.isFinite else { return "<td class=\"share unknown\">–</td>" }
    let percent = 100 * min(max(share, 0), 1)
    let text = percent > 0 && percent < 0.5 ? "&lt; 1" : Decimals.text(percent, places: 0)
    return "<td class=\"share\(percent == 0 ? " unknown" : "")\" data-value=\"\(share)\">\(text) %</td>"
  }

  private func cell(of method: EvaluationReport.Method, by index: Int, isFirst: Bool) -> String {
    let kind = "criterion\(isFirst ? " first" : "")"
    guard let interval = method.value(by: index) else { return "<td class=\"\(kind) unknown\">–</td>" }
    let criterion = report.criteria[index]
    let form = forms[index]
    let unit = criterion.unit.isEmpty ? "" : " \(criterion.unit)"
    var hint = "\(method.title), \(criterion.title): \(form.text(interval.value))\(unit)"
    let range = interval.range(form)
    if !range.isEmpty { hint += " (95 %: \(range)\(unit))" }
    var style = ""
    if let rank = method.rank(by: index) {
      hint += ", rank \(Ticks.plain(rank))"
      style = " style=\"--shade:\(Self.shade(rank, best: 1, worst: worstRanks[index]))%\""
    }
    return """
      <td class="\(kind)" data-value="\(interval.value)"\(style) title="\(HTML.escaped(hint))">\
      \(form.text(interval.value))<small class="interval">\(range)</small></td>
      """
  }

  /// How much of the darkest colour, in percent: none for the worst, all for the best.
  private static func shade(_ rank: Double, best: Double, worst: Double) -> Int {
    guard worst > best else { return 0 }
    return Int((100 * min(max((worst - rank) / (worst - best), 0), 1)).rounded())
  }
}

extension EvaluationReport.Method {
  /// Its value, if there is one that is finite.
  fileprivate func value(by criterion: Int) -> EvaluationReport.Interval? {
    guard values.indices.contains(criterion), let interval = values[criterion], interval.value.isFinite else {
      return nil
    }
    return interval
  }

  fileprivate func rank(by criterion: Int) -> Double? {
    guard ranks.indices.contains(criterion), let rank = ranks[criterion], rank.isFinite else { return nil }
    return rank
  }
}

extension EvaluationReport.Interval {
  /// `0.27–0.35`; empty if it is not known.
  fileprivate func range(_ form: NumberForm) -> String {
    guard low.isFinite, high.isFinite else { return "" }
    let ends = [form.text(low), form.text(high)]
    return ends.joined(separator: ends.contains { $0.hasPrefix("−") } ? " to " : "–")
  }
}
