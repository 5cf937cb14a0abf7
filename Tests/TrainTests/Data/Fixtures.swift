import Audio
import Files
import Foundation
import Tensors
import Train

/// A short sound of its own for each number, written with the folders it lies in.
func writeSound(
  _ path: String, number: Int, seconds: Double = 0.05, rate: Int = 8000, gain: Float = 0.3
) throws {
  try write(
    Recording(channels: [noise(number, count: Int(seconds * Double(rate)), gain: gain)], sampleRate: rate),
    to: path)
}

func write(_ recording: Recording, to path: String) throws {
  try WholeFile.makeFolder(path.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" })
  try writeWAV(recording, to: path)
}

/// Noise whose loudness changes every 50 ms at 8 kHz, within ±`gain`.
func noise(_ number: Int, count: Int, gain: Float = 0.3) -> [Float] {
  var generator = SplitMix64(seed: UInt64(number))
  var level: Float = 1
  return (0..<count).map { place in
    if place % 400 == 0 { level = 0.1 + 0.9 * Float(generator.next() >> 40) / Float(1 << 24) }
    return gain * level * (2 * Float(generator.next() >> 40) / Float(1 << 24) - 1)
  }
}

/// Writes a table with the folders it lies in.
func writeTable(_ path: String, _ lines: String...) throws {
  try WholeFile.makeFolder(path.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" })
  try WholeFile.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: path)
}

/// A set whose files need not be there: each clip of a class, in a group, in a fold.
func set(
  _ clips: [(label: Int, group: String?, fold: Int?)], classes: Int
) -> DataSet {
  DataSet(
    name: "toy", classes: (0..<classes).map { "class \($0)" },
    clips: clips.enumerated().map { place, clip in
      LabelledClip(path: "\(place).wav", classes: [clip.label], fold: clip.fold, group: clip.group)
    })
}

extension DataSet {
  /// The path of each clip from `folder` on, and its classes.
  func summary(in folder: String) -> [String: [String]] {
    var summary: [String: [String]] = [:]
    for clip in clips {
      summary[String(clip.path.dropFirst(folder.count + 1))] = clip.classes.map { classes[$0] }
    }
    return summary
  }
}

/// What comes back of a value that is written as JSON.
func decoded<Value: Codable>(_ value: Value) throws -> Value {
  try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
}
