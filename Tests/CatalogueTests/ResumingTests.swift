import Audio
import Catalogue
import Explain
import Files
import Glibc
import TestSupport
import Testing

/// Whatever ends a run, the next one ends as an undisturbed one.
@Suite("Catalogues that were interrupted")
struct ResumingTests {
  private struct Interrupted: Error {}

  @Test("A fault before every step of writing, one after another")
  func faults() throws {
    try withScratchFolder { folder in
      let corpus = try Corpus(in: folder, sounds: 5)
      try corpus.index(corpus.writer(in: "\(folder)/undisturbed"))
      let expected = try CatalogueText("\(folder)/undisturbed")
      var (fault, reached) = (0, true)
      while reached {
        let place = "\(folder)/fault-\(fault)"
        var step = 0
        do {
          let writer = try corpus.writer(in: place)
          writer.beforeStep = { _ in
            step += 1
            if step == fault + 1 { throw Interrupted() }
          }
          try corpus.index(writer)
        } catch is Interrupted {}
        reached = step > fault
        try corpus.index(corpus.writer(in: place))
        #expect(try CatalogueText(place) == expected, "fault before step \(fault)")
        // Steps repeat from file to file: all of the first two, then some.
        fault += fault < 20 ? 1 : 7
      }
      #expect(fault > 30)
    }
  }

  @Test("Vectors that a loss of power has swallowed are made again")
  func lostVectors() throws {
    try withScratchFolder { folder in
      let corpus = try Corpus(in: folder, sounds: 4)
      try corpus.index(corpus.writer())
      let expected = try CatalogueText(corpus.catalogue)
      #expect(truncate("\(corpus.catalogue)/vectors/000.f32", 3 * 4 * 4) == 0)
      #expect(throws: CatalogueError.self) { try CatalogueText(corpus.catalogue) }
      let steps = try corpus.index(corpus.writer())
      #expect(steps.count == 1)
      #expect(try CatalogueText(corpus.catalogue) == expected)
    }
  }

  @Test("A sound that changed, failed or came back")
  func changes() throws {
    try withScratchFolder { folder in
      let corpus = try Corpus(in: folder, sounds: 4)
      try corpus.index(corpus.writer())
      let before = try CatalogueText(corpus.catalogue)
      let writer = try corpus.writer()
      let known = try #require(writer.files[corpus.sounds[1]])
      // Gone, and there again.
      try writer.markRemoved(known)
      try writer.finish()
      let without = try CatalogueText(corpus.catalogue)
      #expect(without.files[1].status == .removed)
      #expect(!without.exemplars.joined().joined().contains { $0.file.path == corpus.sounds[1] })
      try writer.update(try #require(writer.files[corpus.sounds[1]]), corpus.source(corpus.sounds[1]))
      try writer.finish()
      #expect(try CatalogueText(corpus.catalogue) == before)
      // Another content: another row, the same number.
      try writeNoise(corpus.sounds[1], samples: 2000, seed: 99)
      try writer.markRemoved(try #require(writer.files[corpus.sounds[1]]))
      try corpus.index(writer)
      let after = try CatalogueText(corpus.catalogue)
      #expect(after.files.map(\.path) == before.files.map(\.path))
      #expect(after.files[1].id == before.files[1].id && after.files[1].row == 4)
      #expect(after.vectors[0][1] != before.vectors[0][1] && after.vectors[0][2] == before.vectors[0][2])
    }
  }

  @Test("One writer at a time, any number of readers")
  func lock() throws {
    try withScratchFolder { folder in
      let corpus = try Corpus(in: folder, sounds: 2)
      let writer = try corpus.writer()
      #expect {
        try corpus.writer()
      } throws: { error in
        "\(error)".contains("another process (\(getpid())) is writing") && "\(error)".contains("wait until")
      }
      #expect(try Catalogue(reading: corpus.catalogue).files().isEmpty)
      try corpus.index(writer)
      #expect(try Catalogue(reading: corpus.catalogue).files().count == 2)
    }
  }

  @Test("Other models, other front ends, other folders and other databases are refused")
  func refusals() throws {
    try withScratchFolder { folder in
      let corpus = try Corpus(in: folder, sounds: 2)
      try corpus.index(corpus.writer())
      var other = try corpus.identity
      other.contentHash = "0123456789abcdef"
      func open(_ identity: ModelIdentity, _ place: String) throws {
        _ = try CatalogueWriter(
          place, model: identity, settings: CatalogueSettings(),
          layers: corpus.layers.enumerated().map { $1.entry($0, of: corpus.model) })
      }
      #expect {
        try open(other, corpus.catalogue)
      } throws: { "\($0)".contains("give that model, or index into another folder") }
      other = try corpus.identity
      other.frontEnd = #"{"hop":32}"#
      #expect {
        try open(other, corpus.catalogue)
      } throws: { "\($0)".contains("another front end") && "\($0)".contains("\"hop\":32") }
      #expect { try open(corpus.identity, folder) } throws: { "\($0)".contains("other files") }
      try WholeFile.makeFolder("\(folder)/text")
      try WholeFile.write([UInt8](repeating: 65, count: 5000), to: "\(folder)/text/catalogue.sqlite")
      #expect { try open(corpus.identity, "\(folder)/text") } throws: {
        "\($0)".contains("is not a catalogue")
      }
      #expect { try Catalogue(reading: "\(folder)/text") } throws: { "\($0)".contains("is not a catalogue") }
      #expect { try Catalogue(reading: "\(folder)/none") } throws: {
        "\($0)".contains("there is no catalogue")
      }
    }
  }
}
