namespace CloudScale.Scheduling;

/// <summary>What process info says.</summary>
internal sealed partial class Process
{
    private const int CountLimit = 1 << 20; // a longer backlog in the chain is reported as this much: the walk must end

    /// <summary>Messages not yet received. Any thread; an estimate while the process runs.</summary>
    internal int MessageQueueLength => _mailbox.Count + _mailbox.CountArrivals(CountLimit);

    internal long Reductions => Runner is null ? _reductionsTotal : _reductionsTotal + (SliceBudget - _reductions);

    /// <summary>Messages that have joined the queue since the process started.</summary>
    internal long MessagesReceived => _mailbox.Received;

    internal Pid Parent => _parent == 0 ? default : new Pid(System.Identity, _parent);

    internal Pid GroupLeader
    {
        get => _extension?.Attributes is { GroupLeader: { IsNone: false } leader } ? leader : System.DefaultGroupLeader;
        set => Extension.Attribute().GroupLeader = value;
    }

    internal bool HasOwnGroupLeader => _extension?.Attributes is { GroupLeader.IsNone: false };

    internal object? Label
    {
        get => _extension?.Attributes?.Label;
        set => Extension.Attribute().Label = value;
    }

    /// <summary>Owner: the process dictionary.</summary>
    internal Dictionary<object, object> Dictionary => Extension.Attribute().Dictionary ??= NewDictionary();

    private Dictionary<object, object> NewDictionary()
    {
        Dictionary<object, object> dictionary = new(TermComparer.Instance);
        (_code as ProcessHandler)?.OnDictionary(dictionary);
        return dictionary;
    }

    /// <summary>Owner: describes the process.</summary>
    internal ProcessInfo Describe(ProcessDetails details = ProcessDetails.None)
    {
        ProcessExtension? extension = _extension;
        ProcessAttributes? attributes = extension?.Attributes;
        return new ProcessInfo
        {
            Pid = Pid,
            Status = Runner is not null && _wait == WaitState.Ready ? ProcessStatus.Running : Status,
            RegisteredName = _name,
            Label = attributes?.Label,
            Parent = Parent,
            GroupLeader = GroupLeader,
            Priority = Priority,
            MessageQueueLength = MessageQueueLength,
            MessagesReceived = MessagesReceived,
            MessagesDropped = attributes?.Bound?.Dropped ?? 0,
            MailboxLimit = attributes?.Bound?.Limit,
            Reductions = Reductions,
            TrapExit = TrapExit,
            CurrentFunction = CurrentFunction(),
            InitialFunction = InitialFunction(),
            Links = extension?.Links?.ToArray().Where(link => LinkState.IsActive(link.Value)).Select(link => link.Key).ToArray() ?? [],
            Monitors = extension?.Monitors?.ToArray().Select(monitor => monitor.Value.Object).ToArray() ?? [],
            MonitoredBy = extension?.MonitoredBy?.ToArray().Select(watcher => watcher.Value.Pid).ToArray() ?? [],
            Aliases = extension?.Aliases?.ToArray() ?? [],
            Suspending = attributes?.Suspension?.Others.ToArray() ?? [],
            MemoryBytes = EstimateMemory(),
            Messages = (details & ProcessDetails.Messages) != 0 ? CopyMessages() : [],
            Dictionary =
                (details & ProcessDetails.Dictionary) != 0 && (attributes?.Dictionary is not null || _code is ProcessHandler)
                    ? Dictionary.ToArray()
                    : [],
            Stack = (details & ProcessDetails.Stack) != 0 ? Stack() : [],
        };
    }

    private ProcessStatus Status =>
        _exit != ExitState.None ? ProcessStatus.Exiting
        : _wait == WaitState.Suspended ? ProcessStatus.Suspended
        : _wait is WaitState.Message or WaitState.Foreign ? ProcessStatus.Waiting
        : ProcessStatus.Runnable;

    private object[] CopyMessages()
    {
        List<object> messages = new(_mailbox.Count);
        for (Envelope? envelope = _mailbox.Head; envelope is not null; envelope = envelope.Next)
            messages.Add(Payloads.Unwrap(envelope.Payload, envelope.Bits));
        return [.. messages];
    }

    /// <summary>The process, its envelopes and its suspended frames; what messages and frames refer to may be shared, and is not counted.</summary>
    private long EstimateMemory()
    {
        const int process = 168;
        const int extension = 250; // with one link or monitor
        const int envelope = 40;
        const int frame = 120;
        long bytes = process + ((long)MessageQueueLength * envelope);
        if (_extension is not null)
            bytes += extension;
        for (ProcessBox? box = Continuation; box is not null; box = box.Parent)
            bytes += frame;
        return bytes;
    }

    /// <summary>The method that will run next.</summary>
    private string? CurrentFunction() => Continuation?.StateMachineType is { } type ? MethodOf(type) : CodeName();

    /// <summary>The outermost method; the same as the current one unless it awaits another.</summary>
    private string? InitialFunction()
    {
        ProcessBox? root = Continuation;
        while (root?.Parent is { } parent)
            root = parent;
        return root?.StateMachineType is { } type && _code is not ProcessHandler ? MethodOf(type) : CodeName();
    }

    /// <summary>The methods the body is in, innermost first.</summary>
    private string[] Stack()
    {
        List<string> methods = [];
        for (ProcessBox? box = Continuation; box is not null; box = box.Parent)
        {
            if (box.StateMachineType is { } type)
                methods.Add(MethodOf(type));
        }

        if (methods.Count == 0 && CodeName() is { } code)
            methods.Add(code);
        return [.. methods];
    }

    private string? CodeName() =>
        _code is ProcessHandler handler ? handler.GetType().FullName
        : _code is Delegate body ? $"{body.Method.DeclaringType?.FullName}.{body.Method.Name}"
        : null;

    /// <summary>The name of a method from the type the compiler made for it: <c>Agent+&lt;Loop&gt;d__3</c> is Agent.Loop.</summary>
    private static string MethodOf(Type stateMachine)
    {
        string name = stateMachine.Name;
        int open = name.IndexOf('<', StringComparison.Ordinal);
        int close = name.LastIndexOf('>');
        string method = open >= 0 && close > open ? name[(open + 1)..close] : name;
        return $"{stateMachine.DeclaringType?.FullName}.{method}";
    }
}
