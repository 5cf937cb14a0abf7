import Tensors

/// What is done to the picture of a whole sound behind its compressed bands: the parts of the compression that need
/// all of it, and the front end's steps.
enum PictureOperation: Sendable {
  case step(PictureStep)
  case pcen(FrontEnd.PCEN, hopSeconds: Double)

  static func all(of frontEnd: FrontEnd) -> [PictureOperation] {
    var operations: [PictureOperation] = []
    switch frontEnd.analysis?.compression {
    case .decibels(_, _, let reference, let range)?:
      if reference == .maximum { operations.append(.step(.subtractMaximum)) }
      if let range { operations.append(.step(.raiseToRange(range))) }
    case .pcen(let pcen)?: operations.append(.pcen(pcen, hopSeconds: frontEnd.hopSeconds))
    case .log?, .power?, .some(.none), nil: break
    }
    return operations + frontEnd.steps.map { .step($0) }
  }

  /// - Parameter picture: `[frames, bands]`.
  func apply(to picture: Tensor) -> Tensor {
    switch self {
    case .step(let step): step.apply(to: picture)
    case .pcen(let pcen, let hopSeconds): pcen.apply(to: picture, hopSeconds: hopSeconds)
    }
  }

  /// `Σ gradient · ∂y/∂x` at a picture `x`.
  func pullback(_ gradient: Tensor, at picture: Tensor) -> Tensor {
    switch self {
    case .step(let step): step.pullback(gradient, at: picture)
    case .pcen(let pcen, let hopSeconds): pcen.pullback(gradient, at: picture, hopSeconds: hopSeconds)
    }
  }
}
