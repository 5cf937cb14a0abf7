import Files
import Graphs
import Models
import Probe
import TestSupport
import Testing

/// What sound classes look like.
struct SeedBookTests {
  private func eye() throws -> ImageModel {
    try ImageModel(
      path: try BundledData.modelPath("efficientnet-lite0"), name: "efficientnet-lite0", threads: 2)
  }

  @Test("The bundled book has small pictures, labels that name one entry each, and classes of ImageNet")
  func bundled() throws {
    let book = try SeedBook()
    let pictures = book.entries.compactMap(\.picture)
    #expect(pictures.count >= 12 && pictures.allSatisfy { $0.width == 224 && $0.height == 224 })
    #expect(Set(book.entries.map(\.name)).count == book.entries.count)
    #expect(
      book.entries.allSatisfy {
        !$0.imageClasses.isEmpty && $0.imageClasses.allSatisfy { (0..<1000).contains($0) }
      })
    #expect(book.entries.allSatisfy { $0.picture != nil || !$0.isForToys })
    let labels = book.entries.flatMap { $0.soundLabels.map(SeedBook.key) }
    #expect(Set(labels).count == labels.count)
    for file in book.entries.compactMap(\.file) { #expect(try WholeFile.read(file).count < 40_000) }
  }

  @Test(
    "YAMNet's labels lead to their entries, whatever the case",
    arguments: [
      ("Bow-wow", "dog"), ("Meow", "cat"), ("Moo", "cow"), ("Chicken, rooster", "rooster"), ("QUACK", "duck"),
      ("dog_bark", "dog"),
      ("Fire engine, fire truck (siren)", "siren"), ("Mouse", "mouse"),
    ])
  func entries(_ label: String, _ name: String) throws {
    #expect(try SeedBook().entry(of: label)?.name == name)
  }

  @Test("A label without an entry gets the class that its words name, else a channel that is always the same")
  func sights() throws {
    let (book, eye) = (try SeedBook(), try eye())
    let layer = try eye.usualLayer()
    func sight(_ label: String) -> Sight { book.sight(of: label, eye: eye, layer: layer.tensor) }
    let dog = sight("Bark")
    #expect(
      dog.origin == .seed("dog", classes: ["German shepherd"]) && dog.picture != nil && dog.wishes.count == 2)
    #expect(dog.wishes.map(\.weight).reduce(0, +) == 1)
    #expect(sight("Chainsaw").origin == .words(classes: ["chain saw"]))
    #expect(sight("Marimba, xylophone").origin == .words(classes: ["marimba"]))
    #expect(sight("Hammond organ").origin == .words(classes: ["organ"]))
    // An acoustic guitar is a guitar; hen-of-the-woods is no wood.
    let wood = sight("Wood")
    guard case .channel(let channel, of: layer.tensor) = wood.origin else {
      Issue.record("wood became \(wood.words)")
      return
    }
    #expect(
      (0..<layer.channels).contains(channel) && sight("wood") == wood
        && sight("Wood").words.contains("channel"))
    #expect(sight("Burst, pop").origin != wood.origin)
  }

  @Test("A folder of the user's pictures stands in for the bundled ones")
  func ownFolder() throws {
    try withScratchFolder { folder in
      let bundled = try SeedBook()
      let picture = try WholeFile.read(try #require(bundled.entry(of: "cat")?.file))
      try WholeFile.write(picture, to: "\(folder)/Dog.jpg")
      try WholeFile.write(picture, to: "\(folder)/Wind_chime.jpg")
      try WholeFile.write([1, 2, 3], to: "\(folder)/notes.txt")
      let book = try SeedBook(folder: folder)
      #expect(book.entries.compactMap(\.picture).count == 2)
      // All of the dog's labels look like the user's dog.
      let dog = try #require(book.entry(of: "Bow-wow"))
      #expect(dog.file == "\(folder)/Dog.jpg" && dog.imageClasses == [235] && dog.isForToys)
      #expect(book.entry(of: "wind chime")?.picture != nil && book.entry(of: "cat")?.picture == nil)
      #expect(book.entries.filter(\.isForToys).count == 2)
      try WholeFile.write(picture, to: "\(folder)/dog.png")
      #expect(throws: SeedBookError.repeated(label: "dog", folder: folder)) { try SeedBook(folder: folder) }
      try WholeFile.write(Array(picture.prefix(2000)), to: "\(folder)/dog.png")
      #expect(throws: (any Error).self) { try SeedBook(folder: folder) }
    }
    _ = try withScratchFolder { folder in
      #expect(throws: SeedBookError.noPictures(folder: folder)) { try SeedBook(folder: folder) }
    }
    #expect(throws: FileError.self) { try SeedBook(folder: "/nowhere") }
  }
}
