import SystemPackage

/// Copies a live SQLite database without leaving a trace beside it.
///
/// Opening one for reading writes `-shm` and `-wal` and fails where that is impossible; opening it as immutable misses
/// what is only in its write-ahead log, and takes for committed what a rollback journal beside it says is not. So the
/// files are copied, and the copy is read.
///
/// What makes a copy whole is SQLite's file format (sqlite.org/walformat.html), not that nobody writes: a log only
/// grows until all of it is in the database file, and begins anew under another header. While its header stands, a log
/// that is copied after the database holds every page that was moved meanwhile, and a half-written end of it is passed
/// over. So a program that commits all the time is in the way only for the moment in which its log begins anew.
public enum DatabaseCopy {
  /// Copies a database and what SQLite keeps beside it.
  ///
  /// - Parameters:
  ///   - path: the database; links are followed, as SQLite does, which keeps its other files beside the target.
  ///   - target: the copy, in a folder that exists; what is there already is replaced.
  ///   - pauses: how long to wait before each further attempt, in milliseconds.
  /// - Throws: an error of `.resourceBusy` where somebody was in the way each time.
  public static func take(
    _ path: FilePath, to target: FilePath, pauses: [Int] = Pause.patient
  ) throws(FileError) {
    for pause in [0] + pauses {
      Pause.take(milliseconds: pause)
      let source = try path.resolvingLinks()
      let before = try State(of: source)
      do throws(FileError) {
        try copy(source, to: target)
      } catch {
        // SQLite removes a log or a journal when it is done with it.
        if error.errno != .noSuchFileOrDirectory { throw error }
        // The database itself is gone.
        if try FileStamp.of(source) == nil { throw error }
        continue
      }
      if try State(of: source).isSameMoment(as: before) { return }
    }
    throw FileError(.read, path, .resourceBusy)
  }

  /// The database first: what is moved into it from the log meanwhile is then in the log's copy.
  private static func copy(_ source: FilePath, to target: FilePath) throws(FileError) {
    for suffix in ["", "-journal", "-wal"] {
      let file = FilePath(target.string + suffix)
      // What an earlier attempt copied belongs to another moment.
      try DurableFile.remove(file)
      let part = FilePath(source.string + suffix)
      if try FileStamp.of(part) != nil { try ScratchFile.copy(part, to: file) }
    }
  }

  /// What tells whether a database was replaced under a copy.
  private struct State {
    let database: FileStamp?
    let journal: FileStamp?
    /// The beginning of the write-ahead log, which holds its salt; empty where there is none.
    let log: [UInt8]

    init(of path: FilePath) throws(FileError) {
      database = try FileStamp.of(path)
      journal = try FileStamp.of(FilePath(path.string + "-journal"))
      do throws(FileError) {
        log = try OpenFile(reading: FilePath(path.string + "-wal")).read(at: 0, count: 32)
      } catch {
        if error.errno != .noSuchFileOrDirectory { throw error }
        log = []
      }
    }

    func isSameMoment(as other: State) -> Bool {
      guard log == other.log, journal == other.journal else { return false }
      return log.count == 32
        ? database?.inode == other.database?.inode && database?.device == other.database?.device
        : database == other.database
    }
  }
}
