namespace CloudScale.Serialization.Generators.Models;

/// <summary>Terms in a few words.</summary>
internal static class Sketches
{
    private const int MaxNames = 8;

    public static string Of(ContractShape shape, string? tag, IEnumerable<string> names, string? tagKey)
    {
        List<string> shown = names.ToList();
        if (shown.Count > MaxNames)
        {
            shown.RemoveRange(MaxNames, shown.Count - MaxNames);
            shown.Add("…");
        }

        string list = string.Join(", ", shown);
        return shape switch
        {
            ContractShape.TaggedTuple => "{" + (shown.Count == 0 ? tag : tag + ", " + list) + "}",
            ContractShape.PlainTuple => "{" + list + "}",
            ContractShape.Struct => "%" + Module(tag!) + "{" + list + "}",
            ContractShape.Keywords => "[" + list + "]",
            ContractShape.Atom => tag!,
            _ when tag is not null => "#{" + string.Join(", ", shown.Prepend($"{tagKey} => {tag}")) + "}",
            _ => "#{" + list + "}",
        };
    }

    /// <summary>A module as Elixir prints it.</summary>
    public static string Module(string tag) => tag.StartsWith("Elixir.", StringComparison.Ordinal) ? tag.Substring("Elixir.".Length) : tag;
}
