public import Models

/// Which output of a model stands for which class of a data set: those of one name.
///
/// Names are compared without regard to case and to what stands between words: `Dog_bark`, `dog bark` and `dog-bark` are one.
/// A model that does not name its classes is taken to have them in the data set's order, if it has as many.
public struct ClassMatch: Sendable, Hashable {
  /// For each class of the data set the model's output; nil for a class that the model lacks.
  public let outputs: [Int?]
  /// Classes of the data set that the model lacks: their clips count as wrong.
  public let missing: [String]
  /// The model's labels that the data set has not: they are left out of the answers.
  public let excess: [String]
  /// Whether nothing but their order says which class is which.
  public let isByOrder: Bool

  /// - Throws: `TestingError.noCommonClass`, `.unnamedClasses`.
  public init(_ model: AudioModel, of data: DataSet) throws(TestingError) {
    try self.init(
      labels: model.labels, count: model.classCount, model: model.name, classes: data.classes, data: data.name
    )
  }

  /// - Parameters:
  ///   - labels: of the model's outputs; empty where it does not name them.
  ///   - count: of the model's outputs.
  public init(labels: [String], count: Int, model: String, classes: [String], data: String)
    throws(TestingError)
  {
    guard !labels.isEmpty else {
      guard count == classes.count else {
        throw .unnamedClasses(model: model, count: count, data: data, classes: classes)
      }
      (outputs, missing, excess, isByOrder) = (Array(0..<count), [], [], true)
      return
    }
    var places: [String: Int] = [:]
    for (place, label) in labels.enumerated() where places[Self.key(label)] == nil {
      places[Self.key(label)] = place
    }
    let outputs = classes.map { places[Self.key($0)] }
    guard outputs.contains(where: { $0 != nil }) else {
      throw .noCommonClass(model: model, labels: labels, data: data, classes: classes)
    }
    let used = Set(outputs.compactMap(\.self))
    self.outputs = outputs
    missing = zip(classes, outputs).filter { $0.1 == nil }.map(\.0)
    excess = labels.indices.filter { !used.contains($0) }.map { labels[$0] }
    isByOrder = false
  }

  /// What names are compared by: lower case, a space for all that is neither letter nor digit. A name of nothing else is
  /// itself.
  static func key(_ name: String) -> String {
    let words = name.lowercased().split { !($0.isLetter || $0.isNumber) }.joined(separator: " ")
    return words.isEmpty ? name : words
  }

  /// What a reader should know of it, a sentence each.
  public func notes(model: String, data: String) -> [String] {
    var notes: [String] = []
    if isByOrder {
      notes.append("\(model) does not name its classes: they are taken to be those of \(data), in its order.")
    }
    if !missing.isEmpty {
      notes.append(
        "\(model) does not know \(Self.counted(missing)) of \(data): \(Self.list(missing)). Their clips count as wrong."
      )
    }
    if !excess.isEmpty {
      notes.append(
        "\(data) has no clips of \(Self.counted(excess)) of \(model), which are left out of its answers: "
          + "\(Self.list(excess)).")
    }
    return notes
  }

  private static func counted(_ names: [String]) -> String {
    names.count == 1 ? "one class" : "\(names.count) classes"
  }

  private static func list(_ names: [String]) -> String {
    // Labels may hold commas.
    names.prefix(8).map { "'\($0)'" }.joined(separator: ", ") + (names.count > 8 ? " and others" : "")
  }
}
