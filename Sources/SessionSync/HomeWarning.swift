import CodexHome
import DurableFiles
import SystemPackage

/// What a person should know of the home as a whole, although everything else goes on.
public struct HomeWarning: Sendable, Hashable {
  /// The kinds of warning.
  public enum Code: String, Sendable, CaseIterable {
    /// A folder cannot be looked into: what is in it is not known, and counts neither as new nor as deleted.
    case folderUnreadable = "folder_unreadable"
    /// A link, or a mount point, leads nowhere: its disk is away.
    case diskAway = "disk_away"
    /// A file is a transcript by the look of its name, but Codex takes it for none: an old form, or a carrier's copy.
    case notATranscript = "not_a_transcript"
  }

  /// The kind.
  public let code: Code
  /// The folder or file it is about.
  public let path: FilePath
  /// What exactly was found.
  public let detail: String?
}

extension ThreadFiles {
  /// What could not be looked into.
  var warnings: [HomeWarning] {
    survey.unreadable.map { .init(code: .folderUnreadable, path: $0.path, detail: "\($0.errno)") }
      + away.map { .init(code: .diskAway, path: $0, detail: nil) }
  }

  /// Files that are no thread's, and look as if they were.
  var passedOver: [HomeWarning] {
    let used = Set(all.map(\.path))
    return survey.passedOver.filter { !used.contains($0) }.map {
      .init(code: .notATranscript, path: $0, detail: nil)
    }
  }
}
