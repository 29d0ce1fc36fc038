namespace CloudScale;

/// <summary>What is done when no process holds a resource any more: gproc's <c>on_zero</c>.</summary>
/// <remarks>It is carried out in whatever process or thread takes the last one away.</remarks>
public sealed class ZeroAction
{
    private ZeroAction(ZeroActionKind kind, RegistryKey key)
    {
        Kind = kind;
        Key = key;
    }

    internal ZeroActionKind Kind { get; }

    internal RegistryKey Key { get; }

    /// <summary>Publishes <see cref="ResourceOnZero"/> as an event of the name <c>gproc_resource_on_zero</c>: <c>publish</c>.</summary>
    public static ZeroAction Publish { get; } = new(ZeroActionKind.Publish, default);

    /// <summary>Sends <see cref="ResourceOnZero"/> to who owns a key: <c>{send, Key}</c> and, where many do, <c>{bcast, Key}</c>. Nothing happens if nobody does.</summary>
    public static ZeroAction Send(RegistryKey key) => new(ZeroActionKind.Send, key);

    /// <summary>Removes a shared entry: <c>{unreg_shared, Kind, Name}</c>.</summary>
    public static ZeroAction UnregisterShared(RegistryKey key) => new(ZeroActionKind.UnregisterShared, key);
}

internal enum ZeroActionKind : byte
{
    Publish,
    Send,
    UnregisterShared,
}
