import OneDNN

/// What each kernel of the programs that ran took, in the order in which they first ran.
package struct KernelProfile: Sendable {
  package private(set) var kernels: [Kernel] = []
  private var places: [Kernel.Identity: Int] = [:]

  package init() {}

  package struct Kernel: Sendable {
    /// What does not change from run to run.
    package struct Identity: Sendable, Hashable {
      /// The node that it came from.
      package var node: String
      /// The node's operation and those fused behind it, or `reorder`.
      package var kind: String
      /// oneDNN's name of the kernel; `native` for our own.
      package var implementation: String
      /// How the result lies: `plain`, `channels last`, `blocks of 16`, `packed`.
      package var layout: String
      /// The result's extents.
      package var extents: [Int]
      /// Multiplications followed by an addition, for one run.
      package var multiplyAccumulates: Int
      /// Bytes of operands and results, each counted once, for one run.
      package var bytes: Int
      /// Which kernel of its node it is.
      package var index: Int
    }

    package let identity: Identity
    /// Of all runs, those of several lanes added up.
    package fileprivate(set) var seconds = 0.0
    package fileprivate(set) var runs = 0
  }

  /// The kind of kernels that only bring a tensor into another layout.
  package static let reorderKind = "reorder"

  package var seconds: Double { kernels.reduce(0) { $0 + $1.seconds } }

  package mutating func add(_ seconds: [Double], of identities: [Kernel.Identity]) {
    for (identity, seconds) in zip(identities, seconds) {
      let place =
        places[identity]
        ?? {
          kernels.append(Kernel(identity: identity))
          places[identity] = kernels.count - 1
          return kernels.count - 1
        }()
      kernels[place].seconds += seconds
      kernels[place].runs += 1
    }
  }
}

extension Layout {
  /// In a word or two.
  var name: String {
    guard let structure else { return "packed" }
    if let block = structure.block { return "blocks of \(block.extent)" }
    let isPlain = zip(structure.strides, structure.strides.dropFirst()).allSatisfy { $0 >= $1 }
    if isPlain { return "plain" }
    return structure.dimensions.count > 2 && structure.strides[1] == 1 ? "channels last" : "strided"
  }
}
