import CMalloc
import Glibc

/// What libraries read from the environment when they are loaded, before `main`: so the program starts itself once more
/// with it. Settings of the user's own are left alone.
enum RuntimeSettings {
  /// How long OpenMP's threads spin while they wait for one another: some microseconds, then sleep.
  ///
  /// GNU OpenMP spins for milliseconds by default. That is quick on an idle machine, but as soon as another program
  /// wants one of the cores, each of a network's dozens of kernels waits that long for a thread that is not running:
  /// measured on 2 cores with a compiler beside it, YAMNet's forward pass took 300 ms with long spins and 5 ms with short
  /// ones, against 2 ms on the idle machine.
  private static let spins = ["GOMP_SPINCOUNT": "1000"]

  /// From how many bytes on freed memory goes back to the system at once.
  ///
  /// glibc keeps freed blocks of up to 32 MB for later, once the first such block was freed. Where weights are read, folded
  /// and packed, that is memory nobody uses: measured on a gradient of VGGish (16 rows), 498 MB at most, and 477 MB with
  /// these bounds. What a batch takes and gives back is smaller than they are, and stays.
  private static let returns = ["MALLOC_MMAP_THRESHOLD_": "4194304", "MALLOC_TRIM_THRESHOLD_": "16777216"]

  /// For runs that take and give back the same large blocks thousands of times: they stay with the process, which need not be
  /// given empty pages again and again.
  static func keepFreedMemory() {
    _ = mallopt(M_MMAP_THRESHOLD, 32 << 20)
    _ = mallopt(M_TRIM_THRESHOLD, 1 << 30)
  }

  static func apply() {
    let settings = getenv("OMP_WAIT_POLICY") == nil ? spins.merging(returns) { $1 } : returns
    let missing = settings.filter { getenv($0.key) == nil }
    guard !missing.isEmpty, missing.allSatisfy({ setenv($0.key, $0.value, 1) == 0 }) else { return }
    // Returns only if it fails, and then all works as well, if slower on a busy machine.
    execv("/proc/self/exe", Swift.CommandLine.unsafeArgv)
  }
}
