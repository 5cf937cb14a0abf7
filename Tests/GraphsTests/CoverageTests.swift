import Files
import Glibc
import Graphs
import Tensors
import Testing

/// The table of operators in `docs/operators.md` is what the code and the cases say.
/// Asked for by OTOSCOPE_ORACLE=1 until every operator is read.
@Suite(.enabled(if: getenv("OTOSCOPE_ORACLE") != nil))
struct CoverageTests {
  @Test("docs/operators.md is up to date; OTOSCOPE_WRITE_DOCS=1 writes it")
  func table() throws {
    let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    let path = folder.joined(separator: "/") + "/docs/operators.md"
    let text = try Self.text()
    if getenv("OTOSCOPE_WRITE_DOCS") != nil { try WholeFile.write(Array(text.utf8), to: path) }
    let committed = String(decoding: try WholeFile.read(path), as: UTF8.self)
    #expect(
      committed == text,
      "write it again: OTOSCOPE_WRITE_DOCS=1 swift test -c release --filter CoverageTests")
  }

  private static func text() throws -> String {
    let cases = try OracleArchive.shared.get().cases
    let byKind = Dictionary(grouping: cases, by: \.kind)
    let rows = ONNXModel.operators.map { kind in
      let own = byKind[kind] ?? []
      let columns = [
        kind, ranges(own.map(\.opset)), gradient(of: own), own.isEmpty ? "–" : "\(own.count)",
      ]
      return "| " + columns.joined(separator: " | ") + " |"
    }
    return """
      # The operators that Otoscope reads

      Otoscope reads ONNX files of opsets \(ONNXModel.opsets.lowerBound) to \(ONNXModel.opsets.upperBound) made of \
      these \(rows.count) operators. Each is compared with ONNX Runtime on
      small random models: \(cases.count) cases in all, with all attributes, broadcast and fixed and symbolic shapes, \
      and operands that are
      inputs, initializers and constants. Results agree to 1e-4, whole numbers exactly; gradients agree to 1e-3 with \
      central differences in
      double precision. The cases are in `Tests/GraphsTests/Golden/cases.npz`, and `cases.py` beside it makes them.

      - **Opsets**: those at which the operator is tested.
      - **Gradient**: *exact*, with respect to every real operand; *zero* where the result is constant nearly \
      everywhere; – where
        there is nothing to differentiate.

      Operands that say how and not what (shapes, axes, pads, sizes, scales of quantization) must be constants, or \
      follow from the
      shapes of the inputs. The conditions of `If` and the rounds of `Loop` must, too.

      | operator | opsets | gradient | cases |
      |---|---|---|---|
      \(rows.joined(separator: "\n"))

      Written by `Tests/GraphsTests/CoverageTests.swift`: `OTOSCOPE_WRITE_DOCS=1 swift test -c release --filter \
      CoverageTests`.

      """
  }

  /// What the gradient cases of an operator show when they are run.
  private static func gradient(of cases: [OracleCase]) -> String {
    let told = cases.filter { !$0.gradients.isEmpty }
    guard !told.isEmpty else { return "–" }
    guard let example = told.first(where: { $0.gradients.contains { $0.value.values.contains { $0 != 0 } } })
    else { return "zero" }
    return (try? example.compareGradients().isEmpty) ?? false ? "exact" : "wrong"
  }

  /// `7–9, 11` for 7, 8, 9 and 11.
  private static func ranges(_ numbers: [Int]) -> String {
    var parts: [ClosedRange<Int>] = []
    for number in Set(numbers).sorted() {
      if let last = parts.last, last.upperBound + 1 == number {
        parts[parts.count - 1] = last.lowerBound...number
      } else {
        parts.append(number...number)
      }
    }
    let words = parts.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)–\($0.upperBound)" }
    return words.isEmpty ? "–" : words.joined(separator: ", ")
  }
}
