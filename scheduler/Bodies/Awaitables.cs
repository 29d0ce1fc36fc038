using System.ComponentModel;
using System.Runtime.CompilerServices;
using CloudScale.Scheduling;

namespace CloudScale;

/// <summary>A position in a mailbox; see <see cref="Self.Mark"/>.</summary>
public readonly struct ReceiveMark
{
    private readonly Process? _process;
    private readonly Envelope? _last;

    internal ReceiveMark(Process process)
    {
        _process = process;
        _last = process.MailboxTail;
    }

    /// <summary>The newest message that was there; null where all are to be looked at.</summary>
    internal Envelope? For(Process process) => ReferenceEquals(process, _process) ? _last : null;
}

/// <summary>The result of a receive with a time-out.</summary>
/// <typeparam name="T">The type of the message.</typeparam>
public readonly record struct Received<T>
{
    internal Received(T value)
    {
        HasValue = true;
        Value = value;
    }

    /// <summary>False if the time-out came first.</summary>
    public bool HasValue { get; }

    /// <summary>The message; meaningless without <see cref="HasValue"/>.</summary>
    public T Value { get; }
}

/// <summary>Awaits the oldest message.</summary>
public readonly struct ReceiveAwaitable : ICriticalNotifyCompletion, ISelfAwaiter
{
    private readonly Process _process;

    internal ReceiveAwaitable(Process process) => _process = process;

    /// <summary>Used by the compiler.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public ReceiveAwaitable GetAwaiter() => this;

    /// <summary>Used by the compiler.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public bool IsCompleted => _process.BeginReceiveAny();

    /// <summary>Used by the compiler.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public object GetResult()
    {
        Envelope envelope = _process.EndReceiveAny();
        return Payloads.Unwrap(envelope.Payload, envelope.Bits);
    }

    /// <inheritdoc/>
    public void OnCompleted(Action continuation) => Misuse.ThrowForeignBuilder();

    /// <inheritdoc/>
    public void UnsafeOnCompleted(Action continuation) => Misuse.ThrowForeignBuilder();
}

/// <summary>Awaits the oldest message of a type. One word, as it lies in the state of every process that waits this way.</summary>
/// <typeparam name="T">The type of the message.</typeparam>
public readonly struct ReceiveAwaitable<T> : ICriticalNotifyCompletion, ISelfAwaiter
{
    private readonly Process _process;

    internal ReceiveAwaitable(Process process) => _process = process;

    /// <summary>Used by the compiler.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public ReceiveAwaitable<T> GetAwaiter() => this;

    /// <summary>Used by the compiler.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public bool IsCompleted => _process.BeginReceive(TypeMatcher<T>.Instance, Timeouts.Never, null);

    /// <summary>Used by the compiler.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public T GetResult()
    {
        Payloads.TryGet(_process.EndReceive()!, out T value);
        return value;
    }

    /// <inheritdoc/>
    public void OnCompleted(Action continuation) => Misuse.ThrowForeignBuilder();

    /// <inheritdoc/>
    public void UnsafeOnCompleted(Action continuation) => Misuse.ThrowForeignBuilder();
}

/// <summary>Awaits the oldest message that fits.</summary>
/// <typeparam name="T">The type of the message.</typeparam>
public readonly struct SelectiveAwaitable<T> : ICriticalNotifyCompletion, ISelfAwaiter
{
    private readonly Selection _selection;

    internal SelectiveAwaitable(Process process, Matcher matcher, long timeoutMs, ReceiveMark mark) =>
        _selection = new Selection(process, matcher, timeoutMs, mark);

    /// <summary>Used by the compiler.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public SelectiveAwaitable<T> GetAwaiter() => this;

    /// <summary>Used by the compiler.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public bool IsCompleted => _selection.Begin();

    /// <summary>Used by the compiler.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public T GetResult()
    {
        if (_selection.Process.EndReceive() is not { } envelope)
            throw new TimeoutException($"No {typeof(T).Name} came within {_selection.TimeoutMs} ms.");
        Payloads.TryGet(envelope, out T value);
        return value;
    }

    /// <inheritdoc/>
    public void OnCompleted(Action continuation) => Misuse.ThrowForeignBuilder();

    /// <inheritdoc/>
    public void UnsafeOnCompleted(Action continuation) => Misuse.ThrowForeignBuilder();
}

/// <summary>Awaits the oldest message that fits, or a time-out.</summary>
/// <typeparam name="T">The type of the message.</typeparam>
public readonly struct TryReceiveAwaitable<T> : ICriticalNotifyCompletion, ISelfAwaiter
{
    private readonly Selection _selection;

    internal TryReceiveAwaitable(Process process, Matcher matcher, long timeoutMs, ReceiveMark mark) =>
        _selection = new Selection(process, matcher, timeoutMs, mark);

    /// <summary>Used by the compiler.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public TryReceiveAwaitable<T> GetAwaiter() => this;

    /// <summary>Used by the compiler.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public bool IsCompleted => _selection.Begin();

    /// <summary>Used by the compiler.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public Received<T> GetResult() =>
        _selection.Process.EndReceive() is { } envelope && Payloads.TryGet(envelope, out T value) ? new Received<T>(value) : default;

    /// <inheritdoc/>
    public void OnCompleted(Action continuation) => Misuse.ThrowForeignBuilder();

    /// <inheritdoc/>
    public void UnsafeOnCompleted(Action continuation) => Misuse.ThrowForeignBuilder();
}

/// <summary>Returned by <see cref="Self.TryReceiveAnswer"/>. To be awaited at once, once.</summary>
public readonly struct AnswerAwaitable : ICriticalNotifyCompletion, ISelfAwaiter
{
    private readonly Process _process;
    private readonly Reference _request;
    private readonly long _timeoutMs;
    private readonly ReceiveMark _mark;

    internal AnswerAwaitable(Process process, Reference request, long timeoutMs, ReceiveMark mark)
    {
        _process = process;
        _request = request;
        _timeoutMs = timeoutMs;
        _mark = mark;
    }

    /// <summary>For the compiler.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public AnswerAwaitable GetAwaiter() => this;

    /// <summary>For the compiler.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public bool IsCompleted => _process.BeginReceive(_process.Matching(_request), _timeoutMs, _mark.For(_process));

    /// <summary>For the compiler.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public Received<CallAnswer> GetResult() =>
        _process.EndReceive() is { } envelope && CallAnswer.TryRead(envelope.Payload, out CallAnswer answer)
            ? new Received<CallAnswer>(answer)
            : default;

    /// <summary>Not usable outside of a process.</summary>
    public void OnCompleted(Action continuation) => Misuse.ThrowForeignBuilder();

    /// <summary>Not usable outside of a process.</summary>
    public void UnsafeOnCompleted(Action continuation) => Misuse.ThrowForeignBuilder();
}

/// <summary>Awaits the passing of time.</summary>
public readonly struct SleepAwaitable : ICriticalNotifyCompletion, ISelfAwaiter
{
    private readonly Selection _selection;

    internal SleepAwaitable(Process process, long milliseconds) =>
        _selection = new Selection(process, NothingMatcher.Instance, milliseconds, default);

    /// <summary>Used by the compiler.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public SleepAwaitable GetAwaiter() => this;

    /// <summary>Used by the compiler.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public bool IsCompleted => _selection.Begin();

    /// <summary>Used by the compiler.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public void GetResult() => _selection.Process.EndReceive();

    /// <inheritdoc/>
    public void OnCompleted(Action continuation) => Misuse.ThrowForeignBuilder();

    /// <inheritdoc/>
    public void UnsafeOnCompleted(Action continuation) => Misuse.ThrowForeignBuilder();
}

/// <summary>Awaits this process's next turn.</summary>
public readonly struct YieldAwaitable : ICriticalNotifyCompletion, ISelfAwaiter
{
    private readonly Process _process;

    internal YieldAwaitable(Process process) => _process = process;

    /// <summary>Used by the compiler.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public YieldAwaitable GetAwaiter() => this;

    /// <summary>Used by the compiler.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public bool IsCompleted
    {
        get
        {
            _process.BeginYield();
            return false;
        }
    }

    /// <summary>Used by the compiler.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public void GetResult() => _process.EndYield();

    /// <inheritdoc/>
    public void OnCompleted(Action continuation) => Misuse.ThrowForeignBuilder();

    /// <inheritdoc/>
    public void UnsafeOnCompleted(Action continuation) => Misuse.ThrowForeignBuilder();
}

/// <summary>Awaits the next message, with as little memory as can be; see <see cref="Self.Hibernate()"/>.</summary>
public readonly struct HibernateAwaitable : ICriticalNotifyCompletion, ISelfAwaiter
{
    private readonly Process _process;
    private readonly Func<Self, ProcessTask>? _next;

    internal HibernateAwaitable(Process process, Func<Self, ProcessTask>? next)
    {
        _process = process;
        _next = next;
    }

    /// <summary>Used by the compiler.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public HibernateAwaitable GetAwaiter() => this;

    /// <summary>Used by the compiler.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public bool IsCompleted
    {
        get
        {
            if (_next is null)
                return _process.BeginHibernate();
            _process.BeginHibernate(_next);
            return false;
        }
    }

    /// <summary>Used by the compiler.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public void GetResult() => _process.EndHibernate();

    /// <inheritdoc/>
    public void OnCompleted(Action continuation) => Misuse.ThrowForeignBuilder();

    /// <inheritdoc/>
    public void UnsafeOnCompleted(Action continuation) => Misuse.ThrowForeignBuilder();
}

/// <summary>Awaits room in the mailbox of another process.</summary>
internal readonly struct RoomAwaitable(Process process, Pid target) : ICriticalNotifyCompletion, ISelfAwaiter
{
    public RoomAwaitable GetAwaiter() => this;

    public bool IsCompleted
    {
        get
        {
            process.BeginAwaitRoom(target);
            return false;
        }
    }

    public void GetResult() => process.EndAwaitRoom();

    public void OnCompleted(Action continuation) => Misuse.ThrowForeignBuilder();

    public void UnsafeOnCompleted(Action continuation) => Misuse.ThrowForeignBuilder();
}

/// <summary>What a selective receive waits for.</summary>
internal readonly struct Selection(Process process, Matcher matcher, long timeoutMs, ReceiveMark mark)
{
    internal readonly Process Process = process;
    internal readonly long TimeoutMs = timeoutMs;

    internal bool Begin() => Process.BeginReceive(matcher, TimeoutMs, mark.For(Process));
}
