import TestSupport
import Testing

import Tensors

/// Valid files with random damage: reading gives a tensor or a `NumPyError`, and never ends the process.
@Suite("Random damage")
struct NumPyFuzzTests {
  private static let rounds = 2_000

  @Test("of arrays", arguments: Golden.readableArrays + Golden.foreignArrays)
  func arrays(name: String) throws {
    let original = try Golden.bytes(name)
    var generator = SplitMix64(seed: 1)
    for _ in 0..<Self.rounds {
      let bytes = damaged(original, using: &generator)
      do throws(NumPyError) {
        let tensor = try Tensor(npy: bytes, from: "x")
        #expect(tensor.count <= bytes.count)
      } catch { #expect(!error.description.contains("\n")) }
    }
  }

  @Test("of archives", arguments: Golden.readableArchives + ["bzip2.npz", "wide"])
  func archives(name: String) throws {
    let original = try name == "wide" ? wideArchive() : Golden.bytes(name)
    var generator = SplitMix64(seed: 2)
    for _ in 0..<Self.rounds {
      let bytes = damaged(original, using: &generator)
      do throws(NumPyError) {
        let archive = try NumPyArchive(npz: bytes, from: "x", limit: 1 << 20)
        #expect(archive.count < 100)
      } catch { #expect(!error.description.contains("\n")) }
    }
  }

  /// With zip64 fields, as archives beyond 4 GiB have them.
  private func wideArchive() throws -> [UInt8] {
    var zip = ZipWriter(wideFrom: 1)
    for name in ["x.npy", "y.npy"] { try zip.add(name, Tensor([3]).npy, compressed: true) }
    return zip.finish()
  }

  /// `bytes` with up to eight places overwritten, cut out, doubled or, half the time, cut off.
  private func damaged(_ bytes: [UInt8], using generator: inout SplitMix64) -> [UInt8] {
    var bytes = bytes
    let telling: [UInt8] = [0, 1, 0x7F, 0x80, 0xFF, 0x50, 0x4B, 0x27, 0x28, 0x2C, 0x39, 0x7B]
    for _ in 0..<Int.random(in: 1...8, using: &generator) where !bytes.isEmpty {
      let place = Int.random(in: 0..<bytes.count, using: &generator)
      let end = min(bytes.count, place + Int.random(in: 1...8, using: &generator))
      switch Int.random(in: 0..<12, using: &generator) {
      case 0..<4: bytes[place] = UInt8.random(in: 0...255, using: &generator)
      case 4..<8: bytes[place] = telling.randomElement(using: &generator) ?? 0
      case 8: bytes.replaceSubrange(place..<end, with: repeatElement(0xFF, count: end - place))
      case 9: bytes.removeSubrange(place..<end)
      case 10: bytes.insert(contentsOf: bytes[place..<end], at: place)
      default: if Bool.random(using: &generator) { bytes.removeSubrange(place...) }
      }
    }
    return bytes
  }
}
