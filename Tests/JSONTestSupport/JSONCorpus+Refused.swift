extension JSONCorpus {
  /// What must be refused.
  public static let refused: [Case] = arrays + objects + numbers + strings + literals + structures

  /// What is left open, and refused here.
  public static let refusedThoughOpen: [Case] = [
    .init("i_structure_byte_order_mark", "\u{FEFF}{}"),
    .init("i_structure_513_arrays", String(repeating: "[", count: 513) + String(repeating: "]", count: 513)),
    .init(
      "i_structure_513_objects",
      String(repeating: #"{"a":"#, count: 512) + "{}" + String(repeating: "}", count: 512)),
    .init("i_string_utf16_little_endian", [0x5B, 0, 0x22, 0, 0x22, 0, 0x5D, 0]),
    .init("i_string_utf16_with_mark", [0xFF, 0xFE, 0x5B, 0, 0x5D, 0]),
  ]

  private static let arrays: [Case] = [
    .init("n_array_comma_only", "[,]"), .init("n_array_comma_first", "[,1]"),
    .init("n_array_comma_last", "[1,]"),
    .init("n_array_comma_twice", "[1,,2]"), .init("n_array_without_comma", "[1 2]"),
    .init("n_array_colon", "[1:2]"),
    .init("n_array_unclosed", "[1"), .init("n_array_unclosed_comma", "[1,"),
    .init("n_array_unclosed_empty", "["),
    .init("n_array_closed_twice", "[1]]"), .init("n_array_closed_as_object", "[1}"),
    .init("n_array_inner_unclosed", "[[]"), .init("n_array_star", "[*]"), .init("n_array_just_minus", "[-]"),
    .init("n_array_strings_without_comma", #"["a" "b"]"#), .init("n_array_then_comma", "[],"),
    .init("n_array_vertical_tab", "[\u{B}1]"), .init("n_array_form_feed", "[\u{C}1]"),
  ]

  private static let objects: [Case] = [
    .init("n_object_comma_only", "{,}"), .init("n_object_comma_last", #"{"a":1,}"#),
    .init("n_object_comma_first", #"{,"a":1}"#), .init("n_object_comma_twice", #"{"a":1,,"b":2}"#),
    .init("n_object_without_colon", #"{"a" 1}"#), .init("n_object_colon_twice", #"{"a"::1}"#),
    .init("n_object_comma_for_colon", #"{"a",1}"#), .init("n_object_key_only", #"{"a"}"#),
    .init("n_object_without_value", #"{"a":}"#), .init("n_object_without_key", "{:1}"),
    .init("n_object_number_key", "{1:1}"), .init("n_object_bare_key", "{a:1}"),
    .init("n_object_null_key", "{null:1}"),
    .init("n_object_single_quotes", "{'a':1}"), .init("n_object_unclosed", #"{"a":1"#),
    .init("n_object_unclosed_at_key", #"{"a"#), .init("n_object_unclosed_at_colon", #"{"a":"#),
    .init("n_object_unclosed_at_comma", #"{"a":1,"#), .init("n_object_unclosed_empty", "{"),
    .init("n_object_closed_as_array", #"{"a":1]"#), .init("n_object_without_comma", #"{"a":1 "b":2}"#),
    .init("n_object_comment", #"{"a":/* */1}"#), .init("n_object_line_comment", "{} // end"),
    .init("n_object_closed_twice", "{}}"), .init("n_object_two", "{}{}"),
  ]

  private static let numbers: [Case] = [
    .init("n_number_leading_zero", "01"), .init("n_number_negative_leading_zero", "-01"),
    .init("n_number_zeros", "00"), .init("n_number_plus", "+1"), .init("n_number_minus_only", "-"),
    .init("n_number_two_minus", "--1"), .init("n_number_minus_space", "- 1"),
    .init("n_number_without_whole", ".5"),
    .init("n_number_minus_without_whole", "-.5"), .init("n_number_without_fraction", "1."),
    .init("n_number_without_fraction_exponent", "1.e5"), .init("n_number_dot_only", "."),
    .init("n_number_two_dots", "1.2.3"), .init("n_number_exponent_empty", "1e"),
    .init("n_number_exponent_sign", "1e+"),
    .init("n_number_exponent_two_signs", "1e+-1"), .init("n_number_exponent_fraction", "1e1.5"),
    .init("n_number_exponent_twice", "1e1e1"), .init("n_number_exponent_only", "e5"),
    .init("n_number_hexadecimal", "0x1F"),
    .init("n_number_hexadecimal_digit", "1F"), .init("n_number_nan", "NaN"),
    .init("n_number_infinity", "Infinity"),
    .init("n_number_minus_infinity", "-Infinity"), .init("n_number_inf", "inf"),
    .init("n_number_grouped", "1 000"),
    .init("n_number_underscore", "1_000"), .init("n_number_comma", "1,5"), .init("n_number_suffix", "1f"),
    .init("n_number_full_width", "１"), .init("n_number_then_null_byte", [0x31, 0x00]),
    .init("n_number_then_bad_utf8", [0x31, 0xE5]),
  ]

  private static let strings: [Case] = [
    .init("n_string_unclosed", #""a"#), .init("n_string_quote_only", "\""),
    .init("n_string_single_quotes", "'a'"),
    .init("n_string_escape_at_end", #""\"#), .init("n_string_escape_unclosed", #""\""#),
    .init("n_string_escape_unknown", #""\x00""#), .init("n_string_escape_capital", #""\N""#),
    .init("n_string_escape_single_quote", #""\'""#), .init("n_string_escape_newline", "\"\\\n\""),
    .init("n_string_escape_zero", #""\0""#), .init("n_string_escape_unicode_brace", #""\u{41}""#),
    .init("n_string_unicode_empty", #""\u""#), .init("n_string_unicode_one", #""\u0""#),
    .init("n_string_unicode_three", #""\u012""#), .init("n_string_unicode_letter", #""\u00G0""#),
    .init("n_string_unicode_sign", #""\u+123""#), .init("n_string_unicode_space", #""\u 123""#),
    .init("n_string_unicode_capital_u", #""\U0041""#),
    .init("n_string_surrogate_then_short_unicode", #""\uD834\uDd""#),
    .init("n_string_surrogate_then_backslash", #""\uD834\"#), .init("n_string_newline", "\"a\nb\""),
    .init("n_string_carriage_return", "\"\r\""), .init("n_string_tab", "\"\t\""),
    .init("n_string_null_byte", "\"\u{0}\""), .init("n_string_unit_separator", "\"\u{1F}\""),
    .init("n_string_bare", "abc"), .init("n_string_then_letter", #""a"b"#), .init("n_string_two", #""a""b""#),
    .init("n_string_lone_continuation", [0x22, 0x80, 0x22]), .init("n_string_lone_lead", [0x22, 0xE5, 0x22]),
    .init("n_string_overlong_slash", [0x22, 0xC0, 0xAF, 0x22]),
    .init("n_string_overlong_null", [0x22, 0xC0, 0x80, 0x22]),
    .init("n_string_overlong_three", [0x22, 0xE0, 0x9F, 0xBF, 0x22]),
    .init("n_string_overlong_four", [0x22, 0xF0, 0x8F, 0xBF, 0xBF, 0x22]),
    .init("n_string_surrogate_bytes", [0x22, 0xED, 0xA0, 0x80, 0x22]),
    .init("n_string_surrogate_pair_bytes", [0x22, 0xED, 0xA0, 0xB4, 0xED, 0xB4, 0x9E, 0x22]),
    .init("n_string_beyond_unicode", [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22]),
    .init("n_string_five_bytes", [0x22, 0xF8, 0x88, 0x80, 0x80, 0x80, 0x22]),
    .init("n_string_byte_ff", [0x22, 0xFF, 0x22]), .init("n_string_latin_1", [0x22, 0xE9, 0x22]),
    .init("n_string_cut_character", [0x22, 0xF0, 0x9F, 0x99]),
    .init("n_string_bad_utf8_in_key", [0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D]),
  ]

  private static let literals: [Case] = [
    .init("n_literal_cut_true", "tru"), .init("n_literal_cut_false", "fals"),
    .init("n_literal_cut_null", "nul"),
    .init("n_literal_longer", "nullx"), .init("n_literal_capital", "True"),
    .init("n_literal_capitals", "NULL"),
    .init("n_literal_none", "None"), .init("n_literal_undefined", "undefined"),
    .init("n_literal_misspelt", "flase"),
    .init("n_literal_two", "true false"), .init("n_literal_no_break_space", "\u{A0}true"),
  ]

  private static let structures: [Case] = [
    .init("n_structure_nothing", ""), .init("n_structure_space_only", " \t\r\n"),
    .init("n_structure_null_bytes", "\0\0\0\0"),
    .init("n_structure_null_byte_behind", "{}\0"), .init("n_structure_comma", ","),
    .init("n_structure_colon", ":"),
    .init("n_structure_close_array", "]"), .init("n_structure_close_object", "}"),
    .init("n_structure_hash", "{} #"),
    .init("n_structure_text_behind", "[1]x"), .init("n_structure_star_behind", "[]*"),
    .init("n_structure_angle", "<null>"),
    .init("n_structure_word_joiner", "\u{2060}[]"), .init("n_structure_line_separator", "\u{2028}[]"),
    .init("n_structure_next_line", "\u{85}[]"), .init("n_structure_bad_utf8_behind", [0x5B, 0x5D, 0xFF]),
    .init("n_structure_open_and_quote", "[\"a\n"),
    .init("n_structure_many_open_arrays", String(repeating: "[", count: 100_000)),
    .init("n_structure_many_open_objects", String(repeating: #"{"a":"#, count: 100_000)),
    .init(
      "n_structure_half_a_record",
      #"{"timestamp":"2026-11-20T10:00:00.000Z","type":"response_item","payload":{"#),
    .init("n_structure_two_records", #"{"type":"compacted"}{"type":"compacted"}"#),
  ]
}
