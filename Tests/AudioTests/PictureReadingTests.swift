import Audio
import Files
import TestSupport
import Testing

/// `Golden/make-pictures.py` made the files: 24 x 16 pixels of `(8 + 10 x, 8 + 15 y, 5 (x + y))`.
struct PictureReadingTests {
  private func pattern(_ x: Int, _ y: Int) -> [Int] { [8 + 10 * x, 8 + 15 * y, 5 * (x + y)] }

  /// The largest difference from what `expected` says of each pixel.
  private func difference(_ picture: DecodedPicture, _ expected: (_ x: Int, _ y: Int) -> [Int]) -> Int {
    var largest = 0
    for y in 0..<picture.height {
      for x in 0..<picture.width {
        for (part, value) in expected(x, y).enumerated() {
          largest = max(largest, abs(Int(picture.pixels[3 * (y * picture.width + x) + part]) - value))
        }
      }
    }
    return largest
  }

  @Test(
    "What is stored without loss is read as it is",
    arguments: ["rgb.png", "plain.bmp", "plain.tif", "lossless.webp"])
  func lossless(_ name: String) throws {
    let picture = try DecodedPicture(contentsOf: golden("pictures/\(name)"))
    #expect((picture.width, picture.height) == (24, 16) && picture.pixels.count == 3 * 24 * 16)
    #expect(difference(picture, pattern) == 0)
  }

  // JPEG and WebP of this quality differ by 7 in themselves; halved chroma blurs blue by one step of the pattern.
  @Test("What is stored with loss is read closely", arguments: ["full.jpg", "halved.jpg", "lossy.webp"])
  func lossy(_ name: String) throws {
    #expect(difference(try DecodedPicture(contentsOf: golden("pictures/\(name)")), pattern) <= 14)
  }

  @Test("Grey pictures of 8 and 16 bits become three equal colours", arguments: ["grey.png", "grey16.png"])
  func grey(_ name: String) throws {
    let picture = try DecodedPicture(contentsOf: golden("pictures/\(name)"))
    // Pillow's luma, rounded in another place; 16 bits are dithered to 8.
    let luma = difference(picture) { x, y in
      let c = pattern(x, y)
      let value = (299 * c[0] + 587 * c[1] + 114 * c[2]) / 1000
      return [value, value, value]
    }
    #expect(luma <= 2)
  }

  @Test("What shines through is put on white")
  func transparent() throws {
    let picture = try DecodedPicture(contentsOf: golden("pictures/rgba.png"))
    let blended = difference(picture) { x, y in
      pattern(x, y).map { ($0 * (255 - 10 * y) + 255 * 10 * y + 127) / 255 }
    }
    #expect(blended == 0)
  }

  @Test(
    "Of palettes and of GIF the first frame, its transparent colour white",
    arguments: ["two.gif", "palette.png"])
  func palette(_ name: String) throws {
    let picture = try DecodedPicture(contentsOf: golden("pictures/\(name)"))
    let wrong = difference(picture) { x, y in
      let index = x / 6 + 4 * (y / 4)
      return index == 0 ? [255, 255, 255] : [index * 16, 255 - index * 16, 40]
    }
    #expect((picture.width, picture.height) == (24, 16) && wrong == 0)
  }

  @Test("Photographs are turned upright as EXIF says", arguments: 2...8)
  func orientation(_ number: Int) throws {
    let picture = try DecodedPicture(contentsOf: golden("pictures/turned-\(number).jpg"))
    #expect((picture.width, picture.height) == (24, 16))
    #expect(difference(picture, pattern) <= 10)
  }

  @Test("Broken, empty and hostile files are refused in words")
  func refused() throws {
    func words(_ bytes: [UInt8]) throws -> String {
      let error = #expect(throws: PictureError.self) { try DecodedPicture(bytes, path: "p.png") }
      return "\(try #require(error))"
    }
    #expect(try words([]).contains("p.png: is empty"))
    #expect(try words(Array("<svg/>".utf8)).contains("is not a picture that can be read"))
    let whole = try WholeFile.read(golden("pictures/rgb.png"))
    #expect(try words(Array(whole.prefix(40))).contains("PNG picture cannot be decoded"))
    let photograph = try WholeFile.read(golden("pictures/full.jpg"))
    #expect(try words(Array(photograph.prefix(600))).contains("JPEG picture cannot be decoded"))
    // A header that claims 60,000 x 60,000 pixels.
    var huge = whole
    huge.replaceSubrange(16..<24, with: [0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60])
    #expect(try words(huge).contains("more than 64 million pixels"))
    let missing = #expect(throws: PictureError.self) { try DecodedPicture(contentsOf: "/nowhere.png") }
    #expect(try #require(missing) == .file(.notFound(path: "/nowhere.png")))
    #expect(throws: PictureError.file(.isFolder(path: "/tmp"))) { try DecodedPicture(contentsOf: "/tmp") }
    // Bytes that were changed anywhere give a picture or words, and nothing else.
    for name in ["rgb.png", "full.jpg", "lossless.webp", "lossy.webp", "two.gif", "plain.bmp", "plain.tif"] {
      let bytes = try WholeFile.read(golden("pictures/\(name)"))
      for place in stride(from: 0, to: bytes.count, by: 7) {
        var changed = bytes
        changed[place] ^= 0xFF
        _ = try? DecodedPicture(changed, path: name)
        _ = try? DecodedPicture(Array(bytes.prefix(place)), path: name)
      }
    }
  }
}
