using System.Runtime.CompilerServices;

namespace CloudScale.Scheduling;

/// <summary>One thing on its way to a process: a message, or (in a subclass) a signal.</summary>
/// <remarks>
/// 40 bytes on 64-bit, the only allocation of a local send. Never pooled: a pooled envelope ages into gen2, and then each message written into it dirties a card.
/// A message is <see cref="Payload"/> alone; or, so that integers and pids travel unboxed, a value in <see cref="Bits"/>: with no payload an integer, with a
/// <see cref="NodeIdentity"/> a pid of that node. (No payload rather than a tag: storing a reference costs a write barrier, about 2 ns; null costs none.)
/// Order: <see cref="Next"/> leads to the older envelope while in the arrivals chain, to the newer one in the private queue, and is null once consumed: a
/// consumed envelope must not keep the rest of the queue alive.
/// </remarks>
internal class Envelope
{
    internal Envelope? Next;
    internal object? Payload;
    internal long Bits;

    internal Envelope() { }

    internal Envelope(object payload) => Payload = payload;

    internal Envelope(long value) => Bits = value;

    /// <summary>From the parts of another.</summary>
    internal Envelope(object? payload, long bits)
    {
        Payload = payload;
        Bits = bits;
    }

    internal Envelope(Pid value)
    {
        Payload = value.Node;
        Bits = (long)value.Number;
    }

    /// <summary>Whether this is a message; else it is a <see cref="Signal"/>.</summary>
    internal bool IsMessage
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => GetType() == typeof(Envelope);
    }
}

/// <summary>A priority message; only in the private queue, at its front.</summary>
internal sealed class PriorityEnvelope(object? payload, long bits) : Envelope(payload, bits);
