import CanonicalJSON

/// Reads records one after another: a pass over each line, without a copy of it.
struct RecordReader {
  /// The members that decide, of the line read last.
  private(set) var envelope = Envelope()
  /// What the line read last is.
  private(set) var kind = RecordKind.notJSON
  /// Its ordinal.
  private(set) var ordinal: Int64?
  private var scanner = CanonicalScanner()
  private var masks: [JSONEdit] = []

  /// The ordinals believed: up to what a double still counts exactly, and far from what an `Int64` holds.
  static let ordinals = 0...Int64(1) << 53

  /// Reads a line.
  mutating func read(_ line: Span<UInt8>) {
    var envelope = Envelope()
    do throws(JSONSyntaxError) {
      try scanner.scan(line) { envelope.note($0, $1) }
      kind = RecordKind(
        type: line.string(at: envelope.type), event: line.string(at: envelope.payloadType))
    } catch {
      envelope = Envelope()
      kind = line.isUTF8 ? .notJSON : .notUTF8
    }
    self.envelope = envelope
    masks =
      switch kind {
      case .responseItem where isUserMessage(line): RecordMask.edits(content: envelope.content, of: line)
      case .compacted: RecordMask.edits(nullsIn: envelope.payload, of: line)
      default: []
      }
    ordinal = envelope.ordinal.flatMap { place in
      let value = line.extracting(place).withUnsafeBufferPointer {
        Int64(String(decoding: $0, as: UTF8.self))
      }
      return value.flatMap { Self.ordinals.contains($0) ? $0 : nil }
    }
  }

  /// A key of the line read last that stands twice where it decides: one that says what the record is, or any of a
  /// record that Codex acts on when it opens the thread.
  func doubledKey(_ line: Span<UInt8>) -> String? {
    if let place = envelope.doubledKey { return line.string(at: place).map(SettingWord.shown) ?? "" }
    guard OpeningTree.of(kind) != nil else { return nil }
    let text = try? JSONText(line.withUnsafeBufferPointer { Array($0) })
    return text?.root.doubledKey(aliases: OpeningKeys.aliases).map { SettingWord.shown($0.string ?? "") }
  }

  /// Hands out the canonical bytes of the line read last, masked, in pieces: what its digest is made of.
  mutating func canonical(_ line: Span<UInt8>, _ sink: (Span<UInt8>) -> Void) {
    guard kind.isHistory else { return sink(RecordMask.bookkeeping(line, kind).span) }
    var edits = envelope.ordinalMember.map { [JSONEdit($0, [])] } ?? []
    if !masks.isEmpty { edits = (edits + masks).sorted { $0.range.lowerBound < $1.range.lowerBound } }
    scanner.canonical(line, edits: edits, sink)
  }

  /// Whether the line read last may hold something that is bound to its machine.
  var hasSlots: Bool {
    switch kind {
    case .sessionMeta, .turnContext, .settingsApplied: true
    case .responseItem: !masks.isEmpty
    default: false
    }
  }

  /// Whether the line read last is a user's message, where an environment context may stand.
  func isUserMessage(_ line: Span<UInt8>) -> Bool {
    guard let type = envelope.payloadType, let role = envelope.role else { return false }
    return line.holds("message", at: type) && line.holds("user", at: role)
  }
}

extension Span<UInt8> {
  /// Whether the bytes are UTF-8.
  fileprivate var isUTF8: Bool { withUnsafeBufferPointer { String(validating: $0, as: UTF8.self) != nil } }
}
