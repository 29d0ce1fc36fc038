using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;

namespace CloudScale;

/// <summary>An Erlang list, proper or improper; nil is <see cref="Empty"/>. Works with list patterns: <c>case List and [var head, .. List rest]</c>.</summary>
/// <remarks>
/// Immutable. A slice shares the elements, so walking a list head by head costs no copies. <see cref="Count"/> and the indexer see the elements before the tail: a
/// pattern that must not match an improper list asks for <see cref="IsProper"/>. Lists of bytes (most charlists) hold bytes, and long lists of integers or of floats that came in as bytes hold
/// numbers; none is boxed until asked for.
/// Wire: <c>106</c> (NIL_EXT), <c>107 | length:u16 | byte × length</c> (STRING_EXT), <c>108 | length:u32 | term × length | tail</c> (LIST_EXT).
/// </remarks>
[CollectionBuilder(typeof(List), nameof(Create))]
public sealed class List : IReadOnlyList<object>, IEquatable<List>
{
    /// <summary>Nil: the list without elements.</summary>
    public static readonly List Empty = new(Array.Empty<object>(), 0, 0, null);

    private readonly Array _store; // object[]; byte[], long[] or double[] where all elements are such numbers
    private readonly int _start;
    private readonly object? _tail; // null when proper

    private List(Array store, int start, int count, object? tail)
    {
        _store = store;
        _start = start;
        Count = count;
        _tail = tail;
    }

    /// <summary>Number of elements, the tail not counted.</summary>
    public int Count { get; }

    /// <summary>What follows the last element: <see cref="Empty"/> for a proper list, never another list.</summary>
    public object Tail => _tail ?? Empty;

    /// <summary>Whether the list ends in nil.</summary>
    public bool IsProper => _tail is null;

    /// <summary>The element at a position that counts from 0.</summary>
    public object this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            return HoldsObjects ? Unsafe.As<object[]>(_store)[_start + index] : Number(_start + index);
        }
    }

    private bool HoldsObjects => _store.GetType() == typeof(object[]);

    private object Number(int at) =>
        _store switch
        {
            byte[] bytes => SmallIntegers.Box(bytes[at]),
            long[] numbers => SmallIntegers.Box(numbers[at]),
            _ => ((double[])_store)[at],
        };

    /// <summary>A proper list of these elements.</summary>
    /// <exception cref="ArgumentException">An element is null.</exception>
    public static List Of(params ReadOnlySpan<object> elements) => Create(elements);

    /// <summary>A proper list of these elements; the target of collection expressions.</summary>
    /// <exception cref="ArgumentException">An element is null.</exception>
    public static List Create(ReadOnlySpan<object> elements) =>
        elements.IsEmpty ? Empty : new List(Term.CheckedCopy(elements), 0, elements.Length, null);

    /// <summary>The list <c>[E1, E2, … | Tail]</c>; a tail that is a list continues it, as in Erlang.</summary>
    /// <exception cref="ArgumentException">An element or the tail is null, or there are no elements and the tail is no list.</exception>
    public static List WithTail(ReadOnlySpan<object> elements, object tail)
    {
        ArgumentNullException.ThrowIfNull(tail);
        object[] copy = Term.CheckedCopy(elements);
        return Adopt(copy, tail) as List
            ?? throw new ArgumentException("A tail without elements before it makes no list.", nameof(elements));
    }

    /// <summary>The same elements, shared, before another tail, which is no list: <c>[alias | Ref]</c> from <c>[alias]</c>.</summary>
    /// <exception cref="ArgumentException">There are no elements, or the tail is a list.</exception>
    public List WithTail(object tail)
    {
        ArgumentNullException.ThrowIfNull(tail);
        if (Count == 0 || tail is List)
            throw new ArgumentException(
                "A tail needs elements before it, and is no list itself: use the form that takes both.",
                nameof(tail)
            );
        return new List(_store, _start, Count, tail);
    }

    /// <summary>A list of the bytes as integers.</summary>
    public static List FromBytes(ReadOnlySpan<byte> bytes) => bytes.IsEmpty ? Empty : new List(bytes.ToArray(), 0, bytes.Length, null);

    /// <summary>The charlist of a text: its code points. What Erlang calls a string.</summary>
    public static List FromString(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length == 0)
            return Empty;
        if (!text.AsSpan().ContainsAnyExceptInRange('\0', '\u00FF'))
        {
            byte[] bytes = new byte[text.Length];
            Encoding.Latin1.GetBytes(text, bytes);
            return new List(bytes, 0, bytes.Length, null);
        }

        object[] codePoints = new object[text.Length];
        int count = 0;
        foreach (Rune rune in text.EnumerateRunes())
            codePoints[count++] = SmallIntegers.Box(rune.Value);
        return new List(codePoints, 0, count, null);
    }

    /// <summary>Some consecutive elements; with the tail if they reach the end. Shares the elements.</summary>
    public List Slice(int start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)start, (uint)Count, nameof(start));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)(Count - start), nameof(length));
        if (length == Count)
            return this;
        if (length == 0)
            return Empty;
        return new List(_store, _start + start, length, start + length == Count ? _tail : null);
    }

    /// <summary>The list with one more element before the first. Copies.</summary>
    /// <exception cref="ArgumentNullException">The element is null.</exception>
    public List Prepend(object head)
    {
        ArgumentNullException.ThrowIfNull(head);
        object[] elements = new object[Count + 1];
        elements[0] = head;
        CopyTo(elements.AsSpan(1));
        return new List(elements, 0, elements.Length, _tail);
    }

    /// <summary>Writes the elements, the tail not among them.</summary>
    public void CopyTo(Span<object> destination)
    {
        if (HoldsObjects)
        {
            Elements.CopyTo(destination);
            return;
        }

        for (int i = 0; i < Count; i++)
            destination[i] = Number(_start + i);
    }

    /// <summary>The text of a charlist: a proper list whose elements are all Unicode scalar values. Nil is the empty text.</summary>
    public bool TryGetString([NotNullWhen(true)] out string? text)
    {
        text = null;
        if (_tail is not null)
            return false;
        if (TryGetBytes(out ReadOnlySpan<byte> bytes))
        {
            text = Encoding.Latin1.GetString(bytes);
            return true;
        }

        StringBuilder builder = new(Count);
        Span<char> units = stackalloc char[2];
        foreach (object element in this)
        {
            object? codePoint = element;
            if (
                TermKinds.Classify(ref codePoint) != TermKind.Integer
                || (ulong)(long)codePoint > 0x10FFFF
                || !Rune.IsValid((int)(long)codePoint)
            )
                return false;
            builder.Append(units[..new Rune((int)(long)codePoint).EncodeToUtf16(units)]);
        }

        text = builder.ToString();
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(List? other) => other is not null && Term.AreEqual(this, other);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is List other && Term.AreEqual(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => Term.Hash(this);

    /// <inheritdoc/>
    public IEnumerator<object> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
            yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The list as Erlang prints it: <c>"text"</c> if all elements are printable characters, else <c>[a,b|c]</c>.</summary>
    public override string ToString() => Term.Format(this);

    /// <summary>The elements, if the list holds bytes.</summary>
    internal bool TryGetBytes(out ReadOnlySpan<byte> bytes) => TryGet(out bytes);

    /// <summary>The elements, if the list holds integers of 64 bits.</summary>
    internal bool TryGetIntegers(out ReadOnlySpan<long> integers) => TryGet(out integers);

    /// <summary>The elements, if the list holds floats.</summary>
    internal bool TryGetFloats(out ReadOnlySpan<double> floats) => TryGet(out floats);

    private bool TryGet<T>(out ReadOnlySpan<T> numbers)
    {
        bool are = _store.GetType() == typeof(T[]);
        numbers = are ? Unsafe.As<T[]>(_store).AsSpan(_start, Count) : default;
        return are;
    }

    /// <summary>The array itself, if the list is all of it. Owner: the list; only who alone has the list may keep the array instead.</summary>
    internal bool TryGetWholeArray([NotNullWhen(true)] out object[]? elements)
    {
        elements = HoldsObjects && _store.Length == Count ? Unsafe.As<object[]>(_store) : null;
        return elements is not null;
    }

    /// <summary>The elements, if the list holds objects; nil does. Nothing if it holds numbers.</summary>
    internal ReadOnlySpan<object> Elements => HoldsObjects ? Unsafe.As<object[]>(_store).AsSpan(_start, Count) : default;

    /// <summary>A proper list that takes the array, which is not empty, as its own. Owner: the list; the caller must not touch it again.</summary>
    internal static List Adopt(long[] integers) => new(integers, 0, integers.Length, null);

    /// <inheritdoc cref="Adopt(long[])"/>
    internal static List Adopt(double[] floats) => new(floats, 0, floats.Length, null);

    /// <summary>
    /// A list that takes the array as its own, or the tail alone where there are no elements. Owner: the list; the caller must not touch the array again.
    /// </summary>
    internal static object Adopt(object[] elements, object tail) => Adopt(elements, elements.Length, tail);

    /// <summary>As the other, of an array that is not full.</summary>
    internal static object Adopt(object[] elements, int count, object tail)
    {
        if (count == 0)
            return tail;
        if (tail is not List rest)
            return new List(elements, 0, count, tail);
        if (rest.Count == 0)
            return new List(elements, 0, count, null);

        object[] joined = new object[count + rest.Count];
        elements.AsSpan(0, count).CopyTo(joined);
        rest.CopyTo(joined.AsSpan(count));
        return new List(joined, 0, joined.Length, rest._tail);
    }
}
