import Explain
import Reports
import ArgumentParser
import Files
import Glibc

/// The command `otoscope`: thin verbs over the libraries.
struct Otoscope: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "otoscope",
    abstract: "Shows what a network that listens has heard, and lets you hear it.",
    discussion: """
      EXAMPLES:
        otoscope explain dog.mp3 --output why-dog
        otoscope classify *.wav --top 3
        otoscope evaluate recordings/ --output evaluation
        otoscope inspect my-network.onnx

      Exit status: 0 done, 1 failed, 2 misuse, 130 interrupted (what was finished is kept).
      """,
    version: Product.version,
    subcommands: [
      ExplainCommand.self, EvaluateCommand.self, ClassifyCommand.self, DemoCommand.self,
      LookCommand.self, FiltersCommand.self, MaximizeCommand.self, DreamCommand.self, DescriptorsCommand.self,
      IndexCommand.self, PatchesCommand.self, NeighboursCommand.self, AtlasCommand.self,
      CorrelateCommand.self, ServeCommand.self, CheckCommand.self, TrainCommand.self, TestCommand.self,
      ConfigureCommand.self, FrontEndCommand.self, InspectCommand.self,
      RunCommand.self, AttributeCommand.self, MeasureCommand.self, BenchCommand.self,
    ])
}

/// Parses the arguments, runs the verb, and turns every error into one clear line and an exit status.
@main
enum Main {
  static func main() {
    Interruption.watch()
    do {
      var command = try Otoscope.parseAsRoot(Arguments.given)
      RuntimeSettings.apply()
      try command.run()
    } catch {
      exit(report(error))
    }
  }

  /// Says what went wrong and returns the exit status: 2 for misuse, 1 for failure, 0 for help that was asked for.
  private static func report(_ error: any Error) -> Int32 {
    let code = Otoscope.exitCode(for: error)
    if code == .success {
      print(Otoscope.fullMessage(for: error))
      return 0
    }
    if code == .validationFailure {
      Terminal.usage(Otoscope.fullMessage(for: error))
      return 2
    }
    if error is OutputClosed { return 0 }
    if error is ExitCode { return code.rawValue }
    Terminal.error(words(for: error))
    let isMisuse = error is Misuse || (error as? any RemediableError)?.isMisuse == true
    return isMisuse ? 2 : 1
  }
}
