import CanonicalJSON
import DurableFiles
import Rollout

/// Something in a package that was passed over; the rest of the package goes on.
public enum PackageWarning: Equatable, Sendable {
  /// A line of a metadata file that is not JSON. Lines count from 1.
  case malformedLine(file: String, line: Int, JSONSyntaxError)
  /// A line of a metadata file that is JSON, but no object.
  case lineNotAnObject(file: String, line: Int)
  /// A line whose thread id is missing (nil) or no UUID.
  case invalidThreadID(file: String, line: Int, found: JSONValue?)
  /// A whole metadata file that is not of its form, and counts as absent.
  case malformedFile(path: String)
  /// A file in `sessions/` whose name is not a rollout's.
  case foreignName(path: String)
  /// A file whose name is no UTF-8, or has control characters in it: they are spelled `%` and two digits.
  case oddName(path: String)
  /// A symbolic link, a folder or a special file where none is read.
  case skippedEntry(path: String, FileStamp.Kind)
  /// A second copy of one rollout, compressed or not, beside the one that is taken.
  case duplicateRollout(path: String)
  /// A file that `metadata/checksums.json` lists and the package does not hold.
  case missingFile(path: String)
  /// A file of a skill that is not what `metadata/checksums.json` says; the skill is left out.
  case damagedSkill(path: String)
  /// A thread that the manifest lists, with neither a row nor a rollout.
  case absentThread(ThreadID)
  /// More than are told one by one.
  case more(Int)

  /// How many are told one by one.
  static let most = 1_000
}

extension [PackageWarning] {
  /// The first of them, and how many more there are.
  var told: [PackageWarning] {
    count <= PackageWarning.most
      ? self : prefix(PackageWarning.most) + [.more(count - PackageWarning.most)]
  }
}
