package import Explain
package import Reports
import Tensors
import Train

/// Reads every clip of a data set and tells what would spoil training.
package struct CheckJob {
  private let request: CheckRequest
  private let threads: Int

  package init(_ request: CheckRequest, threads: Int = ComputeThreads.count) {
    (self.request, self.threads) = (request, threads)
  }

  /// - Throws: `Cancelled`; `FileError` and `DataSetError` where there is no data set to check.
  package func run(control: RunControl = RunControl()) throws -> CheckRecord {
    let set = try request.data.read()
    let check = try DataSetCheck(
      of: set, split: request.data.rule, shortest: request.shortest, threads: threads, control: control)
    return CheckRecord(check, data: request.data.path)
  }
}
