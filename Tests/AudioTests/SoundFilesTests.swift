import Audio
import Files
import Glibc
import Testing

/// Which files of a folder are sounds.
struct SoundFilesTests {
  @Test("By ending in any case, else by the first bytes; what is passed over is told")
  func kinds() throws {
    let scratch = try Scratch()
    let wav = floatWAV([0, 0.5])
    for name in ["a.WAV", "b.aif", "c.w4v", "no-ending", "e.txt", "f.json", "g.dat", ".hidden.wav"] {
      _ = try scratch.file(name, name == "g.dat" ? Array("no sound at all".utf8) : wav)
    }
    try #require(mkfifo(scratch.path + "/x.wav", 0o600) == 0)
    try #require(symlink(".", scratch.path + "/loop") == 0)
    let files = try SoundFiles(in: [scratch.path])
    #expect(files.all == ["a.WAV", "b.aif", "c.w4v", "no-ending"].map { scratch.path + "/" + $0 })
    #expect(
      files.notes == [
        "\(scratch.path): passed over: e.txt, f.json, g.dat: is no sound",
        "\(scratch.path): passed over: x.wav: is a pipe",
        "\(scratch.path): passed over: loop: is a link to what is there already",
      ])
  }

  @Test("An empty folder is said to be so; beside others it is a note; other paths are taken as they are")
  func empty() throws {
    let (empty, full) = (try Scratch(), try Scratch())
    #expect(throws: AudioError.noSounds(folder: empty.path, others: 0, passedOver: [])) {
      try SoundFiles(in: [empty.path])
    }
    let sound = try full.file("a.wav", floatWAV([0]))
    let files = try SoundFiles(in: [empty.path, full.path, "/nowhere/x.txt"])
    #expect(
      files.all == [sound, "/nowhere/x.txt"] && files.named == ["/nowhere/x.txt"]
        && files.folders == [[sound]])
    #expect(files.notes == ["\(empty.path): there are no sounds in it"])
    let message = "\(AudioError.noSounds(folder: "x", others: 2, passedOver: ["y: z"]))"
    #expect(message == "x: there are no sounds in it, nor in 2 other folders; y: z")
  }

  @Test("The loudest stretch of a stream is that of the whole")
  func loudest() throws {
    let scratch = try Scratch()
    var samples = [Float](repeating: 0.01, count: 200_000)
    for place in 150_000..<152_000 { samples[place] = 0.5 }
    let path = try scratch.file("a.wav", floatWAV(samples))
    let reader = try RecordingReader(path, sampleRate: 16000)
    let start = try reader.loudestStart(4000)
    #expect(start == samples.loudestStart(4000) && (148_000...150_000).contains(start))
  }
}
