import TestSupport
import Testing
import Train

struct ImitationTests {
  private static let sketchColumns =
    "id,filename,stimulus_type,included,draft,training,participant_id,satisfaction,sound_label,sound_label_id,"
    + "sound_recording,sound_recording_id,audio_concept_subset,participants_sound_recording_description,"
    + "participants_sound_recording_description_confidence,description_match"

  /// Two recordings of one label, of which the everyday one is not redistributed.
  private func writeSketches(_ folder: String) throws {
    try writeTable(
      "\(folder)/sound_recordings.csv", "id,filename,sound_label,sound_label_id,audio_concept_subset",
      "4929,guitar.wav,guitar,5241,acoustic instruments",
      "5414,guitar_playing.wav,guitar,6704,everyday sounds",
      "4514,tuba.wav,tuba,4839,acoustic instruments")
    try writeTable(
      "\(folder)/vocal_imitations.csv", Self.sketchColumns,
      "1,guitar - 1.wav,sound recording,True,False,False,71,,guitar,,guitar.wav,4929,acoustic instruments,"
        + "\"a guitar, \"\"plucked\"\"\",Confident,",
      "2,guitar - 2.wav,sound label,True,False,False,72,,guitar,6704,,,everyday sounds,,,",
      "3,tuba - 3.wav,sound recording,False,True,False,71,,tuba,,tuba.wav,4514,acoustic instruments,,,")
    for (path, number) in [
      ("sound_recordings/guitar.wav", 1), ("sound_recordings/tuba.wav", 2),
      ("vocal_imitations/included/guitar - 1.wav", 3), ("vocal_imitations/included/guitar - 2.wav", 4),
      ("vocal_imitations/excluded/tuba - 3.wav", 5),
    ] { try writeSound("\(folder)/\(path)", number: number) }
  }

  @Test(
    "VocalSketch: included imitations, concepts told apart by ids, persons as groups, and what was imitated")
  func vocalSketch() throws {
    try withScratchFolder { folder in
      try writeSketches(folder)
      let (set, imitations) = try Imitations.read(folder)
      #expect(set == (try DataSet(reading: folder)))
      #expect(set.classes == ["guitar (acoustic instruments)", "guitar (everyday sounds)"])
      #expect(
        set.clips == [
          LabelledClip(path: "\(folder)/vocal_imitations/included/guitar - 1.wav", classes: [0], group: "71"),
          LabelledClip(path: "\(folder)/vocal_imitations/included/guitar - 2.wav", classes: [1], group: "72"),
        ])
      #expect(
        imitations.recordings == [
          LabelledClip(path: "\(folder)/sound_recordings/guitar.wav", classes: [0]),
          LabelledClip(path: "\(folder)/sound_recordings/tuba.wav", classes: []),
        ])
      // The second was a word.
      #expect(imitations.originals == [0, nil])
      #expect(imitations.categories == ["acoustic instruments", "everyday sounds"])
    }
  }

  @Test("VocalSketch 1.1: the second set, whose ids a spreadsheet has rounded, goes by the files' names")
  func secondSet() throws {
    try withScratchFolder { folder in
      try writeSketches(folder)
      try writeTable(
        "\(folder)/vocal_imitaitons_set2.csv", Self.sketchColumns,
        "4.62E+15,tuba - 9.wav,sound recording,TRUE,FALSE,FALSE,5.54E+15,,tuba,,tuba.wav,4.75E+15,"
          + "acoustic instruments,,,")
      try writeSound("\(folder)/vocal_imitations_set2/included/tuba - 9.wav", number: 9)
      let (set, imitations) = try Imitations.read(folder)
      let last = try #require(set.clips.last)
      #expect(last.path == "\(folder)/vocal_imitations_set2/included/tuba - 9.wav")
      #expect(last.classes.map { set.classes[$0] } == ["tuba"])
      #expect(last.group == "set 2: 5.54E+15")
      #expect(imitations.originals == [0, nil, 1])
    }
  }

  private func writeImitationSet(_ folder: String, table: Bool) throws {
    let (bark, meow) = ("004Animal_Dog_Bark", "002Animal_Cat_Meow")
    for (path, number) in [
      ("vocal_imitations/included/\(bark)-11.wav", 1), ("vocal_imitations/included/\(meow)-12.wav", 2),
      ("vocal_imitations/excluded/\(bark)-13.wav", 3),
      ("original_recordings/reference/\(bark)_reference.wav", 4),
      ("original_recordings/reference/\(meow)_reference.wav", 5),
      ("original_recordings/non_reference/\(bark)/86279__tito__bark.wav", 6),
    ] { try writeSound("\(folder)/\(path)", number: number) }
    guard table else { return }
    let head =
      "\timitation_id\timitation_filename\tcategory_id\tcategory_d1\treference_filename\tincluded\tdraft\ttraining\t"
      + "participant_id"
    try writeTable(
      "\(folder)/vocal_imitations.txt", head,
      "0\t0\t\(bark)-11.wav\t4\tAnimal\t\(bark)_reference.wav\tTrue\tFalse\tFalse\t57.0",
      "1\t1\t\(meow)-12.wav\t2\tAnimal\t\(meow)_reference.wav\tTrue\tFalse\tFalse\t58.0",
      "2\t2\t\(bark)-13.wav\t4\tAnimal\t\(bark)_reference.wav\tFalse\tTrue\tFalse\t57.0")
  }

  @Test(
    "Vocal Imitation Set: as its table tells, and by names alone where there is no table",
    arguments: [true, false])
  func vocalImitationSet(table: Bool) throws {
    try withScratchFolder { folder in
      try writeImitationSet(folder, table: table)
      let (set, imitations) = try Imitations.read(folder)
      #expect(
        set.name == "Vocal Imitation Set" && set.classes == ["002Animal_Cat_Meow", "004Animal_Dog_Bark"])
      #expect(
        set.summary(in: folder) == [
          "vocal_imitations/included/004Animal_Dog_Bark-11.wav": ["004Animal_Dog_Bark"],
          "vocal_imitations/included/002Animal_Cat_Meow-12.wav": ["002Animal_Cat_Meow"],
        ])
      #expect(Set(set.clips.map(\.group)) == (table ? ["57.0", "58.0"] : [nil]))
      for (clip, original) in zip(set.clips, imitations.originals) {
        let recording = imitations.recordings[try #require(original)]
        #expect(recording.classes == clip.classes)
        #expect(recording.path.hasSuffix("_reference.wav"))
      }
      #expect(imitations.recordings.count == 3)
      #expect(imitations.recordings.filter { $0.classes == [1] }.count == 2)
    }
  }

  @Test(
    "Vocal Imitation Set, as others keep it: recordings in folders of classes, the imitated one called perfect"
  )
  func perfectRecordings() throws {
    try withScratchFolder { folder in
      for (path, number) in [
        ("vocal_imitations/004Animal_Dog_Bark-11.wav", 1),
        ("original_recordings/004Animal_Dog_Bark/242402__bark.wav", 2),
        ("original_recordings/004Animal_Dog_Bark/86279__bark_perfect.wav", 3),
      ] { try writeSound("\(folder)/\(path)", number: number) }
      let (set, imitations) = try Imitations.read(folder)
      #expect(set.clips.count == 1 && imitations.recordings.count == 2)
      let original = try #require(imitations.originals.first ?? nil)
      #expect(imitations.recordings[original].path.hasSuffix("86279__bark_perfect.wav"))
    }
  }
}
