import Lineage

/// The rules of classification, in the words of a person.
enum DecisionMatrix {
  static let markdown = """
    The first row that applies decides. A *candidate* is a thread here that begins with the same record, or has an \
    older segment that does. It must also have the same id, or come from the same thread as a copy or branch, or \
    neither of the two may be a declared fork or a sub-agent.
    Compared is the history: the records that the model sees, in order.

    | # | when | what it is | what `sync` does |
    | ---: | --- | --- | --- |

    """ + Rule.allCases.map(row).joined(separator: "\n") + "\n"

  private static func row(_ rule: Rule) -> String {
    let outcomes = rule.outcomes.map { outcome in
      "`\(outcome.classification.rawValue)`" + (outcome.detail.map { " (`\($0.rawValue)`)" } ?? "")
    }
    return "| \(rule.rawValue) | \(condition(rule)) | \(outcomes.joined(separator: ", ")) | \(action(rule)) |"
  }

  private static func condition(_ rule: Rule) -> String {
    switch rule {
    case .contained: "A candidate has all of it, and perhaps more."
    case .rewound: "An older segment of a candidate has all of it: the user here rewound it."
    case .empty: "Nothing was said in it."
    case .deleted:
      "The user here deleted what it is, or what it goes on from, and no thread that is left has as much of it."
    case .continued: "A candidate is the beginning of it, and was not rewound from what it goes on with."
    case .diverged: "There is another candidate: both sides went on."
    case .taken: "There is no candidate, and a thread here has its id."
    case .new: "Nothing of it is here."
    }
  }

  private static func action(_ rule: Rule) -> String {
    switch rule {
    case .contained:
      "Nothing; but where both are equal and the end of a turn that is open here came along, that is appended."
    case .rewound, .empty: "Nothing."
    case .deleted: "Nothing, unless `--restore-deleted`."
    case .continued:
      "Appends what is missing to the longest such thread. If that one is busy the session is blocked."
    case .diverged:
      """
      Leaves the thread that is here as it is, and makes a thread of its own of the incoming one: a branch. Its id is \
      the incoming one where that is free, else one derived from the divergence, the same on every machine.
      """
    case .taken: "Nothing, and says so; with `--on-collision import` it comes in under a derived id."
    case .new:
      "Imports it under its own id; under a derived one where that is the id of a thread deleted here."
    }
  }
}
