import Files

extension Remedy {
  /// As an option of the command.
  var words: String {
    switch self {
    case .choosePart:
      "choose a part with --start and --duration (seconds), or find it with 'otoscope classify'"
    case .nameEmbedding: "name a tensor with --embedding"
    case .nameLayer: "name a layer with --layer"
    case .fewerSegments: "give fewer with --segments"
    case .explainSound: "use 'otoscope explain' on a sound"
    case .evaluate(let model): "run 'otoscope evaluate SOUNDS --model \(model)' first, or name a method"
    case .nameMethod: "name a method with --method"
    case .nameAnotherRival: "name another class with --against"
    case .nameShape(let input, let example):
      "say it, for example --shape \(input)=\(example.map(String.init).joined(separator: ","))"
    case .nameOutput(let example, let description):
      "name it with --of, or write for example {\"output\": \"\(example)\"} into \(description)"
    case .nameAxes(let output, let description):
      "write for example {\"output\": {\"tensor\": \"\(output)\", \"axes\": [\"batch\", \"time\", \"class\"]}} into "
        + description
    case .nameActivation(let description):
      "say what they are with --activation softmax, sigmoid or none, or as \"activation\" in \(description)"
    case .configure(let model):
      "'otoscope configure \(model)' proposes it and tries it on a sound, and with --write keeps it"
    case .nameColumns: "name columns with --columns, for example path=File,class=Label"
    case .chooseSplit:
      "share the clips out in another way, by --test-share and --validation-share, --held-out or --test-fold"
    }
  }
}

/// What went wrong, and what to do about it.
func words(for error: any Error) -> String {
  guard let remedy = (error as? any RemediableError)?.remedy else { return "\(error)" }
  return "\(error): \(remedy.words)"
}
