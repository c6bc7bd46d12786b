import Rollout
import SystemPackage

/// Prints how many history records a rollout has, and their digest: the program that `make bench` takes the time of.
@main
enum RolloutDigest {
  static func main() throws {
    for argument in CommandLine.arguments.dropFirst() {
      let path = FilePath(argument)
      guard let name = path.lastComponent.flatMap({ RolloutName($0.string) }) else { continue }
      let scan = try RolloutScan(path, name: name)
      print(scan.history.count, scan.history.last?.description ?? "")
    }
  }
}
