import Figures
import Testing

struct EvaluationReportTests {
  static let attack = #"<script>alert("x")</script>'&.wav"#

  /// A report of three methods and three criteria, whose groups are not contiguous; all texts are `text` if given.
  static func report(text: String? = nil) throws -> EvaluationReport {
    func t(_ plain: String) -> String { text ?? plain }
    let picture = try figure(title: t("dog")).thumbnail(scale: 1)
    func criterion(_ title: String, _ group: String, _ unit: String, _ isBetterHigh: Bool, _ weight: Double)
      -> EvaluationReport.Criterion
    {
      .init(
        name: t(title.lowercased()), title: t(title), group: t(group), unit: t(unit),
        isBetterHigh: isBetterHigh, weight: weight, meaning: t("What \(title) is."))
    }
    func method(
      _ name: String, _ values: [EvaluationReport.Interval?], _ ranks: [Double?], isControl: Bool = false,
      failures: [String] = []
    ) -> EvaluationReport.Method {
      .init(
        name: t(name), title: t(name.prefix(1).uppercased() + name.dropFirst()), isControl: isControl,
        meanRank: .init(value: 1.5, low: 1.2, high: 2.1), bestShare: 0.714, values: values, ranks: ranks,
        failures: failures.map(t))
    }
    let missing = EvaluationReport.Interval(value: .nan, low: 0, high: 1)
    return EvaluationReport(
      title: t("Title"), model: t("Model"), commandLine: t("command"), version: t("1.0"), date: t("today"),
      recommendation: t("Use alpha: it is best."), warnings: [t("gamma: fails")], notes: [t("40 clips")],
      criteria: [
        criterion("Deletion", "faithfulness", "", false, 2), criterion("Cost", "cost", "s", false, 0),
        criterion("Insertion", "faithfulness", "", true, 1),
      ],
      methods: [
        method(
          "alpha", [.init(value: 0.31, low: 0.27, high: 0.35), .init(value: 3, low: 2, high: 4), nil],
          [1, 1, nil]),
        method(
          "beta", [.init(value: 0.42, low: -0.1, high: 0.5), missing, .init(value: 0.9, low: .nan, high: 1)],
          [2, nil, 1], isControl: true),
        // Too few values and ranks: the rest is not known.
        method(
          "gamma", [.init(value: 0.5, low: 0.4, high: 0.6)], [3], failures: ["not class-discriminative"]),
      ],
      curves: [.init(title: t("Curve"), caption: t("Caption"), picture: picture)],
      clips: [
        .init(
          name: t("dog.wav"), target: t("Dog"), probability: 0.92, picture: picture,
          sound: .embedded([1, 2], mime: "audio/wav"),
          entries: [
            .init(
              method: t("Alpha"), picture: picture, heard: .linked(t("heard.wav")), remark: t("0.92 → 0.81")),
            .init(method: t("Beta"), picture: picture),
          ])
      ])
  }

  /// The cells of the table of methods without their closing tags, row by row, heads included.
  private static func rows(_ page: String) throws -> [[String]] {
    let table = try #require(page.firstMatch(of: /<table class="sortable">([\s\S]*?)<\/table>/)?.1)
    return table.matches(of: /<tr[\s\S]*?<\/tr>/).map { row in
      row.output.matches(of: /(<t[dh][\s\S]*?)<\/t[dh]>/).map { String($0.output.1) }
    }
  }

  @Test("Whatever comes from outside is escaped")
  func escaping() throws {
    let page = try Self.report(text: Self.attack).html()
    #expect(!page.contains("alert(\""))
    #expect(!page.contains("<script>alert"))
    #expect(page.pieces(by: "<script").count == 2, "the page's own script and no other")
  }

  @Test(
    "Nothing is loaded from elsewhere", arguments: ["https://evil.example/a", "//evil.example/a", "data:x"])
  func selfContained(text: String) throws {
    let page = try Self.report(text: text).html()
    for attribute in ["src=\"", "href=\"", "url("] {
      for value in page.pieces(by: attribute).dropFirst() {
        let starts = ["data:image/png;base64,", "data:audio/wav;base64,", "./", "/", "#"]
        #expect(starts.contains { value.hasPrefix($0) } && !value.hasPrefix("//"), "\(value.prefix(60))")
      }
    }
    #expect(page.contains("default-src 'none'"))
  }

  @Test("Every value stands in its own criterion's column, groups together, and headings know their columns")
  func columns() throws {
    let rows = try Self.rows(try Self.report().html())
    try #require(rows.count == 5)
    let heads = rows[1]
    // Place, method, mean rank and share, three criteria, two groups.
    #expect(rows.dropFirst().allSatisfy { $0.count == 9 })
    for (column, head) in heads.enumerated() { #expect(head.contains("data-column=\"\(column)\"")) }
    #expect(heads[4].contains("Deletion ↓") && heads[5].contains("Insertion ↑"))
    #expect(heads[6].contains("Cost <small>(s)</small> ↓"))
    let (alpha, beta, gamma) = (rows[2], rows[3], rows[4])
    #expect(alpha[4].contains(">0.31<") && alpha[5].hasSuffix(">–") && alpha[6].contains(">3.00<"))
    #expect(beta[4].contains(">0.42<") && beta[5].contains(">0.90<") && beta[6].hasSuffix(">–"))
    #expect(gamma[4].contains(">0.50<") && gamma[5].hasSuffix(">–") && gamma[6].hasSuffix(">–"))
    // By weight: deletion counts twice as much as insertion.
    #expect(beta[7].contains("data-value=\"\(5.0 / 3)\"") && beta[7].contains(">1.7"))
    // Where no criterion of a group counts, all do.
    #expect(alpha[8].contains(">1.0") && beta[8].hasSuffix(">–"))
  }

  @Test("Cells have their interval, their rank and a shade from the best to the worst")
  func cells() throws {
    let rows = try Self.rows(try Self.report().html())
    try #require(rows.count == 5)
    #expect(rows[2][4].contains("Alpha, Deletion: 0.31 (95 %: 0.27–0.35), rank 1"))
    #expect(rows[2][4].contains("<small class=\"interval\">0.27–0.35</small>"))
    #expect(rows[3][4].contains("−0.10 to 0.50"))
    #expect(rows[3][5].contains("<small class=\"interval\"></small>"), "an end is not known")
    let shades = rows[2...].map { $0[4].pieces(by: "--shade:").last?.prefix { $0 != "%" } }
    #expect(shades == ["100", "50", "0"])
    #expect(rows[2][2].contains("1.2–2.1") && rows[2][3].contains(">71 %"))
  }

  @Test("Controls and failures are marked, and only those")
  func marks() throws {
    let page = try Self.report().html()
    #expect(page.pieces(by: "<tr class=\"control\">").count == 2)
    #expect(page.pieces(by: "<tr class=\"failing\">").count == 2)
    #expect(page.pieces(by: ">not class-discriminative<").count == 2)
    #expect(page.contains("<b>gamma</b>: fails"))
    #expect(page.contains("Use alpha: it is best.") && page.contains("40 clips"))
    #expect(page.contains("not counted"))
  }

  @Test("Every sound has the browser's own player, every picture a description")
  func accessible() throws {
    let page = try Self.report().html()
    #expect(page.pieces(by: "<audio ").count - 1 == 2)
    #expect(page.pieces(by: "class=\"player\"").count - 1 == 2)
    let pictures = page.pieces(by: "<img alt=\"").dropFirst()
    #expect(pictures.count == 4 && pictures.allSatisfy { !$0.hasPrefix("\"") })
    #expect(page.contains("0.92 → 0.81") && page.contains("Caption"))
    #expect(page.contains("aria-label=\"Alpha, 0.92 → 0.81: dog.wav\""))
    // Only a picture that has a sound plays it.
    #expect(page.pieces(by: " data-plays>").count == 2)
    var silent = try Self.report()
    silent.clips[0].entries[0].remark = ""
    #expect(silent.html().contains("aria-label=\"Alpha: dog.wav\"") && silent.html().contains("<p>Alpha</p>"))
    for part in ["ranking", "curves", "clips", "notes", "criteria"] {
      #expect(page.contains("href=\"#\(part)\"") && page.contains("id=\"\(part)\""))
    }
  }

  @Test("An evaluation of nothing is a page")
  func empty() throws {
    let page = EvaluationReport(
      title: "t", model: "m", commandLine: "c", version: "v", date: "d", recommendation: "", criteria: [],
      methods: []
    ).html()
    #expect(page.hasPrefix("<!DOCTYPE html>") && page.contains("</html>") && !page.contains("href=\"#"))
    var one = try Self.report()
    one.methods = [one.methods[0]]
    one.criteria = []
    #expect(try Self.rows(one.html()).last?.count == 4)
  }

  @Test(
    "Numbers of a column have the decimals they need",
    arguments: [
      ([0.92, 0.004], "", ["0.92", "0.00"]), ([100, 3.2], "%", ["100", "3"]),
      ([43.2, 3.2], "%", ["43.2", "3.2"]),
      ([0.0312, 75.24], "s", ["0.0312", "75.2"]), ([1.5, 0.25], "s", ["1.50", "0.25"]),
      ([-3, 14.2], "dB", ["−3.0", "14.2"]), ([0.012, 0.08], "", ["0.012", "0.080"]),
      ([2e-7, 1e-7], "", ["2 × 10⁻⁷", "1 × 10⁻⁷"]), ([0, 0], "", ["0.00", "0.00"]), ([], "s", []),
    ] as [([Double], String, [String])])
  func numbers(values: [Double], unit: String, texts: [String]) {
    let form = NumberForm(for: values, unit: unit)
    #expect(values.map(form.text) == texts)
  }
}

extension String {
  fileprivate func pieces(by separator: String) -> [String] {
    split(separator: separator, omittingEmptySubsequences: false).map(String.init)
  }
}
