using System.Collections;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CloudScale;

/// <summary>An Erlang tuple. Works with list patterns: <c>case Tuple and [Atom { Name: "add" }, long x, long y]</c>.</summary>
/// <remarks>Immutable. Equality is Erlang's <c>=:=</c>, over the elements. Wire: SMALL_TUPLE_EXT (104) up to 255 elements, LARGE_TUPLE_EXT (105) above.</remarks>
[CollectionBuilder(typeof(Tuple), nameof(Create))]
public sealed class Tuple : IReadOnlyList<object>, IEquatable<Tuple>
{
    /// <summary>The tuple without elements.</summary>
    public static readonly Tuple Empty = new(ReadOnlySpan<object>.Empty);

    internal const int InlineLength = 4;

    private readonly int _count;
    private readonly Inline _inline; // the elements; where they do not fit, the array of them comes first and nothing else

    private Tuple(int count)
    {
        _count = count;
        if (count > InlineLength)
            _inline[0] = new object[count];
    }

    private Tuple(ReadOnlySpan<object> elements)
    {
        _count = elements.Length;
        if (elements.Length > InlineLength)
            _inline[0] = elements.ToArray();
        else
            for (int i = 0; i < elements.Length; i++)
                _inline[i] = elements[i];
    }

    private Tuple(object first, object second)
    {
        _count = 2;
        _inline[0] = first;
        _inline[1] = second;
    }

    private Tuple(object first, object second, object third)
    {
        _count = 3;
        _inline[0] = first;
        _inline[1] = second;
        _inline[2] = third;
    }

    /// <summary>Number of elements.</summary>
    public int Count => _count;

    /// <summary>The element at a position that counts from 0.</summary>
    public object this[int index] => AsSpan()[index];

    /// <summary>The elements, for readers that need no copy.</summary>
    public ReadOnlySpan<object> AsSpan() =>
        _count <= InlineLength
            ? MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<Inline, object>(ref Unsafe.AsRef(in _inline)), _count)
            : Unsafe.As<object[]>(_inline[0]!);

    /// <summary>Some consecutive elements as a tuple of their own, so that <c>[Atom tag, .. var rest]</c> works.</summary>
    public Tuple Slice(int start, int length) => length == Count ? this : Checked(AsSpan().Slice(start, length));

    /// <summary>A tuple of these elements.</summary>
    /// <exception cref="ArgumentException">An element is null.</exception>
    public static Tuple Of(params ReadOnlySpan<object> elements) => Create(elements);

    /// <summary>A pair.</summary>
    /// <exception cref="ArgumentException">An element is null.</exception>
    public static Tuple Of(object first, object second)
    {
        Check(first);
        Check(second);
        return new Tuple(first, second);
    }

    /// <summary>A triple.</summary>
    /// <exception cref="ArgumentException">An element is null.</exception>
    public static Tuple Of(object first, object second, object third)
    {
        Check(first);
        Check(second);
        Check(third);
        return new Tuple(first, second, third);
    }

    /// <summary>A tuple of these elements; the target of collection expressions.</summary>
    /// <exception cref="ArgumentException">An element is null.</exception>
    public static Tuple Create(ReadOnlySpan<object> elements)
    {
        foreach (object element in elements)
            Check(element);
        return Checked(elements);
    }

    /// <summary>A tuple of elements that are known to be terms.</summary>
    internal static Tuple Checked(ReadOnlySpan<object> elements) => elements.IsEmpty ? Empty : new Tuple(elements);

    /// <summary>A tuple whose elements are still to be set, all of them, through <see cref="Unfinished"/>. Owner: the caller alone until then.</summary>
    internal static Tuple OfLength(int count) => new(count);

    /// <summary>The elements while they are set.</summary>
    internal Span<object> Unfinished => MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(AsSpan()), _count);

    private static void Check(object? element)
    {
        if (element is null)
            TermKinds.ThrowNoTerm(element);
    }

    /// <inheritdoc/>
    public bool Equals(Tuple? other) => other is not null && Term.AreEqual(this, other);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Tuple other && Term.AreEqual(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => Term.Hash(this);

    /// <inheritdoc/>
    public IEnumerator<object> GetEnumerator()
    {
        for (int i = 0; i < _count; i++)
            yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The tuple as Erlang prints it.</summary>
    public override string ToString() => Term.Format(this);

    // What messages and records are mostly made of has no more.
    [InlineArray(InlineLength)]
    private struct Inline
    {
        private object? _first;
    }
}
