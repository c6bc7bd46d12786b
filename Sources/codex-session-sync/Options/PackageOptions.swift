import ArgumentParser
import DurableFiles
import Rollout
import SessionPackage
import SessionSync
import SystemPackage

/// Options that decide how a package is understood here.
struct PackageOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp("The package: a folder, .zip, .tar, .tar.gz or .tar.zst.", valueName: "package"),
    completion: .file())
  var package: String

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Only these sessions of the package.", valueName: "id"))
  var only: [String] = []

  @Option(
    name: .customLong("map"),
    help: ArgumentHelp(
      "Where a folder of the other machine is on this one; may be repeated.", valueName: "from=to"))
  var maps: [String] = []

  @Flag(
    help: ArgumentHelp(
      "The other machine is mine: its sessions may work in my home folder and in hidden folders.",
      discussion: "Remembered for the machine that packed."))
  var trustOrigin = false

  @Option(help: ArgumentHelp("What to do with an unrelated session whose id is taken: skip or import."))
  var onCollision: CollisionPolicy = .skip

  @Flag(help: "Bring back conversations that were deleted here.")
  var restoreDeleted = false

  enum CollisionPolicy: String, ExpressibleByArgument, CaseIterable { case skip, `import` }

  func options() throws -> SyncOptions {
    var options = SyncOptions()
    if !only.isEmpty { options.only = try Set(only.map(Self.id)) }
    options.maps = try maps.map(Self.map)
    options.trustsOrigin = trustOrigin
    options.importsCollisions = onCollision == .import
    options.restoresDeleted = restoreDeleted
    return options
  }

  /// What the command reads.
  func places(_ common: CommonOptions) -> [Place] {
    [Place(side: .package, path: common.absolute(package))]
  }

  /// Opens the package and hands it to `body`; what was unpacked is gone afterwards.
  func withPackage<Result>(
    _ common: CommonOptions, _ surroundings: Surroundings, _ body: (SessionPackage) throws -> Result
  ) throws -> Result {
    let staging = surroundings.scratch.appending("package")
    do throws(PackageError) {
      try makeStaging(staging)
    } catch {
      throw SyncError.package(error)
    }
    let package: SessionPackage
    do throws(PackageError) {
      package = try SessionPackage.open(common.absolute(self.package), staging: staging)
    } catch {
      throw SyncError.package(error)
    }
    let unknown = try only.map(Self.id).filter { id in !package.sessions.contains { $0.threadID == id } }
    guard unknown.isEmpty else {
      throw Failure(
        code: "unknown_session",
        message: "The package has no session \(unknown.map(\.text).joined(separator: ", ")).",
        hint: "inspect-package --json lists its sessions.", status: .failed)
    }
    return try body(package)
  }

  static func id(_ text: String) throws -> ThreadID {
    try id(text, listedBy: "inspect-package --json")
  }

  /// The id of a session of this home.
  static func localID(_ text: String) throws -> ThreadID { try id(text, listedBy: "log --all") }

  private static func id(_ text: String, listedBy command: String) throws -> ThreadID {
    guard let id = ThreadID(text) else {
      throw Failure.usage("\(text) is no session id.", hint: "Session ids are UUIDs; \(command) lists them.")
    }
    return id
  }

  private static func map(_ text: String) throws -> PathMap.Prefix {
    guard let map = MapArgument.parse(text) else {
      throw Failure.usage(
        "--map \(text) is not of the form FROM=TO with two absolute paths.",
        hint: "For example --map '/Users/ann/work=/home/ann/work'.")
    }
    return map
  }

  private func makeStaging(_ path: FilePath) throws(PackageError) {
    do throws(FileError) { try Folder.createPrivate(path) } catch { throw .file(error) }
  }
}

extension PackageOptions {
  /// The `sync` of the same package with the same options, as it would be typed.
  func command(_ common: CommonOptions) -> String {
    var words = [package]
    if !only.isEmpty { words += ["--only"] + only }
    for map in maps { words += ["--map", map] }
    if trustOrigin { words.append("--trust-origin") }
    if onCollision != .skip { words += ["--on-collision", onCollision.rawValue] }
    if restoreDeleted { words.append("--restore-deleted") }
    return "codex-session-sync sync " + words.map(ShellWord.quoted).joined(separator: " ") + common.shellWords
  }
}
