import Audio
import Files
import TestSupport
import Testing

/// Films are written so that they can be read again.
@Suite struct FilmTests {
  @Test("A film has its frames, its size and its sound", arguments: FilmForm.allCases)
  func roundTrip(form: FilmForm) throws {
    let (width, height, rate, count) = (101, 60, 12, 30)
    let samples = tone(440, seconds: 2.5, rate: 16_000)
    let writer = try FilmWriter(
      form, width: width, height: height, rate: rate,
      sound: Recording(channels: [samples], sampleRate: 16_000))
    for index in 0..<count {
      var pixels = [UInt8](repeating: 255, count: 4 * width * height)
      // A bar that moves.
      for row in 0..<height { pixels[4 * (row * width + index)] = 0 }
      try writer.add(pixels)
    }
    try withScratchFolder { folder in
      let path = "\(folder)/film.\(form.rawValue)"
      try WholeFile.write(try writer.finish(), to: path)
      let film = try FilmFacts(path)
      #expect(film.frames == count)
      #expect((film.width, film.height) == (102, 60))
      // Containers count in thousandths, and encoders begin up to a frame of sound early.
      #expect(abs(film.seconds - 2.5) < 0.1)
      let sound = try Recording.read(path)
      #expect(abs(sound.duration - 2.5) < 0.1)
      #expect(sound.sampleRate == 48_000)
      // Encoders that leave things out may pass the peak by a fifth, but keep the level.
      let middle = sound.mono[24_000..<96_000]
      let squares: Double = middle.reduce(0.0) { (sum: Double, value: Float) in sum + Double(value * value) }
      let level = (squares / Double(middle.count)).squareRoot()
      #expect(abs(level - 0.354) < 0.02)
    }
  }

  @Test("A silent film, of one frame")
  func silent() throws {
    let writer = try FilmWriter(.webM, width: 32, height: 32, rate: 10)
    try writer.add([UInt8](repeating: 0, count: 4 * 32 * 32))
    try withScratchFolder { folder in
      try WholeFile.write(try writer.finish(), to: "\(folder)/film.webm")
      #expect(try FilmFacts("\(folder)/film.webm").frames == 1)
      #expect(throws: AudioError.noAudioStream(path: "\(folder)/film.webm")) {
        try Recording.read("\(folder)/film.webm")
      }
    }
  }
}
