import CodexHome
import Foundation
import Lineage
import Rollout
import SessionPackage
import SessionSync
import SystemPackage

@main
struct InspectExample {
  static func main() throws {
    let package = FilePath(CommandLine.arguments[1]), home = FilePath(CommandLine.arguments[2])
    let scratch = FilePath(NSTemporaryDirectory()).appending("inspect-\(UUID().uuidString)")
    let staging = scratch.appending("package")
    try FileManager.default.createDirectory(atPath: staging.string, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: scratch.string) }

    let surroundings = Surroundings(
      localHome: NSHomeDirectory(), scratch: scratch,
      now: Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)),
      entropy: { (0..<16).map { _ in UInt8.random(in: .min ... .max) } })
    let plan = try Sync(
      home: CodexHome(home, sqliteHome: nil), package: .open(package, staging: staging),
      options: SyncOptions(), surroundings: surroundings
    ).plan()
    for session in plan.sessions {
      print(
        session.title, session.classification?.rawValue ?? "unreadable", session.action,
        session.history.common)
    }
    print(plan.digest)
  }
}
