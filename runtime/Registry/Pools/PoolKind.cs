namespace CloudScale;

/// <summary>How a <see cref="ProcessPool"/> picks a worker.</summary>
public enum PoolKind
{
    /// <summary>One after the other: <c>round_robin</c>.</summary>
    RoundRobin,

    /// <summary>By chance: <c>random</c>.</summary>
    Random,

    /// <summary>By the hash of a term, so that the same term leads to the same worker while the workers stay the same: <c>hash</c>.</summary>
    Hash,

    /// <summary>By its place, which counts from 1: <c>direct</c>.</summary>
    Direct,

    /// <summary>One that nobody else has, until it is given back: <c>claim</c>.</summary>
    Claim,
}

/// <summary>How a <see cref="ProcessPool"/> is set up.</summary>
public sealed record PoolOptions
{
    /// <summary>How many places there are at first; none by default.</summary>
    public int Size { get; init; }

    /// <summary>Whether a worker that is added to a full pool makes one more place. By default it does in a pool without a <see cref="Size"/>.</summary>
    public bool? AutoSize { get; init; }

    /// <summary>What the picks of a <see cref="PoolKind.Random"/> pool follow from; by chance by default.</summary>
    public ulong? Seed { get; init; }

    internal bool Grows => AutoSize ?? Size == 0;
}

/// <summary>A place of a pool that a worker has been defined for.</summary>
/// <param name="Name">The worker's name.</param>
/// <param name="Position">Its place; counts from 1.</param>
/// <param name="Pid">Who works there; none if nobody is connected.</param>
/// <param name="Count">How often <see cref="ProcessPool.Log"/> has counted it.</param>
public readonly record struct PoolWorker(object Name, int Position, Pid Pid, long Count);
