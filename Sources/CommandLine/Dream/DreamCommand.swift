import ArgumentParser

/// `dream`: what a model begins to see or hear, drawn out. Without a subcommand it is `dream draw`.
struct DreamCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dream",
    abstract:
      "Draw into a picture what a network begins to see in it, or into a sound what a model begins to hear.",
    subcommands: [DreamDrawCommand.self, DreamRenderCommand.self],
    defaultSubcommand: DreamDrawCommand.self,
    // Help that is asked for is that of `draw`, which names `render`.
    helpNames: [])
}
