using System.Collections.Immutable;

namespace CloudScale.Runtime.Applications;

/// <summary>The environment of an application, in layers: what its definition says, over that the configuration, over that what was set.</summary>
/// <remarks>Threads: any; a reader sees the whole of one state.</remarks>
internal sealed class ApplicationEnvironment
{
    private readonly Lock _lock = new();
    private ImmutableDictionary<Atom, object> _definition = ImmutableDictionary<Atom, object>.Empty;
    private ImmutableDictionary<Atom, object> _configuration = ImmutableDictionary<Atom, object>.Empty;
    private ImmutableDictionary<Atom, object> _persistent = ImmutableDictionary<Atom, object>.Empty;
    private ImmutableDictionary<Atom, object> _values = ImmutableDictionary<Atom, object>.Empty;

    /// <summary>What holds now.</summary>
    internal ImmutableDictionary<Atom, object> Values => Volatile.Read(ref _values);

    internal void Define(IReadOnlyDictionary<Atom, object> environment)
    {
        lock (_lock)
        {
            _definition = [.. environment];
            RebuildLocked();
        }
    }

    /// <summary>The configuration says something else. What was set without being persistent is gone, as in OTP.</summary>
    /// <returns>What has changed.</returns>
    internal EnvironmentChange Configure(IReadOnlyDictionary<Atom, object> configuration)
    {
        lock (_lock)
        {
            ImmutableDictionary<Atom, object> before = _values;
            _configuration = [.. configuration];
            RebuildLocked();
            ImmutableDictionary<Atom, object> after = _values;
            return new EnvironmentChange(
                after.Where(entry => before.TryGetValue(entry.Key, out object? old) && !Term.AreEqual(old, entry.Value)).ToDictionary(),
                after.Where(entry => !before.ContainsKey(entry.Key)).ToDictionary(),
                [.. before.Keys.Where(key => !after.ContainsKey(key))]
            );
        }
    }

    internal void Set(Atom key, object value, bool persistent)
    {
        lock (_lock)
        {
            if (persistent)
                _persistent = _persistent.SetItem(key, value);
            Volatile.Write(ref _values, _values.SetItem(key, value));
        }
    }

    internal void Unset(Atom key, bool persistent)
    {
        lock (_lock)
        {
            if (persistent)
                _persistent = _persistent.Remove(key);
            Volatile.Write(ref _values, _values.Remove(key));
        }
    }

    private void RebuildLocked() => Volatile.Write(ref _values, _definition.SetItems(_configuration).SetItems(_persistent));
}
