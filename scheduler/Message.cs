using CloudScale.Scheduling;

namespace CloudScale;

/// <summary>A message as a <see cref="ProcessHandler"/> receives it: integers and pids come without a box.</summary>
public readonly struct Message
{
    private readonly object? _payload;
    private readonly long _bits;

    internal Message(object? payload, long bits)
    {
        _payload = payload;
        _bits = bits;
    }

    /// <summary>The message as an object; an integer is a boxed <see cref="long"/>, a pid a boxed <see cref="Pid"/>.</summary>
    public object Value => Payloads.Unwrap(_payload, _bits);

    /// <summary>The message if it is of this type; <see cref="long"/>, <see cref="int"/> and <see cref="Pid"/> cost no allocation.</summary>
    public bool TryGet<T>(out T value) => Payloads.TryGet(_payload, _bits, out value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString()!;
}
