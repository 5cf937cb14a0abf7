import Files
import Graphs
import Models
import Probe
import TestSupport
import Tensors
import Testing

/// Dreams upon pictures, with a network small enough to be differentiated by hand.
struct PictureDreamTests {
  private static let weights: [Float] = (0..<108).map { (index: Int) -> Float in
    Float((index * 37) % 23 - 11) / 40
  }
  private static let head: [Float] = (0..<20).map { (index: Int) -> Float in Float((index * 29) % 17 - 8) / 10
  }

  /// 3 -> 4 channels by 3 x 3, ReLU, mean, 5 classes; bytes as they are, divided by 255.
  private func model(_ folder: String) throws -> ImageModel {
    var file = HandmadeONNX(input: "image", ["N", 3, 12, 12])
    file.add(
      "Conv", ["image"], "conv", weights: [Tensor([4, 3, 3, 3], Self.weights)], ["pads": [1, 1, 1, 1]])
    file.add("Relu", ["conv"], "relu")
    file.add("GlobalAveragePool", ["relu"], "mean")
    file.add("Flatten", ["mean"], "flat", axis: 1)
    file.add("MatMul", ["flat"], "logits", weights: [Tensor([4, 5], Self.head)])
    file.metadata = [
      ("otoscope.image", "{\"scaling\":\"unit\"}"), ("otoscope.labels", "[\"a\",\"b\",\"c\",\"d\",\"e\"]"),
    ]
    let path = "\(folder)/eye.onnx"
    try WholeFile.write(file.bytes, to: path)
    return try ImageModel(path: path, threads: 1)
  }

  private func picture(_ width: Int, _ height: Int, _ salt: Int = 0) -> RGBPicture {
    var pixels: [UInt8] = []
    for place in 0..<3 * width * height {
      let number: Int = (place * 7919 + salt * 104_729) % 131
      pixels.append(UInt8(60 + number))
    }
    return RGBPicture(width: width, height: height, pixels: pixels)
  }

  /// The ReLU's activations, `[4][height * width]`, the loop a student would write. Pixels of 0 to 255, plane by plane.
  private func activations(_ planes: [Double], _ width: Int, _ height: Int) -> [[Double]] {
    var maps: [[Double]] = []
    for out in 0..<4 {
      var map = [Double](repeating: 0, count: width * height)
      for place in map.indices {
        var sum = 0.0
        for colour in 0..<3 {
          for ky in 0..<3 {
            for kx in 0..<3 {
              let row: Int = place / width + ky - 1
              let column: Int = place % width + kx - 1
              guard row >= 0, row < height, column >= 0, column < width else { continue }
              let weight: Float = Self.weights[out * 27 + colour * 9 + ky * 3 + kx]
              let value: Double = planes[colour * width * height + row * width + column]
              sum += Double(weight) * value / 255
            }
          }
        }
        map[place] = max(0, sum)
      }
      maps.append(map)
    }
    return maps
  }

  private func planes(_ picture: RGBPicture) -> [Double] {
    let count = picture.width * picture.height
    var planes = [Double](repeating: 0, count: 3 * count)
    for place in 0..<count {
      for colour in 0..<3 { planes[colour * count + place] = Double(picture.pixels[3 * place + colour]) }
    }
    return planes
  }

  private func objective(_ wish: DreamWish, _ planes: [Double], _ width: Int, _ height: Int) -> Double {
    let maps: [[Double]] = activations(planes, width, height)
    let count = Double(width * height)
    let means: [Double] = maps.map { $0.reduce(0, +) / count }
    switch wish {
    case .layer:
      var sum = 0.0
      for map in maps { for value in map { sum += value * value } }
      return sum / (8 * count)
    case .channels(_, let channels):
      var sum = 0.0
      for channel in channels { sum += means[channel] }
      return sum / Double(channels.count)
    case .classes(let classes):
      var sum = 0.0
      for index in classes {
        for channel in 0..<4 { sum += means[channel] * Double(Self.head[channel * 5 + index]) }
      }
      return sum / Double(classes.count)
    case .likeness(_, to: let seed):
      let guide: [[Double]] = activations(self.planes(seed), seed.width, seed.height)
      var sum = 0.0
      for place in 0..<width * height {
        var best = -Double.infinity
        for other in guide[0].indices {
          var product = 0.0
          for channel in 0..<4 { product += maps[channel][place] * guide[channel][other] }
          best = max(best, product)
        }
        sum += best
      }
      return sum / count
    }
  }

  private var wishes: [DreamWish] {
    [
      .layer("relu"), .channels("relu", [1, 3]), .classes([2]), .classes([0, 4]),
      .likeness("relu", to: picture(12, 12, 5)),
    ]
  }

  // Central differences over 2e-3 grey levels: exact but where a ReLU or the best place changes in between; float32
  // activations leave 1e-4 of the largest slope.
  @Test("A step goes along the gradient of the objective, and tells the objective", arguments: 0..<5)
  func gradient(_ number: Int) throws {
    try withScratchFolder { folder in
      let (model, wish) = (try model(folder), wishes[number])
      let (width, height) = (14, 11)
      let start = picture(width, height)
      let dream = try PictureDream(model, width: width, height: height, seed: 3)
      try dream.begin(with: start)
      let step = PictureStep(size: 1, jitter: 0, totalVariation: 0, seed: 0)
      let value = try dream.step(toward: [WeightedWish(wish, weight: 1)], step)
      let base = planes(start)
      #expect(abs(value - objective(wish, base, width, height)) <= 1e-5 * max(1, abs(value)))
      let h = 1e-3
      var slopes: [Double] = []
      for place in base.indices {
        var (up, down) = (base, base)
        up[place] += h
        down[place] -= h
        let rise: Double = objective(wish, up, width, height) - objective(wish, down, width, height)
        slopes.append(rise / (2 * h))
      }
      let mean: Double = slopes.reduce(0) { $0 + abs($1) } / Double(slopes.count)
      let moved = dream.values.values
      for place in base.indices {
        let way: Double = Double(moved[place]) - base[place]
        #expect(abs(way - slopes[place] / mean) < 2e-3)
      }
    }
  }

  @Test("Jitter moves what the network sees, and the gradient comes back to its place")
  func jitter() throws {
    try withScratchFolder { folder in
      let model = try model(folder)
      // A mean over all places does not see a shift around the edges, but for the border that the convolution pads.
      let dream = try PictureDream(model, width: 40, height: 32, seed: 1)
      func moved(_ jitter: Int) throws -> [Float] {
        try dream.begin(with: picture(40, 32))
        _ = try dream.step(
          toward: [WeightedWish(.channels("relu", [0]), weight: 1)],
          PictureStep(size: 1, jitter: jitter, totalVariation: 0, seed: 9))
        return dream.values.values
      }
      let (still, shifted) = (try moved(0), try moved(7))
      // A step is 1 on average, and its mean a little another with another border; what the border changes is both edges.
      let different = still.indices.filter { abs(still[$0] - shifted[$0]) > 0.3 }
      #expect(!different.isEmpty && different.count < still.count / 3)
    }
  }

  @Test(
    "Several wishes have their shares, the same dream gives the same picture, and no dream leaves 0 to 255")
  func deterministic() throws {
    try withScratchFolder { folder in
      let model = try model(folder)
      let both = [WeightedWish(wishes[2], weight: 0.5), WeightedWish(wishes[4], weight: 0.5)]
      func dreamt(_ seed: UInt64) throws -> RGBPicture {
        let dream = try PictureDream(model, width: 48, height: 40, seed: 2)
        try dream.prepare(both.map(\.wish))
        var told: [Int] = []
        try dream.octaves(
          toward: both, PictureStep(size: 8, jitter: 4, totalVariation: 0.1, seed: seed), counts: [3, 4, 5],
          scale: 1.4
        ) { octave, _, value in
          told.append(octave)
          #expect(value.isFinite)
        }
        #expect(told == [0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2])
        #expect((dream.picture.width, dream.picture.height) == (48, 40))
        #expect(dream.values.values.allSatisfy { (0...255).contains($0) })
        return dream.picture
      }
      let first = try dreamt(0)
      #expect(try dreamt(0) == first)
      #expect(try dreamt(1) != first)
    }
  }

  @Test("A dream that is ended leaves the picture as it was; a picture begun anew forgets everything")
  func ended() throws {
    try withScratchFolder { folder in
      let dream = try PictureDream(try model(folder), width: 40, height: 40, seed: 0)
      let noise = dream.picture
      struct Enough: Error {}
      #expect(throws: Enough.self) {
        try dream.octaves(
          toward: [WeightedWish(.layer("relu"), weight: 1)], PictureStep(), counts: [2, 2], scale: 1.5
        ) {
          _, _, _ in throw Enough()
        }
      }
      #expect(dream.picture == noise)
      try dream.begin(with: picture(40, 40))
      #expect(dream.picture == picture(40, 40))
      try dream.begin(with: nil)
      #expect(dream.picture == noise)
    }
  }

  @Test("Zoom crops the border, blending goes to another picture, colours turn")
  func frames() throws {
    try withScratchFolder { folder in
      let dream = try PictureDream(try model(folder), width: 40, height: 40, seed: 0)
      // A ramp stays a ramp: 4 pixels of each border less are 0.8 of the slope.
      let ramp = RGBPicture(
        width: 40, height: 40,
        pixels: (0..<4800).map { (place: Int) -> UInt8 in UInt8(20 + 5 * (place / 3 % 40)) })
      try dream.begin(with: ramp)
      dream.zoom(pixels: 4)
      let row = (0..<40).map { dream.values.values[20 * 40 + $0] }
      // Pixel 1's centre lies at 4 + 1.5 * 0.8 - 0.5 = 4.7 of the old ones.
      for column in 1..<39 {
        let old: Double = 3.5 + (Double(column) + 0.5) * 0.8
        #expect(abs(Double(row[column]) - 20 - 5 * old) < 0.01)
      }
      try dream.begin(with: ramp)
      dream.blend(
        with: RGBPicture(width: 20, height: 20, pixels: [UInt8](repeating: 100, count: 1200)), share: 1)
      #expect(dream.picture.pixels.allSatisfy { $0 == 100 })
      dream.recolour(saturation: 0.5, brightness: 3, hue: 40)
      // Grey has no hue and no saturation.
      #expect(dream.values.values.allSatisfy { abs($0 - 103) < 0.01 })
    }
  }

  @Test("What is no layer, channel or class is refused in words")
  func refused() throws {
    try withScratchFolder { folder in
      let dream = try PictureDream(try model(folder), width: 40, height: 40, seed: 0)
      func refuse(_ wish: DreamWish) -> String {
        let error = #expect(throws: (any Error).self) {
          try dream.step(toward: [WeightedWish(wish, weight: 1)], PictureStep())
        }
        return error.map { "\($0)" } ?? ""
      }
      #expect(refuse(.layer("rely")).contains("no layer is called 'rely'"))
      #expect(refuse(.channels("relu", [4])).contains("channels 0 to 3, not 4"))
      #expect(refuse(.classes([5])).contains("5"))
    }
  }

  @Test("An image network tells its classes, in words where a file is none")
  func imageModel() throws {
    try withScratchFolder { folder in
      let model = try model(folder)
      #expect(model.usualSize == (12, 12) && model.classCount == 5 && model.labels.count == 5)
      let top = try model.top(2, of: picture(30, 20))
      #expect(
        top.count == 2 && top[0].probability >= top[1].probability && model.labels.contains(top[0].label))
      #expect(try ImageModel.isOne("\(folder)/eye.onnx") && ImageModel.isOne("efficientnet-lite0"))
      #expect(try !ImageModel.isOne("yamnet"))
      #expect(throws: ImageModelError.self) {
        try ImageModel(path: try BundledData.modelPath("yamnet"), threads: 1)
      }
      #expect(model.dreamLayers().map(\.tensor) == ["relu"] && model.dreamLayers().first?.channels == 4)
    }
  }
}
