import ArgumentParser
import Jobs
import Tensors

/// What a verb may use of the machine.
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

  var workspace: Workspace { Workspace(threads: threads ?? ComputeThreads.count, memory: memory?.bytes) }
}
