using System.Collections.Concurrent;

namespace CloudScale;

/// <content>Pools.</content>
public sealed partial class ProcessRegistry
{
    private readonly ConcurrentDictionary<object, ProcessPool> _pools = new(TermComparer.Instance);

    /// <summary>Makes a pool.</summary>
    /// <param name="name">Any term.</param>
    /// <param name="kind">How it picks.</param>
    /// <param name="options">How large it is.</param>
    /// <exception cref="ArgumentException">There is a pool of this name.</exception>
    public ProcessPool CreatePool(object name, PoolKind kind, PoolOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ProcessPool pool = new(this, name, kind, options ?? new PoolOptions());
        return _pools.TryAdd(name, pool)
            ? pool
            : throw new ArgumentException($"There is a pool {Term.Format(name)} already.", nameof(name));
    }

    /// <summary>The pool of a name; null for none.</summary>
    public ProcessPool? FindPool(object name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _pools.GetValueOrDefault(name);
    }

    /// <summary>Forgets a pool.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="force">Also if it has workers, which are removed.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="InvalidOperationException">It has workers: <c>not_empty</c>.</exception>
    public bool DeletePool(object name, bool force = false)
    {
        if (FindPool(name) is not { } pool)
            return false;
        IReadOnlyList<PoolWorker> workers = pool.Workers;
        if (workers.Count > 0 && !force)
            throw new InvalidOperationException($"The pool {Term.Format(name)} has workers (not_empty).");
        foreach (PoolWorker worker in workers)
            pool.RemoveWorker(worker.Name);
        return _pools.TryRemove(name, out _);
    }
}
