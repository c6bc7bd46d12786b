import CanonicalJSON
import Rollout

/// The files of a package that are made from its content: all but rollouts, skills and checksums.
struct PackageMetadata {
  /// Path in the package and bytes; without the manifest.
  let files: [(path: String, bytes: [UInt8])]
  /// The manifest, which is written last.
  let manifest: [UInt8]

  init(_ content: PackageContent, skills: [String]) {
    var lineage = content.lineage
    lineage.title = lineage.title ?? content.title
    let directories = JSONValue.array(content.requiredDirectories.map { .string($0) })
    let threads = content.threads.map(ThreadRowForm.completed)
    files = [
      (PackageLayout.threads, Self.lines(threads)),
      (PackageLayout.index, Self.lines(content.indexRows)),
      (PackageLayout.dynamicTools, Self.lines(content.dynamicTools)),
      (
        PackageLayout.localization,
        Self.line(["rule": .string(PackageTexts.localizationRule), "examples": directories])
      ),
      (PackageLayout.lineage, Self.line(lineage.value)),
      (PackageLayout.requiredDirectories, Self.line(directories)),
      (PackageLayout.readme, Array(PackageTexts.readme.utf8)),
      (PackageLayout.instructions, Array(PackageTexts.instructions.utf8)),
    ]
    manifest = Self.line(
      PackageManifest.written(
        cwdFilter: content.cwdFilter,
        threadIDs: threads.compactMap { $0["id"]?.string.flatMap { ThreadID($0) } }, skills: skills))
  }

  private static func line(_ value: JSONValue) -> [UInt8] { value.bytes + [0x0A] }

  private static func lines(_ values: [JSONValue]) -> [UInt8] { Array(values.map(line).joined()) }
}
