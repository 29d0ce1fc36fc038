using CloudScale.Runtime.Registry;
using CloudScale.Scheduling;

namespace CloudScale;

/// <summary>An event as its subscribers receive it. To Erlang: <c>{gproc_ps_event, Event, Message}</c>.</summary>
/// <param name="Event">What was subscribed to.</param>
/// <param name="Message">What was published.</param>
public sealed record RegistryPublication(object Event, object Message) : ITermConvertible
{
    internal static readonly Atom Tag = Atom.Of("gproc_ps_event");

    /// <inheritdoc/>
    public object ToTerm() => Tuple.Of(Tag, Event, Message);
}

/// <summary>Events by name, for all who subscribe, for those whose condition a message meets, or once for each who asks: what gproc_ps is to Erlang.</summary>
/// <remarks>
/// A subscription is the property <c>{p, l, {gproc_ps_event, Event}}</c> of its process, its condition the value; a single one the counter of that name, 1 while it is enabled. Threads: any.
/// </remarks>
public sealed class RegistryEvents
{
    private readonly ProcessRegistry _registry;

    internal RegistryEvents(ProcessRegistry registry) => _registry = registry;

    /// <summary>From now on the process receives <see cref="RegistryPublication"/> of each message that is published under the event.</summary>
    /// <returns>Whether it was none of its subscribers, and lives.</returns>
    public bool Subscribe(object @event, Pid process) => _registry.TryRegister(KeyOf(@event), process);

    /// <summary>As <see cref="Subscribe(object, Pid)"/>, for messages that a match specification gives <c>true</c> for.</summary>
    /// <exception cref="EtsException">It is no match specification.</exception>
    public bool Subscribe(object @event, Pid process, List condition)
    {
        MatchSpec compiled = MatchSpec.Compile(condition);
        if (!_registry.TryRegister(KeyOf(@event), process, condition))
            return false;
        SetCompiled(@event, process, compiled);
        return true;
    }

    /// <summary>Replaces the condition of a subscription; null for all messages.</summary>
    /// <exception cref="ArgumentException">The process does not subscribe to the event.</exception>
    /// <exception cref="EtsException">It is no match specification.</exception>
    public void ChangeCondition(object @event, Pid process, List? condition)
    {
        MatchSpec? compiled = condition is null ? null : MatchSpec.Compile(condition);
        _registry.SetValue(KeyOf(@event), process, (object?)condition ?? Atoms.Undefined);
        SetCompiled(@event, process, compiled);
    }

    /// <summary>Ends a subscription.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Unsubscribe(object @event, Pid process) => _registry.Unregister(KeyOf(@event), process);

    /// <summary>Who subscribes to an event.</summary>
    public IReadOnlyList<Pid> Subscribers(object @event) => _registry.Pids(KeyOf(@event));

    /// <summary>Sends to all who subscribe, and whose condition the message meets.</summary>
    /// <param name="self">Who publishes.</param>
    /// <param name="event">The event.</param>
    /// <param name="message">Any term.</param>
    public void Publish(Self self, object @event, object message)
    {
        RegistryPublication publication = new(@event, message);
        foreach (Pid pid in Receivers(@event, message))
            self.Send(pid, publication);
    }

    /// <summary>Publishes from outside of any process.</summary>
    /// <inheritdoc cref="Publish(Self, object, object)"/>
    public void Publish(object @event, object message)
    {
        RegistryPublication publication = new(@event, message);
        foreach (Pid pid in Receivers(@event, message))
            _registry.Processes.Send(pid, publication);
    }

    private IEnumerable<Pid> Receivers(object @event, object message)
    {
        ArgumentNullException.ThrowIfNull(message);
        object? term = null;
        foreach (Entry entry in _registry.Subscribers(KeyOf(@event)))
        {
            if (entry.Condition is { } condition && !Meets(condition, term ??= Term.Normalize(message)))
                continue;
            yield return entry.Owner.Pid;
        }
    }

    private static bool Meets(MatchSpec condition, object message) =>
        condition.Run([message]) is [var result] && ReferenceEquals(Term.Normalize(result), Atoms.True);

    private void SetCompiled(object @event, Pid process, MatchSpec? compiled)
    {
        if (_registry.FindOwn(KeyOf(@event), process) is { } entry)
            entry.Condition = compiled;
    }

    // ---- single ----

    /// <summary>The process is to be told once, by the next <see cref="TellSingles"/>; then again when it has <see cref="EnableSingle">enabled</see> that.</summary>
    /// <returns>Whether there was none of this event and process, and it lives.</returns>
    public bool CreateSingle(object @event, Pid process) => _registry.TryRegister(SingleKeyOf(@event), process, 1L);

    /// <summary>The process is to be told once more.</summary>
    /// <returns>Whether it was not already.</returns>
    /// <exception cref="ArgumentException">There is no single subscription.</exception>
    public bool EnableSingle(object @event, Pid process) => Single(@event, process).Exchange(1) == 0;

    /// <summary>The process is not to be told.</summary>
    /// <returns>Whether it was to be.</returns>
    /// <exception cref="ArgumentException">There is no single subscription.</exception>
    public bool DisableSingle(object @event, Pid process) => Single(@event, process).Exchange(0) != 0;

    /// <summary>Ends a single subscription.</summary>
    /// <returns>Whether there was one.</returns>
    public bool DeleteSingle(object @event, Pid process) => _registry.Unregister(SingleKeyOf(@event), process);

    /// <summary>Tells each process that is to be told once, and disables that.</summary>
    /// <returns>Who has been told.</returns>
    public IReadOnlyList<Pid> TellSingles(object @event, object message)
    {
        RegistryPublication publication = new(@event, message);
        List<Pid> told = [];
        foreach (Entry entry in _registry.Subscribers(SingleKeyOf(@event)))
        {
            if (entry.Exchange(0) == 0)
                continue;
            told.Add(entry.Owner.Pid);
            _registry.Processes.Send(entry.Owner.Pid, publication);
        }

        return told;
    }

    /// <summary>Tells a process once, now, if something is so; else disables nothing, and it is told by the next <see cref="TellSingles"/>. The order of the two is kept: nothing is missed in between.</summary>
    /// <param name="event">The event.</param>
    /// <param name="process">The process, which has a single subscription.</param>
    /// <param name="isSo">Looked at after the subscription has been enabled.</param>
    /// <param name="message">What it is told.</param>
    /// <returns>Whether it was told.</returns>
    /// <exception cref="ArgumentException">There is no single subscription.</exception>
    public bool NotifySingleIfTrue(object @event, Pid process, Func<bool> isSo, object message)
    {
        ArgumentNullException.ThrowIfNull(isSo);
        Entry single = Single(@event, process);
        single.Exchange(1);
        if (!isSo() || single.Exchange(0) == 0)
            return false;
        _registry.Processes.Send(process, new RegistryPublication(@event, message));
        return true;
    }

    /// <summary>Who has a single subscription, and whether it is enabled.</summary>
    public IReadOnlyList<(Pid Process, bool IsEnabled)> Singles(object @event) =>
        [.. _registry.Entries(SingleKeyOf(@event)).Select(static entry => (entry.Pid, (long)entry.Value != 0))];

    private Entry Single(object @event, Pid process) =>
        _registry.FindOwn(SingleKeyOf(@event), process)
        ?? throw new ArgumentException($"{process} has no single subscription to {Term.Format(@event)}.", nameof(process));

    private static RegistryKey KeyOf(object @event) => RegistryKey.OfProperty(Tuple.Of(RegistryPublication.Tag, @event));

    private static RegistryKey SingleKeyOf(object @event) => RegistryKey.OfCounter(Tuple.Of(RegistryPublication.Tag, @event));
}
