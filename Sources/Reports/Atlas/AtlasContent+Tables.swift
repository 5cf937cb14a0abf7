import Explain
import Files
package import Tensors

extension AtlasContent {
  /// A line for each sound.
  package var table: String {
    var lines = ["name,path,class,recording,x,y,red,green,blue" + (unit == nil ? "" : ",unit")]
    for (index, entry) in entries.enumerated() {
      func number(_ value: Float) -> String { NumberText.rounded(Double(value), digits: 7) }
      var fields = [entry.name, PathText.shown(entry.path), entry.label ?? "", entry.group ?? ""].map(
        EventTable.quoted)
      fields += (0..<2).map { number(coordinates[index, $0]) }
      fields += (0..<3).map { number(colours[index, $0]) }
      if let unit {
        fields.append(unit.values[index].isFinite ? NumberText.rounded(unit.values[index], digits: 7) : "")
      }
      lines.append(fields.joined(separator: ","))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The numbers for other programs: a row a sound, in the order of the table.
  ///
  /// - Throws: `NumPyError`.
  package func archive() throws(NumPyError) -> [UInt8] {
    // The class's place among `classes`, which the table spells out; −1 for none.
    let labels = classOfEntry.map { Float($0 ?? -1) }
    var arrays: [(name: String, tensor: Tensor)] = [
      ("coordinates", coordinates), ("vectors", vectors), ("components", components), ("rgb", colours),
      ("labels", Tensor([labels.count], labels)),
    ]
    if let unit { arrays.append(("unit", Tensor([unit.values.count], unit.values.map(Float.init)))) }
    return try NumPyArchive(arrays, from: "atlas.npz").npz(compressed: true)
  }
}
