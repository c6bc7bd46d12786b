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
    for row in content.threads {
      guard let id = row["id"]?.string.flatMap(ThreadID.init) else { continue }
      lineage.threads[id]?.filledColumns = TransferRows.filled(row)
    }
    let directories = JSONValue.array(content.requiredDirectories.map { .string($0) })
    let threads = content.threads.map(TransferRows.thread)
    files = [
      (PackageLayout.threads, Self.lines(threads)),
      (PackageLayout.index, Self.lines(content.indexRows)),
      (PackageLayout.dynamicTools, Self.lines(content.dynamicTools.map(TransferRows.dynamicTool))),
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

  /// The value's text and a newline.
  ///
  /// The transfer tool splits lines where Python's `splitlines` does, also inside a string; so the three
  /// line ends that JSON allows there are escaped: U+0085, U+2028, U+2029.
  private static func line(_ value: JSONValue) -> [UInt8] {
    let text = String(decoding: value.bytes, as: UTF8.self)
    guard text.unicodeScalars.contains(where: { escapes[$0] != nil }) else { return value.bytes + [0x0A] }
    return text.unicodeScalars.flatMap { Array((escapes[$0] ?? String($0)).utf8) } + [0x0A]
  }

  private static let escapes: [Unicode.Scalar: String] = [
    "\u{85}": "\\u0085", "\u{2028}": "\\u2028", "\u{2029}": "\\u2029",
  ]

  private static func lines(_ values: [JSONValue]) -> [UInt8] { Array(values.map(line).joined()) }
}
