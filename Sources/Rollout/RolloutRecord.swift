/// One line of a rollout: where it is and what it is.
///
/// Its bytes stay in the file.
public struct RolloutRecord: Sendable, Hashable {
  /// Where the line begins in the uncompressed file, in bytes.
  public let offset: Int64
  /// Its length in bytes, the newline left out.
  public let length: Int
  /// What it is to the history.
  public let kind: RecordKind
  /// Codex's running number of the record; absent in legacy files, and where it is none that one can count on from.
  public let ordinal: Int64?
  /// Whether it may hold something that is bound to its machine.
  let hasSlots: Bool
}

/// The records of one rollout, in order, nine bytes each.
///
/// Kept are the offset (8 bytes; the next one's tells the length), and the kind with a bit for slots (1 byte). Ordinals nearly always grow by
/// one, so only the records where they do not are noted. Digests are kept of history records only, and apart from
/// these: bookkeeping is compared in tails, which are read again anyhow.
public struct RolloutRecords: RandomAccessCollection, Sendable {
  private struct Kind: Sendable {
    private let bits: UInt8

    init(_ kind: RecordKind, hasSlots: Bool) { bits = kind.rawValue | (hasSlots ? 0x80 : 0) }

    var kind: RecordKind { RecordKind(rawValue: bits & 0x7F) ?? .unknown }
    var hasSlots: Bool { bits & 0x80 != 0 }
  }

  /// A stretch of records whose ordinals grow by one, or that have none.
  private struct Stretch: Sendable {
    let start: Int
    let ordinal: Int64?
  }

  private var offsets: [Int64] = []
  private var kinds: [Kind] = []
  private var stretches: [Stretch] = []
  private var end: Int64 = 0

  /// Bytes of memory that the records take, and that what is made of them when they are written may take.
  ///
  /// A stretch and a record that is changed each may begin a run of moved records. Lines that are not JSON, empty ones
  /// among them, count for more than they take: a crash leaves a few, and nothing leaves a million.
  private(set) var memory: Int64 = 0

  mutating func append(
    _ kind: RecordKind, at offset: Int64, length: Int, ordinal: Int64?, hasSlots: Bool
  ) {
    if stretches.isEmpty || ordinal != self.ordinal(kinds.count) {
      stretches.append(Stretch(start: kinds.count, ordinal: ordinal))
      memory += 256
    }
    memory += kind == .notJSON ? 512 : hasSlots ? 256 : 9
    offsets.append(offset)
    kinds.append(Kind(kind, hasSlots: hasSlots))
    end = offset + Int64(length)
  }

  /// The first index.
  public var startIndex: Int { 0 }
  /// How many records there are.
  public var endIndex: Int { kinds.count }

  /// One record.
  public subscript(index: Int) -> RolloutRecord {
    let next = index + 1 < offsets.count ? offsets[index + 1] - 1 : end
    return RolloutRecord(
      offset: offsets[index], length: Int(next - offsets[index]), kind: kinds[index].kind,
      ordinal: ordinal(index), hasSlots: kinds[index].hasSlots)
  }

  /// How many of some records are history.
  func historyCount(_ range: Range<Int>) -> Int {
    kinds[range].reduce(0) { $1.kind.isHistory ? $0 + 1 : $0 }
  }

  private func ordinal(_ index: Int) -> Int64? {
    let behind = stretches.partitioningIndex { $0.start > index }
    let stretch = stretches[behind - 1]
    return stretch.ordinal.map { $0 + Int64(index - stretch.start) }
  }
}

extension RandomAccessCollection where Index == Int {
  /// The first index whose element, and every later one, fits; the elements must be in that order.
  func partitioningIndex(_ fits: (Element) -> Bool) -> Int {
    var low = startIndex
    var high = endIndex
    while low < high {
      let middle = (low + high) / 2
      if fits(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
