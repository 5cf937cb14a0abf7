import Glibc

/// How long OpenMP's threads spin while they wait for one another.
///
/// GNU OpenMP spins for milliseconds by default. That is quick on an idle machine, but as soon as another program
/// wants one of the cores, each of a network's dozens of kernels waits that long for a thread that is not running:
/// measured on 2 cores with a compiler beside it, YAMNet's forward pass took 300 ms with long spins and 5 ms with short
/// ones, against 2 ms on the idle machine. libgomp reads the setting when it is loaded, before `main`, so the program
/// starts itself once more with it. A setting of the user's own is left alone.
enum OpenMPSetting {
  /// Some microseconds of spinning, then sleep.
  private static let spins = "1000"

  static func apply() {
    guard getenv("GOMP_SPINCOUNT") == nil, getenv("OMP_WAIT_POLICY") == nil else { return }
    setenv("GOMP_SPINCOUNT", spins, 1)
    // Returns only if it fails, and then all works as well, if slower on a busy machine.
    execv("/proc/self/exe", Swift.CommandLine.unsafeArgv)
  }
}
