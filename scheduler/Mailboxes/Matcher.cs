using System.Runtime.CompilerServices;

namespace CloudScale.Scheduling;

/// <summary>Decides which message a selective receive takes. Runs on the owner of the process.</summary>
internal abstract class Matcher
{
    /// <summary>Whether it runs code of the user, which may throw.</summary>
    internal readonly bool MayThrow;

    private protected Matcher(bool mayThrow = false) => MayThrow = mayThrow;

    internal abstract bool Matches(Envelope envelope);

    /// <summary>What it takes, in words.</summary>
    internal abstract string Describe();
}

/// <summary>Takes messages of one type.</summary>
internal sealed class TypeMatcher<T> : Matcher
{
    internal static readonly TypeMatcher<T> Instance = new();

    internal override bool Matches(Envelope envelope) => Payloads.TryGet<T>(envelope, out _);

    internal override string Describe() => $"a message of type {typeof(T).Name}";
}

/// <summary>Takes messages of one type that satisfy a predicate.</summary>
internal sealed class PredicateMatcher<T>(Func<T, bool> predicate) : Matcher(mayThrow: true)
{
    internal override bool Matches(Envelope envelope) => Payloads.TryGet(envelope, out T value) && predicate(value);

    internal override string Describe() => $"a message of type {typeof(T).Name} that its predicate takes";
}

/// <summary>Takes nothing: the receive of a sleeping process.</summary>
internal sealed class NothingMatcher : Matcher
{
    internal static readonly NothingMatcher Instance = new();

    internal override bool Matches(Envelope envelope) => false;

    internal override string Describe() => "nothing";
}

/// <summary>Between messages as users see them and envelopes as they travel.</summary>
internal static class Payloads
{
    /// <summary>An envelope for any message; integers and pids that come boxed travel unboxed from here on.</summary>
    internal static Envelope Wrap(object message)
    {
        (object? payload, long bits) = Split(message);
        return new Envelope(payload, bits);
    }

    /// <summary>The parts of an envelope for a message, without the envelope.</summary>
    internal static (object? Payload, long Bits) Split(object message) =>
        message switch
        {
            long value => (null, value),
            int value => (null, value),
            Pid value when !value.IsNone => (value.Node, (long)value.Number),
            null => throw new ArgumentNullException(nameof(message), "null is not a term and cannot be sent."),
            _ => (message, 0),
        };

    /// <summary>The message as an object; boxes an integer or a pid.</summary>
    internal static object Unwrap(object? payload, long bits)
    {
        if (payload is null)
            return bits;
        if (payload is NodeIdentity node)
            return new Pid(node, (ulong)bits);
        return bits == 0 ? payload : ((IDeferredMessage)payload).Message;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryGet<T>(Envelope envelope, out T value) => TryGet(envelope.Payload, envelope.Bits, out value);

    /// <summary>The message as a <typeparamref name="T"/>, without a box where T is long, int, Pid or GenCall. The JIT keeps one branch for each T.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryGet<T>(object? payload, long bits, out T value)
    {
        if (typeof(T) == typeof(long))
        {
            value = (T)(object)bits;
            return payload is null;
        }

        if (typeof(T) == typeof(int))
        {
            value = (T)(object)(int)bits;
            return payload is null && bits == (int)bits;
        }

        if (typeof(T) == typeof(Pid))
        {
            if (payload is NodeIdentity node)
            {
                value = (T)(object)new Pid(node, (ulong)bits);
                return true;
            }

            value = default!;
            return false;
        }

        if (typeof(T) == typeof(object))
        {
            value = (T)Unwrap(payload, bits);
            return true;
        }

        if (typeof(T) == typeof(GenCall))
        {
            bool isCall = GenCall.TryRead(payload, out GenCall call);
            value = (T)(object)call;
            return isCall;
        }

        if (typeof(T) == typeof(StopRequest))
        {
            bool isRequest = StopRequest.TryRead(payload, out StopRequest request);
            value = (T)(object)request;
            return isRequest;
        }

        if (typeof(T) == typeof(CallAnswer))
        {
            bool isAnswer = CallAnswer.TryRead(payload, out CallAnswer answer);
            value = (T)(object)answer;
            return isAnswer;
        }

        if (payload is T match)
        {
            value = match;
            return true;
        }

        if (bits != 0 && payload is IDeferredMessage deferred)
            return TryGetDeferred(deferred, out value);

        value = default!;
        return false;
    }

    private static bool TryGetDeferred<T>(IDeferredMessage deferred, out T value)
    {
        if (deferred is EncodedMessage encoded)
            return encoded.TryGet(out value);
        bool isIt = deferred.Message is T;
        value = isIt ? (T)deferred.Message : default!;
        return isIt;
    }
}
