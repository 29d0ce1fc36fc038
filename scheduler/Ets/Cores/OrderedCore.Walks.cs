namespace CloudScale.Scheduling;

/// <summary>Walks through an ordered core: all, from a key, a range, and backward.</summary>
internal sealed partial class OrderedCore<TKey, TOperations>
{
    private const int BatchSize = 32; // slots; untuned

    internal override Walk<TKey> WalkAll() => new ForwardWalk<All>(this, default, default);

    internal override Walk<TKey> WalkAfter(TKey key) => new ForwardWalk<All>(this, new AfterKey(key), default);

    /// <summary>Walks backward from the end.</summary>
    internal Walk<TKey> WalkAllBackward() => new BackwardWalk<All>(this, default, default);

    /// <summary>Walks backward from before a key, whether it is there or not.</summary>
    internal Walk<TKey> WalkBefore(TKey key) => new BackwardWalk<All>(this, new BeforeKey(key), default);

    /// <summary>Walks forward through a range, from its start or from behind a key in it.</summary>
    internal Walk<TKey> WalkRange<TRange>(TRange range, TKey after, bool hasAfter)
        where TRange : IKeyRange<TKey> =>
        new ForwardWalk<TRange>(this, hasAfter ? new AfterKey(after) : new BeforeRange<TRange>(range), range);

    /// <summary>Walks backward through a range, from its end or from before a key in it.</summary>
    internal Walk<TKey> WalkRangeBackward<TRange>(TRange range, TKey before, bool hasBefore)
        where TRange : IKeyRange<TKey> =>
        new BackwardWalk<TRange>(this, hasBefore ? new BeforeKey(before) : new ThroughRange<TRange>(range), range);

    /// <summary>The last node before the place sought; the head if there is none.</summary>
    private Node LastBefore(ISeek<TKey> seek)
    {
        Node before = _head;
        for (int level = Volatile.Read(ref _height) - 1; level >= 0; level--)
        {
            Node? node = before.NextAt(level);
            while (node is not null && seek.IsBefore(node.Key))
            {
                before = node;
                node = node.NextAt(level);
            }
        }

        return before;
    }

    private sealed class ForwardWalk<TRange>(OrderedCore<TKey, TOperations> core, ISeek<TKey>? start, TRange? range) : Walk<TKey>
        where TRange : IKeyRange<TKey>
    {
        private Node? _at;
        private bool _ended;

        internal override void Next(List<Slot<TKey>> batch)
        {
            if (_ended)
                return;
            // An unlinked node still leads forward to every node that has been there all the time.
            Node? node = (_at ?? (start is null ? core._head : core.LastBefore(start))).NextAt(0);
            while (node is not null && batch.Count < BatchSize)
            {
                if (range is not null && range.Locate(node.Key) > 0)
                {
                    node = null;
                    break;
                }

                batch.Add(node);
                _at = node;
                node = node.NextAt(0);
            }

            _ended = node is null;
        }
    }

    private sealed class BackwardWalk<TRange>(OrderedCore<TKey, TOperations> core, ISeek<TKey>? start, TRange? range) : Walk<TKey>
        where TRange : IKeyRange<TKey>
    {
        private ISeek<TKey> _seek = start ?? new Everything();
        private bool _ended;

        // Links lead forward only, so each step back is a search of its own.
        internal override void Next(List<Slot<TKey>> batch)
        {
            while (!_ended && batch.Count < BatchSize)
            {
                Node node = core.LastBefore(_seek);
                if (node == core._head || (range is not null && range.Locate(node.Key) < 0))
                {
                    _ended = true;
                    return;
                }

                batch.Add(node);
                _seek = new BeforeKey(node.Key);
            }
        }
    }

    private sealed class AfterKey(TKey key) : ISeek<TKey>
    {
        public bool IsBefore(in TKey other) => TOperations.Compare(other, key) <= 0;
    }

    private sealed class BeforeKey(TKey key) : ISeek<TKey>
    {
        public bool IsBefore(in TKey other) => TOperations.Compare(other, key) < 0;
    }

    private sealed class BeforeRange<TRange>(TRange range) : ISeek<TKey>
        where TRange : IKeyRange<TKey>
    {
        public bool IsBefore(in TKey other) => range.Locate(other) < 0;
    }

    private sealed class ThroughRange<TRange>(TRange range) : ISeek<TKey>
        where TRange : IKeyRange<TKey>
    {
        public bool IsBefore(in TKey other) => range.Locate(other) <= 0;
    }

    private sealed class Everything : ISeek<TKey>
    {
        public bool IsBefore(in TKey other) => true;
    }

    /// <summary>No bounds.</summary>
    private sealed class All : IKeyRange<TKey>
    {
        public int Locate(in TKey key) => 0;
    }
}
