namespace CloudScale;

/// <summary>Equality and order of terms for collections of the base library: keys are equal where Erlang's <c>=:=</c> says so, and ordered as Erlang orders terms.</summary>
public sealed class TermComparer : IEqualityComparer<object>, IComparer<object>
{
    /// <summary>The one there is.</summary>
    public static TermComparer Instance { get; } = new();

    private TermComparer() { }

    bool IEqualityComparer<object>.Equals(object? left, object? right) => Term.AreEqual(left, right);

    /// <inheritdoc/>
    public int GetHashCode(object obj) => Term.Hash(obj);

    /// <inheritdoc/>
    public int Compare(object? x, object? y) => Term.Compare(x, y);
}
