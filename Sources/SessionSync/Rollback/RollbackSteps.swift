import SystemPackage

/// The steps of a rollback: each file is cut or taken once, whatever was written to it how often.
///
/// A crash in between is then told from the file's length alone.
struct RollbackSteps {
  private var steps: [RollbackPlan.Step?] = []
  /// Which step cuts a file, by where the file is now.
  private var cuts: [FilePath: Int] = [:]

  var all: [RollbackPlan.Step] { steps.compactMap(\.self) }

  mutating func add(_ step: RollbackPlan.Step) {
    switch step {
    case .cut(_, let now, let length, let modified):
      if let index = cuts[now], case .cut(let at, _, _, _) = steps[index] {
        steps[index] = .cut(at: at, now: now, to: length, modified: modified)
        return
      }
      cuts[now] = steps.count
    case .take(_, let now):
      // What is taken away is taken as it is.
      if let index = cuts.removeValue(forKey: now) { steps[index] = nil }
    default: break
    }
    steps.append(step)
  }
}
