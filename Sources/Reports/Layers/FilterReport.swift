import Audio
import Figures
import Files
import Glibc
package import Models
package import Probe
import Tensors

/// The filters of a network's first layer, as sheets, arrays and a page.
package struct FilterReport {
  private let filters: FirstFilters
  private let model: AudioModel
  /// More are not drawn.
  private static let mostCells = 256

  package init(_ filters: FirstFilters, of model: AudioModel) {
    (self.filters, self.model) = (filters, model)
  }

  package var records: [FilterRecord] {
    filters.filters.enumerated().map { FilterRecord($1, rank: $0 + 1, of: filters) }
  }

  /// Writes sheets, arrays and the page; returns the page's name.
  package func write(to store: any ResultStore, _ header: ReportHeader) throws -> String {
    var items: [Gallery.Item] = []
    for (name, sheet) in filters.form == .samples ? sampleSheets : pictureSheets {
      try store.write(sheet.png(), to: "filters.\(name).png")
      try store.write(sheet.svg(), to: "filters.\(name).svg")
      items.append(Gallery.Item(title: sheet.title, pictures: [try sheet.picture(scale: 1.5)]))
    }
    for (name, figure) in curves {
      try store.write(figure.png(), to: "filters.\(name).png")
      try store.write(figure.svg(), to: "filters.\(name).svg")
      items.append(Gallery.Item(title: figure.title, pictures: [try figure.picture(scale: 1.5)]))
    }
    try store.write(archive.npz(compressed: true), to: "filters.npz")
    let page = Gallery(
      header.page(lead),
      sections: [Gallery.Section(title: filters.tensor, notes: [summary], items: items)])
    try store.write(Array(page.html().utf8), to: "index.html")
    return "index.html"
  }

  // MARK: - Words

  private var lead: [String] {
    var text: [String] = []
    if model.hasInnerPicture {
      text.append(
        "This network makes its picture inside: shown are the filters of the first layer behind the picture, "
          + "not those that make it.")
    }
    switch filters.form {
    case .picture, .bands:
      text.append(
        "A kernel is the picture that it answers most: blue where it wants little, orange where it wants much. Lines "
          + "along time answer what sustains (harmonic), lines along frequency answer onsets (percussive), oblique ones "
          + "sweeps.")
    case .samples:
      text.append(
        "Each filter lets some frequencies through: its magnitude response, the filters sorted by the frequency of their "
          + "largest response.")
    }
    return text
  }

  /// `12 horizontal, 8 vertical, ...`
  package var summary: String {
    let size = "\(filters.filters.count) filters, each \(extentText)"
    switch filters.form {
    case .samples:
      let centres = filters.filters.compactMap(\.centre)
      guard let low = centres.first, let high = centres.last else { return "\(size)." }
      return "\(size). Centres from \(Int(low.rounded())) to \(Int(high.rounded())) Hz."
    case .picture, .bands:
      let counts = Orientation.Kind.allCases.map { kind in
        (kind, filters.filters.count { $0.orientation?.kind == kind })
      }
      var told = counts.filter { $0.1 > 0 }.map { "\($0.1) \($0.0.title)" }
      let zeros = filters.filters.count { $0.orientation == nil }
      if zeros > 0 { told.append("\(zeros) zero throughout") }
      return "\(size). \(told.joined(separator: ", "))."
    }
  }

  private var extentText: String {
    let seconds = "\(NumberText.rounded(1000 * filters.extent.seconds, digits: 3)) ms"
    switch filters.form {
    case .samples: return "\(seconds) long"
    case .bands: return "\(seconds) long over all bands"
    case .picture:
      return "\(seconds) x \(Int(filters.extent.hertz.rounded())) Hz in the middle of the picture"
    }
  }

  // MARK: - Filters on pictures

  private func kernel(_ channel: Int, input: Int) -> Tensor {
    let shape = filters.kernels.shape
    let size = shape[2] * shape[3]
    let start = (channel * shape[1] + input) * size
    return filters.kernels.withUnsafeValues { values in
      Tensor([shape[2], shape[3]], values[start..<start + size])
    }
  }

  /// The pictures that a kernel weighs, as far as they are drawn.
  private var inputs: [String] {
    let count = filters.kernels.shape[1]
    guard count > 1 else { return [""] }
    let panels = model.axes.panels
    return (0..<min(count, 4)).map { input in
      panels.count == count && !panels[input].caption.isEmpty
        ? panels[input].caption
        : panels.count == count && model.hasInnerPicture
          ? "picture \(input + 1), up to \(Int(panels[input].range.upperBound.rounded())) Hz"
          : "input \(input + 1)"
    }
  }

  private var pictureSheets: [(String, SheetFigure)] {
    let shape = filters.kernels.shape
    let drawn = filters.filters.prefix(Self.mostCells)
    let milliseconds = 1000 * filters.pitch.seconds * Double(shape[2]) / 2
    let isOfBands = filters.form == .bands
    let high = Double(shape[3]) * filters.pitch.bands / 2
    let up: SheetFigure.Vertical =
      isOfBands && model.axes.panels[0].bands.count == shape[3]
      ? .bands(centres: model.axes.panels[0].bands.map(\.centre)) : .linear(-high...high)
    let upLabel =
      isOfBands
      ? "frequency (Hz)" : "bands of the picture (all together \(Int(filters.extent.hertz.rounded())) Hz)"
    let kernels = inputs.enumerated().map { input, name in
      SheetFigure(
        cells: drawn.map { filter in
          .init(
            kernel(filter.channel, input: input), across: -milliseconds...milliseconds, up: up,
            title: "\(filter.channel)", note: note(filter))
        },
        title: "\(model.name): kernels" + (name.isEmpty ? "" : " over \(name),") + " of \(filters.tensor)",
        caption: "Sorted by the direction of their lines, the clearest first"
          + (inputs.count > 1 ? " (of the kernels over all inputs together)" : "") + ": \(summary)"
          + (filters.filters.count > drawn.count ? " The first \(drawn.count) are drawn." : ""),
        valueLabel: "weight", fit: isOfBands ? .fill : .squares, acrossLabel: "time (ms)", upLabel: upLabel,
        colormap: .diverging)
    }
    let spectra = drawn.map { KernelSpectrum(kernels: filters.kernels, filter: $0.channel) }
    // Bins have their frequencies in their middle.
    let (width, height) = spectra.first?.size ?? (32, 32)
    let rate = (low: -0.5 - 0.5 / Double(width), high: 0.5 - 0.5 / Double(width))
    let times = rate.low / filters.pitch.seconds...rate.high / filters.pitch.seconds
    let bands =
      -0.5 / Double(height) / filters.pitch.bands...(0.5 - 0.5 / Double(height)) / filters.pitch.bands
    let responses = SheetFigure(
      cells: zip(drawn, spectra).map { filter, spectrum in
        .init(
          spectrum.magnitudes, across: times, up: .linear(bands), title: "\(filter.channel)",
          note: note(filter))
      },
      title: "\(model.name): frequency responses of \(filters.tensor)",
      caption:
        "How much of each modulation a kernel lets through: across, how fast it changes in time, below zero for "
        + "patterns that rise and above for those that fall; upwards, how fast it changes over the bands. In the same order "
        + "as the kernels.",
      valueLabel: "response", acrossLabel: "modulation in time (Hz)",
      upLabel: "modulation over frequency (cycles a band)")
    return kernels.enumerated().map { ($0 == 0 ? "kernels" : "kernels-\($0 + 1)", $1) } + [
      ("responses", responses)
    ]
  }

  private func note(_ filter: FirstFilters.Filter) -> String {
    if let centre = filter.centre, filters.form == .bands { return "\(Int(centre.rounded())) Hz" }
    return filter.orientation?.kind.title ?? "zero"
  }

  // MARK: - Filters on samples

  private var sampleSheets: [(String, SheetFigure)] {
    let drawn = filters.filters
    guard let bins = drawn.first?.response?.decibels.count else { return [] }
    let floor: Float = -60
    let responses = Tensor(unsafeUninitialized: [drawn.count, bins]) { image in
      for (row, filter) in drawn.enumerated() {
        for (bin, level) in (filter.response?.decibels ?? []).enumerated() {
          image[row * bins + bin] = max(floor, level)
        }
      }
    }
    let taps = filters.kernels.shape[2] * filters.kernels.shape[3]
    let kernels = Tensor(unsafeUninitialized: [taps, drawn.count]) { image in
      for (row, filter) in drawn.enumerated() {
        let values = kernel(filter.channel, input: 0).values
        let largest = max(values.map(abs).max() ?? 0, .leastNormalMagnitude)
        for tap in 0..<taps { image[tap * drawn.count + row] = values[tap] / largest }
      }
    }
    let length = 1000 * filters.pitch.seconds * Double(taps)
    return [
      (
        "responses",
        SheetFigure(
          cells: [
            .init(
              responses, across: 0...Double(drawn.count),
              up: .linear(0...Double(model.sampleRate) / 2), title: "", note: "")
          ], title: "\(model.name): magnitude responses of \(filters.tensor)",
          caption: "A column a filter, sorted by the frequency of its largest response. \(summary)",
          valueLabel: "response (dB below each filter's largest)", reading: .level, scaling: .shared,
          columns: 1,
          acrossLabel: "filter, sorted", upLabel: "frequency (Hz)", colormap: .magma)
      ),
      (
        "kernels",
        SheetFigure(
          cells: [
            .init(
              kernels, across: 0...length, up: .rows(drawn.map { "\($0.channel)" }), title: "", note: "")
          ], title: "\(model.name): kernels of \(filters.tensor)",
          caption: "A row a filter, the lowest at the bottom; numbers are channels.",
          valueLabel: "weight (1 = each filter's largest)", scaling: .shared, columns: 1,
          acrossLabel: "time (ms)",
          upLabel: "filter", colormap: .diverging)
      ),
    ]
  }

  private var curves: [(String, CurveFigure)] {
    guard filters.form == .samples else { return [] }
    let filters = filters.filters.filter { $0.response?.passband != nil }
    guard filters.count > 1 else { return [] }
    return [
      (
        "centres",
        CurveFigure(
          title: "\(model.name): centres and passbands of \(self.filters.tensor)",
          caption:
            "The frequency of each filter's largest response; the band reaches to where it is 3 dB weaker.",
          x: .init(title: "filter, sorted"), y: .init(title: "frequency (Hz)"),
          series: [
            .init(
              name: "centre",
              points: filters.enumerated().map { rank, filter in
                .init(
                  x: Double(rank), y: filter.centre ?? .nan, low: filter.response?.passband?.lowerBound,
                  high: filter.response?.passband?.upperBound)
              })
          ])
      )
    ]
  }

  // MARK: - Arrays

  private var archive: NumPyArchive {
    get throws {
      let all = filters.filters
      func vector(_ values: [Double?]) -> Tensor { Tensor([values.count], values.map { Float($0 ?? .nan) }) }
      var arrays: [(name: String, tensor: Tensor)] = [
        ("kernels", filters.kernels), ("order", vector(all.map { Double($0.channel) })),
        ("norm", Tensor([all.count], all.map(\.norm))), ("centre_hz", vector(all.map(\.centre))),
      ]
      if filters.form == .samples {
        let bins = all.first?.response?.decibels.count ?? 0
        arrays.append(
          ("responses_db", Tensor([all.count, bins], all.flatMap { $0.response?.decibels ?? [] })))
        let step = all.first?.response?.hertzPerBin ?? 0
        arrays.append(("response_hz", vector((0..<bins).map { Double($0) * step })))
        arrays.append(("bandwidth_hz", vector(all.map { $0.response?.bandwidth })))
      } else {
        arrays.append(("angle_deg", vector(all.map { $0.orientation?.angle })))
        arrays.append(("coherence", vector(all.map { $0.orientation?.coherence })))
      }
      return try NumPyArchive(arrays, from: "filters.npz")
    }
  }
}

extension Orientation.Kind {
  var title: String { self == .none ? "no direction" : rawValue }
}

extension KernelSpectrum {
  /// Of one of several filters, `[filters, inputs, times, bands]`.
  fileprivate init(kernels: Tensor, filter: Int) {
    self.init(
      kernels.rows(filter..<filter + 1).reshaped(to: Shape(Array(kernels.shape.dimensions.dropFirst()))))
  }
}
