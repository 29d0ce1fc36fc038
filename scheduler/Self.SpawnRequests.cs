using CloudScale.Scheduling;

namespace CloudScale;

/// <summary>Processes on other nodes, by the name of the function they begin with; Erlang's <c>spawn_request/5</c>.</summary>
public readonly partial struct Self
{
    /// <summary>
    /// Asks a node to start a process, and does not wait. The answer is the message <c>{spawn_reply, Request, ok, Pid}</c> or <c>{spawn_reply, Request, error, Reason}</c>; with
    /// reasons <c>noconnection</c>, <c>badopt</c>, <c>notsup</c> and <c>system_limit</c>. It comes before anything that comes of the new process itself.
    /// </summary>
    /// <param name="node">The node, which may be this one.</param>
    /// <param name="module">The module of the function.</param>
    /// <param name="function">The function. One that is not there, or may not be called from outside, lets the new process exit with <c>undef</c>.</param>
    /// <param name="arguments">Its arguments, a proper list.</param>
    /// <param name="options">Link, monitor, which answers to send, and all else.</param>
    /// <returns>The number of the request; where the options ask for a monitor, its reference.</returns>
    /// <exception cref="ArgumentException">The arguments are no proper list, or no terms.</exception>
    public Reference SpawnRequest(Atom node, Atom module, Atom function, List arguments, SpawnRequestOptions options = default)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(arguments);
        if (!arguments.IsProper)
            throw new ArgumentException("Arguments are a proper list.", nameof(arguments));
        return Charged().RequestSpawn(node, new FunctionCall(module, function, arguments), options);
    }

    /// <summary>
    /// Gives a request up that has not been answered: no answer, link or monitor comes of it any more. A process that is started all the same, and was to be linked, gets
    /// the exit signal <c>abandoned</c>. Erlang's <c>spawn_request_abandon/1</c>.
    /// </summary>
    /// <returns>False if there is no such request, or its answer is here already.</returns>
    public bool AbandonSpawn(Reference request) => Owned().AbandonSpawn(request);
}
