namespace CloudScale;

/// <summary>A supervisor of several children that are alike, each for a part of the keys: so that one process, a <c>simple_one_for_one</c> supervisor above all, does not become the narrow place.</summary>
/// <remarks>
/// The children have the ids 0, 1, 2 and so on. Threads: <see cref="Of"/> may be called from any thread and asks nobody; it needs this object, so keep it, or what it is kept in. Source: Elixir,
/// <c>PartitionSupervisor</c>.
/// </remarks>
/// <param name="partitions">How many; at least one.</param>
/// <param name="factory">Makes the behaviour of a partition, from its number.</param>
/// <param name="flags">Intensity and period; the strategy is <see cref="RestartStrategy.OneForOne"/> unless said.</param>
public sealed class PartitionSupervisor(int partitions, Func<int, Behaviour> factory, SupervisorFlags? flags = null) : Supervisor
{
    private readonly object?[] _pids = new object?[partitions]; // boxed, so that a reader sees a whole pid

    /// <summary>How many partitions there are.</summary>
    public int Count => partitions;

    /// <summary>The process of a key's partition: the same for as long as it lives; another after a restart.</summary>
    /// <param name="key">Any term. Integers go round, all else by hash.</param>
    /// <returns>None before the partition has been started.</returns>
    public Pid Of(object key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Volatile.Read(ref _pids[IndexOf(key)]) is Pid pid ? pid : default;
    }

    /// <summary>The number of a key's partition.</summary>
    public int IndexOf(object key) =>
        key switch
        {
            long number => (int)(ulong.CreateTruncating(number) % (ulong)partitions),
            int number => (int)(ulong.CreateTruncating((long)number) % (ulong)partitions),
            _ => (int)((uint)Term.Hash(key) % (uint)partitions),
        };

    /// <inheritdoc/>
    protected override ProcessTask<SupervisorInit> Init()
    {
        ChildSpec[] children = new ChildSpec[partitions];
        for (int i = 0; i < partitions; i++)
        {
            int number = i;
            children[i] = new ChildSpec((long)number, () => factory(number));
        }

        return new SupervisorInit(flags ?? new SupervisorFlags(), children);
    }

    private protected override void OnChildStarted(object id, Pid pid) => Volatile.Write(ref _pids[(int)(long)id], pid);
}
