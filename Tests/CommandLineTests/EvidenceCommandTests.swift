import Files
import Foundation
import TestSupport
import Testing

@Suite("explain: order and averages")
struct EvidenceCommandTests {
  private struct OrderReport: Decodable {
    struct Entry: Decodable {
      var method: String
      var order: Order?
    }
    struct Order: Decodable, Equatable {
      var verdict: String
      var words: String
      var draws: Int
    }
    var explanations: [Entry]
  }

  private struct AverageReport: Decodable {
    struct Average: Decodable {
      struct Share: Decodable {
        var share: Double
        var low: Double
        var high: Double
      }
      var method: String
      var clips: Int
      var bands: [Share]
      var time: [Share]
      var files: [String]
    }
    var averages: [Average]?
    var explanations: [Explained]
  }

  private func report<Value: Decodable>(_ type: Value.Type, _ folder: String) throws -> Value {
    try json(type, String(decoding: try WholeFile.read("\(folder)/report.json"), as: UTF8.self))
  }

  @Test("--order is tested once for each target, told in report.json and on the page")
  func order() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener(labels: ["dog", "siren"]).write(to: "\(folder)/net.onnx")
      try writeChirp("\(folder)/a.wav")
      let arguments = ["explain", "a.wav", "--model", "net.onnx", "--method", "saliency,grad-cam"]
      expectSuccess(try Otoscope.run(arguments + ["--target", "top:2", "--order", "-o", "out"], in: folder))
      let entries = try report(OrderReport.self, "\(folder)/out").explanations
      #expect(entries.count == 4)
      let orders = entries.compactMap(\.order)
      #expect(orders.count == 4 && orders[0] == orders[1] && orders[2] == orders[3] && orders[0] != orders[2])
      let page = String(decoding: try WholeFile.read("\(folder)/out/index.html"), as: UTF8.self)
      for order in orders { #expect(page.contains(order.words) && order.draws == 10) }
      expectSuccess(try Otoscope.run(arguments + ["-o", "plain"], in: folder))
      #expect(try report(OrderReport.self, "\(folder)/plain").explanations.allSatisfy { $0.order == nil })
    }
  }

  @Test("--average takes folders and writes pictures and tables of what all clips have in common")
  func averages() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener(labels: ["dog", "siren"]).write(to: "\(folder)/net.onnx")
      try WholeFile.makeFolder("\(folder)/sounds/inner")
      for (index, name) in ["a.wav", "b.wav", "inner/a.wav"].enumerated() {
        try writeChirp("\(folder)/sounds/\(name)", seconds: 1 + Double(index) / 4)
      }
      try WholeFile.write([65], to: "\(folder)/sounds/readme.txt")
      let arguments = [
        "explain", "sounds", "--model", "net.onnx", "--method", "saliency", "--target", "dog",
      ]
      let passedOver = "sounds: passed over: readme.txt: is no sound"
      let first = try Otoscope.run(arguments + ["--only-average", "-o", "only"], in: folder)
      #expect(first.status == 0 && first.errorLines == [passedOver])
      let files = ["csv", "png", "svg", "time.png", "time.svg"].map { "dog.saliency.average.\($0)" }
      #expect(names(in: "\(folder)/only") == (files + ["index.html", "report.json"]).sorted())
      let only = try report(AverageReport.self, "\(folder)/only")
      let average = try #require(only.averages?.first)
      #expect(only.explanations.isEmpty && only.averages?.count == 1)
      #expect(average.clips == 3 && average.bands.count == 64 && average.time.count == 25)
      #expect(average.files.sorted() == files)
      #expect(abs(average.bands.reduce(0) { $0 + $1.share } - 1) < 1e-4)
      let table = String(
        decoding: try WholeFile.read("\(folder)/only/dog.saliency.average.csv"), as: UTF8.self)
      #expect(table.hasPrefix("part,at,unit,share,low,high\nband,"))
      try ExplainTests.checkPage("\(folder)/only/index.html")

      let second = try Otoscope.run(arguments + ["--average", "-o", "both"], in: folder)
      #expect(second.status == 0 && second.errorLines == [passedOver])
      let both = try report(AverageReport.self, "\(folder)/both")
      #expect(both.explanations.count == 3 && both.averages?.first?.clips == 3)
      #expect(names(in: "\(folder)/both").count == 5 + 3 * 5 + 2)
      let lines = try Otoscope.run(arguments + ["--only-average", "--json", "-o", "only"], in: folder).lines
      #expect(lines.count == 1)
    }
  }

  @Test("A class of one clip has no average")
  func single() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener(labels: ["dog", "siren"]).write(to: "\(folder)/net.onnx")
      try writeChirp("\(folder)/a.wav")
      let outcome = try Otoscope.run(
        ["explain", "a.wav", "--model", "net.onnx", "--only-average", "-o", "out"], in: folder)
      expectFailure(outcome, saying: "--only-average", "two sounds")
      #expect(names(in: folder) == ["a.wav", "net.onnx"])
    }
  }
}
