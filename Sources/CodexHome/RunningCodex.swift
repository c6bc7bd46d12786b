import DurableFiles
import SystemPackage

/// Processes that have a home's catalogue open and take no writer locks: Codex before 0.147.0.
///
/// Which version a process is cannot be asked, but whether it knows the locks can be seen: a binary that takes them
/// holds the name of their folder. Linux only, through `/proc`; elsewhere the lock files are all there is.
public enum RunningCodex {
  private static let lockFolderName = Array("thread-writer-locks".utf8)

  /// The ids of processes that hold `database` open and whose program does not know writer locks.
  public static func lockless(holding database: FilePath, processes: FilePath) -> [Int] {
    guard let wanted = try? FileStamp.ofTarget(database) else { return [] }
    let names = (try? Folder.names(in: processes)) ?? []
    return names.compactMap(Int.init).filter { process in
      let folder = processes.appending("\(process)")
      return holds(folder.appending("fd"), wanted) && !knowsLocks(folder.appending("exe"))
    }
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
