public import Audio
import Graphs

extension FrontEnd {
  /// The same front end, of samples whose length only the network knows: that of the input's axis, where it is fixed. Where
  /// the network takes any length it stays free, with patches of a second at least until a clip's length is known.
  func fitting(_ input: GraphInput, of network: Network) throws(AudioError) -> FrontEnd {
    guard isSamples, patch.isFree else { return self }
    let rowAxis = network.rows.axes[input.name] ?? nil
    let extents = (input.dimensions ?? []).enumerated().filter { $0.offset != rowAxis }.map(\.element)
    guard let length = extents.compactMap({ if case .fixed(let extent) = $0 { extent } else { nil } }).max(),
      length > 1, !extents.contains(where: { if case .symbolic = $0 { true } else { false } })
    else { return try withPatches(of: max(patch.frames, sampleRate), isFree: true) }
    return try withPatches(of: length)
  }

  /// The same front end with patches of so many frames side by side.
  func withPatches(of frames: Int, isFree: Bool = false) throws(AudioError) -> FrontEnd {
    var patch = patch
    (patch.frames, patch.hop, patch.isFree) = (frames, frames, isFree)
    return try FrontEnd(sampleRate: sampleRate, sound: sound, analysis: analysis, steps: steps, patch: patch)
  }

  /// The same front end with patches that do not overlap.
  func withPatchesSideBySide() throws(AudioError) -> FrontEnd {
    patch.hop == patch.frames ? self : try withPatches(of: patch.frames, isFree: patch.isFree)
  }

  /// Whether the picture is a linear function of the samples: samples, scaled by a number at most.
  public var isLinear: Bool {
    guard isSamples, steps.isEmpty else { return false }
    switch sound.scaling {
    case .none, .factor: return true
    case .peak, .standard: return false
    }
  }
}
