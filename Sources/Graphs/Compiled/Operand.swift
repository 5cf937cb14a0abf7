import OneDNN

/// A buffer seen through a layout.
package struct Operand {
  var buffer: Int
  var layout: Layout
}
