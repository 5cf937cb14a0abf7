import Explain
import Files

extension EvaluationRecord {
  /// A line for each method, criterion and sound.
  var measurements: String {
    let measured = evaluation.measured
    var lines = ["method,criterion,sound,value"]
    for method in measured.methods {
      for criterion in measured.criteria {
        for (sound, value) in measured.values(method, criterion).sorted(by: { $0.key < $1.key }) {
          let name = EventTable.quoted(measured.sounds[sound])
          lines.append("\(method.name),\(criterion.name),\(name),\(NumberText.rounded(value, digits: 7))")
        }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A line for each method, best first.
  var rankingTable: String {
    let columns = ranking.criteria.flatMap {
      [$0.name, "\($0.name)_low", "\($0.name)_high", "\($0.name)_rank"]
    }
    let header = ["method", "mean_rank", "mean_rank_low", "mean_rank_high", "best_share", "fails"] + columns
    let lines = ranking.entries.map { entry -> String in
      let fails = (verdict.failures[entry.method] ?? []).map(\.rawValue).joined(separator: "; ")
      var fields = [entry.method.name] + Self.fields(entry.meanRank)
      fields += [NumberText.rounded(entry.bestShare, digits: 4), EventTable.quoted(fails)]
      for (value, rank) in zip(entry.values, entry.ranks) {
        fields += value.map(Self.fields) ?? ["", "", ""]
        fields.append(rank.map { NumberText.rounded($0, digits: 4) } ?? "")
      }
      return fields.joined(separator: ",")
    }
    return ([header.joined(separator: ",")] + lines).joined(separator: "\n") + "\n"
  }

  private static func fields(_ estimate: Bootstrap.Estimate) -> [String] {
    [estimate.value, estimate.low, estimate.high].map { NumberText.rounded($0, digits: 6) }
  }

  /// The mean curves with their intervals.
  var curves: String {
    var lines = ["method,curve,share,probability,low,high"]
    for curve in meanCurves {
      for (place, point) in curve.points.enumerated() {
        let share = Double(place) / Double(max(1, curve.points.count - 1))
        let fields = [NumberText.rounded(share, digits: 4)] + Self.fields(point)
        lines.append("\(curve.method.name),\(curve.kind.rawValue),\(fields.joined(separator: ","))")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
