import CVLFeat
import Synchronization

/// VLFeat's filter for pictures of one size; the only place that touches VLFeat.
///
/// Belongs to one thread at a time. Making one is guarded: VLFeat then fills a table that all filters share.
struct ScaleSpaceFilter: ~Copyable {
  private let handle: OpaqueFilter
  private let frames: Int
  private let bands: Int

  private typealias OpaqueFilter = UnsafeMutablePointer<VlSiftFilt>
  private static let tables = Mutex(())

  /// A place in scale space, in the picture's own frames and bands.
  struct Place: Sendable, Hashable {
    let frame: Double
    let band: Double
    let scale: Double
  }

  /// Numbers of a descriptor: 4 x 4 fields of 8 directions.
  static let descriptorLength = 128
  /// Smaller pictures have no scale space.
  private static let smallest = 8

  /// - Parameters:
  ///   - threshold: how much darker or lighter than its surroundings a keypoint is, of 255.
  ///   - edge: keypoints that are longer than wide by more than this are left out.
  /// - Returns: nil where the picture is too small, or too large for memory.
  init?(frames: Int, bands: Int, threshold: Double, edge: Double) {
    guard min(frames, bands) >= Self.smallest, let height = Int32(exactly: frames),
      let width = Int32(exactly: bands), frames.multipliedReportingOverflow(by: bands).partialValue < 1 << 26
    else { return nil }
    // The first octave is of twice the size, so that details of single bins count.
    let address = Self.tables.withLock { _ in UInt(bitPattern: vl_sift_new(width, height, -1, 3, -1)) }
    guard let filter = OpaqueFilter(bitPattern: address) else { return nil }
    handle = filter
    (self.frames, self.bands) = (frames, bands)
    vl_sift_set_peak_thresh(filter, threshold)
    vl_sift_set_edge_thresh(filter, edge)
  }

  deinit { vl_sift_delete(handle) }

  /// Calls `found` with each keypoint and its upright descriptor.
  ///
  /// - Parameter values: `[frames, bands]`, 0 to 255.
  func keypoints(of values: [Float], _ found: (Place, [Float]) -> Void) {
    precondition(values.count == frames * bands, "\(values.count) values for \(frames) x \(bands)")
    var descriptor = [Float](repeating: 0, count: Self.descriptorLength)
    var status = values.withUnsafeBufferPointer { vl_sift_process_first_octave(handle, $0.baseAddress) }
    while status == 0 {
      vl_sift_detect(handle)
      let count = Int(vl_sift_get_nkeypoints(handle))
      if let keypoints = vl_sift_get_keypoints(handle) {
        for index in 0..<count {
          descriptor.withUnsafeMutableBufferPointer {
            vl_sift_calc_keypoint_descriptor(handle, $0.baseAddress, keypoints + index, 0)
          }
          let keypoint = keypoints[index]
          found(
            Place(frame: Double(keypoint.y), band: Double(keypoint.x), scale: Double(keypoint.sigma)),
            descriptor)
        }
      }
      status = vl_sift_process_next_octave(handle)
    }
  }
}
