public import Graphs
public import Tensors

/// What can be wrong with the question "why this?".
public enum ExplainError: Error, CustomStringConvertible {
  case severalInputs([TensorName])
  case noSuchElement(Int, of: TensorName, count: Int)
  /// A layer without places: nothing to draw a map on.
  case layerWithoutPlaces(TensorName, shape: String)
  case noConvolution
  case noise(expected: String, got: String)
  /// An occlusion window that does not fit the input.
  case window([Int], strides: [Int], input: Shape)

  public var description: String {
    switch self {
    case .severalInputs(let names):
      "the model has \(names.count) inputs (\(names.joined(separator: ", "))); this needs a model with one"
    case .noSuchElement(let element, let tensor, let count):
      "'\(tensor)' has \(count) elements a row, there is no element \(element); choose 0 to \(count - 1)"
    case .layerWithoutPlaces(let name, let shape):
      "layer '\(name)' of shape \(shape) has no places to map; choose one before the pooling or flattening"
    case .noConvolution: "the model has no convolution to make a map of; name a layer with --layer"
    case .noise(let expected, let got):
      "the noise has shape \(got), expected \(expected): [samples] + one input row"
    case .window(let window, let strides, let input):
      "a window of \(window) every \(strides) places does not fit an input of shape \(input): give up to "
        + "\(max(0, input.rank - 1)) extents, one for each of the last axes"
    }
  }
}
