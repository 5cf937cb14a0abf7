/// One run's explanations as one HTML page: it needs no server, no network and no other file (unless sounds are linked).
///
/// Each sound has its classes, its spectrogram and a player; each explanation its picture, what was heard and what was
/// ignored, and the parameters it was made with. A cursor moves over every picture in time with the sound; clicking
/// into a picture, or the arrow keys on it, move the sound. Without scripts the page still shows everything, with the
/// browser's own players.
public struct Report: Sendable {
  /// What the page is called, in its heading and its tab.
  public var title: String
  public var model: String
  /// The command that made the page, as typed.
  public var commandLine: String
  /// The tool's version: `0.1.0`.
  public var version: String
  /// When it was made, as it shall be read.
  public var date: String
  public var sounds: [Sound]
  /// What the sounds' explanations have in common, told before them.
  public var averages: [Average]

  public init(
    title: String, model: String, commandLine: String, version: String, date: String, sounds: [Sound],
    averages: [Average] = []
  ) {
    self.title = title
    self.model = model
    self.commandLine = commandLine
    self.version = version
    self.date = date
    self.sounds = sounds
    self.averages = averages
  }

  /// What was found in one sound.
  public struct Sound: Sendable {
    public var name: String
    public var seconds: Double
    /// The classes to list, most probable first.
    public var classes: [ClassProbability]
    public var spectrogram: Picture
    public var clip: AudioSource
    public var explanations: [Explanation]
    /// What the reader ought to know about this sound: "shorter than one patch; padded with silence".
    public var notes: [String]
    /// What was found about the classes as such, whatever the method.
    public var remarks: [Parameter]

    public init(
      name: String, seconds: Double, classes: [ClassProbability], spectrogram: Picture, clip: AudioSource,
      explanations: [Explanation], notes: [String] = [], remarks: [Parameter] = []
    ) {
      self.name = name
      self.seconds = seconds
      self.classes = classes
      self.spectrogram = spectrogram
      self.clip = clip
      self.explanations = explanations
      self.notes = notes
      self.remarks = remarks
    }
  }

  public struct ClassProbability: Sendable, Hashable {
    public var label: String
    /// 0 to 1.
    public var probability: Double
    /// Whether it is one; any other number is told as it is.
    public var isProbability: Bool

    public init(label: String, probability: Double, isProbability: Bool = true) {
      self.label = label
      self.probability = probability
      self.isProbability = isProbability
    }

    var text: String { isProbability ? Page.probability(probability) : Ticks.compact(probability) }
  }

  /// What one method says about one target.
  public struct Explanation: Sendable {
    /// The method's name for readers: "Grad-CAM".
    public var method: String
    /// The target's label: "Dog".
    public var target: String
    public var probability: Double
    /// Whether it is one; any other number is told as it is.
    public var isProbability: Bool
    /// The layer the method looked at; nil for those that look at the input.
    public var layer: String?
    public var picture: Picture
    /// The sound with only what mattered; nil if it was not made.
    public var heard: AudioSource?
    /// The sound with only the rest.
    public var ignored: AudioSource?
    /// All that is needed to repeat it: samples, sigma, seed, normalisation.
    public var parameters: [Parameter]
    /// What was measured on the way: time to compute, insertion and deletion scores.
    public var measurements: [Parameter]

    public init(
      method: String, target: String, probability: Double, layer: String? = nil, picture: Picture,
      heard: AudioSource? = nil, ignored: AudioSource? = nil, isProbability: Bool = true,
      parameters: [Parameter] = [],
      measurements: [Parameter] = []
    ) {
      self.method = method
      self.target = target
      self.probability = probability
      self.isProbability = isProbability
      self.layer = layer
      self.picture = picture
      self.heard = heard
      self.ignored = ignored
      self.parameters = parameters
      self.measurements = measurements
    }
  }

  /// A name and a value, both as they shall be read; the value with its unit.
  public struct Parameter: Sendable, Hashable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// A picture in the page.
  public struct Picture: Sendable {
    /// The bytes of a PNG file.
    public var png: [UInt8]
    /// What it shows, for those who do not see it.
    public var alternative: String
    /// Where its time axis lies.
    public var geometry: PlotGeometry

    public init(png: [UInt8], alternative: String, geometry: PlotGeometry) {
      self.png = png
      self.alternative = alternative
      self.geometry = geometry
    }
  }
}

/// A figure of a sound over time.
public protocol TimeFigure: Sendable {
  var title: String { get set }
  /// Small type under the picture.
  var caption: String { get set }

  /// The figure as a PNG of `1000 * scale` pixels' width.
  ///
  /// - Parameter scale: pixels a point, 0.5 to 8; 2 is crisp on today's screens and in print at 12 cm.
  func png(scale: Double) throws(FigureError) -> [UInt8]
  /// The figure as an image of `1000 * scale` pixels' width.
  func pixels(scale: Double) throws(FigureError) -> Pixels
  /// The figure as an SVG file, 1000 points wide.
  func svg() throws(FigureError) -> [UInt8]
  /// Where in the picture the axes lie, and what time they span; the same for PNG and SVG of any scale.
  func plotGeometry() throws(FigureError) -> PlotGeometry
  /// What can be seen, for those who cannot.
  func alternativeText() throws(FigureError) -> String
}

extension TimeFigure {
  /// The figure as a report shows it: PNG, alternative text and geometry.
  public func picture(scale: Double = 2) throws(FigureError) -> Report.Picture {
    Report.Picture(
      png: try png(scale: scale), alternative: try alternativeText(), geometry: try plotGeometry())
  }
}
