package import Figures

/// Loss and accuracy over epochs, as figures.
package struct TrainingCurves: Sendable {
  /// What a training knows of itself after an epoch; nil for what was not measured.
  package struct Epoch: Sendable, Hashable {
    package var epoch: Int
    package var loss: Double?
    package var validationLoss: Double?
    package var accuracy: Double?
    package var validationAccuracy: Double?

    package init(
      epoch: Int, loss: Double? = nil, validationLoss: Double? = nil, accuracy: Double? = nil,
      validationAccuracy: Double? = nil
    ) {
      (self.epoch, self.loss, self.validationLoss) = (epoch, loss, validationLoss)
      (self.accuracy, self.validationAccuracy) = (accuracy, validationAccuracy)
    }
  }

  private let title: String
  private let epochs: [Epoch]

  package init(title: String, _ epochs: [Epoch]) { (self.title, self.epochs) = (title, epochs) }

  package var loss: CurveFigure {
    figure("loss", CurveFigure.Axis(title: "loss (nats)"), \.loss, \.validationLoss)
  }

  package var accuracy: CurveFigure {
    figure("accuracy", CurveFigure.Axis(title: "accuracy", range: 0...1), \.accuracy, \.validationAccuracy)
  }

  private func figure(
    _ what: String, _ y: CurveFigure.Axis, _ training: KeyPath<Epoch, Double?>,
    _ validation: KeyPath<Epoch, Double?>
  ) -> CurveFigure {
    func curve(_ name: String, _ value: KeyPath<Epoch, Double?>) -> CurveFigure.Series {
      CurveFigure.Series(
        name: name,
        points: epochs.map { CurveFigure.Point(x: Double($0.epoch), y: $0[keyPath: value] ?? .nan) })
    }
    // A curve that was never measured has no line.
    let series = [curve("training", training), curve("validation", validation)].filter { series in
      series.points.contains { $0.y.isFinite }
    }
    return CurveFigure(
      title: "\(title): \(what)", x: CurveFigure.Axis(title: "epoch"), y: y, series: series)
  }
}
