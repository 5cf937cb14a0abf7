public import Audio
public import Models
public import Tensors

/// audioLIME: a linear model of what the parts of a sound do for its score, each part something one can listen to.
///
/// The sound is taken apart into the stems that are given, or into harmonic and percussive components in bands
/// (``SoundComponents``). Components are kept or
/// left out at random, what is kept goes through the front end and the network, and a ridge regression as ``LIME``'s says
/// what keeping a component adds to the score. A bin of the map is `Σ_c coefficient_c · share_c`, the share being the
/// component's of all components' energy in that bin, before the front end's compression; 0 where there is none.
///
/// Haunschmid et al., audioLIME: Listenable Explanations Using Source Separation, 2020, who separate by a network into
/// voice and instruments, and in time.
public struct AudioLIME: Sendable {
  /// What the sound consists of; empty for harmonic and percussive components.
  public let stems: [Stem]
  /// Of each of the harmonic and the percussive part.
  public let bands: Int
  public let lime: LIME

  /// - Parameters:
  ///   - stems: at the front end's rate.
  ///   - lime: its samples, kernel, ridge and seed count.
  public init(stems: [Stem] = [], bands: Int = 4, lime: LIME = LIME()) {
    precondition(bands > 0, "\(bands) bands")
    (self.stems, self.bands, self.lime) = (stems, bands, lime)
  }

  /// The map of a clip's log-mel bins, `[frames, bands]`, and the components with their coefficients.
  ///
  /// - Parameters:
  ///   - score: of one patch.
  ///   - samples: mono, at the front end's rate.
  public func attribute(
    _ model: AudioModel, _ score: NetworkScore, at samples: [Float]
  ) throws -> (map: Tensor, components: [(name: String, coefficient: Double)]) {
    try attribute(model, ofClip: ClipScore(model, score: score), at: samples)
  }

  /// The same of any score of a clip.
  ///
  /// - Parameter clip: as a function of log-mel pictures.
  public func attribute(
    _ model: AudioModel, ofClip clip: some ScoreFunction, at samples: [Float], in domain: Domain = .logMel
  ) throws -> (map: Tensor, components: [(name: String, coefficient: Double)]) {
    let components =
      stems.isEmpty
      ? SoundComponents(of: samples, sampleRate: model.sampleRate, bands: bands)
      : SoundComponents(stems, of: samples)
    let frames = try model.picture(of: samples)
    let picture = Shape([1] + frames.shape.dimensions)
    let game = CoalitionGame(
      parts: components.names.count, step: copiesAtOnce(ofRow: frames.count),
      scores: { choices in
        let clips = try choices.map { kept in
          try model.picture(of: components.sum(keeping: kept, count: samples.count)).reshaped(to: picture)
        }
        return try clip.scores(at: Tensor(joining: clips)).map(Double.init)
      }, progress: { [lime] done in try lime.control.report(done, of: lime.samples) })
    let coefficients = try lime.coefficients(of: game)
    let map = components.painted(
      coefficients, energies: try components.waveforms.map { try model.energies(of: $0, in: domain) })
    return (map, Array(zip(components.names, coefficients)))
  }

  /// - Parameter unit: of the score.
  func parameters(_ components: [(name: String, coefficient: Double)], unit: String) -> [(
    name: String, value: String
  )] {
    lime.regressionParameters
      + components.map { ("component \($0.name)", "\(Float($0.coefficient)) \(unit)") }
  }
}

extension SoundComponents {
  fileprivate func sum(keeping kept: [Bool], count: Int) -> [Float] {
    var sum = [Float](repeating: 0, count: count)
    for (waveform, isKept) in zip(waveforms, kept) where isKept {
      for place in sum.indices { sum[place] += waveform[place] }
    }
    return sum
  }

  /// - Parameter energies: of each component, `[frames, bands]`.
  fileprivate func painted(_ coefficients: [Double], energies: [Tensor]) -> Tensor {
    var sums = [Double](repeating: 0, count: energies[0].count)
    var weighted = sums
    for (coefficient, energy) in zip(coefficients, energies) {
      energy.withUnsafeValues { energy in
        for place in sums.indices {
          sums[place] += Double(energy[place])
          weighted[place] += coefficient * Double(energy[place])
        }
      }
    }
    return Tensor(energies[0].shape, zip(weighted, sums).map { $1 > 0 ? Float($0 / $1) : 0 })
  }
}

extension AudioModel {
  /// How strongly each bin of what a sound is in a domain sounds: the energies of a front end's bands, the squares of samples. Of a
  /// picture inside the network, which compresses as it likes, what it has above its least value.
  fileprivate func energies(of samples: [Float], in domain: Domain) throws -> Tensor {
    guard domain == .logMel else {
      let magnitudes = try picture(of: samples, in: domain)
      return Tensor(magnitudes.shape, magnitudes.values.map { $0 * $0 })
    }
    guard silentPatch == nil else {
      let picture = try picture(of: samples)
      let least = picture.values.min() ?? 0
      return Tensor(picture.shape, picture.values.map { $0 - least })
    }
    let energies = frontEnd.withoutCompression.logMel(samples)
    return hasPicture ? energies : Tensor(energies.shape, energies.values.map { $0 * $0 })
  }
}

extension AttributionMethod {
  public static let audioLIME = AttributionMethod(
    "audio-lime", title: "audioLIME", quantity: "logit per component kept"
  ) { settings in
    var lime = LIME(samples: settings.samples ?? 1000, seed: settings.seed)
    lime.control = settings.control
    return .sound(AudioLIME(stems: settings.stems, lime: lime))
  }
}
