public import ArgumentParser
import Jobs
public import Models
import Train

/// Which network is trained, and from which weights.
struct TrainedNetworkOptions: ParsableArguments {
  @Option(
    help: """
      A published network, from random weights: \(Architecture.allCases.map(\.rawValue).joined(separator: ", ")) \
      (docs/architectures.md).
      """)
  var architecture: Architecture?
  @Option(
    help: """
      A trained network to go on from: a bundled one (\(BundledData.modelNames.joined(separator: ", "))) or an ONNX file. \
      Where its labels are not the classes of the data, it gets a new head.
      """)
  var from: String?
  @Option(
    help: "How it listens, instead of the published way or of what the file says: a preset or a JSON file.")
  var frontEnd: String?
  @Option(
    help: """
      Show a network of photographs spectrograms in colour, of its input's size, scaled as it wants: \
      \(ImageScaling.allCases.map(\.rawValue).joined(separator: ", ")) (docs/architectures.md).
      """)
  var asImage: ImageScaling?
  @Option(
    help: ArgumentHelp(
      "The tensor behind which the new head stands (default: what the last dense layer reads).",
      valueName: "tensor"))
  var cut: String?
  @Option(
    help: ArgumentHelp("Features of a hidden layer in the new head (default: none).", valueName: "features"))
  var headHidden: Int?
  @Option(help: ArgumentHelp("Dropout in the new head.", valueName: "share"))
  var headDropout: Double = 0
  @Flag(help: "Train the new head only; what the frozen layers make of the sounds is computed once.")
  var freezeTrunk = false
  @Flag(help: "Make a new head even where the file's labels are the classes of the data.")
  var newHead = false
  @Option(
    help: ArgumentHelp(
      "How much sound a network of any length is given at once (default: the longest clip, up to 10 s).",
      valueName: "seconds"))
  var patch: Double?
  @Flag(
    inversion: .prefixedNo,
    help: """
      Bring the pictures' bands to a mean of 0 and a deviation of 1 over the training side, in the file itself (default: for \
      architectures whose published front end does not do the like).
      """)
  var scaleInput: Bool?

  func validate() throws {
    guard (architecture == nil) != (from == nil) else {
      throw ValidationError("name one of --architecture and --from")
    }
    if architecture != nil, cut != nil || headHidden != nil || freezeTrunk || newHead || headDropout > 0 {
      throw ValidationError(
        "--cut, --head-hidden, --head-dropout, --freeze-trunk and --new-head go with --from")
    }
    guard asImage == nil || (from != nil && frontEnd == nil) else {
      throw ValidationError("--as-image goes with --from, and makes a front end: give no --front-end with it")
    }
    guard (0..<1).contains(headDropout) else {
      throw ValidationError("--head-dropout must be from 0 to less than 1")
    }
    if let headHidden, !(1...65_536).contains(headHidden) {
      throw ValidationError("--head-hidden must be from 1 to 65536")
    }
    if let patch, !(patch > 0 && patch.isFinite) {
      throw ValidationError("--patch must be more than 0 seconds")
    }
  }

  var beginning: TrainRequest.Beginning {
    get throws {
      if let architecture { return .architecture(architecture, frontEnd: frontEnd) }
      var transfer = TrainRequest.Transfer()
      (transfer.cut, transfer.hidden, transfer.dropout) = (cut, headHidden, headDropout)
      (transfer.freezesTrunk, transfer.replacesHead) = (freezeTrunk, newHead)
      transfer.imageScaling = asImage
      return .model(ModelChoice(from ?? "", frontEnd: frontEnd), transfer)
    }
  }

  func apply(to request: inout TrainRequest) { (request.patch, request.scalesInput) = (patch, scaleInput) }
}

extension Architecture: ExpressibleByArgument {}
extension ImageScaling: ExpressibleByArgument {}
