import CanonicalJSON
import SystemPackage

/// Where a rollout stops making sense, and why: what a report needs to say.
///
/// Found by reading the file again, so that reading a sound one costs nothing.
public struct RolloutDefect: Sendable, Hashable {
  /// Where a record is.
  public struct Place: Sendable, Hashable {
    /// Its number, counted from 1.
    public let record: Int
    /// Where its line begins in the uncompressed file, in bytes.
    public let offset: Int64

    /// Creates a place.
    public init(record: Int, offset: Int64) {
      self.record = record
      self.offset = offset
    }

    /// The first record.
    public static let first = Place(record: 1, offset: 0)
  }

  /// Where it is.
  public let place: Place
  /// A stable word, and where it helps a value.
  public let reason: String

  /// Looks for a first line that is no `session_meta`, or for the record behind the last one that can be
  /// decompressed; nil where a second reading finds nothing wrong.
  public init?(in path: FilePath) {
    var place = Place.first
    var reason: String?
    do throws(RolloutError) {
      let end = try RolloutLines.read(path) { line, offset in
        if place.record == 1 { reason = Self.defect(ofFirst: line) }
        if reason == nil { place = Place(record: place.record + 1, offset: offset + Int64(line.count) + 1) }
        return reason == nil
      }
      if place.record == 1, reason == nil { reason = end.torn == 0 ? "empty" : "incomplete_line" }
    } catch {
      guard case .compression(_, let found) = error else { return nil }
      reason = found
    }
    guard let reason else { return nil }
    self.place = place
    self.reason = reason
  }

  /// Whether a file is one of before September 2025: its lines are bare, without `type` and `payload` around them.
  public static func isBare(_ path: FilePath) -> Bool {
    var isBare = false
    _ = try? RolloutLines.read(path) { line, _ in
      if let root = (try? JSONText(line))?.root {
        isBare =
          root["type"] == nil && root["payload"] == nil && root["id"]?.string.flatMap(ThreadID.init) != nil
          && root["timestamp"]?.string != nil
      }
      return false
    }
    return isBare
  }

  private static func defect(ofFirst line: [UInt8]) -> String? {
    do throws(JSONSyntaxError) {
      let root = try JSONText(line).root
      guard root["type"]?.string == "session_meta" else {
        return root["type"]?.string.map { "type \($0)" } ?? "no_type"
      }
      return root["payload"].flatMap(SessionMeta.init) == nil ? "no_thread_id" : nil
    } catch {
      return "not_json: \(error.reason.rawValue) at byte \(error.offset)"
    }
  }
}
