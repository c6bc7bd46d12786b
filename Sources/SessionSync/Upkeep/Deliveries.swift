import CanonicalJSON
import DurableFiles
import Journal
import Rollout
import SystemPackage

/// Which deliveries brought what a thread holds, or held.
struct Deliveries {
  private var latest: [ThreadID: HealthReport.Delivery] = [:]

  /// - Parameter transactions: committed ones, in any order.
  init(_ transactions: some Sequence<Transaction>) {
    for transaction in transactions.sorted(by: { $0.id < $1.id }) {
      guard let delivery = Self.delivery(of: transaction) else { continue }
      for session in transaction.details["sessions"]?.array ?? [] {
        guard let thread = session["local_thread_id"]?.string.flatMap(ThreadID.init) else { continue }
        latest[thread] = delivery
      }
    }
  }

  /// What brings back what a thread lost; nil where nothing was delivered to it, or the package is gone.
  func remedy(for thread: ThreadID) -> HealthReport.Remedy? {
    latest[thread].flatMap { Self.isThere($0) ? .deliver($0, isThere: true) : nil }
  }

  /// What brings back what a transaction wrote.
  static func remedy(for transaction: Transaction) -> HealthReport.Remedy {
    delivery(of: transaction).map { .deliver($0, isThere: isThere($0)) } ?? .rebuild
  }

  private static func delivery(of transaction: Transaction) -> HealthReport.Delivery? {
    guard let path = transaction.details["package"]?["path"]?.string, !path.isEmpty else { return nil }
    return .init(package: FilePath(path), time: transaction.createdAt)
  }

  private static func isThere(_ delivery: HealthReport.Delivery) -> Bool {
    ((try? FileStamp.ofTarget(delivery.package)) ?? nil) != nil
  }
}
