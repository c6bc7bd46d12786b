import SystemPackage

/// Why the sidecar cannot be used.
///
/// Nothing is lost with it: it can be made anew from transcripts and journal.
public enum SidecarError: Error, Equatable, Sendable {
  /// A newer version of this program made it.
  case newer(FilePath)
  /// The file is no database, or a broken one.
  case damaged(FilePath)
  /// Somebody wrote to it all the time.
  case busy(FilePath)
  /// The database said no.
  case database(FilePath, reason: String)
}
