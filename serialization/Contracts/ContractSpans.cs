using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace CloudScale.Serialization.Contracts;

/// <summary>The elements of a collection without an enumerator. For generated code.</summary>
/// <remarks>A span over a <see cref="List{T}"/> holds as long as nobody changes the list.</remarks>
public static class ContractSpans
{
    /// <summary>The elements of an array.</summary>
    /// <exception cref="ArgumentNullException">It is null.</exception>
    public static ReadOnlySpan<T> Of<T>(T[] items)
    {
        ArgumentNullException.ThrowIfNull(items);
        return items;
    }

    /// <summary>The elements of a list.</summary>
    /// <exception cref="ArgumentNullException">It is null.</exception>
    public static ReadOnlySpan<T> Of<T>(List<T> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        return CollectionsMarshal.AsSpan(items);
    }

    /// <summary>The elements of an immutable array; <c>default</c> has none.</summary>
    public static ReadOnlySpan<T> Of<T>(ImmutableArray<T> items) => items.AsSpan();

    /// <summary>The elements of any collection; those that are neither array nor list are copied.</summary>
    /// <exception cref="ArgumentNullException">It is null.</exception>
    public static ReadOnlySpan<T> Of<T>(IEnumerable<T> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        return items switch
        {
            T[] array => array,
            List<T> list => CollectionsMarshal.AsSpan(list),
            ImmutableArray<T> array => array.AsSpan(),
            _ => items.ToArray(),
        };
    }

    /// <summary>Makes a list longer, and gives its new elements to be set: what stands there before is their default.</summary>
    public static Span<T> Lengthen<T>(List<T> items, int more)
    {
        ArgumentNullException.ThrowIfNull(items);
        int count = items.Count;
        CollectionsMarshal.SetCount(items, count + more);
        return CollectionsMarshal.AsSpan(items)[count..];
    }
}
