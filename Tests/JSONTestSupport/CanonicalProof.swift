import CanonicalJSON

/// Holds the canonical form against an independent parser, one generated record after another.
///
/// For each record: its four spellings have one canonical form, which is its own, and means what they mean. For the
/// record damaged in a few places: it is accepted if and only if the parser accepts it, and then has the record's
/// canonical form if and only if it means the same.
public struct CanonicalProof {
  /// What did not hold, and for which text.
  public struct Failure: Error, CustomStringConvertible {
    /// The claim, the seed and the text.
    public let description: String
  }

  private var generator: ValueGenerator<SeededGenerator>
  private var scanner = CanonicalScanner()

  /// How many damaged texts were JSON still: those that the second half of the claim is about.
  public private(set) var damagedButValid = 0

  /// What the proof began with.
  public var seed: UInt64 { generator.source.seed }

  /// Begins a proof.
  public init(seed: UInt64 = .random(in: 0...UInt64.max)) {
    generator = ValueGenerator(source: SeededGenerator(seed: seed))
  }

  /// Whether the text last asked about is its own canonical form.
  public var isCanonical: Bool { scanner.isCanonical }

  /// The canonical form that the scanner hands out; nil where the text is no JSON.
  public mutating func canonical(_ text: [UInt8]) -> [UInt8]? {
    guard (try? scanner.scan(text.span)) != nil else { return nil }
    var output: [UInt8] = []
    scanner.canonical(text.span) { piece in piece.withUnsafeBufferPointer { output += $0 } }
    return output
  }

  /// Checks one record more.
  public mutating func checkNext() throws(Failure) {
    let record = generator.record()
    let spellings = JSONSpelling.allCases.map { $0.bytes(record) }
    let forms = spellings.map { canonical($0) }
    try hold(Set(forms).count == 1, "four spellings, one form", spellings[3])
    guard let form = forms[0] else { throw failure("accepted", spellings[0]) }
    try hold(canonical(form) == form && scanner.isCanonical, "the form of a form is itself", form)
    let meaning = try? ReferenceParser.parse(spellings[3])
    try hold(meaning != nil && meaning == (try? ReferenceParser.parse(form)), "the form means the same", form)
    let damaged = generator.damage(spellings[generator.index(spellings.count)])
    let damagedForm = canonical(damaged)
    let damagedMeaning = try? ReferenceParser.parse(damaged)
    try hold((damagedForm == nil) == (damagedMeaning == nil), "accepted by both or by neither", damaged)
    try hold((damagedForm == form) == (damagedMeaning == meaning), "one form, one meaning", damaged)
    if damagedForm != nil { damagedButValid += 1 }
  }

  private func hold(_ claim: Bool, _ words: String, _ text: [UInt8]) throws(Failure) {
    if !claim { throw failure(words, text) }
  }

  private func failure(_ words: String, _ text: [UInt8]) -> Failure {
    Failure(
      description: "\(words): seed \(seed), text \(String(decoding: text, as: UTF8.self)), bytes \(text)")
  }
}

extension ValueGenerator {
  /// A value of the shape of a rollout's record.
  public mutating func record() -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("timestamp", "2026-11-20T10:00:00.000Z"),
      .init("type", ["response_item", "event_msg", "compacted", "of_tomorrow"][index(4)]),
      .init("payload", value()),
    ]
    if Bool.random(using: &source) {
      members.insert(.init("ordinal", .integer(.random(in: 0...9999, using: &source))), at: index(4))
    }
    return .object(members)
  }

  /// A random index below `count`.
  public mutating func index(_ count: Int) -> Int { .random(in: 0..<count, using: &source) }

  /// The text with one to three places changed.
  public mutating func damage(_ text: [UInt8]) -> [UInt8] {
    var text = text
    for _ in 0...index(3) where !text.isEmpty {
      let at = index(text.count)
      switch index(5) {
      case 0: text.remove(at: at)
      case 1: text[at] = Self.pieces[index(Self.pieces.count)]
      case 2: text.insert(Self.pieces[index(Self.pieces.count)], at: at)
      case 3: text.insert(contentsOf: Self.fragments[index(Self.fragments.count)].utf8, at: at)
      default: if index(8) == 0 { text.removeSubrange(at...) }
      }
    }
    return text
  }

  private static var pieces: [UInt8] {
    Array(#"{}[],:"\ue-+.01529tfn/ "#.utf8) + [0x0A, 0x00, 0x1F, 0x80, 0xC3, 0xED, 0xF0, 0xFF]
  }

  private static var fragments: [String] {
    [
      #"\ud83d"#, #"\uDE42"#, #"\ud83d\ude42"#, #"\u0041"#, #"\u001F"#, #"\/"#, #"\n"#, "é", "漢", "🙂", " ",
      "0",
      "00", ".0", "e0", "E+00", "-", ",null", #","a":1"#, "[", "]", "{}", "9007199254740993", "\u{2028}",
    ]
  }
}
