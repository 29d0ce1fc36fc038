using System.Collections.Concurrent;

namespace CloudScale;

/// <summary>An Erlang atom: a name with identity. Two atoms with one name are the same object.</summary>
/// <remarks>
/// Threads: any. Limit: <see cref="MaxCharacters"/> a name, <see cref="MaxCount"/> names in one .NET process; atoms are never collected, as on BEAM,
/// so decoders bound how many a peer may add. Source: ERTS User's Guide, External Term Format, ATOM_UTF8_EXT.
/// </remarks>
public sealed class Atom
{
    /// <summary>Longest name, in Unicode code points.</summary>
    public const int MaxCharacters = 255;

    /// <summary>Most atoms one .NET process may hold; BEAM's default.</summary>
    public const int MaxCount = 1_048_576;

    private static readonly ConcurrentDictionary<string, Atom> s_table = new(StringComparer.Ordinal);
    private static int s_count;

    private Atom(string name) => Name = name;

    /// <summary>The text of the atom, unquoted.</summary>
    public string Name { get; }

    /// <summary>How many atoms exist in this .NET process.</summary>
    public static int Count => Volatile.Read(ref s_count);

    /// <summary>The atom of this name, made when it is new.</summary>
    /// <exception cref="ArgumentException">The name is longer than <see cref="MaxCharacters"/>.</exception>
    /// <exception cref="InvalidOperationException">The table holds <see cref="MaxCount"/> atoms.</exception>
    public static Atom Of(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return s_table.TryGetValue(name, out Atom? atom) ? atom : Add(name);
    }

    /// <summary>The atom of this name if it already exists: the way to read names from strangers.</summary>
    public static bool TryGetExisting(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Atom? atom) =>
        s_table.TryGetValue(name, out atom);

    /// <summary>An atom from its name, so that <c>Atom a = "ok"</c> reads as it should.</summary>
    public static implicit operator Atom(string name) => Of(name);

    /// <summary>The atom as Erlang prints it, quoted where needed.</summary>
    public override string ToString() => Term.Format(this);

    private static Atom Add(string name)
    {
        int characters = 0;
        foreach (System.Text.Rune _ in name.EnumerateRunes())
            characters++;
        if (characters > MaxCharacters)
            throw new ArgumentException($"An atom has at most {MaxCharacters} characters; this one has {characters}.", nameof(name));

        // The count may pass the limit by the number of racing threads; it bounds memory, not arithmetic.
        if (Volatile.Read(ref s_count) >= MaxCount)
            throw new InvalidOperationException($"The atom table is full ({MaxCount} atoms). Something makes atoms from unbounded input.");

        Atom fresh = new(name);
        Atom kept = s_table.GetOrAdd(name, fresh);
        if (ReferenceEquals(kept, fresh))
            Interlocked.Increment(ref s_count);
        return kept;
    }
}
