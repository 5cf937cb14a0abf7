import Testing
import Train

struct DataSetTests {
  @Test("a clip is of one class unless a set says otherwise")
  func oneClass() {
    let clip = LabelledClip(path: "dog.wav", classes: [0])
    #expect(!DataSet(name: "toy", classes: ["dog"], clips: [clip]).isMultiLabel)
  }
}
