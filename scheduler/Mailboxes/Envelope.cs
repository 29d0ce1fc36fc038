using System.Runtime.CompilerServices;

namespace CloudScale.Scheduling;

/// <summary>One thing on its way to a process: a message, or (in a subclass) a signal.</summary>
/// <remarks>
/// 40 bytes on 64-bit, the only allocation of a local send. Never pooled: a pooled envelope ages into gen2, and then each message written into it dirties a card.
/// A message is <see cref="Payload"/> alone, or a tag in <see cref="Payload"/> and the value in <see cref="Bits"/>, so that integers and pids travel unboxed.
/// Order: <see cref="Next"/> leads to the older envelope while in the arrivals chain, to the newer one in the private queue, and at itself once consumed (so
/// that a consumed envelope keeps nothing alive, and a mark set on it is seen to be spent).
/// </remarks>
internal class Envelope
{
    internal Envelope? Next;
    internal object? Payload;
    internal long Bits;

    internal Envelope() { }

    internal Envelope(object payload) => Payload = payload;

    internal Envelope(long value)
    {
        Payload = LongTag.Instance;
        Bits = value;
    }

    internal Envelope(Pid value)
    {
        Payload = value.Node;
        Bits = (long)value.Number;
    }

    /// <summary>Whether the owner has taken this envelope out of the mailbox.</summary>
    internal bool IsConsumed => ReferenceEquals(Next, this);

    /// <summary>Whether this is a message; else it is a <see cref="Signal"/>.</summary>
    internal bool IsMessage
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => GetType() == typeof(Envelope);
    }
}

/// <summary>Marks an envelope whose message is the integer in <see cref="Envelope.Bits"/>.</summary>
internal sealed class LongTag
{
    internal static readonly LongTag Instance = new();

    private LongTag() { }
}
