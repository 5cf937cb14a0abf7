/// What tables of labelled sounds call their columns, in lower case, the better names first.
package enum ClipColumns {
  package static let files = [
    "filename", "file", "path", "sound", "name", "fname", "slice_file_name", "file_name", "filepath",
    "file_path",
    "audio", "wav", "clip",
  ]
  package static let classes = ["class", "label", "category", "target", "instrument", "species"]
  package static let groups = [
    "group", "recording", "recording_id", "source", "fsid", "src_file", "speaker",
  ]
}
