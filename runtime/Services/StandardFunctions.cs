namespace CloudScale;

/// <summary>Which of Erlang's own functions other nodes may call on a node. What is not allowed is <c>undef</c>.</summary>
/// <remarks>
/// A peer that has shown the cookie may by the protocol itself send to every process it knows, link to it, monitor it and send it exit signals. <see cref="Default"/> adds nothing to that but
/// answers about the node; the others give it a hold on the node and are a decision of the host. See <c>runtime/Services/README.md</c>.
/// </remarks>
[Flags]
public enum StandardFunctions
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Questions: <c>erlang:node</c>, <c>processes</c>, <c>process_info</c>, <c>system_info</c>, <c>memory</c>, <c>observer_backend</c>, <c>application</c>, <c>code</c>, <c>erlang:trace</c>, <c>net_adm:ping</c> and their like.</summary>
    Introspection = 1,

    /// <summary>
    /// What a process does for itself, or a peer may do from afar as well: <c>self</c>, <c>send</c>, <c>link</c>, <c>monitor</c>, <c>alias</c>, <c>exit</c>, <c>process_flag</c>, <c>group_leader</c>, <c>timer:sleep</c>, <c>lists:reverse</c>,
    /// <c>io:format</c>.
    /// </summary>
    Messages = 2,

    /// <summary>
    /// Calls and processes that outlive the call: <c>apply</c>, <c>spawn</c> and its forms, <c>rpc</c>, <c>erpc</c>, <c>gen_server:call</c>. Through them a peer reaches the exported functions, and other nodes in this node's name.
    /// </summary>
    Calls = 4,

    /// <summary>What changes the node: <c>register</c>, <c>unregister</c>, <c>disconnect_node</c>, <c>net_kernel:connect_node</c>, <c>allow</c>, <c>set_net_ticktime</c>, <c>application:start</c>, <c>stop</c>, <c>set_env</c>.</summary>
    Control = 8,

    /// <summary>What ends it: <c>erlang:halt</c>, <c>init:stop</c>; see <see cref="NodeOptions.OnHalt"/>.</summary>
    Halt = 16,

    /// <summary><see cref="Introspection"/> and <see cref="Messages"/>.</summary>
    Default = Introspection | Messages,

    /// <summary>All, as between Erlang nodes.</summary>
    All = Introspection | Messages | Calls | Control | Halt,
}
