/// What no answer of the program may show: what it is made of.
public enum PlainWords {
  private static let innards = [
    "SyncError", "Optional(", "SystemPackage", "PackageError", "JournalError", "FileError", "RolloutError",
    "CodexHomeError", "SidecarError", "DatabaseError", "FilePath(", "Errno", "JSONValue", "Swift.",
    "Fatal error",
    "rawValue",
  ]

  /// The first word of a text that tells of innards; nil where there is none.
  public static func innards(of text: String) -> String? { innards.first(where: text.contains) }
}
