import Audio
package import Models

/// Where the places of a layer lie in seconds and hertz.
extension LayerGeometry {
  /// The panel of the model's picture that the layer's places of frequency are told on, and the places on it.
  package func panel(of model: AudioModel) -> (index: Int, axis: Axis) {
    var first = 0
    for (axis, width) in zip(bandsByPanel, panelWidths(model)) {
      if let axis { return (min(first, model.axes.panels.count - 1), axis) }
      var width = width
      while width > 0, first < model.axes.panels.count {
        width -= model.axes.panels[first].bands.count
        first += 1
      }
    }
    return (0, band)
  }

  /// Where a place of frequency is centred, in hertz; nil for layers without such places.
  package func hertz(ofBand place: Int, of model: AudioModel) -> Double? {
    guard band.count > 1, model.hasPicture else { return nil }
    let (index, axis) = panel(of: model)
    let centres = model.axes.panels[index].bands.map(\.centre)
    let position = min(max(axis.centres[place], 0), Double(centres.count - 1))
    let low = min(Int(position), max(0, centres.count - 2))
    let high = min(low + 1, centres.count - 1)
    return centres[low] + (position - Double(low)) * (centres[high] - centres[low])
  }

  /// What one place sees in the middle of the picture, in seconds and hertz.
  package func field(of model: AudioModel) -> (seconds: Double, hertz: Double) {
    let axes = model.axes
    guard model.hasPicture else {
      return (time.size / Double(model.sampleRate), Double(model.sampleRate) / 2)
    }
    let (index, axis) = panel(of: model)
    let bands = axes.panels[index].bands
    let height = min(max(1, Int(axis.size.rounded())), bands.count)
    let first = (bands.count - height) / 2
    return ((time.size - 1) * axes.hop + axes.window, bands[first + height - 1].highest - bands[first].lowest)
  }
}
