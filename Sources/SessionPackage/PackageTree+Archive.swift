import DurableFiles
import SystemPackage

extension PackageTree {
  /// The tree of a package in an archive, its files unpacked into `staging` under running numbers.
  ///
  /// Regular files and folders only; anything else, an unsafe or a second name, refuses the whole archive.
  /// All bytes are counted against the limits while they stream, also those of files that are not kept.
  static func unpacking(
    _ archive: FilePath, into staging: FilePath, _ limits: PackageLimits
  ) throws(PackageError) -> PackageTree {
    var tree = PackageTree()
    var seen: Set<String> = []
    var spelled: Set<String> = []
    var entries = 0
    var names = 0
    var total: Int64 = 0
    let size = try attempt { () throws(FileError) in try FileStamp.ofTarget(archive)?.size ?? 0 }
    tree.packedBytes = size
    let reader = try ArchiveReader.open(archive)
    while let entry = try reader.next() {
      entries += 1
      let name = entry.name.text
      names += name.utf8.count
      try limits.checkEntries(entries, names: names, at: name)
      try limits.checkName(name)
      spelled.formUnion(entry.name.spelled)
      guard let path = try confined(entry) else { continue }
      if entry.kind == .folder { continue }
      guard seen.insert(path.text).inserted else { throw .unsafeEntry(name: name, .duplicate) }
      let components = path.components
      let file =
        PackageLayout.isRead(components[...]) || PackageLayout.isRead(components.dropFirst())
        ? staging.appending(String(tree.files.count)) : nil
      var written: Int64 = 0
      let count = { (bytes: Int) throws(PackageError) in
        written += Int64(bytes)
        total += Int64(bytes)
        try limits.checkBytes(file: written, total: total, archive: size, at: name)
      }
      if let file {
        try reader.unpack(to: file, modified: entry.modified, counting: count)
        tree.files[path.text] = file
      } else {
        try reader.skip(counting: count)
      }
    }
    return try tree.rootedAtManifest().withoutOddNames(spelled)
  }

  /// The path of an entry; nil for the archive's own root folder.
  private static func confined(_ entry: ArchiveReader.Entry) throws(PackageError) -> ConfinedPath? {
    switch entry.kind {
    case .file, .folder: break
    case .symbolicLink: throw .unsafeEntry(name: entry.name.text, .symbolicLink)
    case .hardLink: throw .unsafeEntry(name: entry.name.text, .hardLink)
    case .special: throw .unsafeEntry(name: entry.name.text, .special)
    }
    var name = Substring(entry.name.text)
    if name.hasPrefix("./") { name = name.dropFirst(2) }
    if entry.kind == .folder {
      if name.hasSuffix("/") { name = name.dropLast() }
      if name.isEmpty || name == "." { return nil }
    }
    guard let path = ConfinedPath(String(name)) else { throw .unsafeEntry(name: entry.name.text, .name) }
    return path
  }

  /// The same tree seen from the one top folder that holds the manifest, where the top itself has none.
  private func rootedAtManifest() throws(PackageError) -> PackageTree {
    guard files[PackageLayout.manifest] == nil else { return self }
    let tops = files.keys.compactMap { path -> Substring? in
      let parts = path.split(separator: "/")
      return parts.count == 2 && parts[1] == PackageLayout.manifest ? parts[0] : nil
    }
    if tops.count > 1 { throw .severalPackages(tops.map(String.init).sorted()) }
    guard let top = tops.first else { return self }
    var tree = PackageTree(packedBytes: packedBytes)
    for (path, file) in files(below: String(top)) { tree.files[path] = file }
    return tree
  }

  /// The same tree without files of odd names, which are named instead.
  private func withoutOddNames(_ spelled: Set<String>) -> PackageTree {
    if spelled.isEmpty { return self }
    var tree = self
    for path in files.keys.sorted()
    where path.split(separator: "/").contains(where: { spelled.contains(String($0)) }) {
      tree.files[path] = nil
      tree.warnings.append(.oddName(path: path))
    }
    return tree
  }
}
