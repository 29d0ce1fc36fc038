using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace CloudScale.Scheduling;

/// <summary>Where a search in an ordered core stops: at the last key before it.</summary>
internal interface ISeek<TKey>
{
    /// <summary>Whether a key lies before the place sought; true for a first part of all keys in order, false for the rest.</summary>
    bool IsBefore(in TKey key);
}

/// <summary>Some consecutive keys of an ordered core.</summary>
internal interface IKeyRange<TKey>
{
    /// <summary>Less than 0 for a key before the range, 0 within, more than 0 after.</summary>
    int Locate(in TKey key);
}

/// <summary>A concurrent sorted map: a lazy skip list.</summary>
/// <remarks>
/// <para>Threads: finding and walking take no lock and are never turned back. Linking searches without a lock, then locks the few predecessors, checks that they are
/// still neighbours, and links from below; unlinking marks the node under its own lock first. Order of locks: from greater keys to smaller ones.</para>
/// <para>Source: Herlihy, Lev, Luchangco, Shavit: A Simple Optimistic Skiplist Algorithm, 2007.</para>
/// </remarks>
internal sealed partial class OrderedCore<TKey, TOperations> : KeyedCore<TKey>
    where TOperations : struct, IKeyOperations<TKey>
{
    private const int MaxHeight = 16; // at one node in four a level higher, enough for 4^16 keys
#if !EXPLORATION
    [ThreadStatic]
    private static uint t_random;
#endif

    private readonly Node _head = new(default!, Slot.Dead, MaxHeight);
    private readonly StripedCounter _count = new();
    private int _height = 1; // levels in use; only grows
#if EXPLORATION
    private int _made;
#endif

    internal override long Count => _count.Sum();

    internal override Slot<TKey>? Find(in TKey key)
    {
        Interleaving.Point();
        Node before = _head;
        for (int level = Volatile.Read(ref _height) - 1; level >= 0; level--)
        {
            Node? node = before.NextAt(level);
            while (node is not null)
            {
                int sign = TOperations.Compare(node.Key, key);
                if (sign == 0)
                    return node;
                if (sign > 0)
                    break;
                before = node;
                Interleaving.Point();
                node = node.NextAt(level);
            }
        }

        return null;
    }

    internal override Slot<TKey> GetOrAdd(in TKey key, object state, out bool added)
    {
#if EXPLORATION
        int height = 1 + (Interlocked.Increment(ref _made) & 1); // a seed must mean the same schedule
#else
        int height = RandomHeight();
#endif
        if (height > Volatile.Read(ref _height))
            RaiseHeight(height);
        NodePath before = default;
        NodePath after = default;
        while (true)
        {
            if (Search(key, ref before, ref after) is { } found)
            {
                added = false;
                return found;
            }

            int locked = 0;
            try
            {
                if (!TryLock(ref before, ref after, height, ref locked))
                    continue;
                Node node = new(key, state, height);
                for (int level = 0; level < height; level++)
                    node.SetNext(level, after[level]);
                for (int level = 0; level < height; level++)
                    before[level]!.Publish(level, node);
                _count.Add(1);
                added = true;
                return node;
            }
            finally
            {
                Unlock(ref before, locked);
            }
        }
    }

    internal override void Remove(Slot<TKey> slot)
    {
        Debug.Assert(ReferenceEquals(slot.State, Slot.Dead), "only dead slots are unlinked");
        Node dead = (Node)slot;
        Interleaving.Enter(dead);
        try
        {
            if (dead.IsUnlinked)
                return;
            dead.IsUnlinked = true; // nobody links behind it from here on
            NodePath before = default;
            NodePath after = default;
            while (!TryUnlink(dead, ref before, ref after)) { }
            _count.Add(-1);
        }
        finally
        {
            Monitor.Exit(dead);
        }
    }

    internal override int ComparePlaces(in TKey left, in TKey right) => TOperations.Compare(left, right);

    private bool TryUnlink(Node dead, ref NodePath before, ref NodePath after)
    {
        Search(dead.Key, ref before, ref after);
        int locked = 0;
        try
        {
            for (int level = 0; level < dead.Height; level++)
            {
                Node predecessor = before[level]!;
                if (level == 0 || predecessor != before[level - 1])
                    Interleaving.Enter(predecessor);
                locked = level + 1;
                if (predecessor.IsUnlinked || predecessor.NextAt(level) != dead)
                    return false;
            }

            for (int level = dead.Height - 1; level >= 0; level--)
                before[level]!.Publish(level, dead.NextAt(level));
            return true;
        }
        finally
        {
            Unlock(ref before, locked);
        }
    }

    /// <summary>Locks the predecessors of a node of this height. False if the neighbourhood has changed since it was searched.</summary>
    private static bool TryLock(ref NodePath before, ref NodePath after, int height, ref int locked)
    {
        for (int level = 0; level < height; level++)
        {
            Node predecessor = before[level]!;
            if (level == 0 || predecessor != before[level - 1])
                Interleaving.Enter(predecessor);
            locked = level + 1;
            Node? successor = after[level];
#if EXPLORATION
            if (Mutations.Is(Mutation.NeighboursNotChecked))
                continue;
#endif
            if (predecessor.IsUnlinked || successor is { IsUnlinked: true } || predecessor.NextAt(level) != successor)
                return false;
        }

        return true;
    }

    private static void Unlock(ref NodePath before, int locked)
    {
        for (int level = locked - 1; level >= 0; level--)
        {
            if (level == 0 || before[level] != before[level - 1])
                Monitor.Exit(before[level]!);
        }
    }

    /// <summary>The neighbours of a key on every level, and its node if there is one.</summary>
    private Node? Search(in TKey key, ref NodePath before, ref NodePath after)
    {
        Interleaving.Point();
        Node? found = null;
        Node predecessor = _head;
        for (int level = MaxHeight - 1; level >= 0; level--)
        {
            Node? node = predecessor.NextAt(level);
            while (node is not null)
            {
                int sign = TOperations.Compare(node.Key, key);
                if (sign >= 0)
                {
                    if (sign == 0)
                        found = node;
                    break;
                }

                predecessor = node;
                Interleaving.Point();
                node = node.NextAt(level);
            }

            before[level] = predecessor;
            after[level] = node;
        }

        return found;
    }

    private void RaiseHeight(int height)
    {
        int now = Volatile.Read(ref _height);
        while (now < height)
        {
            int seen = Interlocked.CompareExchange(ref _height, height, now);
            if (seen == now)
                return;
            now = seen;
        }
    }

#if !EXPLORATION
    private static int RandomHeight()
    {
        uint x = t_random;
        if (x == 0)
            x = (uint)Random.Shared.Next(1, int.MaxValue);
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        t_random = x;
        int height = 1;
        for (; (x & 3) == 0 && height < MaxHeight; x >>= 2)
            height++;
        return height;
    }
#endif

    [InlineArray(MaxHeight)]
    private struct NodePath
    {
        private Node? _first;
    }

    /// <summary>Three nodes in four have one level: its link stands in the node itself.</summary>
    private sealed class Node : Slot<TKey>
    {
        private readonly Node?[]? _upper;
        private Node? _next;
        private volatile bool _unlinked;

        internal Node(TKey key, object state, int height)
            : base(key, state)
        {
            if (height > 1)
                _upper = new Node?[height - 1];
        }

        internal int Height => _upper is null ? 1 : _upper.Length + 1;

        internal bool IsUnlinked
        {
            get => _unlinked;
            set => _unlinked = value;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal Node? NextAt(int level) => level == 0 ? Volatile.Read(ref _next) : Volatile.Read(ref _upper![level - 1]);

        internal void SetNext(int level, Node? node)
        {
            if (level == 0)
                _next = node;
            else
                _upper![level - 1] = node;
        }

        internal void Publish(int level, Node? node)
        {
            Interleaving.Point();
            if (level == 0)
                Volatile.Write(ref _next, node);
            else
                Volatile.Write(ref _upper![level - 1], node);
        }
    }
}
