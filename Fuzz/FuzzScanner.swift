import CanonicalJSON
import JSONTestSupport

/// Holds the scanner against the reference parser, on texts that libFuzzer makes up.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzScanner(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let text = Array(UnsafeBufferPointer(start: data, count: count))
  var proof = CanonicalProof(seed: 0)
  let form = proof.canonical(text)
  let isCanonical = proof.isCanonical
  let meaning = try? ReferenceParser.parse(text)
  hold((form == nil) == (meaning == nil), "accepted by one only")
  hold((try? JSONText(text))?.canonical == form, "the index has another form")
  guard let form else { return 0 }
  hold((form == text) == isCanonical, "wrong about being canonical")
  hold((try? ReferenceParser.parse(form)) == meaning, "the form means something else")
  hold(proof.canonical(form) == form && proof.isCanonical, "the form of the form is not itself")
  return 0
}

func hold(_ claim: Bool, _ complaint: StaticString) {
  if !claim { fatalError("\(complaint)") }
}
