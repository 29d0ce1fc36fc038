namespace CloudScale;

/// <summary>What is asked of Elixir's nodes more often than of others: registries and task supervisors, which live where they are and are reached by calls.</summary>
/// <remarks>Threads: the process of the <see cref="Self"/>. Errors: those of <see cref="Erpc.Call"/>.</remarks>
public static class Elixir
{
    private static readonly Atom s_registry = ElixirName.Of("Registry");
    private static readonly Atom s_tasks = ElixirName.Of("Task.Supervisor");

    /// <summary>The processes registered under a key, with the values they gave; Elixir's <c>Registry.lookup</c>.</summary>
    /// <param name="self">The calling process.</param>
    /// <param name="node">The node of the registry.</param>
    /// <param name="registry">Its name, for example <c>Shop.Registry</c>.</param>
    /// <param name="key">The key.</param>
    /// <param name="timeout">How long to wait; for ever by default.</param>
    public static async ProcessTask<IReadOnlyList<(Pid Pid, object Value)>> Lookup(
        Self self,
        Atom node,
        string registry,
        object key,
        TimeSpan? timeout = null
    )
    {
        object found = await Erpc.Call(self, node, s_registry, "lookup", List.Of(ElixirName.Of(registry), key), timeout);
        List<(Pid, object)> entries = [];
        foreach (object entry in found as List ?? List.Empty)
        {
            if (entry is Tuple and [Pid pid, var value])
                entries.Add((pid, value));
        }

        return entries;
    }

    /// <summary>The one process registered under a key, what <c>{:via, Registry, {registry, key}}</c> names; none if there is none.</summary>
    /// <inheritdoc cref="Lookup" path="/param"/>
    public static async ProcessTask<Pid> WhereIs(Self self, Atom node, string registry, object key, TimeSpan? timeout = null)
    {
        object found = await Erpc.Call(self, node, s_registry, "whereis_name", List.Of(Tuple.Of(ElixirName.Of(registry), key)), timeout);
        return found is Pid pid ? pid : default;
    }

    /// <summary>Starts a task under a task supervisor, and does not wait for it; Elixir's <c>Task.Supervisor.start_child</c>.</summary>
    /// <param name="self">The calling process.</param>
    /// <param name="node">The node of the supervisor.</param>
    /// <param name="supervisor">Its name, for example <c>Shop.Tasks</c>.</param>
    /// <param name="module">The module; of Elixir see <see cref="ElixirName"/>.</param>
    /// <param name="function">The function.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="timeout">How long to wait for the start; for ever by default.</param>
    /// <returns>The task's process.</returns>
    /// <exception cref="ErlangException">It was not started.</exception>
    public static async ProcessTask<Pid> StartTask(
        Self self,
        Atom node,
        string supervisor,
        Atom module,
        Atom function,
        List arguments,
        TimeSpan? timeout = null
    )
    {
        object started = await Erpc.Call(
            self,
            node,
            s_tasks,
            "start_child",
            List.Of(ElixirName.Of(supervisor), module, function, arguments),
            timeout
        );
        return started is Tuple and [_, Pid pid] ? pid : throw ErlangException.Error(started);
    }
}
