/// How far methods of explanation can be believed on one model, as one HTML page: it needs no server, no network and no
/// other file (unless sounds are linked).
///
/// What was found and what to beware of comes first; then a table of methods and criteria that sorts by any of its
/// columns; then curves, then what the methods show of a few clips, side by side, with the sound of each; last, how it
/// was measured and what the criteria mean. Without scripts the page still shows everything.
public struct EvaluationReport: Sendable {
  /// What the page is called, in its heading and its tab.
  public var title: String
  public var model: String
  /// The command that made the page, as typed.
  public var commandLine: String
  /// The tool's version: `0.1.0`.
  public var version: String
  /// When it was made, as it shall be read.
  public var date: String
  /// Which method to use on this model, and why: one sentence.
  public var recommendation: String
  /// What a reader must not overlook: "deconvolution: fails the sanity check: …".
  public var warnings: [String]
  /// How it was measured: clips, budgets, what was left out and why.
  public var notes: [String]
  /// The columns of the table, those of a group together.
  public var criteria: [Criterion]
  /// The rows, best first.
  public var methods: [Method]
  public var curves: [Curves]
  /// What the methods show of a few sounds.
  public var clips: [Clip]

  public init(
    title: String, model: String, commandLine: String, version: String, date: String, recommendation: String,
    warnings: [String] = [], notes: [String] = [], criteria: [Criterion], methods: [Method],
    curves: [Curves] = [], clips: [Clip] = []
  ) {
    self.title = title
    self.model = model
    self.commandLine = commandLine
    self.version = version
    self.date = date
    self.recommendation = recommendation
    self.warnings = warnings
    self.notes = notes
    self.criteria = criteria
    self.methods = methods
    self.curves = curves
    self.clips = clips
  }

  /// One of the questions put to every method.
  public struct Criterion: Sendable, Hashable {
    /// As files and options name it: `deletion`.
    public var name: String
    /// As readers do: "Deletion".
    public var title: String
    /// What it is a kind of: "faithfulness".
    public var group: String
    /// What its values are in; empty for plain numbers. With "%" a value of 43 means 43 %.
    public var unit: String
    public var isBetterHigh: Bool
    /// What it counts in the ranking; 0 if it does not.
    public var weight: Double
    /// One sentence.
    public var meaning: String

    public init(
      name: String, title: String, group: String, unit: String = "", isBetterHigh: Bool, weight: Double = 1,
      meaning: String
    ) {
      self.name = name
      self.title = title
      self.group = group
      self.unit = unit
      self.isBetterHigh = isBetterHigh
      self.weight = weight
      self.meaning = meaning
    }
  }

  /// A value with its 95 % interval. One that is not finite counts as not known.
  public struct Interval: Sendable, Hashable {
    public var value: Double
    public var low: Double
    public var high: Double

    public init(value: Double, low: Double, high: Double) {
      self.value = value
      self.low = low
      self.high = high
    }
  }

  /// How one method fared.
  public struct Method: Sendable, Hashable {
    /// As options name it: `grad-cam`.
    public var name: String
    /// As readers do: "Grad-CAM".
    public var title: String
    /// Whether it knows nothing of the model, as a random map, and is there to be beaten.
    public var isControl: Bool
    /// Over all criteria, by their weights; 1 is the best there could be.
    public var meanRank: Interval
    /// The share of bootstrap resamples in which it comes first, 0...1.
    public var bestShare: Double
    /// One for each criterion, in their order; nil where it could not be measured.
    public var values: [Interval?]
    /// Its rank among the methods by each criterion; ties share the mean of theirs.
    public var ranks: [Double?]
    /// What it fails, in few words: "not class-discriminative".
    public var failures: [String]

    public init(
      name: String, title: String, isControl: Bool = false, meanRank: Interval, bestShare: Double,
      values: [Interval?], ranks: [Double?], failures: [String] = []
    ) {
      self.name = name
      self.title = title
      self.isControl = isControl
      self.meanRank = meanRank
      self.bestShare = bestShare
      self.values = values
      self.ranks = ranks
      self.failures = failures
    }
  }

  /// A figure of curves, drawn. What the page says beside it, the figure need not: it can do without title and caption.
  public struct Curves: Sendable {
    public var title: String
    public var caption: String
    public var picture: Report.Picture

    public init(title: String, caption: String = "", picture: Report.Picture) {
      self.title = title
      self.caption = caption
      self.picture = picture
    }
  }

  /// One sound as the methods see it.
  public struct Clip: Sendable {
    public var name: String
    /// The label of the class that is explained: "Dog".
    public var target: String
    public var probability: Double
    /// The sound without an explanation.
    public var picture: Report.Picture
    public var sound: AudioSource?
    public var entries: [Entry]

    public init(
      name: String, target: String, probability: Double, picture: Report.Picture, sound: AudioSource? = nil,
      entries: [Entry]
    ) {
      self.name = name
      self.target = target
      self.probability = probability
      self.picture = picture
      self.sound = sound
      self.entries = entries
    }
  }

  /// What one method shows of a sound.
  public struct Entry: Sendable {
    /// The method's title.
    public var method: String
    /// A small one, as ``TimeFrequencyFigure/thumbnail(scale:)`` makes it.
    public var picture: Report.Picture
    /// The sound with only what mattered.
    public var heard: AudioSource?
    /// The class's probability for the whole sound and for what was heard alone, or another short word: "0.92 → 0.81".
    public var remark: String

    public init(method: String, picture: Report.Picture, heard: AudioSource? = nil, remark: String = "") {
      self.method = method
      self.picture = picture
      self.heard = heard
      self.remark = remark
    }
  }
}
