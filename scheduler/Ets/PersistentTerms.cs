using System.Diagnostics.CodeAnalysis;

namespace CloudScale.Scheduling;

/// <summary>Terms of a node that are read often and seldom change: Erlang's <c>persistent_term</c>.</summary>
/// <remarks>
/// Threads: any. Reading takes no lock and allocates nothing. Unlike OTP's, writing is as cheap as in a table: nothing is copied on the way in, so no process has to be looked
/// through for the old value.
/// </remarks>
public sealed class PersistentTerms
{
    private readonly HashCore<TermKey, ExactTerms> _core = new();

    internal PersistentTerms() { }

    /// <summary>How many terms there are: <c>info</c>.</summary>
    public long Count => _core.Count;

    /// <summary>About how many bytes they take: <c>info</c>.</summary>
    public long MemoryBytes
    {
        get
        {
            long bytes = 0;
            foreach ((object key, object value) in All())
                bytes += 64 + TermSize.Estimate(key) + TermSize.Estimate(value);
            return bytes;
        }
    }

    /// <summary>The value of a key.</summary>
    /// <exception cref="EtsException">There is no such key.</exception>
    public object Get(object key) =>
        TryGet(key, out object? value) ? value : throw new EtsException($"There is no persistent term {Term.Format(key)} (badarg).");

    /// <summary>The value of a key, or another.</summary>
    public object Get(object key, object defaultValue) => TryGet(key, out object? value) ? value : defaultValue;

    /// <summary>The value of a key.</summary>
    public bool TryGet(object key, [NotNullWhen(true)] out object? value)
    {
        value = _core.Find(TermKey.Of(key))?.State;
        if (ReferenceEquals(value, Slot.Dead))
            value = null;
        return value is not null;
    }

    /// <summary>Sets the value of a key.</summary>
    public void Put(object key, object value)
    {
        ArgumentNullException.ThrowIfNull(value);
        while (!TryPut(TermKey.Of(key), value, replace: true, out _)) { }
    }

    /// <summary>Sets the value of a new key, as <c>put_new</c>: the same value again is fine.</summary>
    /// <exception cref="EtsException">The key has another value.</exception>
    public void PutNew(object key, object value)
    {
        ArgumentNullException.ThrowIfNull(value);
        object? present;
        while (!TryPut(TermKey.Of(key), value, replace: false, out present)) { }
        if (present is not null && !present.Equals(value))
            EtsException.Throw($"The persistent term {Term.Format(key)} has another value already (badarg).");
    }

    /// <summary>Deletes a key; false if there is none.</summary>
    public bool Erase(object key)
    {
        TermKey own = TermKey.Of(key);
        while (_core.Find(own) is { } slot)
        {
            object state = slot.State;
            bool isMine = !ReferenceEquals(state, Slot.Dead) && slot.TryReplace(state, Slot.Dead);
            if (!ReferenceEquals(slot.State, Slot.Dead))
                continue;
            _core.Remove(slot);
            if (isMine)
                return true;
        }

        return false;
    }

    /// <summary>Every key and value: <c>get/0</c>.</summary>
    public IReadOnlyList<(object Key, object Value)> All()
    {
        List<(object, object)> all = [];
        List<Slot<TermKey>> batch = [];
        Walk<TermKey> walk = _core.WalkAll();
        while (true)
        {
            batch.Clear();
            walk.Next(batch);
            if (batch.Count == 0)
                return all;
            foreach (Slot<TermKey> slot in batch)
            {
                object state = slot.State;
                if (!ReferenceEquals(state, Slot.Dead))
                    all.Add((slot.Key.ToTerm(), state));
            }
        }
    }

    /// <summary>One attempt; false to try again.</summary>
    private bool TryPut(in TermKey key, object value, bool replace, out object? present)
    {
        present = null;
        Slot<TermKey> slot = _core.GetOrAdd(key, value, out bool added);
        if (added)
            return true;
        object state = slot.State;
        if (ReferenceEquals(state, Slot.Dead))
        {
            _core.Remove(slot);
            return false;
        }

        present = state;
        return !replace || slot.TryReplace(state, value);
    }
}
