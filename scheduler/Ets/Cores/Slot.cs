using System.Runtime.CompilerServices;

namespace CloudScale.Scheduling;

/// <summary>The place of one key in a table: one word that says what is there now.</summary>
/// <remarks>
/// Threads: any. The word is what tables write by compare-and-swap: an object or objects (a <see cref="Tuple"/>, a <see cref="BagRows"/>, a <see cref="CounterCell"/>, a typed
/// value), a <see cref="Pending"/> change, or <see cref="Dead"/>. Dead is final: whoever meets it unlinks the slot and begins anew. So a row is replaced, taken or deleted
/// without a lock, and only the linking of new keys takes one.
/// </remarks>
internal abstract class Slot(object state)
{
    /// <summary>The key has been deleted; the slot is unlinked, or will be.</summary>
    internal static readonly object Dead = new();

    private object _state = state;

    internal object State
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Volatile.Read(ref _state);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryReplace(object expected, object state)
    {
        Interleaving.Point();
#if EXPLORATION
        if (Mutations.Is(Mutation.SlotReplacedBlindly))
        {
            Volatile.Write(ref _state, state);
            return true;
        }
#endif
        return ReferenceEquals(Interlocked.CompareExchange(ref _state, state, expected), expected);
    }
}

/// <summary>A slot with its key.</summary>
internal abstract class Slot<TKey>(TKey key, object state) : Slot(state)
{
    internal readonly TKey Key = key;
}

/// <summary>A change of several keys that happens at one instant: all slots show the old state until it is decided, then the new.</summary>
/// <remarks>
/// The writer puts a <see cref="Pending"/> into each slot in one order that all writers keep, decides, and then replaces them by what they stand for. Readers never wait: they
/// see what the decision says. Writers of a single key wait for the few instructions.
/// </remarks>
internal sealed class Transaction
{
    private volatile bool _committed;

    internal bool IsCommitted => _committed;

    internal void Commit() => _committed = true;
}

/// <summary>What one key was before a transaction, and what it will be.</summary>
internal sealed class Pending(Transaction transaction, object before, object after)
{
    /// <summary>What the slot shows now; <see cref="Slot.Dead"/> for nothing.</summary>
    internal object Shown => transaction.IsCommitted ? after : before;
}

/// <summary>The objects of one key of a bag, newest first.</summary>
internal sealed class BagRows(Tuple row, BagRows? older)
{
    internal readonly Tuple Row = row;
    internal readonly BagRows? Older = older;
    internal readonly int Count = older is null ? 1 : older.Count + 1;
}
