import Audio
import Files
package import Models

import struct FoundationEssentials.Data
import class FoundationEssentials.JSONDecoder

/// What sound classes look like: a list of entries, most of them with a small photograph.
///
/// The bundled book is `Data/seeds`: `seeds.json` and its pictures. A folder of the user's own replaces the pictures: each file
/// in it is named by a class's label (`Dog.jpg`, `Chicken, rooster.png`; capitals do not count, `_` is a space); which
/// ImageNet classes a label means is still what the bundled book says.
package struct SeedBook: Sendable {
  package struct Entry: Sendable, Hashable {
    /// In lower case: "dog".
    package var name: String
    /// For people: "Dog".
    package var title: String
    /// What sound models call the class.
    package var soundLabels: [String]
    package var picture: RGBPicture?
    /// The path of the picture's file.
    package var file: String?
    /// What to dream towards, as indices of ImageNet's 1000 classes.
    package var imageClasses: [Int]
    /// Whether it is shown to children.
    package var isForToys: Bool
  }

  package private(set) var entries: [Entry]
  /// The entry of each label, by its key.
  private var places: [String: Int] = [:]

  /// Pictures are kept no larger than this, in pixels either way.
  package static let mostPixels = 512
  /// A folder with more files is not one of seeds.
  package static let mostFiles = 2000

  /// - Parameter folder: of the user's pictures; nil for the bundled book.
  /// - Throws: `SeedBookError`; `FileError` where a folder or its list cannot be read; `PictureError` of a picture.
  package init(folder: String? = nil) throws {
    guard let bundled = BundledData.seedFolder else { throw SeedBookError.noData }
    try self.init(bundled: bundled, folder: folder)
  }

  /// - Parameter bundled: a folder with `seeds.json` and the pictures that it names.
  package init(bundled: String, folder: String?) throws {
    let list = Folder.path(to: "seeds.json", in: bundled)
    let described: [Described]
    do {
      described = try JSONDecoder().decode(
        [Described].self, from: Data(try WholeFile.read(list, limit: 16 << 20)))
    } catch let error as DecodingError {
      throw SeedBookError.badList(path: list, reason: "\(error)")
    }
    entries = try described.map { seed in
      var entry = Entry(
        name: seed.name, title: seed.title, soundLabels: seed.soundLabels, picture: nil, file: nil,
        imageClasses: seed.imageClasses, isForToys: seed.isForToys ?? false)
      if folder == nil, let file = seed.picture {
        let path = Folder.path(to: Folder.name(of: file), in: bundled)
        (entry.file, entry.picture) = (path, try RGBPicture(contentsOf: path).fitting(Self.mostPixels))
      }
      return entry
    }
    for (place, entry) in entries.enumerated() {
      for label in entry.soundLabels + [entry.name] where places[Self.key(label)] == nil {
        places[Self.key(label)] = place
      }
    }
    if let folder { try take(picturesIn: folder) }
  }

  /// The entry of a sound model's label; nil where the book has none.
  package func entry(of label: String) -> Entry? { places[Self.key(label)].map { entries[$0] } }

  /// What two spellings of a label have in common.
  package static func key(_ label: String) -> String {
    label.lowercased().split { $0 == "_" || $0.isWhitespace }.joined(separator: " ")
  }

  /// The pictures of the user's folder, each an entry of its own: a label is looked up there first.
  private mutating func take(picturesIn folder: String) throws {
    let files = try Folder.visiblePaths(in: folder).filter { Self.isPicture($0) }
    guard !files.isEmpty else { throw SeedBookError.noPictures(folder: folder) }
    guard files.count <= Self.mostFiles else {
      throw SeedBookError.tooMany(folder: folder, count: files.count)
    }
    var taken: [String: String] = [:]
    for path in files {
      let name = Folder.name(of: path)
      let label = name[..<(name.lastIndex(of: ".") ?? name.endIndex)].split { $0 == "_" }.joined(
        separator: " ")
      let key = Self.key(label)
      guard taken.updateValue(path, forKey: key) == nil else {
        throw SeedBookError.repeated(label: label, folder: folder)
      }
      let known = entry(of: label)
      let entry = Entry(
        name: key, title: known?.title ?? label, soundLabels: [label],
        picture: try RGBPicture(contentsOf: path).fitting(Self.mostPixels), file: path,
        imageClasses: known?.imageClasses ?? [], isForToys: true)
      // All labels of "dog" look like the user's dog, unless they have a picture of their own.
      if let place = places[key], entries[place].name == key {
        entries[place].picture = entry.picture
        (entries[place].file, entries[place].isForToys) = (path, true)
      } else {
        places[key] = entries.count
        entries.append(entry)
      }
    }
    // Only what the user brought is for children now.
    let brought = Set(taken.values)
    for place in entries.indices where !brought.contains(entries[place].file ?? "") {
      entries[place].isForToys = false
    }
  }

  private static func isPicture(_ path: String) -> Bool {
    let endings = [".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"]
    return endings.contains { path.lowercased().hasSuffix($0) } && !Folder.exists(path)
  }

  /// An entry as `seeds.json` has it.
  private struct Described: Decodable {
    let name: String
    let title: String
    let soundLabels: [String]
    let imageClasses: [Int]
    /// The name of a file beside the list.
    let picture: String?
    let isForToys: Bool?
  }
}

/// What can be wrong with a collection of pictures of sound classes.
package enum SeedBookError: Error, Equatable, CustomStringConvertible {
  /// The bundled data are not where the program looks for them.
  case noData
  case badList(path: String, reason: String)
  case noPictures(folder: String)
  case tooMany(folder: String, count: Int)
  case repeated(label: String, folder: String)

  package var description: String {
    switch self {
    case .noData:
      "the pictures of sound classes that come with Otoscope are not found; name the folder with OTOSCOPE_DATA"
    case .badList(let path, let reason):
      "\(PathText.shown(path)): is no list of seeds: \(reason)"
    case .noPictures(let folder):
      "\(PathText.shown(folder)): there are no pictures in it; put a PNG, JPEG or WebP file into it for each class, named "
        + "by its label, as Dog.jpg"
    case .tooMany(let folder, let count):
      "\(PathText.shown(folder)): has \(count) pictures, and at most \(SeedBook.mostFiles) are read"
    case .repeated(let label, let folder):
      "\(PathText.shown(folder)): has two pictures of '\(label.onOneLine)'; keep one"
    }
  }
}
