import Files
import Tensors
import TestSupport
import Testing

@Suite("bench and --memory")
struct BenchTests {
  private struct Measured: Decodable {
    var what: String
    var batch: Int
    var threads: Int
    var median_s: Double
    var lower_quartile_s: Double
    var upper_quartile_s: Double
    var runs_s: [Double]
    var multiply_accumulates: Int
    var gflops: Double
    var peak_gflops: Double
    var share_of_peak: Double
    var arena_bytes: Int
    var peak_resident_bytes: Int
  }

  private func measured(_ arguments: String..., in folder: String) throws -> [Measured] {
    let all = ["bench", "net.onnx", "--runs", "3", "--threads", "1", "--json"]
    let outcome = try Otoscope.run(all + arguments, in: folder)
    expectSuccess(outcome)
    return try outcome.lines.map { try json(Measured.self, $0) }
  }

  private struct Profiled: Decodable {
    struct Table: Decodable {
      struct Row: Decodable {
        var kind: String
        var kernels: Int
        var s: Double
        var share: Double
      }
      var kinds: [Row]
      var kernels: [Row]
    }
    var profile: Table
  }

  @Test("--profile tells where the time goes")
  func profile() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener.write(to: "\(folder)/net.onnx")
      let arguments = ["bench", "net.onnx", "--profile", "--runs", "2", "--threads", "1"]
      let words = try Otoscope.run(arguments, in: folder)
      expectSuccess(words)
      #expect(words.output.contains("operation (layout)") && words.output.contains("the slowest kernels:"))
      let outcome = try Otoscope.run(arguments + ["--json"], in: folder)
      expectSuccess(outcome)
      let table = try json(Profiled.self, outcome.lines[0]).profile
      #expect(abs(table.kinds.reduce(0) { $0 + $1.share } - 1) < 1e-6)
      #expect(table.kinds.reduce(0) { $0 + $1.kernels } == table.kernels.count)
      #expect(table.kinds.map(\.s) == table.kinds.map(\.s).sorted(by: >))
    }
  }

  @Test("forward, gradient and every method, with the work they did")
  func all() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener.write(to: "\(folder)/net.onnx")
      let all = try measured("--method", "all", "--samples", "4", "--batch", "2", in: folder)
      for name in ["forward", "gradient", "saliency", "smoothgrad", "grad-cam"] {
        #expect(all.contains { $0.what == name })
      }
      for one in all {
        #expect(one.batch == 2 && one.threads == 1 && one.runs_s.count == 3)
        #expect(one.runs_s.contains(one.median_s) && one.median_s > 0)
        #expect(one.lower_quartile_s <= one.median_s && one.median_s <= one.upper_quartile_s)
        #expect(one.multiply_accumulates > 0 && one.gflops > 0 && one.peak_gflops > one.gflops)
        #expect(abs(one.share_of_peak - one.gflops / one.peak_gflops) < 1e-4)
        #expect(one.arena_bytes > 0 && one.peak_resident_bytes > one.arena_bytes)
      }
      let forward = try #require(all.first { $0.what == "forward" })
      let gradient = try #require(all.first { $0.what == "gradient" })
      #expect(forward.multiply_accumulates == 2 * 64 * 2 * 12 * 8)
      #expect(gradient.multiply_accumulates == 2 * forward.multiply_accumulates)
      #expect(all.first { $0.what == "saliency" }?.multiply_accumulates == gradient.multiply_accumulates)

      let two = try measured("--method", "grad-cam,forward", in: folder)
      #expect(two.map(\.what) == ["grad-cam", "forward"])
      for wrong in ["forwards", "", "forward,", "all,forward"] {
        let outcome = try Otoscope.run("bench", "net.onnx", "--method", wrong, in: folder)
        expectMisuse(outcome, saying: "--method")
      }
    }
  }

  @Test("an input of unknown length is given by its shape")
  func shape() throws {
    try withScratchFolder { folder in
      var file = HandmadeONNX(input: "audio", ["N", 1, "T"])
      file.add("Conv", ["audio"], "y", weights: [Tensor([4, 1, 9], repeating: 1)])
      try WholeFile.write(file.bytes, to: "\(folder)/net.onnx")
      let open = try Otoscope.run("bench", "net.onnx", in: folder)
      expectFailure(open, status: 2, saying: "--shape audio=1,1,100")
      let given = try measured("--shape", "audio=3,1,108", in: folder)
      #expect(given.map(\.batch) == [3] && given[0].multiply_accumulates == 3 * 4 * 100 * 9)
    }
  }

  @Test("--memory bounds the intermediate results, or says that it cannot")
  func memory() throws {
    try withScratchFolder { folder in
      var file = HandmadeONNX(input: "x", ["N", 1, 128, 128])
      file.add("Conv", ["x"], "a", weights: [Tensor([32, 1, 3, 3], repeating: 0.1)])
      file.add("Relu", ["a"], "b")
      file.add("Conv", ["b"], "c", weights: [Tensor([32, 32, 3, 3], repeating: 0.1)])
      file.add("GlobalAveragePool", ["c"], "y")
      try WholeFile.write(file.bytes, to: "\(folder)/net.onnx")
      var generator = SplitMix64(seed: 1)
      try NumPy.write(
        Tensor(
          [24, 1, 128, 128], (0..<24 * 128 * 128).map { _ in Float.random(in: -1...1, using: &generator) }),
        to: "\(folder)/x.npy")

      let free = try #require(try measured("x.npy", "--method", "gradient", in: folder).first)
      let bound = try #require(
        try measured("x.npy", "--method", "gradient", "--memory", "16MB", in: folder).first)
      #expect(free.arena_bytes > 16_000_000 && bound.arena_bytes <= 16_000_000 && bound.arena_bytes > 0)
      #expect(bound.multiply_accumulates == free.multiply_accumulates)
      #expect(bound.peak_resident_bytes < free.peak_resident_bytes)

      expectSuccess(try Otoscope.run("run", "net.onnx", "x.npy", "-o", "free.npz", in: folder))
      expectSuccess(
        try Otoscope.run("run", "net.onnx", "x.npy", "--memory", "10 MB", "-o", "bound.npz", in: folder))
      let values = try ["free", "bound"].map {
        try #require(try NumPy.readArchive("\(folder)/\($0).npz")["y"])
      }
      #expect(relativeError(values[1], values[0]) < 1e-5)

      let little = try Otoscope.run(
        "run", "net.onnx", "x.npy", "--memory", "100kB", "-o", "no.npz", in: folder)
      expectFailure(little, saying: "intermediate results", "97.6 KiB", "MiB")
      for wrong in ["", "0", "-1", "many", "5 XB", "1e30", "nan", "0.1"] {
        let outcome = try Otoscope.run(
          "run", "net.onnx", "x.npy", "--memory=\(wrong)", "-o", "no.npz", in: folder)
        expectMisuse(outcome, saying: "--memory")
      }
    }
  }
}
