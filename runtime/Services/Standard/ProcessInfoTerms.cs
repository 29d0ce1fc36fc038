using CloudScale.Scheduling;

namespace CloudScale.Runtime.Services.Standard;

/// <summary>What is known of a process, as <c>erlang:process_info</c> tells it.</summary>
/// <remarks>
/// A method of .NET stands as <c>{Type, Method, Arity}</c> with arity 1: it takes its <see cref="Self"/>. What a process here has not (a heap of its own, a binary heap) is told as zero, since
/// tools ask for it and do sums. An item that OTP does not know is <c>badarg</c>.
/// </remarks>
internal static class ProcessInfoTerms
{
    private const int WordBytes = 8;

    private static readonly Atom[] s_usual =
    [
        Atom.Of("registered_name"),
        Atom.Of("current_function"),
        Atom.Of("initial_call"),
        Atom.Of("status"),
        Atom.Of("message_queue_len"),
        Atom.Of("links"),
        Atom.Of("dictionary"),
        Atom.Of("trap_exit"),
        Atom.Of("error_handler"),
        Atom.Of("priority"),
        Atom.Of("group_leader"),
        Atom.Of("total_heap_size"),
        Atom.Of("heap_size"),
        Atom.Of("stack_size"),
        Atom.Of("reductions"),
        Atom.Of("garbage_collection"),
        Atom.Of("suspending"),
    ];

    private static readonly Atom s_registeredName = Atom.Of("registered_name");
    private static readonly Atom s_normal = Atom.Of("normal");
    private static readonly Atom s_errorHandler = Atom.Of("error_handler");
    private static readonly Atom s_onHeap = Atom.Of("on_heap");
    private static readonly Atom s_unknown = Atom.Of("unknown");
    private static readonly Tuple s_noFunction = Tuple.Of(s_unknown, s_unknown, 0L);

    /// <summary><c>process_info/1</c>.</summary>
    internal static async ProcessTask<object> All(ProcessSystem processes, Pid pid)
    {
        if (await processes.GetInfoAsync(pid, ProcessDetails.Dictionary) is not { } info)
            return Atoms.Undefined;
        List<object> items = [];
        foreach (Atom item in s_usual)
        {
            if (!ReferenceEquals(item, s_registeredName) || info.RegisteredName is not null)
                items.Add(Tuple.Of(item, Value(item, info)));
        }

        return List.Of([.. items]);
    }

    /// <summary><c>process_info/2</c>, for an item or a list of items.</summary>
    /// <exception cref="ErlangException"><c>badarg</c>: there is no such item.</exception>
    internal static async ProcessTask<object> Some(ProcessSystem processes, Pid pid, object items)
    {
        ProcessDetails details = DetailsFor(items);
        if (await processes.GetInfoAsync(pid, details) is not { } info)
            return Atoms.Undefined;
        return Some(info, items);
    }

    /// <summary>Items of a process that is described already.</summary>
    internal static object Some(ProcessInfo info, object items)
    {
        if (items is not List list)
        {
            object value = Value(items, info);
            bool isNameless = items is Atom atom && ReferenceEquals(atom, s_registeredName) && info.RegisteredName is null;
            return isNameless ? List.Empty : Tuple.Of(items, value);
        }

        object[] values = new object[list.Count];
        for (int i = 0; i < values.Length; i++)
            values[i] = Tuple.Of(list[i], Value(list[i], info));
        return List.Of(values);
    }

    private static ProcessDetails DetailsFor(object items)
    {
        ProcessDetails details = ProcessDetails.None;
        foreach (object item in items is List list ? list : List.Of(items))
        {
            details |= item switch
            {
                Atom { Name: "messages" } => ProcessDetails.Messages,
                Atom { Name: "dictionary" } or Tuple and [Atom { Name: "dictionary" }, _] => ProcessDetails.Dictionary,
                Atom { Name: "current_stacktrace" or "backtrace" } => ProcessDetails.Stack,
                _ => ProcessDetails.None,
            };
        }

        return details;
    }

    private static object Value(object item, ProcessInfo info) =>
        item switch
        {
            Atom atom => Value(atom, info),
            Tuple and [Atom { Name: "dictionary" }, var key] => info.Dictionary.FirstOrDefault(pair => Term.AreEqual(pair.Key, key)).Value
                ?? Atoms.Undefined,
            _ => throw ErlangException.BadArgument(),
        };

    private static object Value(Atom item, ProcessInfo info) =>
        item.Name switch
        {
            "registered_name" => info.RegisteredName is { } name ? name : List.Empty,
            "current_function" => FunctionOf(info.CurrentFunction),
            "initial_call" => FunctionOf(info.InitialFunction),
            "current_location" => Tuple.Of(FunctionOf(info.CurrentFunction)[0], FunctionOf(info.CurrentFunction)[1], 1L, List.Empty),
            "current_stacktrace" => StackOf(info),
            "backtrace" => Binary.FromUtf8(string.Join('\n', info.Stack)),
            "status" => StatusOf(info.Status),
            "message_queue_len" => (long)info.MessageQueueLength,
            "messages" => ListOf(info.Messages),
            "links" => ListOf(info.Links.Select(static pid => (object)pid)),
            "monitors" => ListOf(info.Monitors.Select(static target => Tuple.Of(Atoms.Process, target))),
            "monitored_by" => ListOf(info.MonitoredBy.Select(static pid => (object)pid)),
            "aliases" => ListOf(info.Aliases.Select(static alias => (object)alias)),
            "dictionary" => ListOf(info.Dictionary.Select(static pair => Tuple.Of(pair.Key, pair.Value))),
            "trap_exit" => info.TrapExit,
            "error_handler" => s_errorHandler,
            "priority" => PriorityOf(info.Priority),
            "group_leader" => info.GroupLeader.IsNone ? Atoms.Undefined : info.GroupLeader,
            "parent" => info.Parent.IsNone ? Atoms.Undefined : info.Parent,
            "label" => info.Label ?? Atoms.Undefined,
            "memory" => info.MemoryBytes,
            "total_heap_size" or "heap_size" => info.MemoryBytes / WordBytes,
            "stack_size" or "min_heap_size" or "min_bin_vheap_size" or "catchlevel" => 0L,
            "reductions" => info.Reductions,
            "suspending" => ListOf(info.Suspending.Select(static pid => Tuple.Of(pid, 1L, 0L))),
            "garbage_collection" => List.Of(Tuple.Of(Atom.Of("minor_gcs"), 0L), Tuple.Of(Atom.Of("fullsweep_after"), 0L)),
            "garbage_collection_info" or "binary" or "sequential_trace_token" => List.Empty,
            "message_queue_data" => s_onHeap,
            "async_dist" or "last_calls" => Atoms.False,
            "max_heap_size" => Map.Empty,
            "trace" => 0L,
            _ => throw ErlangException.BadArgument(),
        };

    /// <summary>A method as module, function and arity.</summary>
    internal static Tuple FunctionOf(string? method)
    {
        if (string.IsNullOrEmpty(method))
            return s_noFunction;
        int dot = method.LastIndexOf('.');
        string type = dot < 0 ? method : method[..dot];
        string name = dot < 0 ? "on_message" : method[(dot + 1)..]; // a handler is named by its type alone
        return Tuple.Of(AtomOf(type), AtomOf(name), 1L);
    }

    private static Atom AtomOf(string text) => text.Length <= Atom.MaxCharacters ? Atom.Of(text) : Atom.Of(text[..Atom.MaxCharacters]);

    private static List StackOf(ProcessInfo info) =>
        ListOf(
            info.Stack.Select(static method =>
            {
                Tuple function = FunctionOf(method);
                return Tuple.Of(function[0], function[1], function[2], List.Empty);
            })
        );

    private static List ListOf(IEnumerable<object> items) => List.Of([.. items]);

    private static Atom StatusOf(ProcessStatus status) =>
        status switch
        {
            ProcessStatus.Running => Atom.Of("running"),
            ProcessStatus.Runnable => Atom.Of("runnable"),
            ProcessStatus.Suspended => Atom.Of("suspended"),
            ProcessStatus.Exiting => Atom.Of("exiting"),
            _ => Atom.Of("waiting"),
        };

    internal static Atom PriorityOf(ProcessPriority priority) =>
        priority switch
        {
            ProcessPriority.Low => Atom.Of("low"),
            ProcessPriority.High => Atom.Of("high"),
            ProcessPriority.Max => Atom.Of("max"),
            _ => s_normal,
        };
}
