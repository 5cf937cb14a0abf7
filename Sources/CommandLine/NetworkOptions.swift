import ArgumentParser
import Models
import Glibc
import Graphs
import Tensors

/// What the plain-tensor verbs share: a network, and arrays in its own layout.
struct NetworkOptions: ParsableArguments {
  @Option(help: "Threads to compute with (default: all cores).")
  var threads: Int?
  @Option(
    help: """
      The most memory for the intermediate results of a run, as 512MB or 1.5GB: large batches are cut into smaller runs \
      (default: no bound).
      """)
  var memory: MemorySize?

  func validate() throws {
    if let threads, !(1...256).contains(threads) { throw ValidationError("--threads must be from 1 to 256") }
  }

  var threadCount: Int { threads ?? Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  func network(_ path: String) throws -> Network {
    network(try ONNXModel(contentsOf: try BundledData.modelPath(path)).graph)
  }

  func network(_ graph: Graph) -> Network {
    Network(graph, threads: threadCount, memory: memory?.bytes)
  }
}
