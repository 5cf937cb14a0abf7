import Files
package import Models
import Probe
package import Tensors

/// What a catalogue's layers make of a sound that need not be in it.
package struct SoundVectors: Sendable {
  /// Each layer's mean activations, in the catalogue's order.
  package let vectors: [[Float]]
  package let contentHash: ContentHash
  package let seconds: Double

  /// - Throws: `SoundVectorsError.unheard`; what the network throws.
  package init(of path: String, by model: AudioModel, _ layers: [ObservedLayer]) throws {
    let run = PatchRun(model, layers)
    let tallies = run.tallies(perFile: 0)
    let thresholds = layers.map { [Float](repeating: .infinity, count: $0.geometry.channels) }
    let hearing = Hearing()
    SoundPreparation(model: model, describe: nil).pieces(
      of: SoundSource(path: path, bytes: 0, modified: 0), known: nil
    ) { piece in
      hearing.take(piece) { patches, moments in
        let size = model.isStateful ? moments.count : run.rows
        for first in stride(from: 0, to: moments.count, by: size) {
          let range = first..<min(first + size, moments.count)
          _ = try run.hear(
            patches.rows(range), moments[range].map { PatchRun.Lane(tallies: tallies, moment: $0) },
            thresholds)
        }
      }
    }
    if let error = hearing.error { throw error }
    guard let end = hearing.end else { throw SoundVectorsError.unheard(hearing.failure ?? path) }
    let means = tallies.compactMap(\.means)
    guard means.count == tallies.count else {
      throw SoundVectorsError.unheard("\(PathText.shown(path)): the network gives values that are no numbers")
    }
    (vectors, contentHash, seconds) = (means, end.contentHash, end.seconds)
  }

  private final class Hearing {
    var end: SoundPreparation.End?
    var failure: String?
    var error: (any Error)?

    func take(
      _ piece: SoundPreparation.Piece, _ hear: (Tensor, [PatchMoment]) throws -> Void
    ) -> Bool {
      switch piece {
      case .patches(let patches, let moments):
        do { try hear(patches, moments) } catch {
          self.error = error
          return false
        }
      case .end(let end): self.end = end
      case .failed(let reason): failure = reason
      case .unchanged: break
      }
      return true
    }
  }
}

/// A sound that is to be compared cannot be heard.
package enum SoundVectorsError: Error, CustomStringConvertible {
  case unheard(String)

  package var description: String {
    switch self {
    case .unheard(let reason): reason
    }
  }
}
