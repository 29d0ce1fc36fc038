namespace CloudScale.Contracts.Samples;

/// <summary>A map with atom keys.</summary>
[Term(Shape = TermShape.Map)]
public sealed partial record Account(
    [property: TermMember("user_id")] long UserId,
    string Name,
    string? Email = null,
    [property: TermMember(Optional = true)] string? Phone = null,
    int Retries = 3
);

/// <summary>A map with text keys, as JSON has them.</summary>
[Term(Shape = TermShape.Map, Keys = TermKeys.Binary)]
public sealed partial record Json(
    [property: TermMember("firstName")] string FirstName,
    int Age,
    [property: TermMember("größe")] double Height
);

/// <summary>A map with keys that are lists of characters.</summary>
[Term(Shape = TermShape.Map, Keys = TermKeys.Charlist)]
public readonly partial record struct Headers(int Length, bool Chunked);

/// <summary>A struct of Elixir.</summary>
[Term("Shop.Order", Shape = TermShape.Struct)]
public sealed partial record Order(long Id, string? Customer, List<Line> Lines);

/// <summary>A struct in a struct.</summary>
[Term("Elixir.Shop.Line", Shape = TermShape.Struct)]
public sealed partial record Line(string Article, int Count);

/// <summary>A keyword list.</summary>
[Term(Shape = TermShape.Keywords)]
public sealed partial record Options(int Timeout = 5000, bool Verbose = false, string? Name = null);

/// <summary>A map made of properties: one with a default of its own.</summary>
[Term(Shape = TermShape.Map)]
public sealed partial class Settings
{
    /// <summary>Absent, it is what it starts as.</summary>
    public int Size { get; set; } = 10;

    /// <summary>Must be there.</summary>
    public bool Enabled { get; set; }
}
