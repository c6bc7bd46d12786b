/// Texts at the borders of JSON, each with the verdict of RFC 8259.
///
/// A name begins with `y_` where every parser must accept the text, with `n_` where every parser must refuse it, and
/// with `i_` where the RFC leaves it open.
public struct JSONCorpus: Sendable {
  /// One text.
  public struct Case: Sendable, CustomStringConvertible {
    /// What it is about.
    public let name: String
    /// The text.
    public let bytes: [UInt8]

    /// The name.
    public var description: String { name }

    init(_ name: String, _ text: String) {
      self.name = name
      bytes = Array(text.utf8)
    }

    init(_ name: String, _ bytes: [UInt8]) {
      self.name = name
      self.bytes = bytes
    }
  }

  /// What must be accepted.
  public static let accepted: [Case] = [
    .init("y_array_empty", "[]"), .init("y_array_empty_with_space", "[ \t\r\n ]"),
    .init("y_array_of_every_kind", #"[null,true,false,0,"",[],{}]"#), .init("y_array_nested", "[[[[]],[]]]"),
    .init("y_array_space_around_commas", "[1 , 2\t,\r\n3]"), .init("y_array_one_empty_string", #"[""]"#),
    .init("y_object_empty", "{}"), .init("y_object_empty_with_space", "{ \n }"),
    .init("y_object_one", #"{"a":1}"#), .init("y_object_nested", #"{"a":{"b":{"c":[]}}}"#),
    .init("y_object_duplicate_key", #"{"a":1,"a":2}"#), .init("y_object_duplicate_member", #"{"a":1,"a":1}"#),
    .init("y_object_empty_key", #"{"":0}"#), .init("y_object_escaped_key", #"{"\u0061\n\/":0}"#),
    .init("y_object_null_byte_key", #"{"\u0000":0}"#),
    .init("y_object_space_around_colon", "{\"a\" \t:\r\n1}"),
    .init("y_object_long_key", #"{""# + String(repeating: "k", count: 1000) + #"":1}"#),
    .init("y_object_brackets_in_strings", #"{"}":"{","]":"[",",":":"}"#),
    .init("y_number_zero", "0"), .init("y_number_minus_zero", "-0"),
    .init("y_number_minus_zero_fraction", "-0.0"),
    .init("y_number_digit", "7"), .init("y_number_negative", "-123"),
    .init("y_number_int64_max", "9223372036854775807"),
    .init("y_number_beyond_int64", "123456789012345678901234567890"), .init("y_number_fraction", "0.10"),
    .init("y_number_exponent", "1e5"), .init("y_number_exponent_capital", "1E5"),
    .init("y_number_exponent_plus", "1e+05"), .init("y_number_exponent_minus", "1E-05"),
    .init("y_number_fraction_and_exponent", "123.456e78"), .init("y_number_zero_exponent", "0e0"),
    .init("y_number_tiny", "0." + String(repeating: "0", count: 400) + "1"),
    .init("y_number_in_array", "[-1,0.5,1e1]"), .init("y_number_space_behind", "[1 ]"),
    .init("y_string_empty", #""""#), .init("y_string_every_short_escape", #""\"\\\/\b\f\n\r\t""#),
    .init("y_string_unicode_escape", #""\u0123\uabCD""#), .init("y_string_null_escape", #""\u0000""#),
    .init("y_string_surrogate_pair", #""\uD834\uDD1E""#),
    .init("y_string_two_pairs", #""\ud83d\ude42\ud83d\ude42""#),
    .init("y_string_escaped_backslash_before_u", #""\\u0000""#),
    .init("y_string_escaped_quote_at_end", #""\"""#),
    .init("y_string_delete", "\"\u{7F}\""), .init("y_string_two_bytes", "\"\u{80}é\u{7FF}\""),
    .init("y_string_three_bytes", "\"\u{800}漢\u{FFFF}\""),
    .init("y_string_four_bytes", "\"\u{10000}🙂\u{10FFFF}\""),
    .init("y_string_around_surrogates", "\"\u{D7FF}\u{E000}\""),
    .init("y_string_noncharacters", "\"\u{FFFE}\u{1FFFF}\""),
    .init("y_string_byte_order_mark", "\"\u{FEFF}\""),
    .init("y_string_line_separators", "\"\u{2028}\u{2029}\u{85}\""),
    .init("y_string_slash", #""/""#), .init("y_string_comment", #""/* no */ // comment""#),
    .init("y_string_long", "\"" + String(repeating: "x", count: 100_000) + "\""),
    .init("y_literal_true", "true"), .init("y_literal_false", "false"), .init("y_literal_null", "null"),
    .init("y_structure_lonely_string", #""a""#), .init("y_structure_lonely_number", "42"),
    .init("y_structure_space_before", " \t\r\n[]"), .init("y_structure_space_behind", "[] \t\r\n"),
    .init(
      "y_structure_512_arrays", String(repeating: "[", count: 512) + String(repeating: "]", count: 512)),
    .init(
      "y_structure_512_objects",
      String(repeating: #"{"a":"#, count: 511) + "{}" + String(repeating: "}", count: 511)),
  ]

  /// What is left open, and accepted here; a string of a lone surrogate has no text, but is JSON.
  public static let acceptedThoughOpen: [Case] = [
    .init("i_number_huge_exponent", "1e400"), .init("i_number_huge_negative", "-1e99999999999999999999"),
    .init("i_number_vanishing", "1e-400"),
    .init("i_number_more_digits_than_a_double", "0.1234567890123456789012345"),
    .init("i_number_long", String(repeating: "9", count: 5000)),
    .init("i_string_lone_high_surrogate", #""\uD800""#), .init("i_string_lone_low_surrogate", #""\uDC00""#),
    .init("i_string_surrogates_swapped", #""\uDD1E\uD834""#),
    .init("i_string_high_surrogate_twice", #""\uD834\uD834""#),
    .init("i_string_high_surrogate_then_text", #""\uD834a""#),
    .init("i_string_high_surrogate_then_escape", #""\uD834\n""#),
    .init("i_object_lone_surrogate_key", #"{"\uDFFF":1}"#),
  ]
}
