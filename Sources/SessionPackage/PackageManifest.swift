import CanonicalJSON
import Rollout

/// A package's `package_manifest.json`, as the transfer tool defined it.
public struct PackageManifest: Hashable, Sendable {
  /// The format this program reads and writes.
  public static let formatVersion: Int64 = 1
  /// What `package_kind` must say.
  public static let kind = "session-skill-package"

  /// The whole object, all keys.
  public let value: JSONValue
  /// The working folder whose threads were packed, as the packing machine spelled it; nil where not said.
  public let cwdFilter: String?
  /// The threads that the package says it holds, those whose id is no UUID left out.
  public let threadIDs: [ThreadID]
  /// The skills that the package says it holds.
  public let skills: [String]

  /// Reads a manifest, and refuses what is none of this kind and version.
  ///
  /// - Parameter most: how many threads it may list.
  init(_ bytes: [UInt8], most: Int = .max) throws(PackageError) {
    do throws(JSONSyntaxError) {
      value = try JSONValue(parsing: bytes)
    } catch {
      throw .malformedManifest(error)
    }
    guard value.members != nil else { throw .manifestNotAnObject }
    let kind = value["package_kind"]
    guard kind?.string == Self.kind else { throw .wrongKind(found: kind) }
    let version = value["format_version"]
    guard let number = version?.integer, (1...Self.formatVersion).contains(number) else {
      throw .unsupportedVersion(found: version)
    }
    cwdFilter = value["cwd_filter"]?.string
    guard (value["thread_ids"]?.array ?? []).count <= most else {
      throw .overLimit(.sessions, limit: Int64(most), entry: PackageLayout.manifest)
    }
    threadIDs = value.texts("thread_ids").compactMap { ThreadID($0) }
    skills = value.texts("skills_included")
  }

  /// The manifest of these threads and nothing else.
  init(threadIDs: [ThreadID]) {
    value = Self.written(cwdFilter: "", threadIDs: threadIDs, skills: [])
    self.threadIDs = threadIDs
    (cwdFilter, skills) = (nil, [])
  }

  /// The manifest of a package to be written, its fields in the transfer tool's order.
  static func written(cwdFilter: String, threadIDs: [ThreadID], skills: [String]) -> JSONValue {
    [
      "format_version": .integer(formatVersion),
      "package_kind": .string(kind),
      "minimum_working_set_only": true,
      "cwd_filter": .string(cwdFilter),
      "thread_ids": .array(threadIDs.sorted().map { .string($0.text) }),
      "skills_included": .array(skills.sorted().map { .string($0) }),
      "deferred_components": [
        "logs_1.sqlite", "state_5.sqlite.logs", "state_5.sqlite.stage1_outputs", ".codex-global-state.json",
      ],
      "preferred_installer_skill": "codex-session-transfer",
    ]
  }
}

extension JSONValue {
  /// The texts in an array member; other elements are left out.
  func texts(_ key: String) -> [String] {
    (self[key]?.array ?? []).compactMap(\.string)
  }
}
