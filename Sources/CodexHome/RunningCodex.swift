import DurableFiles
import SystemPackage

/// Processes that have files of a home open: Codex, as a rule.
///
/// Linux only, through `/proc`; elsewhere nothing is found.
public enum RunningCodex {
  /// A process, as a person finds it again.
  public struct Process: Sendable, Hashable {
    /// Its id.
    public let id: Int
    /// Its command line, words apart by spaces; empty where that cannot be read.
    public let command: String

    /// Describes a process.
    public init(id: Int, command: String) {
      self.id = id
      self.command = command
    }

    /// Whether it is a server that goes on when the terminal interface that started it has ended (0.163.0).
    public var isServer: Bool { command.split(separator: " ").contains("app-server") }
  }

  private static let lockFolderName = Array("thread-writer-locks".utf8)

  /// Processes that hold `database` open and whose program does not know writer locks: Codex before 0.147.0.
  ///
  /// Which version a process is cannot be asked, but whether it knows the locks can be seen: a binary that takes them
  /// holds the name of their folder.
  public static func lockless(holding database: FilePath, processes: FilePath) -> [Process] {
    holders(of: database, processes: processes).filter {
      !knowsLocks(processes.appending("\($0.id)").appending("exe"))
    }
  }

  /// The processes that have a file open.
  public static func holders(of path: FilePath, processes: FilePath) -> [Process] {
    guard let wanted = (try? FileStamp.ofTarget(path)) ?? nil else { return [] }
    let names = (try? Folder.names(in: processes)) ?? []
    return names.compactMap(Int.init).sorted().filter { id in
      holds(processes.appending("\(id)").appending("fd"), wanted)
    }.map { Process(id: $0, command: command(processes.appending("\($0)"))) }
  }

  private static func command(_ process: FilePath) -> String {
    let bytes = (try? OpenFile(reading: process.appending("cmdline")).read(at: 0, count: 4096)) ?? []
    return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
  }

  private static func holds(_ descriptors: FilePath, _ wanted: FileStamp) -> Bool {
    let names = (try? Folder.names(in: descriptors)) ?? []
    return names.contains { name in
      guard let stamp = try? FileStamp.ofTarget(descriptors.appending(name)) else { return false }
      return stamp.device == wanted.device && stamp.inode == wanted.inode
    }
  }

  private static func knowsLocks(_ program: FilePath) -> Bool {
    guard let contains = try? ByteSearch.contains(lockFolderName, program) else { return false }
    return contains
  }
}
