using System.Collections;
using System.Runtime.CompilerServices;

namespace CloudScale;

/// <summary>An Erlang tuple. Works with list patterns: <c>case Tuple and [Atom { Name: "add" }, long x, long y]</c>.</summary>
/// <remarks>Immutable. Equality is Erlang's <c>=:=</c>, over the elements. Wire: SMALL_TUPLE_EXT (104) up to 255 elements, LARGE_TUPLE_EXT (105) above.</remarks>
[CollectionBuilder(typeof(Tuple), nameof(Create))]
public sealed class Tuple : IReadOnlyList<object>, IEquatable<Tuple>
{
    /// <summary>The tuple without elements.</summary>
    public static readonly Tuple Empty = new([]);

    private readonly object[] _elements;

    private Tuple(object[] elements) => _elements = elements;

    /// <summary>Number of elements.</summary>
    public int Count => _elements.Length;

    /// <summary>The element at a position that counts from 0.</summary>
    public object this[int index] => _elements[index];

    /// <summary>The elements, for readers that need no copy.</summary>
    public ReadOnlySpan<object> AsSpan() => _elements;

    /// <summary>Some consecutive elements as a tuple of their own, so that <c>[Atom tag, .. var rest]</c> works.</summary>
    public Tuple Slice(int start, int length) => length == Count ? this : Adopt(_elements.AsSpan(start, length).ToArray());

    /// <summary>A tuple of these elements.</summary>
    /// <exception cref="ArgumentException">An element is null.</exception>
    public static Tuple Of(params ReadOnlySpan<object> elements) => Create(elements);

    /// <summary>A tuple of these elements; the target of collection expressions.</summary>
    /// <exception cref="ArgumentException">An element is null.</exception>
    public static Tuple Create(ReadOnlySpan<object> elements) => elements.IsEmpty ? Empty : new Tuple(Term.CheckedCopy(elements));

    /// <summary>A tuple that takes the array as its own. Owner: the tuple; the caller must not touch the array again.</summary>
    internal static Tuple Adopt(object[] elements) => elements.Length == 0 ? Empty : new Tuple(elements);

    /// <inheritdoc/>
    public bool Equals(Tuple? other) => other is not null && Term.AreEqual(this, other);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Tuple other && Term.AreEqual(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => Term.Hash(this);

    /// <inheritdoc/>
    public IEnumerator<object> GetEnumerator() => ((IEnumerable<object>)_elements).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _elements.GetEnumerator();

    /// <summary>The tuple as Erlang prints it.</summary>
    public override string ToString() => Term.Format(this);
}
