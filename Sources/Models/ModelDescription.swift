public import Audio
import Files
public import Graphs

import struct FoundationEssentials.Data
import class FoundationEssentials.JSONDecoder

/// What a file cannot say in ONNX: how sound becomes the network's input, and what its outputs mean.
///
/// It travels in the model itself, as ONNX metadata (`otoscope.front_end`, `otoscope.labels`, `otoscope.activation`,
/// `otoscope.axes`, `otoscope.output`, `otoscope.state`, `otoscope.inputs`, `otoscope.picture`, each JSON), or beside it in `<model>.json` under
/// the same keys without the prefix.
/// The file beside the model wins, key by key. Unknown keys are refused: most are misspelt.
public struct ModelDescription: Sendable, Decodable {
  public var frontEnd: FrontEnd?
  public var labels: [String]?
  /// How logits become scores where the graph does not say.
  public var activation: Activation?
  /// Which axis comes first in the input's picture where its shape does not tell.
  public var axes: Axes?
  /// Which of the network's results holds the classes, and what its axes are.
  public var output: Output?

  /// Where the picture of the sound lies inside a network that takes samples; nil for where it is found.
  public var picture: Picture?

  /// How sounds are cut, where the user says so; a description says it in the front end's `"patch"` or `"samples"`.
  public var cutting: Cutting?

  /// By the name of a result, the input that it becomes in the next step: a clip is then a walk over its patches.
  public var state: [TensorName: TensorName]?
  /// The values of inputs that are always the same.
  public var inputs: [TensorName: InputValue]?

  /// A number, or a list of them.
  public struct InputValue: Sendable, Hashable, Codable {
    public var numbers: [Float]
    public var isList: Bool

    public init(_ number: Float) { (numbers, isList) = ([number], false) }

    public init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if let truth = try? value.decode(Bool.self) {
        (numbers, isList) = ([truth ? 1 : 0], false)
      } else if let number = try? value.decode(Float.self) {
        (numbers, isList) = ([number], false)
      } else if let list = try? value.decode([Float].self) {
        (numbers, isList) = (list, true)
      } else {
        throw DecodingError.dataCorrupted(
          .init(codingPath: decoder.codingPath, debugDescription: "is neither a number nor a list of numbers")
        )
      }
    }
  }

  public enum Activation: String, Sendable, Codable, CaseIterable {
    /// Classes exclude each other.
    case softmax
    /// Classes can come together.
    case sigmoid
    /// The outputs are reported as they are.
    case none
  }

  public enum Axes: String, Sendable, Codable, CaseIterable {
    case framesBands = "frames-bands"
    case bandsFrames = "bands-frames"
  }

  /// `"none"`, `"spectrogram"`, or `["low", "high"]` for several side by side.
  public enum Picture: Sendable, Hashable, Codable {
    /// There is none: sounds are explained on a spectrogram that is put before the network.
    case none
    case tensors([TensorName])

    public init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if let name = try? value.decode(String.self) {
        self = name == "none" ? .none : .tensors([name])
      } else {
        let names = try value.decode([String].self)
        guard !names.isEmpty else {
          throw DecodingError.dataCorrupted(
            .init(
              codingPath: decoder.codingPath, debugDescription: "names no tensor; write \"none\" for that"))
        }
        self = .tensors(names)
      }
    }

    public func encode(to encoder: any Encoder) throws {
      var value = encoder.singleValueContainer()
      switch self {
      case .none: try value.encode("none")
      case .tensors(let names): try value.encode(names)
      }
    }
  }

  /// `"logits"`, or `{"tensor": "logits", "axes": ["batch", "time", "class"]}`.
  public struct Output: Sendable, Hashable, Codable {
    /// nil: the one that is found.
    public var tensor: TensorName?
    /// What runs along each axis of the tensor as the file has it; nil where its shape tells.
    public var axes: [AxisRole]?

    public init(tensor: TensorName? = nil, axes: [AxisRole]? = nil) {
      (self.tensor, self.axes) = (tensor, axes)
    }

    private enum CodingKeys: String, CodingKey, CaseIterable { case tensor, axes }

    public init(from decoder: any Decoder) throws {
      if let name = try? decoder.singleValueContainer().decode(String.self) {
        self.init(tensor: name)
        return
      }
      try decoder.refuseKeys(besides: CodingKeys.allCases.map(\.rawValue))
      let fields = try decoder.container(keyedBy: CodingKeys.self)
      let tensor = try fields.decodeIfPresent(String.self, forKey: .tensor)
      let axes = try fields.decodeIfPresent([String].self, forKey: .axes)?.map { name in
        guard let role = AxisRole(rawValue: name) else {
          throw DecodingError.dataCorrupted(
            .init(
              codingPath: fields.codingPath + [CodingKeys.axes],
              debugDescription: "has \"\(name)\", but an axis is one of "
                + AxisRole.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")))
        }
        return role
      }
      self.init(tensor: tensor, axes: axes)
    }
  }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case frontEnd = "front_end"
    case labels
    case activation
    case axes
    case output
    case state
    case inputs
    case picture
  }

  public init() {}

  private static func unknown(_ key: String, known: [String] = CodingKeys.allCases.map(\.rawValue)) -> String
  {
    "'\(key)' is an unknown key; the keys are " + known.map { "'\($0)'" }.joined(separator: ", ")
  }

  /// What the metadata and the sidecar of the model at `path` say together.
  public init(of model: ONNXModel, at path: String) throws {
    self = try Self(metadataOf: model, at: path)
    let beside = sidecarPath(of: path)
    guard WholeFile.exists(beside) else { return }
    self = overridden(by: try Self(json: try WholeFile.read(beside, limit: 64 << 20), from: beside))
  }

  /// What the metadata say.
  ///
  /// - Parameter path: for messages.
  init(metadataOf model: ONNXModel, at path: String) throws {
    for name in model.metadata.keys.sorted() where name.hasPrefix("otoscope.") {
      let key = String(name.dropFirst("otoscope.".count))
      // How a network looks at photographs says nothing of how one listens with it.
      if key == "image" { continue }
      guard CodingKeys(rawValue: key) != nil else {
        throw ModelError.badDescription(where: "\(path) (its metadata)", reason: Self.unknown(key))
      }
    }
    let members = CodingKeys.allCases.compactMap { key -> String? in
      guard let value = model.metadata["otoscope.\(key.rawValue)"] else { return nil }
      // Words may stand without quotes.
      let isJSON = value.first.map { "[{\"".contains($0) } ?? false
      return "\"\(key.rawValue)\": \(isJSON ? value : "\"\(value)\"")"
    }
    self = try Self(json: Array("{\(members.joined(separator: ", "))}".utf8), from: "\(path) (its metadata)")
  }

  /// What `other` says, and what this says of the rest.
  public func overridden(by other: ModelDescription) -> ModelDescription {
    var both = self
    both.frontEnd = other.frontEnd ?? frontEnd
    both.labels = other.labels ?? labels
    both.activation = other.activation ?? activation
    both.axes = other.axes ?? axes
    both.state = other.state ?? state
    both.inputs = other.inputs ?? inputs
    both.picture = other.picture ?? picture
    both.cutting = other.cutting ?? cutting
    if let tensor = other.output?.tensor, tensor != output?.tensor {
      // The axes of another tensor say nothing of this one.
      both.output = other.output
    } else if let axes = other.output?.axes {
      both.output = Output(tensor: output?.tensor, axes: axes)
    }
    return both
  }

  public init(from decoder: any Decoder) throws {
    try decoder.refuseKeys(besides: CodingKeys.allCases.map(\.rawValue))
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    frontEnd = try fields.decodeIfPresent(FrontEnd.self, forKey: .frontEnd)
    labels = try fields.decodeIfPresent([String].self, forKey: .labels)
    activation = try Self.choice(fields, .activation)
    axes = try Self.choice(fields, .axes)
    output = try fields.decodeIfPresent(Output.self, forKey: .output)
    state = try fields.decodeIfPresent([String: String].self, forKey: .state)
    inputs = try fields.decodeIfPresent([String: InputValue].self, forKey: .inputs)
    picture = try fields.decodeIfPresent(Picture.self, forKey: .picture)
  }

  /// One of the names of an enumeration; nil where none is given.
  private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ fields: KeyedDecodingContainer<CodingKeys>, _ key: CodingKeys
  ) throws -> Choice? {
    guard let name = try fields.decodeIfPresent(String.self, forKey: key) else { return nil }
    if let choice = Choice(rawValue: name) { return choice }
    let names = Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or ")
    throw DecodingError.dataCorrupted(
      .init(codingPath: [key], debugDescription: "is \"\(name)\", but must be \(names)"))
  }

  /// - Parameter place: the file, for messages.
  public init(json: [UInt8], from place: String) throws {
    do {
      self = try JSONDecoder().decode(Self.self, from: Data(json))
    } catch let error as AudioError {
      throw ModelError.badDescription(where: place, reason: error.description)
    } catch let error as UnknownKey {
      throw ModelError.badDescription(where: place, reason: Self.unknown(error.name, known: error.known))
    } catch let error as DecodingError {
      throw ModelError.badDescription(where: place, reason: Self.reason(error))
    }
  }

  private static func reason(_ error: DecodingError) -> String {
    func name(_ path: [any CodingKey]) -> String { path.map(\.stringValue).joined(separator: ".") }
    switch error {
    case .typeMismatch(_, let context) where context.codingPath.isEmpty:
      return "is no JSON object; give one, such as {\"front_end\": {\"preset\": \"yamnet\"}}"
    case .typeMismatch(let type, let context):
      let wanted =
        type == String.self
        ? "a text in quotes"
        : type == [String: Any].self ? "an object in braces" : "a list of texts in quotes, in brackets"
      return "'\(name(context.codingPath))' is not of the right kind; give \(wanted)"
    case .valueNotFound(_, let context): return "'\(name(context.codingPath))' has no value"
    case .keyNotFound(let key, let context): return "'\(name(context.codingPath + [key]))' is missing"
    case .dataCorrupted(let context) where context.codingPath.isEmpty:
      return "is not valid JSON; check its quotes, commas and braces"
    case .dataCorrupted(let context): return "'\(name(context.codingPath))' \(context.debugDescription)"
    @unknown default: return "cannot be understood"
    }
  }
}

/// A key that a description does not have.
private struct UnknownKey: Error {
  let name: String
  let known: [String]
}

private struct AnyKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

extension Decoder {
  /// Refuses unknown keys: most are misspelt, and what they say would go unheard.
  fileprivate func refuseKeys(besides known: [String]) throws {
    let keys = try container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
    if let unknown = keys.filter({ !known.contains($0) }).min() {
      throw UnknownKey(name: unknown, known: known)
    }
  }
}
