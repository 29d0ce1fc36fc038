using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace CloudScale.Scheduling;

/// <summary>A concurrent hash table whose order of walking never changes: by hash.</summary>
/// <remarks>
/// <para>The first six bits of a hash choose a segment, the next ones a bucket, and a bucket's chain is sorted by the whole hash. So the order of all slots is that of their
/// hashes, whatever the number of buckets: a walk is a number that grows, and neither writes nor growth confuse it.</para>
/// <para>Threads: finding and walking take no lock. Linking and unlinking take the segment's latch, so writes of new keys run side by side. A segment that grows cuts its
/// chains in two where they stand; a reader that found nothing looks whether that happened under it. Segments do not shrink.</para>
/// </remarks>
internal sealed class HashCore<TKey, TOperations> : KeyedCore<TKey>
    where TOperations : struct, IKeyOperations<TKey>
{
    private const int SegmentBits = 6; // untuned; more segments than cores twice over
    private const int RestBits = 32 - SegmentBits;
    private const uint RestMask = (1u << RestBits) - 1;
    private const int FirstBuckets = 4; // power of two

    private readonly Segment?[] _segments = new Segment?[1 << SegmentBits];

    internal override long Count
    {
        get
        {
            long count = 0;
            foreach (Segment? segment in _segments)
                count += segment is null ? 0 : Volatile.Read(ref segment.Count);
            return count;
        }
    }

    internal override Slot<TKey>? Find(in TKey key)
    {
        uint hash = TOperations.Hash(key);
        Segment? segment = _segments[hash >> RestBits];
        if (segment is null)
            return null;
        while (true)
        {
            Interleaving.Point();
            Node?[] buckets = Volatile.Read(ref segment.Buckets);
            Interleaving.Point();
            Node? node = Volatile.Read(ref buckets[BucketOf(hash, buckets)]);
            while (node is not null && node.Hash <= hash)
            {
                Interleaving.Point();
                if (node.Hash == hash && TOperations.AreEqual(node.Key, key))
                    return node;
                node = Volatile.Read(ref node.Next);
            }

            Interleaving.Point();
            if (ReferenceEquals(buckets, Volatile.Read(ref segment.Buckets)))
                return null;
        }
    }

    internal override Slot<TKey> GetOrAdd(in TKey key, object state, out bool added)
    {
        uint hash = TOperations.Hash(key);
        Segment segment = SegmentOf(hash);
        Node fresh = new(hash, key, state);
        segment.Latch.Enter();
        try
        {
            Node?[] buckets = segment.Buckets;
            ref Node? link = ref buckets[BucketOf(hash, buckets)];
            while (link is { } node && node.Hash <= hash)
            {
                if (node.Hash == hash && TOperations.AreEqual(node.Key, key))
                {
                    added = false;
                    return node;
                }

                link = ref node.Next;
            }

            fresh.Next = link;
            Interleaving.Point();
            Volatile.Write(ref link, fresh); // publishes the node; pairs with the reads in Find
            if (++segment.Count > buckets.Length)
                Grow(segment);
            added = true;
            return fresh;
        }
        finally
        {
            segment.Latch.Exit();
        }
    }

    internal override void Remove(Slot<TKey> slot)
    {
        Debug.Assert(ReferenceEquals(slot.State, Slot.Dead), "only dead slots are unlinked");
        Node dead = (Node)slot;
        Segment segment = SegmentOf(dead.Hash);
        segment.Latch.Enter();
        try
        {
            ref Node? link = ref segment.Buckets[BucketOf(dead.Hash, segment.Buckets)];
            while (link is { } node && node.Hash <= dead.Hash)
            {
                if (node == dead)
                {
                    Interleaving.Point();
                    Volatile.Write(ref link, dead.Next);
                    segment.Count--;
                    return;
                }

                link = ref node.Next;
            }
        }
        finally
        {
            segment.Latch.Exit();
        }
    }

    internal override int ComparePlaces(in TKey left, in TKey right)
    {
        int sign = TOperations.Hash(left).CompareTo(TOperations.Hash(right));
        return sign != 0 ? sign : TOperations.Compare(left, right);
    }

    internal override Walk<TKey> WalkAll() => new HashWalk(this, 0);

    internal override Walk<TKey> WalkAfter(TKey key) => new HashWalk(this, TOperations.Hash(key)) { Behind = key, HasBehind = true };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int BucketOf(uint hash, Node?[] buckets) =>
        (int)((hash & RestMask) >> (RestBits - BitOperations.Log2((uint)buckets.Length)));

    private Segment SegmentOf(uint hash)
    {
        ref Segment? place = ref _segments[hash >> RestBits];
        return Volatile.Read(ref place) ?? Interlocked.CompareExchange(ref place, new Segment(), null) ?? place;
    }

    /// <summary>Latch held: doubles the buckets. Each chain, sorted as it is, falls into two.</summary>
    private static void Grow(Segment segment)
    {
        Node?[] old = segment.Buckets;
        if (old.Length >= 1 << (RestBits - 1))
            return;
        Node?[] grown = new Node?[old.Length * 2];
        Node?[] ends = new Node?[old.Length]; // the last node of each first half that has a second
        for (int i = 0; i < old.Length; i++)
        {
            Node? last = null;
            Node? node = old[i];
            while (node is not null && BucketOf(node.Hash, grown) == 2 * i)
                (last, node) = (node, node.Next);
            grown[2 * i] = last is null ? null : old[i];
            grown[(2 * i) + 1] = node;
            ends[i] = node is null ? null : last;
        }

        Interleaving.Point();
#if EXPLORATION
        if (Mutations.Is(Mutation.GrowthCutsFirst))
        {
            foreach (Node? end in ends)
            {
                if (end is not null)
                    Volatile.Write(ref end.Next, null);
            }

            Interleaving.Point();
        }
#endif
        Volatile.Write(ref segment.Buckets, grown);
        Interleaving.Point();
        // Only now, so that a reader who misses what was cut off sees the new buckets and tries again.
        foreach (Node? end in ends)
        {
            if (end is not null)
                Volatile.Write(ref end.Next, null);
        }
    }

    private sealed class Segment
    {
        internal Latch Latch;
        internal Node?[] Buckets = new Node?[FirstBuckets];
        internal int Count;
    }

    private sealed class Node(uint hash, TKey key, object state) : Slot<TKey>(key, state)
    {
        internal readonly uint Hash = hash;
        internal Node? Next;
    }

    /// <summary>A bucket at a time; the position is the lowest hash not yet visited.</summary>
    private sealed class HashWalk(HashCore<TKey, TOperations> core, ulong position) : Walk<TKey>
    {
        private ulong _position = position;

        /// <summary>The key to begin behind; only its hash's own group asks for it.</summary>
        internal TKey Behind = default!;

        internal bool HasBehind;

        internal override void Next(List<Slot<TKey>> batch)
        {
            while (_position <= uint.MaxValue && batch.Count == 0)
            {
                uint from = (uint)_position;
                Segment? segment = core._segments[from >> RestBits];
                if (segment is null)
                {
                    _position = ((ulong)(from >> RestBits) + 1) << RestBits;
                    continue;
                }

                ulong end = Collect(segment, from, batch);
                _position = end;
                HasBehind = false;
                // Within one hash, the keys' own order: so that whoever comes back with a key knows what is behind it.
                if (batch.Count > 1)
                    batch.Sort(static (left, right) => ComparePlacesOf((Node)left, (Node)right));
            }
        }

        private static int ComparePlacesOf(Node left, Node right)
        {
            int sign = left.Hash.CompareTo(right.Hash);
            return sign != 0 ? sign : TOperations.Compare(left.Key, right.Key);
        }

        private ulong Collect(Segment segment, uint from, List<Slot<TKey>> batch)
        {
            while (true)
            {
                batch.Clear();
                Node?[] buckets = Volatile.Read(ref segment.Buckets);
                int bucket = BucketOf(from, buckets);
                ulong width = 1ul << (RestBits - BitOperations.Log2((uint)buckets.Length));
                ulong end = ((ulong)(from >> RestBits) << RestBits) + (((ulong)bucket + 1) * width);
                for (
                    Node? node = Volatile.Read(ref buckets[bucket]);
                    node is not null && node.Hash < end;
                    node = Volatile.Read(ref node.Next)
                )
                {
                    if (node.Hash < from || (HasBehind && node.Hash == from && TOperations.Compare(node.Key, Behind) <= 0))
                        continue;
                    batch.Add(node);
                }

                if (ReferenceEquals(buckets, Volatile.Read(ref segment.Buckets)))
                    return end;
            }
        }
    }
}
