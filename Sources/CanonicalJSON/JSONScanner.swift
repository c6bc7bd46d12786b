/// The one pass over a JSON text: checks it and fills its index.
///
/// Reads eight bytes at a time inside strings, where nearly all bytes of a transcript are. This is the
/// only file of the module that holds unsafe code.
struct JSONScanner {
  private(set) var nodes: [JSONText.Node] = []
  private(set) var isCanonical = true
  private let bytes: [UInt8]
  private var at = 0
  private var hasNonASCII = false

  init(_ bytes: [UInt8]) throws(JSONSyntaxError) {
    guard bytes.count < Int(Int32.max) else { throw JSONSyntaxError(reason: .tooLong, offset: 0) }
    self.bytes = bytes
    nodes.reserveCapacity(64)
  }

  mutating func scan() throws(JSONSyntaxError) {
    skipSpace()
    try value(depth: 0)
    skipSpace()
    guard at == bytes.count else { throw failure(.trailingBytes) }
    if hasNonASCII, String(validating: bytes, as: UTF8.self) == nil {
      throw JSONSyntaxError(reason: .invalidUTF8, offset: Self.validLength(bytes))
    }
  }

  private mutating func value(depth: Int) throws(JSONSyntaxError) {
    switch try peek() {
    case UInt8(ascii: "{"): try container(.object, close: UInt8(ascii: "}"), depth: depth)
    case UInt8(ascii: "["): try container(.array, close: UInt8(ascii: "]"), depth: depth)
    case UInt8(ascii: "\""): try string()
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
    case UInt8(ascii: "t"): try literal("true", .true)
    case UInt8(ascii: "f"): try literal("false", .false)
    case UInt8(ascii: "n"): try literal("null", .null)
    default: throw failure(.unexpectedByte)
    }
  }

  private mutating func container(
    _ kind: JSONCursor.Kind, close: UInt8, depth: Int
  ) throws(JSONSyntaxError) {
    guard depth < JSONText.depthLimit else { throw failure(.tooDeep) }
    let own = nodes.count
    nodes.append(.init(kind: kind, start: Int32(at), end: 0, next: 0))
    at += 1
    skipSpace()
    if try peek() == close {
      at += 1
    } else {
      while true {
        if kind == .object {
          guard try peek() == UInt8(ascii: "\"") else { throw failure(.unexpectedByte) }
          try string()
          skipSpace()
          guard try peek() == UInt8(ascii: ":") else { throw failure(.unexpectedByte) }
          at += 1
          skipSpace()
        }
        try value(depth: depth + 1)
        skipSpace()
        let separator = try peek()
        at += 1
        if separator == close { break }
        guard separator == UInt8(ascii: ",") else {
          at -= 1
          throw failure(.unexpectedByte)
        }
        skipSpace()
      }
    }
    nodes[own].end = Int32(at)
    nodes[own].next = Int32(nodes.count)
  }

  private mutating func string() throws(JSONSyntaxError) {
    let start = at
    at += 1
    while true {
      at = Self.plainEnd(bytes, from: at, sawNonASCII: &hasNonASCII)
      switch try peek() {
      case UInt8(ascii: "\""):
        at += 1
        append(.string, from: start)
        return
      case UInt8(ascii: "\\"):
        guard let escape = StringForm.escape(bytes, at: at) else { throw failure(.invalidEscape) }
        if !escape.isCanonical { isCanonical = false }
        at += escape.length
      case 0..<0x20: throw failure(.controlInString)
      default: at += 1
      }
    }
  }

  private mutating func number() throws(JSONSyntaxError) {
    let start = at
    guard let form = NumberForm(bytes, at: at) else { throw failure(.invalidNumber) }
    at += form.length
    if !form.isCanonical { isCanonical = false }
    append(.number, from: start)
  }

  private mutating func literal(_ word: StaticString, _ kind: JSONCursor.Kind) throws(JSONSyntaxError) {
    let start = at
    for offset in 0..<word.utf8CodeUnitCount {
      guard try peek() == word.utf8Start[offset] else { throw failure(.unexpectedByte) }
      at += 1
    }
    append(kind, from: start)
  }

  private mutating func append(_ kind: JSONCursor.Kind, from start: Int) {
    nodes.append(.init(kind: kind, start: Int32(start), end: Int32(at), next: Int32(nodes.count + 1)))
  }

  private mutating func skipSpace() {
    while at < bytes.count, Self.isSpace(bytes[at]) {
      at += 1
      isCanonical = false
    }
  }

  private func peek() throws(JSONSyntaxError) -> UInt8 {
    guard at < bytes.count else { throw failure(.unexpectedEnd) }
    return bytes[at]
  }

  private func failure(_ reason: JSONSyntaxError.Reason) -> JSONSyntaxError {
    JSONSyntaxError(reason: reason, offset: at)
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
  }

  /// The first position from `start` that holds a quote, a backslash or a control byte, or the end.
  private static func plainEnd(_ bytes: [UInt8], from start: Int, sawNonASCII: inout Bool) -> Int {
    bytes.withUnsafeBytes { buffer in
      var at = start
      var high: UInt64 = 0
      let ones: UInt64 = 0x0101_0101_0101_0101
      let tops: UInt64 = 0x8080_8080_8080_8080
      while at + 8 <= buffer.count {
        let word = UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: at, as: UInt64.self))
        let quote = word ^ (ones &* 0x22)
        let slash = word ^ (ones &* 0x5C)
        // A byte below n, for n <= 0x80, borrows into its own top bit when n is subtracted.
        let stops =
          ((quote &- ones) & ~quote | (slash &- ones) & ~slash | (word &- ones &* 0x20) & ~word) & tops
        if stops != 0 {
          at += stops.trailingZeroBitCount / 8
          // Bytes behind the stop do not belong to the plain run.
          let inside = (UInt64(1) << UInt64(stops.trailingZeroBitCount & ~7)) &- 1
          if (high | (word & inside)) & tops != 0 { sawNonASCII = true }
          return at
        }
        high |= word
        at += 8
      }
      if high & tops != 0 { sawNonASCII = true }
      while at < buffer.count {
        let byte = buffer[at]
        if byte == 0x22 || byte == 0x5C || byte < 0x20 { return at }
        if byte >= 0x80 { sawNonASCII = true }
        at += 1
      }
      return at
    }
  }

  /// How many bytes at the start are UTF-8.
  private static func validLength(_ bytes: [UInt8]) -> Int {
    var parser = Unicode.UTF8.ForwardParser()
    var rest = bytes.makeIterator()
    var length = 0
    while case .valid(let scalar) = parser.parseScalar(from: &rest) { length += scalar.count }
    return length
  }
}
