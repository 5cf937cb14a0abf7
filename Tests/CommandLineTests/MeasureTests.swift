import Files
import Foundation
import TestSupport
import Tensors
import Testing

@Suite("measure: how good maps of arrays are")
struct MeasureTests {
  private struct Measured: Decodable {
    var model: String
    var target: Int
    var rows: Int
    var method: String?
    var score: String
    var probabilities: String
    var probability: [Double]
    var deletion: [Double]
    var deletion_curve: [[Double]]
    var insertion: [Double]
    var insertion_curve: [[Double]]
    var average_drop: [Double]
    var increase: [Double]
    var average_gain: [Double]
    var infidelity: [Double]
    var infidelity_normalized: [Double]
    var sparseness: [Double]
    var complexity: [Double]
    var pointing_game: [Double]?
    var relevance_mass: [Double]?
    var relevance_rank: [Double]?
    var max_sensitivity: [Double?]?
    var parameter_randomisation: [Double]?
    var parameter_randomisation_stages: [[Double]]?
    var shuffled_layers: [Int]?
  }

  private static let size = NaiveListener.size

  private static func numbers(_ shape: Shape, from low: Float = -1, seed: UInt64) -> Tensor {
    var generator = SplitMix64(seed: seed)
    return Tensor(shape, (0..<shape.count).map { _ in Float.random(in: low...1, using: &generator) })
  }

  /// A folder with a network, two rows, maps of them, three disturbances and a region.
  private func withArrays(_ body: (_ folder: String) throws -> Void) throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener.write(to: "\(folder)/net.onnx")
      try NumPy.write(Self.numbers([2, 1, 96, 64], seed: 1), to: "\(folder)/x.npy")
      try NumPy.write(Self.numbers([2, 1, 96, 64], seed: 2), to: "\(folder)/maps.npy")
      try NumPy.write(Self.numbers([3, 1, 96, 64], seed: 3), to: "\(folder)/disturbances.npy")
      // The lower half of the bands.
      try NumPy.write(
        Tensor([96, 64], (0..<Self.size).map { $0 % 64 < 32 ? 1 : 0 }), to: "\(folder)/region.npy")
      try body(folder)
    }
  }

  private func measured(_ arguments: [String], in folder: String) throws -> Measured {
    let outcome = try Otoscope.run(["measure", "net.onnx", "x.npy", "--target", "1"] + arguments, in: folder)
    expectSuccess(outcome)
    return try json(Measured.self, outcome.output)
  }

  private func near(_ a: Double, _ b: Double, _ location: SourceLocation = #_sourceLocation) {
    // Sums of a thousand floats.
    #expect(abs(a - b) <= 2e-5 * max(abs(a), abs(b), 1e-2), "\(a) for \(b)", sourceLocation: location)
  }

  /// By the trapezoid rule over [0, 1].
  private static func area(_ curve: [Double]) -> Double {
    var sum = 0.0
    for step in 1..<curve.count { sum += (curve[step - 1] + curve[step]) / 2 }
    return sum / Double(curve.count - 1)
  }

  /// 1 less twice the area under the Lorenz curve.
  private static func gini(_ magnitudes: [Float]) -> Double {
    let sorted = magnitudes.map { Double($0) + 1e-7 }.sorted()
    let whole: Double = sorted.reduce(0, +)
    var (below, area) = (0.0, 0.0)
    for value in sorted {
      area += (below + value / 2) / whole
      below += value
    }
    return 1 - 2 * area / Double(sorted.count)
  }

  private static func entropy(_ magnitudes: [Float]) -> Double {
    let whole: Double = magnitudes.reduce(0) { $0 + Double($1) }
    return magnitudes.reduce(0) { sum, value in
      let share: Double = Double(value) / whole
      return sum - share * log(share)
    }
  }

  @Test("Maps from a file, against loops")
  func brought() throws {
    try withArrays { folder in
      let found = try measured(
        [
          "--attribution", "maps.npy", "--disturbances", "disturbances.npy", "--region", "region.npy",
          "--baseline=-0.5", "--curve-steps", "4",
        ], in: folder)
      #expect(found.rows == 2 && found.score == "logits" && found.probabilities == "scores")
      #expect(found.method == nil && found.max_sensitivity == nil && found.shuffled_layers == nil)
      let network = NaiveListener()
      let (all, maps) = (try NumPy.read("\(folder)/x.npy"), try NumPy.read("\(folder)/maps.npy"))
      let disturbances = try NumPy.read("\(folder)/disturbances.npy")
      for row in 0..<2 {
        let (x, map) = (all.rows(row..<row + 1).values, maps.rows(row..<row + 1).values)
        near(found.probability[row], network.probability(x, 1))

        let order = map.indices.sorted { map[$0] > map[$1] }
        for (curve, area, isDeletion) in [
          (found.deletion_curve[row], found.deletion[row], true),
          (found.insertion_curve[row], found.insertion[row], false),
        ] {
          let expected = (0...4).map { step -> Double in
            let first = Set(order.prefix(Self.size * step / 4))
            let changed: [Float] = x.indices.map { first.contains($0) == isDeletion ? -0.5 : x[$0] }
            return network.probability(changed, 1)
          }
          for (a, b) in zip(curve, expected) { near(a, b) }
          #expect(curve.count == 5)
          near(area, Self.area(expected))
        }

        let magnitudes = map.map(abs)
        let (least, most) = (magnitudes.min() ?? 0, magnitudes.max() ?? 0)
        let kept: [Float] = x.indices.map { -0.5 + (magnitudes[$0] - least) / (most - least) * (x[$0] + 0.5) }
        let (y, o) = (network.probability(x, 1), network.probability(kept, 1))
        near(found.average_drop[row], 100 * max(0, y - o) / y)
        #expect(found.increase[row] == (o > y ? 100 : 0))
        near(found.average_gain[row], 100 * max(0, o - y) / (1 - y))

        let pairs = (0..<3).map { sample -> (foretold: Double, happened: Double) in
          let disturbance = disturbances.rows(sample..<sample + 1).values
          return (
            zip(map, disturbance).reduce(0) { $0 + Double($1.0) * Double($1.1) },
            network.logit(x, 1) - network.logit(zip(x, disturbance).map { $0 - $1 }, 1)
          )
        }
        func error(_ scale: Double) -> Double {
          pairs.reduce(0) { sum, pair in
            let miss: Double = scale * pair.foretold - pair.happened
            return sum + miss * miss / 3
          }
        }
        let shared: Double = pairs.reduce(0) { $0 + $1.foretold * $1.happened }
        let power: Double = pairs.reduce(0) { $0 + $1.foretold * $1.foretold }
        near(found.infidelity[row], error(1))
        near(found.infidelity_normalized[row], error(shared / power))

        near(found.sparseness[row], Self.gini(magnitudes))
        near(found.complexity[row], Self.entropy(magnitudes))

        let inside = { (place: Int) in place % 64 < 32 }
        #expect(found.pointing_game?[row] == (inside(order[0]) ? 1 : 0))
        let positive = map.map { max(0, Double($0)) }
        let whole: Double = positive.reduce(0, +)
        let within: Double = positive.indices.filter(inside).reduce(0) { $0 + positive[$1] }
        near(found.relevance_mass?[row] ?? -1, within / whole)
        near(
          found.relevance_rank?[row] ?? -1,
          Double(order.prefix(Self.size / 2).count(where: inside)) / Double(Self.size / 2))
      }
    }
  }

  @Test("A method's maps, disturbed and with weights shuffled, against loops")
  func ownMaps() throws {
    try withArrays { folder in
      let found = try measured(
        ["--method", "saliency", "--disturbances", "disturbances.npy", "--seed", "5"], in: folder)
      #expect(found.method == "saliency" && found.shuffled_layers == [1] && found.pointing_game == nil)
      let network = NaiveListener()
      let all = try NumPy.read("\(folder)/x.npy")
      let disturbances = try NumPy.read("\(folder)/disturbances.npy")
      for row in 0..<2 {
        let x = all.rows(row..<row + 1).values
        let map = network.saliency(x, 1)
        func norm(_ values: [Float]) -> Double {
          values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        }
        let moves = (0..<3).map { sample in
          let shaken = zip(x, disturbances.rows(sample..<sample + 1).values).map { $0 - $1 }
          return norm(zip(network.saliency(shaken, 1), map).map { $0 - $1 }) / norm(map)
        }
        near(found.max_sensitivity?[row] ?? -1, moves.max() ?? 0)
        let correlation = naiveRankCorrelation(map, network.shuffled(seed: 5).saliency(x, 1))
        near(found.parameter_randomisation_stages?[row].first ?? -2, correlation)
        near(found.parameter_randomisation?[row] ?? -1, abs(correlation))
      }
      // Maps that `attribute` saves are judged alike, and the numbers are the same in a file.
      expectSuccess(
        try Otoscope.run(
          "attribute", "net.onnx", "x.npy", "--method", "saliency", "--target", "1", "-o", "a.npz", in: folder
        ))
      let arguments = ["measure", "net.onnx", "x.npy", "--target", "1", "--attribution", "a.npz"]
      let quiet = try Otoscope.run(arguments + ["-o", "out.json"], in: folder)
      expectSuccess(quiet)
      #expect(quiet.output.isEmpty)
      let loud = try Otoscope.run(arguments + ["-o", "out.json", "--json"], in: folder)
      let saved = String(decoding: try WholeFile.read("\(folder)/out.json"), as: UTF8.self)
      #expect(loud.output == saved)
      #expect(try json(Measured.self, saved).deletion_curve == found.deletion_curve)
    }
  }

  @Test(
    "A layer's map is judged at the size of the input, and where the network makes no probabilities they are made as told"
  )
  func otherForms() throws {
    try withArrays { folder in
      var network = TinyNetwork.listener
      network.nodes.removeLast()
      network.outputs = ["logits"]
      try network.write(to: "\(folder)/bare.onnx")
      func found(_ model: String, _ more: [String] = []) throws -> Measured {
        let arguments = [
          "measure", model, "x.npy", "--method", "grad-cam", "--layer", "relu", "--target", "1",
        ]
        let outcome = try Otoscope.run(arguments + more, in: folder)
        expectSuccess(outcome)
        return try json(Measured.self, outcome.output)
      }
      let (whole, bare) = (try found("net.onnx"), try found("bare.onnx", ["--activation", "softmax"]))
      #expect(bare.probabilities == "softmax of logits" && whole.deletion_curve[0].count == 11)
      for (a, b) in zip(whole.deletion_curve.joined(), bare.deletion_curve.joined()) { near(a, b) }
      #expect(try found("bare.onnx", ["--activation", "none"]).probability[0] > 0)
      #expect(try found("bare.onnx", ["--activation", "sigmoid"]).probability[0] > 0.5)
    }
  }

  @Test(
    "What does not fit is refused, with its file",
    arguments: [
      (["--attribution", "short.npy"], ["short.npy", "'attribution'", "[1, 1, 96, 64]", "[2, 1, 96, 64]"]),
      (["--attribution", "nan.npy"], ["nan.npy", "NaN", "element 7"]),
      (["--attribution", "other.npz"], ["other.npz", "no array named 'attribution'", "'maps'"]),
      (["--attribution", "gone.npy"], ["gone.npy", "no such file"]),
      (["--attribution", "maps.npy", "--region", "narrow.npy"], ["narrow.npy", "'region'", "[96, 63]"]),
      (["--attribution", "maps.npy", "--region", "empty.npy"], ["empty.npy", "nothing inside", "row 0"]),
      (
        ["--attribution", "maps.npy", "--disturbances", "region.npy"],
        ["region.npy", "'disturbances'", "[samples] + [1, 96, 64]"]
      ),
      (["--attribution", "maps.npy", "--target", "2"], ["no element 2", "0 to 1"]),
      (["--method", "saliency", "--layer", "con"], ["'con'", "'conv'"]),
      (["--attribution", "maps.npy", "--baseline", "narrow.npy"], ["baseline", "[96, 63]"]),
      (["--method", "audio-lime"], ["audio-lime", "samples"]),
    ])
  func refusals(arguments: [String], words: [String]) throws {
    try withArrays { folder in
      try NumPy.write(Tensor([1, 1, 96, 64]), to: "\(folder)/short.npy")
      var values = [Float](repeating: 1, count: 2 * Self.size)
      values[7] = .nan
      try NumPy.write(Tensor([2, 1, 96, 64], values), to: "\(folder)/nan.npy")
      try NumPy.writeArchive([("maps", Tensor([2, 1, 96, 64]))], to: "\(folder)/other.npz")
      try NumPy.write(Tensor([96, 63]), to: "\(folder)/narrow.npy")
      try NumPy.write(Tensor([96, 64]), to: "\(folder)/empty.npy")
      let before = names(in: folder)
      let target = arguments.contains("--target") ? [] : ["--target", "0"]
      let outcome = try Otoscope.run(
        ["measure", "net.onnx", "x.npy", "-o", "out.json"] + target + arguments, in: folder)
      expectFailure(outcome)
      for word in words { #expect(outcome.errors.contains(word), "\(outcome.errors)") }
      #expect(names(in: folder) == before)
    }
  }

  @Test("Misuse", arguments: [[], ["--method", "saliency", "--curve-steps", "0"], ["--method", "x"]])
  func misuse(arguments: [String]) throws {
    try withArrays { folder in
      expectMisuse(
        try Otoscope.run(["measure", "net.onnx", "x.npy", "--target", "0"] + arguments, in: folder))
    }
  }
}
