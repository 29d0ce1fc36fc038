namespace CloudScale;

/// <summary>What a monitor of a key does when its bearer is gone.</summary>
public enum RegistryMonitor
{
    /// <summary>It tells, and ends: <c>info</c>.</summary>
    Info,

    /// <summary>It tells, also when somebody registers the key again, and stays: <c>follow</c>.</summary>
    Follow,

    /// <summary>The process that monitors becomes the bearer if the one before has died: <c>standby</c>.</summary>
    Standby,
}

/// <summary>What has become of a key.</summary>
public enum RegistryEvent
{
    /// <summary>Nobody bears it any more: <c>unreg</c>.</summary>
    Unregistered,

    /// <summary>Somebody bears it: <c>registered</c>. Told to those who follow.</summary>
    Registered,

    /// <summary>Its bearer gave it away: <c>{migrated, To}</c>.</summary>
    Migrated,

    /// <summary>Its bearer died, and one that stood by bears it: <c>{failover, To}</c>.</summary>
    FailedOver,
}

/// <summary>The message to who monitors a key. To Erlang: <c>{gproc, unreg | registered | {migrated, To} | {failover, To}, Reference, Key}</c>.</summary>
/// <param name="Reference">What <see cref="ProcessRegistry.Monitor"/> gave.</param>
/// <param name="Key">The key.</param>
/// <param name="Event">What has become of it.</param>
/// <param name="To">Who bears it now; none where nobody does.</param>
public sealed record RegistryChange(Reference Reference, RegistryKey Key, RegistryEvent Event, Pid To) : ITermConvertible
{
    internal static readonly Atom Tag = Atom.Of("gproc");
    private static readonly Atom s_unregistered = Atom.Of("unreg");
    internal static readonly Atom RegisteredTag = Atom.Of("registered");
    private static readonly Atom s_migrated = Atom.Of("migrated");
    private static readonly Atom s_failover = Atom.Of("failover");

    /// <inheritdoc/>
    public object ToTerm() =>
        Tuple.Of(
            Tag,
            Event switch
            {
                RegistryEvent.Unregistered => s_unregistered,
                RegistryEvent.Registered => RegisteredTag,
                RegistryEvent.Migrated => Tuple.Of(s_migrated, To),
                _ => Tuple.Of(s_failover, To),
            },
            Reference,
            Key.ToTerm()
        );
}

/// <summary>The message to who waits for a key. To Erlang: <c>{gproc, Reference, registered, {Key, Pid, Value}}</c>.</summary>
/// <param name="Reference">What <see cref="ProcessRegistry.BeginAwait"/> gave.</param>
/// <param name="Entry">The entry.</param>
public sealed record RegistryAwaited(Reference Reference, RegistryEntry Entry) : ITermConvertible
{
    /// <inheritdoc/>
    public object ToTerm() => Tuple.Of(RegistryChange.Tag, Reference, RegistryChange.RegisteredTag, Entry.ToTerm());
}

/// <summary>The message by which the last holder's leaving is told: no process holds the resource any more. To Erlang: <c>{gproc, resource_on_zero, l, Name, Pid}</c>.</summary>
/// <param name="Name">The resource.</param>
/// <param name="Pid">Who bears the resource counter; none if it is shared.</param>
public sealed record ResourceOnZero(object Name, Pid Pid) : ITermConvertible
{
    internal static readonly Atom Tag = Atom.Of("resource_on_zero");
    private static readonly Atom s_local = Atom.Of("l");

    /// <inheritdoc/>
    public object ToTerm() => Tuple.Of(RegistryChange.Tag, Tag, s_local, Name, Pid.IsNone ? Atom.Of("shared") : Pid);
}
