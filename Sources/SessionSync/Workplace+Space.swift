import CodexHome
import DurableFiles
import Journal
import Rollout
import SystemPackage

/// Room on the disk, asked for before the first byte is written.
///
/// It is no promise: somebody else may fill the disk meanwhile. Then the run fails halfway and is taken back.
extension Workplace {
  /// What any transaction needs beside its content: journal, catalogue and sidecar.
  private static let reserve: Int64 = 1 << 20

  /// Throws `.noSpace` where a transaction that writes so many bytes would not fit.
  func requireSpace(for content: Int64) throws(SyncError) {
    let (needed, isTooMuch) = content.addingReportingOverflow(Self.reserve)
    let folder = home.ownFolder
    let free = try lift(SyncError.file) { () throws(FileError) in try Volume.freeBytes(at: folder) }
    guard !isTooMuch, needed <= free else {
      throw .noSpace(folder, needed: isTooMuch ? .max : needed, free: free)
    }
  }
}

extension SessionWrite {
  /// Bytes that are on the disk at most while this is carried out, beside what is there now.
  ///
  /// A tail lies in the journal until the commit, beside the file that it is appended to.
  var neededBytes: Int64 {
    switch target {
    case .create: measure.size.bytes
    case .append(let target):
      2 * measure.size.bytes + (target.ending.path == target.path ? 0 : target.ending.length)
    }
  }
}

extension SyncPlan {
  /// Bytes that executing needs at most.
  var neededBytes: Int64 {
    (sessions.compactMap(\.write?.neededBytes) + skills.filter(\.isInstalled).map(\.bytes)).sum
  }
}

extension RollbackPlan {
  /// Bytes that executing needs at most; what is taken out of the home is only moved.
  func neededBytes() throws(SyncError) -> Int64 {
    var needed = branches.compactMap(\.write?.neededBytes)
    for step in steps {
      switch step {
      case .cut(_, let now, let length, _): needed.append(max(0, try Self.size(now) - length))
      case .restore(_, let content, _): needed.append(content.size)
      case .append(_, let extent, _): needed.append(2 * extent.content.size)
      case .take, .plain: break
      }
    }
    return needed.sum
  }

  private static func size(_ path: FilePath) throws(SyncError) -> Int64 {
    try lift(SyncError.file) { () throws(FileError) in try FileStamp.of(path)?.size ?? 0 }
  }
}

extension Sequence<Int64> {
  /// The sum of sizes that others wrote down; where it is none that there is a number for, the largest.
  var sum: Int64 {
    reduce(0) { sum, next in
      let (total, isOver) = sum.addingReportingOverflow(next)
      return isOver ? .max : total
    }
  }
}
