import Graphs
import Tensors
import TestSupport
import Testing

@Suite("Shuffled weights")
struct WeightShufflingTests {
  private func graph() throws -> Graph {
    var file = HandmadeONNX(input: "x", ["N", 3, 5, 5])
    file.add("Conv", ["x"], "first", weights: [Tensor([4, 3, 3, 3], (0..<108).map(Float.init))])
    file.add("Relu", ["first"], "relu")
    file.add("GlobalAveragePool", ["relu"], "means")
    file.add("Flatten", ["means"], "flat")
    file.add("MatMul", ["flat"], "logits", weights: [Tensor([4, 2], (0..<8).map(Float.init))])
    return try ONNXModel(file.bytes, from: "toy.onnx").graph
  }

  @Test("Layers come in order, with the constants that they have learned")
  func layers() throws {
    let graph = try graph()
    let layers = try graph.layerWeights(at: ["x": [1, 3, 5, 5]])
    #expect(layers.count == 2 && layers.allSatisfy { $0.count == 1 })
    #expect(graph.constants[layers[0][0]]?.shape == [4, 3, 3, 3])
    #expect(graph.constants[layers[1][0]]?.shape == [4, 2])
  }

  @Test("The same values in other places, the other layers as they were")
  func shuffled() throws {
    let graph = try graph()
    let layers = try graph.layerWeights(at: ["x": [1, 3, 5, 5]])
    let last = layers[1][0]
    let other = try graph.shufflingWeights([last], at: ["x": [1, 3, 5, 5]], seed: 1)
    #expect(other.constants[layers[0][0]] == graph.constants[layers[0][0]])
    #expect(other.constants[last] != graph.constants[last])
    #expect(other.constants[last]?.values.sorted() == (0..<8).map(Float.init))
    let again = try graph.shufflingWeights([last], at: ["x": [1, 3, 5, 5]], seed: 1)
    #expect(again.constants[last] == other.constants[last])
    let another = try graph.shufflingWeights([last], at: ["x": [1, 3, 5, 5]], seed: 2)
    #expect(another.constants[last] != other.constants[last])
  }

  @Test("As documented: Fisher and Yates by SplitMix64")
  func reference() throws {
    let graph = try graph()
    let last = try graph.layerWeights(at: ["x": [1, 3, 5, 5]])[1][0]
    var state: UInt64 = 7
    var values = (0..<8).map(Float.init)
    for place in stride(from: 7, to: 0, by: -1) {
      state &+= 0x9E37_79B9_7F4A_7C15
      var bits = state
      bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
      bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
      bits ^= bits >> 31
      values.swapAt(place, Int(bits % UInt64(place + 1)))
    }
    let shuffled = try graph.shufflingWeights([last], at: ["x": [1, 3, 5, 5]], seed: 7)
    #expect(shuffled.constants[last]?.values == values)
  }
}
