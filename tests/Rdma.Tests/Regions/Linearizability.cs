namespace CloudScale.Rdma.Tests.Regions;

/// <summary>One call of a history: when it began and ended, what was asked, what was answered.</summary>
/// <param name="Client">Who called; one call of a client at a time.</param>
/// <param name="Begin">By a clock that all clients share and that never stands still.</param>
/// <param name="End">Null if no answer has come: it may have taken place, or may yet, or never.</param>
internal sealed record Call<TAsked, TAnswered>(int Client, long Begin, long? End, TAsked Asked, TAnswered Answered);

/// <summary>Whether a history of calls that overlap could have come from an object that does one thing at a time.</summary>
/// <remarks>
/// The search of Wing and Gong: take any call that began before every unfinished one ended, do it on a model, and go on with the rest; if its answer differs from the one in the history, or the rest leads nowhere, take another. As Lowe has it,
/// a set of calls that were done together with the state they led to is tried once. It is exponential in how many calls overlap, not in how many there are.
/// </remarks>
internal static class Linearizability
{
    internal const int MaxCalls = 64;

    /// <param name="history">Up to <see cref="MaxCalls"/> calls, in any order.</param>
    /// <param name="initial">The state of the model at first; states are compared by value.</param>
    /// <param name="apply">What a call does to a state, and what it answers.</param>
    /// <param name="agrees">Whether an answer of the model is the one of the history.</param>
    internal static bool Holds<TState, TAsked, TAnswered>(
        IReadOnlyList<Call<TAsked, TAnswered>> history,
        TState initial,
        Func<TState, TAsked, (TState Next, TAnswered Answer)> apply,
        Func<TAnswered, TAnswered, bool> agrees
    )
        where TState : notnull
    {
        if (history.Count > MaxCalls)
            throw new ArgumentException($"At most {MaxCalls} calls, not {history.Count}.");
        Call<TAsked, TAnswered>[] calls = [.. history.OrderBy(call => call.Begin)];
        ulong answered = 0;
        for (int i = 0; i < calls.Length; i++)
            if (calls[i].End is not null)
                answered |= 1ul << i;
        HashSet<(ulong Done, TState State)> tried = [];
        Stack<(ulong Done, TState State)> open = new([(0ul, initial)]);
        while (open.TryPop(out (ulong Done, TState State) at))
        {
            if ((at.Done & answered) == answered)
                return true; // the unanswered ones need never have taken place
            if (!tried.Add(at))
                continue;
            long firstEnd = long.MaxValue;
            for (int i = 0; i < calls.Length; i++)
                if ((at.Done >> i & 1) == 0)
                    firstEnd = Math.Min(firstEnd, calls[i].End ?? long.MaxValue);
            for (int i = 0; i < calls.Length && calls[i].Begin < firstEnd; i++)
            {
                if ((at.Done >> i & 1) != 0)
                    continue;
                (TState next, TAnswered answer) = apply(at.State, calls[i].Asked);
                if (calls[i].End is null || agrees(answer, calls[i].Answered))
                    open.Push((at.Done | 1ul << i, next));
            }
        }

        return false;
    }
}

/// <summary>Writes down calls as they happen.</summary>
internal sealed class History<TAsked, TAnswered>
{
    private readonly Lock _gate = new();
    private readonly List<Call<TAsked, TAnswered>> _calls = [];
    private long _clock;

    internal IReadOnlyList<Call<TAsked, TAnswered>> Calls
    {
        get
        {
            lock (_gate)
                return [.. _calls];
        }
    }

    internal async Task<TAnswered> CallAsync(int client, TAsked asked, Func<ValueTask<TAnswered>> call)
    {
        long begin = Interlocked.Increment(ref _clock);
        TAnswered answered = await call();
        Add(client, begin, asked, answered);
        return answered;
    }

    internal void Add(int client, long begin, TAsked asked, TAnswered answered)
    {
        lock (_gate)
            _calls.Add(new Call<TAsked, TAnswered>(client, begin, Interlocked.Increment(ref _clock), asked, answered));
    }

    internal void AddUnanswered(int client, long begin, TAsked asked)
    {
        lock (_gate)
            _calls.Add(new Call<TAsked, TAnswered>(client, begin, null, asked, default!));
    }

    internal long Now() => Interlocked.Increment(ref _clock);
}
