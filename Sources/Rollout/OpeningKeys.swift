import CanonicalJSON

/// The closed list of what Codex reads when it opens a thread.
///
/// Read off the binaries (`Tests/Acceptance/test_opening_keys.py` holds the list against the newest one) and tried with
/// Codex 0.133.0, 0.149.0, 0.154.0 and 0.163.0: each line with a hostile value, `thread/resume` and a turn.
/// `docs/opening-keys.md` is made from it.
public enum OpeningKeys {
  /// The list, by place.
  public static let all: [OpeningKey] = sessionMeta + turnContext + settings + row + dynamicTool

  /// Keys that Codex takes for others; it does not read a record in which both stand (0.163.0).
  static let aliases = ["agent_type": "agent_role"]

  /// What becomes of a column of a packed row; nil for one that is not on the list, which does not travel.
  public static func treatment(_ column: String, of place: OpeningKey.Place) -> OpeningKey.Treatment? {
    columns[place]?[column]
  }

  private static let columns: [OpeningKey.Place: [String: OpeningKey.Treatment]] = Dictionary(
    grouping: row + dynamicTool, by: \.place
  ).mapValues { Dictionary($0.map { ($0.path, $0.treatment) }) { first, _ in first } }

  /// Stricter than any configuration, and all that a record on the way may say: the one at the end says what this
  /// home says.
  ///
  /// A profile that names no permission of any configuration is replaced by the home's own (0.149.0 to 0.163.0).
  private static let strictProfile: JSONValue = [
    "type": "managed",
    "file_system": [
      "type": "restricted", "entries": [["path": ["type": "path", "path": "/tmp"], "access": "read"]],
    ],
    "network": "restricted",
  ]

  private static let sessionMeta: [OpeningKey] = [
    .init(.sessionMeta, "session_id", .conversation, "0.144.4", "the root of a tree of agents"),
    .init(
      .sessionMeta, "id", .conversation, "0.133.0",
      "the thread; another one where it lives under another id here"),
    .init(.sessionMeta, "forked_from_id", .conversation, "0.133.0", "shown"),
    .init(.sessionMeta, "forked_from_ordinal_exclusive", .conversation, "0.163.0", "where the fork begins"),
    .init(.sessionMeta, "parent_thread_id", .conversation, "0.144.4", "a sub-agent's parent"),
    .init(.sessionMeta, "creator_user_id", .receivers(nil), "0.157.1", "who is signed in here decides"),
    .init(.sessionMeta, "creator_account_id", .receivers(nil), "0.157.1", "who is signed in here decides"),
    .init(.sessionMeta, "timestamp", .conversation, "0.133.0", "when the thread was made"),
    .init(.sessionMeta, "cwd", .receiversFolder, "0.133.0", "where commands run, up to 0.149.0"),
    .init(.sessionMeta, "runtime_workspace_roots", .receiversFolders, "0.155.1", "what may be written to"),
    .init(.sessionMeta, "originator", .conversation, "0.133.0", "the program it was made with; shown"),
    .init(.sessionMeta, "cli_version", .conversation, "0.133.0", "the version it was made with; shown"),
    .init(
      .sessionMeta, "source", .conversation, "0.133.0", otherwise: "unknown",
      "decides in which lists it stands; some kinds of sub-agent are offered fewer tools"),
    .init(.sessionMeta, "source.custom", .conversation, "0.133.0", "a name"),
    .init(.sessionMeta, "source.internal", .conversation, "0.149.0", "a word; such a thread takes no turns"),
    .init(.sessionMeta, "source.subagent", .conversation, "0.133.0", "a word, or one of the two below"),
    .init(.sessionMeta, "source.subagent.other", .conversation, "0.133.0", "a word"),
    .init(
      .sessionMeta, "source.subagent.thread_spawn.parent_thread_id", .conversation, "0.133.0", "the parent"),
    .init(
      .sessionMeta, "source.subagent.thread_spawn.depth", .conversation, "0.133.0", "how deep in the tree"),
    .init(
      .sessionMeta, "source.subagent.thread_spawn.agent_path", .conversation, "0.133.0",
      "its name in the tree"),
    .init(.sessionMeta, "source.subagent.thread_spawn.agent_nickname", .conversation, "0.133.0", "shown"),
    .init(
      .sessionMeta, "source.subagent.thread_spawn.agent_role", .conversation, "0.133.0",
      "a role of this home's"),
    .init(
      .sessionMeta, "source.subagent.thread_spawn.agent_type", .conversation, "0.133.0", "as `agent_role`"),
    .init(.sessionMeta, "thread_source", .conversation, "0.133.0", "who began the thread; shown"),
    .init(.sessionMeta, "agent_nickname", .conversation, "0.133.0", "shown"),
    .init(.sessionMeta, "agent_role", .conversation, "0.133.0", "a role of this home's"),
    .init(.sessionMeta, "agent_type", .conversation, "0.133.0", "as `agent_role`"),
    .init(.sessionMeta, "agent_path", .conversation, "0.133.0", "its name in the tree"),
    .init(
      .sessionMeta, "model_provider", .conversation, "0.133.0",
      "whom the conversation is sent to; replaced where it is not configured here"),
    .init(
      .sessionMeta, "base_instructions.text", .conversation, "0.133.0",
      "text for the model, like every message: it starts nothing and permits nothing"),
    .init(
      .sessionMeta, "base_instructions.provenance.type", .conversation, "0.149.0", "where that text came from"
    ),
    .init(.sessionMeta, "base_instructions.provenance.model", .conversation, "0.149.0", "whose text it is"),
    .init(
      .sessionMeta, "dynamic_tools.type", .conversation, "0.149.0",
      "offered to the model and answered by the program in front of Codex; no command runs"),
    .init(.sessionMeta, "dynamic_tools.namespace", .conversation, "0.133.0", "a tool's name"),
    .init(.sessionMeta, "dynamic_tools.name", .conversation, "0.133.0", "a tool's name"),
    .init(.sessionMeta, "dynamic_tools.description", .conversation, "0.133.0", "text for the model"),
    .init(.sessionMeta, "dynamic_tools.inputSchema.*", .conversation, "0.133.0", "what a tool takes"),
    .init(.sessionMeta, "dynamic_tools.deferLoading", .conversation, "0.133.0", "when a tool is offered"),
    .init(.sessionMeta, "dynamic_tools.exposeToContext", .conversation, "0.133.0", "when a tool is offered"),
    .init(.sessionMeta, "dynamic_tools.tools.type", .conversation, "0.149.0", "a tool of a namespace"),
    .init(.sessionMeta, "dynamic_tools.tools.name", .conversation, "0.149.0", "a tool's name"),
    .init(.sessionMeta, "dynamic_tools.tools.description", .conversation, "0.149.0", "text for the model"),
    .init(.sessionMeta, "dynamic_tools.tools.inputSchema.*", .conversation, "0.149.0", "what a tool takes"),
    .init(
      .sessionMeta, "dynamic_tools.tools.deferLoading", .conversation, "0.149.0", "when a tool is offered"),
    .init(
      .sessionMeta, "selected_capability_roots", .dropped, "0.149.0",
      "starts the servers of the plugin folders it names at the first turn, unasked and outside the sandbox (0.154.0)"
    ),
    .init(
      .sessionMeta, "memory_mode", .conversation, "0.133.0", "whether memories may be made of the thread"),
    .init(.sessionMeta, "history_mode", .conversation, "0.144.4", "the format of the file"),
    .init(
      .sessionMeta, "history_base.thread_id", .conversation, "0.147.0",
      "what the file goes on from; flattened"),
    .init(.sessionMeta, "history_base.end_ordinal_exclusive", .conversation, "0.147.0", "where"),
    .init(.sessionMeta, "history_base.end_byte_offset", .conversation, "0.147.0", "where"),
    .init(
      .sessionMeta, "subagent_history_start_ordinal", .conversation, "0.149.0",
      "where a sub-agent's own part begins"),
    .init(
      .sessionMeta, "multi_agent_version", .conversation, "0.144.4",
      "which tools for agents are offered to the model; agents work under this home's policy"),
    .init(.sessionMeta, "context_window.window_id", .conversation, "0.144.4", "a name"),
    .init(.sessionMeta, "git.commit_hash", .conversation, "0.133.0", "shown"),
    .init(.sessionMeta, "git.branch", .conversation, "0.133.0", "shown"),
    .init(.sessionMeta, "git.repository_url", .conversation, "0.133.0", "shown"),
    .init(
      .sessionMeta, "instructions", .conversation, "0.133.0", until: "none",
      "written before 0.133.0, read by none since"),
    .init(
      .sessionMeta, "codex_session_sync.*", .conversation, "0.133.0", until: "none",
      "this program's marker of a branch"),
  ]

  private static let turnContext: [OpeningKey] = [
    .init(.turnContext, "turn_id", .conversation, "0.133.0", "the turn"),
    .init(.turnContext, "root_turn_id", .conversation, "0.153.4", "the turn it is part of"),
    .init(.turnContext, "trace_id", .conversation, "0.133.0", until: "0.154.0", "a name"),
    .init(.turnContext, "disabled_plugin_ids", .receivers([]), "0.155.1", "this home's plugins are its own"),
    .init(.turnContext, "cwd", .receiversFolder, "0.133.0", "the folder of the turn"),
    .init(
      .turnContext, "workspace_roots", .receiversFolders, "0.136.0", until: "0.161.0",
      "what could be written to"),
    .init(.turnContext, "current_date", .conversation, "0.133.0", until: "0.161.0", "told to the model"),
    .init(.turnContext, "timezone", .conversation, "0.133.0", until: "0.161.0", "told to the model"),
    .init(
      .turnContext, "approval_policy", .receivers("untrusted"), "0.133.0",
      "what is asked; of a legacy transcript without settings records the last one rules (0.149.0, 0.163.0)"),
    .init(.turnContext, "approvals_reviewer", .receivers("user"), "0.144.4", "who is asked"),
    .init(
      .turnContext, "sandbox_policy", .receivers(["type": "read-only"]), "0.133.0", "what commands may touch"),
    .init(.turnContext, "permission_profile", .receivers(nil), "0.133.0", "what commands may touch"),
    .init(
      .turnContext, "active_permission_profile", .receivers(nil), "0.149.0",
      "a profile of this home's by name"),
    .init(
      .turnContext, "network", .receivers(nil), "0.133.0", until: "0.161.0", "which hosts may be reached"),
    .init(.turnContext, "file_system_sandbox_policy", .receivers(nil), "0.133.0", "what commands may touch"),
    .init(.turnContext, "model", .conversation, "0.133.0", "the model of the turn"),
    .init(.turnContext, "comp_hash", .conversation, "0.149.0", "a digest"),
    .init(.turnContext, "personality", .conversation, "0.133.0", until: "0.155.1", "a style"),
    .init(.turnContext, "collaboration_mode.mode", .conversation, "0.133.0", "plan or not"),
    .init(.turnContext, "collaboration_mode.settings.model", .conversation, "0.133.0", "as `model`"),
    .init(
      .turnContext, "collaboration_mode.settings.reasoning_effort", .conversation, "0.133.0", "as `effort`"),
    .init(
      .turnContext, "collaboration_mode.settings.developer_instructions", .receivers(nil), "0.133.0",
      "text for the model in every turn to come, shown nowhere"),
    .init(
      .turnContext, "multi_agent_version", .conversation, "0.144.4",
      "which tools for agents are offered to the model"),
    .init(
      .turnContext, "multi_agent_mode.*", .conversation, "0.149.0", until: "0.161.0",
      "how the model is told to use agents"),
    .init(.turnContext, "realtime_active", .conversation, "0.133.0", "whether somebody spoke"),
    .init(.turnContext, "cyber_access_program", .receivers(nil), "0.154.0", "this home's account decides"),
    .init(.turnContext, "effort", .conversation, "0.133.0", "how long the model thinks"),
    .init(.turnContext, "summary", .conversation, "0.133.0", "whether its thinking is summed up"),
    .init(
      .turnContext, "user_instructions", .conversation, "0.133.0", until: "none",
      "written before 0.133.0, read by none since"),
    .init(
      .turnContext, "developer_instructions", .conversation, "0.133.0", until: "none",
      "written before 0.133.0, read by none since"),
    .init(
      .turnContext, "final_output_json_schema.*", .conversation, "0.133.0", until: "none",
      "written before 0.133.0, read by none since"),
    .init(
      .turnContext, "truncation_policy.*", .conversation, "0.133.0", until: "none",
      "written before 0.133.0, read by none since"),
  ]

  private static let settings: [OpeningKey] = [
    .init(.settings, "type", .conversation, "0.133.0", "what event it is"),
    .init(
      .settings, "thread_id", .conversation, "0.154.0", "settings of another thread are passed over (0.163.0)"
    ),
    .init(.settings, "thread_settings.model", .conversation, "0.133.0", "the model"),
    .init(
      .settings, "thread_settings.model_provider_id", .conversation, "0.133.0",
      "whom the conversation was sent to"),
    .init(.settings, "thread_settings.service_tier", .receivers(nil), "0.133.0", "what a turn costs"),
    .init(.settings, "thread_settings.approval_policy", .receivers("untrusted"), "0.133.0", "what is asked"),
    .init(.settings, "thread_settings.approvals_reviewer", .receivers("user"), "0.133.0", "who is asked"),
    .init(
      .settings, "thread_settings.permission_profile", .receivers(strictProfile), "0.133.0",
      "what commands may touch"),
    .init(
      .settings, "thread_settings.active_permission_profile", .receivers(nil), "0.133.0",
      "a profile of this home's by the sender's name for it"),
    .init(.settings, "thread_settings.cwd", .receiversFolder, "0.133.0", "where commands run (0.154.0)"),
    .init(
      .settings, "thread_settings.runtime_workspace_roots", .receiversFolders, "0.155.1",
      "what may be written to"),
    .init(
      .settings, "thread_settings.reasoning_effort", .conversation, "0.133.0", "how long the model thinks"),
    .init(
      .settings, "thread_settings.reasoning_summary", .conversation, "0.133.0",
      "whether its thinking is summed up"),
    .init(.settings, "thread_settings.personality", .conversation, "0.133.0", "a style"),
    .init(.settings, "thread_settings.collaboration_mode.mode", .conversation, "0.133.0", "plan or not"),
    .init(
      .settings, "thread_settings.collaboration_mode.settings.model", .conversation, "0.133.0", "as `model`"),
    .init(
      .settings, "thread_settings.collaboration_mode.settings.reasoning_effort", .conversation, "0.133.0",
      "as `reasoning_effort`"),
    .init(
      .settings, "thread_settings.collaboration_mode.settings.developer_instructions", .receivers(nil),
      "0.133.0",
      "text for the model in every turn to come, shown nowhere"),
    .init(
      .settings, "thread_settings.disabled_plugin_ids", .receivers([]), "0.155.1",
      "this home's plugins are its own"),
  ]

  private static let row: [OpeningKey] = [
    .init(
      .row, "id", .conversation, "0.133.0", "the thread; another one where it lives under another id here"),
    .init(.row, "rollout_path", .receivers(nil), "0.133.0", "the file that is opened"),
    .init(.row, "created_at", .conversation, "0.133.0", "a time"),
    .init(.row, "created_at_ms", .conversation, "0.133.0", "a time"),
    .init(.row, "updated_at", .conversation, "0.133.0", "a time"),
    .init(.row, "updated_at_ms", .conversation, "0.133.0", "a time"),
    .init(.row, "recency_at", .conversation, "0.144.4", "a time"),
    .init(.row, "recency_at_ms", .conversation, "0.144.4", "a time"),
    .init(.row, "source", .conversation, "0.133.0", "decides in which lists it stands"),
    .init(
      .row, "model_provider", .conversation, "0.133.0",
      "whom the conversation is sent to; replaced where it is not configured here"),
    .init(.row, "cwd", .receiversFolder, "0.133.0", "by which folder it is listed"),
    .init(.row, "title", .conversation, "0.133.0", "shown"),
    .init(.row, "name", .conversation, "0.147.0", "shown"),
    .init(.row, "sandbox_policy", .receivers(nil), "0.133.0", "what commands may touch"),
    .init(.row, "approval_mode", .receivers(nil), "0.133.0", "what is asked"),
    .init(.row, "tokens_used", .conversation, "0.133.0", "shown"),
    .init(.row, "has_user_event", .conversation, "0.133.0", "no effect"),
    .init(.row, "archived", .conversation, "0.133.0", "in which list it stands"),
    .init(.row, "archived_at", .conversation, "0.133.0", "a time"),
    .init(.row, "git_sha", .conversation, "0.133.0", "shown"),
    .init(.row, "git_branch", .conversation, "0.133.0", "shown"),
    .init(.row, "git_origin_url", .conversation, "0.133.0", "shown"),
    .init(.row, "cli_version", .conversation, "0.133.0", "shown"),
    .init(.row, "first_user_message", .conversation, "0.133.0", "shown"),
    .init(.row, "preview", .conversation, "0.133.0", "shown"),
    .init(.row, "agent_nickname", .conversation, "0.133.0", "shown"),
    .init(.row, "agent_role", .conversation, "0.133.0", "a role of this home's"),
    .init(.row, "agent_path", .conversation, "0.133.0", "its name in the tree of agents"),
    .init(.row, "memory_mode", .conversation, "0.133.0", "whether memories may be made of the thread"),
    .init(.row, "model", .conversation, "0.133.0", "the model, where the transcript names none"),
    .init(
      .row, "reasoning_effort", .conversation, "0.133.0",
      "how long the model thinks, where the transcript does not say"),
    .init(.row, "thread_source", .conversation, "0.133.0", "who began the thread"),
    .init(.row, "history_mode", .receivers(nil), "0.144.4", "the format of the file, as it is"),
    .init(.row, "originator", .conversation, "0.154.0", "shown"),
    .init(.row, "is_pinned", .receivers(nil), "0.147.0", "how this home is sorted"),
    .init(.row, "thread_section_id", .receivers(nil), "0.147.0", "how this home is sorted"),
    .init(.row, "section_position", .receivers(nil), "0.147.0", "how this home is sorted"),
    .init(.row, "section_entered_at_ms", .receivers(nil), "0.147.0", "how this home is sorted"),
    .init(.row, "project_id", .receivers(nil), "0.149.0", "a project of this home's"),
    .init(.row, "daybreak_enabled", .receivers(nil), "0.154.0", "a choice of this home's user"),
    .init(.row, "creator_user_id", .receivers(nil), "0.157.1", "who is signed in here decides"),
    .init(.row, "creator_account_id", .receivers(nil), "0.157.1", "who is signed in here decides"),
  ]

  private static let dynamicTool: [OpeningKey] = [
    .init(.dynamicTool, "thread_id", .conversation, "0.133.0", "the thread"),
    .init(.dynamicTool, "position", .conversation, "0.133.0", "their order"),
    .init(
      .dynamicTool, "name", .conversation, "0.133.0",
      "offered to the model and answered by the program in front of Codex; no command runs"),
    .init(.dynamicTool, "description", .conversation, "0.133.0", "text for the model"),
    .init(.dynamicTool, "input_schema", .conversation, "0.133.0", "what a tool takes"),
    .init(.dynamicTool, "defer_loading", .conversation, "0.133.0", "when a tool is offered"),
    .init(.dynamicTool, "namespace", .conversation, "0.133.0", "a tool's name"),
  ]
}
