using Microsoft.CodeAnalysis;

namespace CloudScale.Serialization.Generators.Analyzers;

/// <summary>The types of the base library that can change after they were made, or that carry code; all its others are taken to be values.</summary>
internal static class MutableTypes
{
    private static readonly HashSet<string> s_names =
    [
        "System.ArraySegment`1",
        "System.Collections.ArrayList",
        "System.Collections.BitArray",
        "System.Collections.Hashtable",
        "System.Collections.IDictionary",
        "System.Collections.IList",
        "System.Collections.Queue",
        "System.Collections.SortedList",
        "System.Collections.Stack",
        "System.Collections.Generic.Dictionary`2",
        "System.Collections.Generic.HashSet`1",
        "System.Collections.Generic.ICollection`1",
        "System.Collections.Generic.IDictionary`2",
        "System.Collections.Generic.IList`1",
        "System.Collections.Generic.ISet`1",
        "System.Collections.Generic.LinkedList`1",
        "System.Collections.Generic.List`1",
        "System.Collections.Generic.OrderedDictionary`2",
        "System.Collections.Generic.PriorityQueue`2",
        "System.Collections.Generic.Queue`1",
        "System.Collections.Generic.SortedDictionary`2",
        "System.Collections.Generic.SortedList`2",
        "System.Collections.Generic.SortedSet`1",
        "System.Collections.Generic.Stack`1",
        "System.Collections.ObjectModel.Collection`1",
        "System.Collections.ObjectModel.ObservableCollection`1",
        "System.Data.DataSet",
        "System.Data.DataTable",
        "System.IO.Stream",
        "System.IO.TextReader",
        "System.IO.TextWriter",
        "System.Memory`1",
        "System.Text.Json.Nodes.JsonNode",
        "System.Text.StringBuilder",
        "System.Threading.Tasks.Task",
        "System.Threading.Tasks.Task`1",
        "System.Threading.Tasks.ValueTask",
        "System.Threading.Tasks.ValueTask`1",
    ];

    // What only reads, and so can change through what it holds alone.
    private static readonly HashSet<string> s_containers =
    [
        "System.Nullable`1",
        "System.Collections.Generic.IEnumerable`1",
        "System.Collections.Generic.IReadOnlyCollection`1",
        "System.Collections.Generic.IReadOnlyDictionary`2",
        "System.Collections.Generic.IReadOnlyList`1",
        "System.Collections.Generic.IReadOnlySet`1",
        "System.Collections.Generic.KeyValuePair`2",
        "System.Collections.ObjectModel.ReadOnlyCollection`1",
        "System.Collections.ObjectModel.ReadOnlyDictionary`2",
        "System.Collections.ObjectModel.ReadOnlySet`1",
    ];

    /// <summary>Whether an object of a type, or of one derived from it, is made to be changed.</summary>
    public static bool Contains(ITypeSymbol type)
    {
        for (ITypeSymbol? at = type; at is { SpecialType: not SpecialType.System_Object }; at = at.BaseType)
        {
            string name = Operations.MetadataName(at);
            if (
                s_names.Contains(name)
                || name.StartsWith("System.Collections.Concurrent.", StringComparison.Ordinal)
                || (
                    name.StartsWith("System.Collections.Immutable.", StringComparison.Ordinal)
                    && name.EndsWith("+Builder", StringComparison.Ordinal)
                )
            )
                return true;
        }

        return false;
    }

    /// <summary>A type of the base library whose type arguments are what it holds.</summary>
    public static bool IsReadOnlyContainer(ITypeSymbol type)
    {
        string name = Operations.MetadataName(type);
        return s_containers.Contains(name)
            || name.StartsWith("System.Tuple`", StringComparison.Ordinal)
            || name.StartsWith("System.ValueTuple`", StringComparison.Ordinal)
            || name.StartsWith("System.Collections.Immutable.", StringComparison.Ordinal)
            || name.StartsWith("System.Collections.Frozen.", StringComparison.Ordinal);
    }

    public static bool IsOfBaseLibrary(ITypeSymbol type)
    {
        INamespaceSymbol? space = type.OriginalDefinition.ContainingNamespace;
        while (space is { ContainingNamespace.IsGlobalNamespace: false })
            space = space.ContainingNamespace;
        return space is { Name: "System" or "Microsoft" };
    }
}
