namespace CloudScale.Testing;

/// <summary>What a test expects of a probe.</summary>
public sealed partial class TestProbe
{
    /// <summary>The next message, which must be a <typeparamref name="T"/>.</summary>
    /// <param name="predicate">What else must hold of it.</param>
    /// <param name="within">Virtual time to wait; <see cref="TestOptions.Within"/> by default.</param>
    /// <exception cref="TestFailureException">None came in time, or the next is another.</exception>
    public T ExpectMessage<T>(Func<T, bool>? predicate = null, TimeSpan? within = null)
    {
        object message = Next(typeof(T).Name, within);
        if (!TryConvert(message, out T value))
            throw Unexpected($"a {typeof(T).Name}", message);
        if (predicate is not null && !predicate(value))
            throw Unexpected($"a {typeof(T).Name} that satisfies the predicate", message);
        return value;
    }

    /// <summary>The next message, which must be equal to this one, as terms are.</summary>
    /// <inheritdoc cref="ExpectMessage{T}" path="/exception"/>
    public void ExpectMessage(object expected, TimeSpan? within = null)
    {
        ArgumentNullException.ThrowIfNull(expected);
        object message = Next(Trace.Format(expected), within);
        if (!AreEqual(expected, message))
            throw Unexpected(Trace.Format(expected), message);
    }

    /// <summary>The first message that is a <typeparamref name="T"/> and satisfies the predicate; those before it stay unread.</summary>
    /// <exception cref="TestFailureException">None came in time.</exception>
    public T FishForMessage<T>(Func<T, bool>? predicate = null, TimeSpan? within = null)
    {
        int index = -1;
        bool Found() =>
            (index = _inbox.FindIndex(entry => TryConvert(entry.Message, out T value) && (predicate is null || predicate(value)))) >= 0;

        if (!_system.RunUntil(Found, within))
            throw Missing($"a {typeof(T).Name}{(predicate is null ? "" : " that satisfies the predicate")}");
        TryConvert(Take(index), out T message);
        return message;
    }

    /// <summary>Lets virtual time pass, in which no message may come.</summary>
    /// <param name="within">How long; zero, which is the default, only lets everyone go on until nobody can.</param>
    /// <exception cref="TestFailureException">One came.</exception>
    public void ExpectNoMessage(TimeSpan within = default)
    {
        _system.Advance(within);
        if (_inbox.Count > 0)
            throw Unexpected("no message", _inbox[0].Message);
    }

    /// <summary>The report of a monitor on this process. Other messages stay unread.</summary>
    /// <exception cref="TestFailureException">It did not come in time.</exception>
    public Down ExpectDown(Pid process, TimeSpan? within = null) =>
        Fish<Down>(down => down.Object is Pid pid && pid == process, $"a Down of {process}", within);

    /// <summary>The report of this monitor. Other messages stay unread.</summary>
    /// <inheritdoc cref="ExpectDown(Pid, TimeSpan?)" path="/exception"/>
    public Down ExpectDown(Reference monitor, TimeSpan? within = null) =>
        Fish<Down>(down => down.Reference == monitor, $"a Down of {monitor}", within);

    /// <summary>The exit message of a linked process, or one sent by it. Other messages stay unread.</summary>
    /// <exception cref="TestFailureException">It did not come in time.</exception>
    public Exit ExpectExit(Pid from, TimeSpan? within = null) => Fish<Exit>(exit => exit.From == from, $"an Exit of {from}", within);

    private T Fish<T>(Func<T, bool> predicate, string what, TimeSpan? within)
    {
        int index = -1;
        if (!_system.RunUntil(() => (index = _inbox.FindIndex(entry => entry.Message is T value && predicate(value))) >= 0, within))
            throw Missing(what);
        return (T)Take(index);
    }

    private object Next(string what, TimeSpan? within)
    {
        if (!_system.RunUntil(() => _inbox.Count > 0, within))
            throw Missing(what);
        return Take(0);
    }

    private object Take(int index)
    {
        (object message, LastSender) = _inbox[index];
        _inbox.RemoveAt(index);
        return message;
    }

    private static bool TryConvert<T>(object message, out T value)
    {
        if (message is T match)
        {
            value = match;
            return true;
        }

        if (typeof(T) == typeof(int) && message is long number && number == (int)number)
        {
            value = (T)(object)(int)number;
            return true;
        }

        value = default!;
        return false;
    }

    private static bool AreEqual(object expected, object message)
    {
        if (Equals(expected, message))
            return true;
        try
        {
            return Term.AreEqual(expected, message);
        }
        catch (ArgumentException)
        {
            return false; // one is no term
        }
    }

    private TestFailureException Missing(string what) =>
        _system.Failed(
            $"probe {Pid} expected {what}, which did not come"
                + (_inbox.Count > 0 ? $"; unread: {string.Join(", ", _inbox.Select(entry => Trace.Format(entry.Message)))}" : "")
        );

    private TestFailureException Unexpected(string what, object message) =>
        _system.Failed($"probe {Pid} expected {what}; {Trace.Format(message)} came");
}
