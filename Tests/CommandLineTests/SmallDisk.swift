import Foundation
import SystemPackage

/// A home on a file system of a few megabytes, without touching the machine's own mounts.
enum SmallDisk {
  /// Whether this user may mount something in a namespace of his own.
  static let isAvailable =
    (try? exitCode(["/usr/bin/unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"])) == 0

  /// Words to put before a command so that `home` has so many megabytes in all while it runs.
  ///
  /// Exit code 99 stands for a command that changed a file of the home other than a lock.
  static func wrapper(_ home: FilePath, megabytes: Int) -> [String] {
    let script = """
      home=$1; shift
      cp -a "$home" "$home.copy" && mount -t tmpfs -o size=\(megabytes)m none "$home" && cp -a "$home.copy/." "$home"
      state() { find "$home" -type f ! -name '*lock' -exec sha256sum {} + | sort; }
      before=$(state); "$@"; code=$?
      [ "$before" = "$(state)" ] || exit 99
      exit $code
      """
    return ["/usr/bin/unshare", "--mount", "sh", "-c", script, "sh", home.string]
  }

  private static func exitCode(_ command: [String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
}
