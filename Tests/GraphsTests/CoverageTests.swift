import Files
import Glibc
import Graphs
import Tensors
import Testing

/// The table of operators in `docs/operators.md` is what the code and the cases say.
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
    let cases = try OracleArchive.shared.get().cases + OracleArchive.later.get().cases
    let byKind = Dictionary(grouping: cases, by: \.kind)
    let rows = ONNXModel.operators.map { kind in
      let own = byKind[kind] ?? []
      let columns = [
        kind, ranges(own.map(\.opset)), gradient(of: kind, own), own.isEmpty ? "–" : grouped(own.count),
      ]
      return "| " + columns.joined(separator: " | ") + " |"
    }
    let runtime = ONNXModel.runtimeOperators.map { kind in
      let count = byKind["com.microsoft." + kind]?.count ?? 0
      return "\(kind)\(count == 0 ? "" : " (\(count))")"
    }
    let paragraphs = [
      "# The operators that Otoscope reads",
      wrapped(
        """
        Otoscope reads ONNX files of opsets \(ONNXModel.opsets.lowerBound) to \(ONNXModel.opsets.upperBound) made of \
        these \(rows.count) operators. Each is compared with ONNX Runtime on small random models: \
        \(grouped(cases.count)) cases in all, with all attributes, broadcast and fixed and symbolic shapes, and \
        operands that are inputs, initializers and constants. Results agree to 1e-4, whole numbers exactly; gradients \
        agree to 1e-3 with central differences in double precision. The cases are in \
        `Tests/GraphsTests/Golden/cases.npz` and `later.npz`; `cases.py` and `later.py` beside them make them. Where ONNX \
        Runtime has no kernel, ONNX's own reference gives the results.
        """),
      [
        "**Opsets**: those at which the operator is tested.",
        """
        **Gradient**: *exact*, with respect to every real operand; *zero* where the result is constant nearly \
        everywhere; – where there is nothing to differentiate, as no operand or no result is a real number. Rounding \
        to few bits is *straight through*: where nothing is cut off the gradient passes as if nothing were rounded.
        """,
      ].map { "- " + wrapped($0, indent: "  ") }.joined(separator: "\n"),
      wrapped(
        """
        Operands that say how and not what (shapes, axes, pads, sizes, scales of quantization) must be constants, or \
        follow from the shapes of the inputs. The conditions of `If` and the rounds of `Loop` must, too.
        """),
      wrapped(
        """
        Functions that a file defines itself are replaced by their bodies. Lists of tensors and optional tensors \
        (`SequenceAt`, `SplitToSequence`, `OptionalGetElement` and their kin) are taken apart while the file is read, as \
        long as the places in them are constant; a list as an input or output of the network is refused.
        """),
      wrapped(
        """
        Tensors of no elements are tensors. An operator whose result is empty computes nothing; a reduction over nothing \
        gives 0, 1 (product), −∞ (maximum, log-sum, log-sum-exp), +∞ (minimum) or NaN (mean); a product over no terms is \
        0. An operator that needs elements (a convolution, `ArgMax`) refuses an empty operand.
        """),
      wrapped(
        """
        What is no number (NaN) stays none, as in ONNX Runtime, but for some functions that compare, or bound what they \
        compute:
        """),
      [
        """
        `Relu` makes it 0, `Exp` infinite, `HardSigmoid` 1, `Clip` the lower bound; ONNX Runtime keeps it. Where a sound \
        is damaged, check it before the network.
        """,
        "`Max` and `Min` take the number where they have one in a later operand; ONNX Runtime keeps what is none.",
        """
        `Softmax` and `LogSoftmax` may give numbers to the others along the axis; in ONNX Runtime none of them is one.
        """,
        """
        `ReduceMax`, `ReduceMin`, `ArgMax` and `ArgMin` leave it out. ONNX Runtime's reductions do so, too, unless it \
        comes first; there, the other two tell its place. `MaxPool` and `GlobalMaxPool` leave it out in both.
        """,
      ].map { "- " + wrapped($0, indent: "  ") }.joined(separator: "\n"),
      (["| operator | opsets | gradient | cases |", "|---|---|---|---|"] + rows).joined(separator: "\n"),
      "## ONNX Runtime's own operators",
      wrapped(
        """
        Files that ONNX Runtime's optimiser (up to the level `ORT_ENABLE_EXTENDED`) or its quantiser wrote are read: the \
        domain `com.microsoft` with these operators, each with the number of its cases. They become compositions of those \
        above, so gradients are theirs: exact, and straight through where numbers are rounded to 8 bits.
        """),
      wrapped(runtime.joined(separator: ", ") + "."),
      [
        """
        Numbers of 8 bits are computed as the real numbers that they stand for. A result may differ from ONNX Runtime's by \
        the last of the 8 bits where it falls halfway between two.
        """,
        """
        `DynamicQuantizeLSTM`: the weights are as quantised; input and states are not rounded to 8 bits, as ONNX Runtime \
        does in each step.
        """,
        "`GroupQueryAttention`: the form that takes the whole sequence at once, without keys of the past.",
        """
        The level `ORT_ENABLE_ALL` also lays out weights for one processor (`com.microsoft.nchwc`). Such files are refused; \
        give the original, or optimise it to `ORT_ENABLE_EXTENDED`.
        """,
      ].map { "- " + wrapped($0, indent: "  ") }.joined(separator: "\n"),
      wrapped(
        """
        Written by `Tests/GraphsTests/CoverageTests.swift`: `OTOSCOPE_WRITE_DOCS=1 swift test -c release --filter \
        CoverageTests`.
        """),
    ]
    return paragraphs.joined(separator: "\n\n") + "\n"
  }

  /// What the gradients of an operator are, as far as they pass through nothing else: a case may have other nodes beside
  /// the operator, with gradients of their own.
  private static func gradient(of kind: String, _ cases: [OracleCase]) -> String {
    // Differences see the steps.
    if ["QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear"].contains(kind) {
      return "straight through"
    }
    let gradients = cases.filter { $0.nodes == [kind] }.flatMap(\.gradients)
    guard !gradients.isEmpty else { return "–" }
    return gradients.contains { $0.value.values.contains { $0 != 0 } } ? "exact" : "zero"
  }

  /// `2,813`
  private static func grouped(_ number: Int) -> String {
    number < 1000 ? "\(number)" : grouped(number / 1000) + "," + String("\(1000 + number % 1000)".dropFirst())
  }

  /// The text in lines of about the same length, at most 120 columns; `indent` is in front of all but the first.
  private static func wrapped(_ text: String, indent: String = "") -> String {
    func lines(_ width: Int) -> [String] {
      var lines: [String] = []
      for word in text.split(separator: " ") {
        if let last = lines.last, last.count + 1 + word.count + indent.count <= width {
          lines[lines.count - 1] += " \(word)"
        } else {
          lines.append("\(word)")
        }
      }
      return lines
    }
    let fewest = lines(120).count
    let narrowest = (40...120).first { lines($0).count == fewest } ?? 120
    return lines(narrowest).joined(separator: "\n" + indent)
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
