package import Graphs
package import Models
import Tensors

/// What a dream of a sound's class goes towards.
package struct Sight: Sendable, Hashable {
  /// How the class was found.
  package enum Origin: Sendable, Hashable {
    /// The book has it; with the classes that it is drawn to, by their names.
    case seed(String, classes: [String])
    /// The words of the label lead to these classes of the image network.
    case words(classes: [String])
    /// Nothing leads from the label to a class: this channel of the layer stands for it.
    case channel(Int, of: TensorName)
  }

  package var wishes: [WeightedWish]
  /// To begin with, or to show.
  package var picture: RGBPicture?
  package var origin: Origin

  package init(wishes: [WeightedWish], picture: RGBPicture?, origin: Origin) {
    (self.wishes, self.picture, self.origin) = (wishes, picture, origin)
  }

  /// "its picture, and German shepherd"
  package var words: String {
    switch origin {
    case .seed(_, let classes):
      switch (picture != nil, classes.isEmpty) {
      case (true, true): "its picture"
      case (true, false): "its picture, and \(classes.joined(separator: ", "))"
      case (false, _): classes.joined(separator: ", ")
      }
    case .words(let classes): "nearest by name: \(classes.joined(separator: ", "))"
    case .channel(let index, let layer): "channel \(index) of \(layer), which stands for it"
    }
  }
}

extension SeedBook {
  /// The share of the likeness to a picture, where there are classes as well; they have the rest.
  package static let likenessShare: Float = 0.5

  /// What a label of a sound model looks like to an image network.
  ///
  /// Its entry in the book: the likeness of `layer` to the picture, and the logits of its ImageNet classes. Without an entry
  /// the classes whose names share the label's words (``LabelIndex``); without such, one channel of `layer`, always the
  /// same for a label.
  ///
  /// - Parameters:
  ///   - eye: its labels tell whether it knows ImageNet's 1000 classes; the classes of others are found by words.
  ///   - layer: for the likeness and for channels.
  package func sight(of label: String, eye: ImageModel, layer: TensorName) -> Sight {
    let entry = entry(of: label)
    let classes = entry.map { self.classes(of: $0, eye) } ?? []
    if let entry, entry.picture != nil || !classes.isEmpty {
      var wishes: [WeightedWish] = []
      if let picture = entry.picture {
        wishes.append(
          WeightedWish(.likeness(layer, to: picture), weight: classes.isEmpty ? 1 : Self.likenessShare))
      }
      if !classes.isEmpty {
        wishes.append(WeightedWish(.classes(classes), weight: wishes.isEmpty ? 1 : 1 - Self.likenessShare))
      }
      return Sight(
        wishes: wishes, picture: entry.picture,
        origin: .seed(entry.name, classes: classes.map { eye.labels[$0] }))
    }
    let near = LabelIndex(eye.labels).nearest(to: label)
    guard near.isEmpty else {
      return Sight(
        wishes: [WeightedWish(.classes(near), weight: 1)], picture: nil,
        origin: .words(classes: near.map { eye.labels[$0] }))
    }
    let channels = eye.dreamLayers().first { $0.tensor == layer }?.channels ?? 1
    var hash = FNV1a()
    for byte in Self.key(label).utf8 { hash.add(UInt64(byte)) }
    let channel = Int(hash.fingerprint % UInt64(max(1, channels)))
    return Sight(
      wishes: [WeightedWish(.channels(layer, [channel]), weight: 1)], picture: nil,
      origin: .channel(channel, of: layer))
  }

  /// The entry's classes among those of an image network.
  private func classes(of entry: Entry, _ eye: ImageModel) -> [Int] {
    // ImageNet's list begins with fish, whatever the spelling.
    if eye.labels.count == 1000, LabelWords(eye.labels[0]).synonyms.contains(["tench"]) {
      return entry.imageClasses.filter { eye.labels.indices.contains($0) }
    }
    return LabelIndex(eye.labels).nearest(to: entry.title)
  }
}
