import CanonicalJSON
import DurableFiles
import SystemPackage

/// How many JSON values a package may still bring into memory.
///
/// Counted before a tree is made: one of `[0,0,…]` takes fifty times what its text does.
struct MetadataBudget {
  let limits: PackageLimits
  private var spent = 0

  init(_ limits: PackageLimits) { self.limits = limits }

  /// Takes the values of a text out of the budget; one that is no JSON takes none.
  mutating func spend(_ text: Span<UInt8>, at path: String) throws(PackageError) {
    spent += JSONText.valueCount(text) ?? 0
    if spent > limits.metadataValues {
      throw .overLimit(.metadataValues, limit: Int64(limits.metadataValues), entry: path)
    }
  }
}
