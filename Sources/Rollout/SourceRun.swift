import CanonicalJSON

/// Records that were written here one behind the other, all moved by one number of bytes and one of ordinals.
///
/// A fork names its base's bytes as they are where it was made. Localising the base moves them; runs say by how much,
/// so that the fork's cut is found again.
public struct SourceRun: Sendable, Hashable {
  /// The rollout that the records were read from.
  public let rollout: ThreadID
  /// The offsets there behind the first of them and behind the last.
  public let ends: ClosedRange<Int64>
  /// How many bytes further they end here.
  public let shift: Int64
  /// How much higher their ordinals are here.
  public let ordinalShift: Int64

  /// Creates a run from its fields.
  public init(rollout: ThreadID, ends: ClosedRange<Int64>, shift: Int64, ordinalShift: Int64) {
    self.rollout = rollout
    self.ends = ends
    self.shift = shift
    self.ordinalShift = ordinalShift
  }

  /// Where a cut of the rollout that was read lies in the one that was written; nil where it is not in this run.
  public func translate(
    _ cut: SessionMeta.HistoryBase, to written: ThreadID
  ) -> SessionMeta.HistoryBase? {
    guard cut.rollout == rollout, ends.contains(cut.endOffset) else { return nil }
    let offset = cut.endOffset.addingReportingOverflow(shift)
    let ordinal = cut.endOrdinal.addingReportingOverflow(ordinalShift)
    if offset.overflow || ordinal.overflow { return nil }
    return SessionMeta.HistoryBase(
      rollout: written, endOrdinal: ordinal.partialValue, endOffset: offset.partialValue)
  }

  /// Both runs as one; nil where `next` is moved otherwise, or does not come behind this one.
  fileprivate func followed(by next: SourceRun) -> SourceRun? {
    guard next.rollout == rollout, next.shift == shift, next.ordinalShift == ordinalShift,
      next.ends.lowerBound > ends.upperBound
    else { return nil }
    return SourceRun(
      rollout: rollout, ends: ends.lowerBound...next.ends.upperBound, shift: shift, ordinalShift: ordinalShift
    )
  }
}

/// The runs of one rendering, in the order of writing.
public struct SourceRuns: Sendable, Hashable {
  /// The runs.
  public private(set) var runs: [SourceRun] = []

  /// No runs yet.
  public init() {}

  /// Takes a record that was written.
  ///
  /// One without an ordinal is no place to go on from, and nor is a `session_meta`: behind that of a fork, the
  /// fork's own base would follow.
  ///
  /// - Parameters:
  ///   - rollout: the rollout that it was read from.
  ///   - end: the offset behind it where it was written.
  ///   - ordinal: its ordinal as written.
  mutating func add(_ record: RolloutRecord, of rollout: ThreadID, end: Int64, ordinal: Int64?) {
    guard record.kind != .sessionMeta, let old = record.ordinal, let ordinal else { return }
    let there = record.offset + Int64(record.length) + 1
    let run = SourceRun(
      rollout: rollout, ends: there...there, shift: end - there, ordinalShift: ordinal - old)
    if let last = runs.last, let both = last.followed(by: run) {
      runs[runs.count - 1] = both
    } else {
      runs.append(run)
    }
  }
}

extension SourceRuns {
  /// Reads noted runs; what is not of this form is left out.
  public init(_ value: JSONValue?) {
    for member in value?.members ?? [] {
      guard let rollout = ThreadID(member.key) else { continue }
      for numbers in (member.value.array ?? []).map({ $0.array?.compactMap(\.integer) ?? [] }) {
        guard numbers.count == 4, numbers[0] <= numbers[1] else { continue }
        runs.append(
          SourceRun(
            rollout: rollout, ends: numbers[0]...numbers[1], shift: numbers[2], ordinalShift: numbers[3]))
      }
    }
  }

  /// The runs as they are noted, by rollout.
  public var json: JSONValue {
    .object(
      Dictionary(grouping: runs, by: \.rollout).sorted { $0.key < $1.key }.map { rollout, runs in
        .init(
          rollout.text,
          .array(
            runs.map { run in
              [
                .integer(run.ends.lowerBound), .integer(run.ends.upperBound), .integer(run.shift),
                .integer(run.ordinalShift),
              ]
            }))
      })
  }
}
