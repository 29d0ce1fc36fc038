using System.Runtime.CompilerServices;

namespace CloudScale.Scheduling;

/// <summary>The head of a clause: what an object must look like, and what it binds.</summary>
/// <remarks>Threads: any; the bindings are the caller's. Depth: that of the pattern, which the compiler limits; terms without variables are compared without recursion.</remarks>
internal abstract class Pattern
{
    /// <summary>Whether the term matches; binds variables as it goes, so after a failure the bindings are void.</summary>
    internal abstract bool Matches(object? term, object?[] bindings);

    /// <summary>
    /// Where a key lies in term order: before (less than 0), behind (more than 0), or 0 for among those that can match. What follows the first variable does not
    /// count, so the keys of 0 lie side by side. <paramref name="open"/> says that a variable was met.
    /// </summary>
    internal abstract int Locate(object key, out bool open);
}

/// <summary><c>'_'</c></summary>
internal sealed class AnyPattern : Pattern
{
    internal static readonly AnyPattern Instance = new();

    internal override bool Matches(object? term, object?[] bindings) => true;

    internal override int Locate(object key, out bool open)
    {
        open = true;
        return 0;
    }
}

/// <summary><c>'$1'</c>: binds where it is met first, compares where it is met again.</summary>
internal sealed class VariablePattern(int slot, bool isFirst) : Pattern
{
    internal int Slot => slot;

    internal override bool Matches(object? term, object?[] bindings)
    {
        if (!isFirst)
            return Term.AreEqual(bindings[slot], term);
        bindings[slot] = term;
        return true;
    }

    internal override int Locate(object key, out bool open)
    {
        open = true;
        return 0;
    }
}

/// <summary>A term without variables.</summary>
internal sealed class ConstantPattern(object term) : Pattern
{
    internal object Term => term;

    internal override bool Matches(object? other, object?[] bindings) => CloudScale.Term.AreEqual(term, other);

    internal override int Locate(object key, out bool open)
    {
        open = false;
        return CloudScale.Term.Compare(key, term);
    }
}

/// <summary>A tuple with variables in it.</summary>
internal sealed class TuplePattern(Pattern[] elements) : Pattern
{
    internal Pattern[] Elements => elements;

    internal override bool Matches(object? term, object?[] bindings)
    {
        if (Terms.Canonical(term) is not Tuple tuple || tuple.Count != elements.Length)
            return false;
        ReadOnlySpan<object> actual = tuple.AsSpan();
        for (int i = 0; i < elements.Length; i++)
        {
            if (!elements[i].Matches(actual[i], bindings))
                return false;
        }

        return true;
    }

    internal override int Locate(object key, out bool open)
    {
        open = false;
        if (Terms.Canonical(key) is not Tuple tuple)
            return Term.Compare(key, Tuple.Empty);
        if (tuple.Count != elements.Length)
            return tuple.Count.CompareTo(elements.Length);
        for (int i = 0; i < elements.Length; i++)
        {
            int sign = elements[i].Locate(tuple[i], out open);
            if (sign != 0 || open)
                return sign;
        }

        return 0;
    }
}

/// <summary>A list with variables in it, perhaps as its tail.</summary>
internal sealed class ListPattern(Pattern[] elements, Pattern tail) : Pattern
{
    internal Pattern[] Elements => elements;

    internal Pattern Tail => tail;

    internal override bool Matches(object? term, object?[] bindings)
    {
        if (Terms.Canonical(term) is not List list || list.Count < elements.Length)
            return false;
        for (int i = 0; i < elements.Length; i++)
        {
            if (!elements[i].Matches(list[i], bindings))
                return false;
        }

        return tail.Matches(Rest(list), bindings);
    }

    internal override int Locate(object key, out bool open)
    {
        open = false;
        object canonical = Terms.Canonical(key);
        if (canonical is not List { Count: > 0 } list)
            return canonical is List ? -1 : Term.Compare(canonical, s_anyList);
        for (int i = 0; i < elements.Length; i++)
        {
            if (i == list.Count) // the key ends here, the pattern goes on with a list
                return list.IsProper ? -1 : Term.Compare(list.Tail, s_anyList);
            int sign = elements[i].Locate(list[i], out open);
            if (sign != 0 || open)
                return sign;
        }

        return tail.Locate(Rest(list), out open);
    }

    private object Rest(List list) => elements.Length == list.Count ? list.Tail : list.Slice(elements.Length, list.Count - elements.Length);

    // For a key that is no list only its type counts.
    private static readonly List s_anyList = List.Of(0L);
}

/// <summary>A map pattern: its keys must be there, other keys may.</summary>
internal sealed class MapPattern((object Key, Pattern Value)[] entries) : Pattern
{
    internal override bool Matches(object? term, object?[] bindings)
    {
        if (Terms.Canonical(term) is not Map map || map.Count < entries.Length)
            return false;
        foreach ((object key, Pattern value) in entries)
        {
            if (!map.TryGetValue(key, out object? actual) || !value.Matches(actual, bindings))
                return false;
        }

        return true;
    }

    // Maps are ordered by their size first, which the pattern leaves open.
    internal override int Locate(object key, out bool open)
    {
        open = true;
        return 0;
    }
}

/// <summary>The keys of an ordered set that a pattern with a bound first part can match.</summary>
internal sealed class PatternRange(Pattern pattern) : IKeyRange<TermKey>
{
    public int Locate(in TermKey key) => pattern.Locate(key.ToTerm(), out _);
}

/// <summary>Terms in the form that decoders yield.</summary>
internal static class Terms
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static object Canonical(object? term) => term is Tuple or Atom or long ? term : Term.Normalize(term);

    /// <summary>The tuple with another element at a position that counts from 0.</summary>
    internal static Tuple With(Tuple tuple, int index, object element)
    {
        if (tuple.Count > Few.Length)
        {
            object[] many = tuple.AsSpan().ToArray();
            many[index] = element;
            return Tuple.Create(many);
        }

        Few few = default;
        Span<object> elements = few;
        tuple.AsSpan().CopyTo(elements);
        elements[index] = element;
        return Tuple.Create(elements[..tuple.Count]);
    }

    /// <summary>Room on the stack for the elements of a small tuple.</summary>
    [InlineArray(Length)]
    private struct Few
    {
        internal const int Length = 8;
        private object _first;
    }

    internal static object Truth(bool value) => value ? Atoms.True : Atoms.False;
}
