import CanonicalJSON

/// The record that ends everything this program writes into a transcript: the receiver's own settings.
///
/// Codex resumes a thread with the approval policy, permissions and working directory last recorded in its
/// transcript (0.163.0), so what a package delivers must not have the last word.
public struct SettingsRecord: Sendable, Hashable {
  private let timestamp: String
  private let thread: ThreadID
  private let settings: JSONValue

  /// Creates the record.
  ///
  /// - Parameters:
  ///   - timestamp: that of the conversation's last record, so that no import makes a thread younger.
  ///   - thread: the thread it stands in; Codex ignores settings of another.
  ///   - settings: the value of `thread_settings`.
  public init(timestamp: String, thread: ThreadID, settings: JSONValue) {
    self.timestamp = timestamp
    self.thread = thread
    self.settings = settings
  }

  func line(ordinal: Int64?) -> [UInt8] {
    var record: JSONValue = ["timestamp": .string(timestamp)]
    if let ordinal { record["ordinal"] = .integer(ordinal) }
    record["type"] = "event_msg"
    record["payload"] = [
      "type": "thread_settings_applied", "thread_id": .string(thread.text), "thread_settings": settings,
    ]
    return record.bytes
  }
}
