using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace CloudScale.Serialization.Generators.Parsing;

/// <summary>Names of C# and of terms.</summary>
internal static class Names
{
    public const int MaxAtomCharacters = 255;

    private static readonly SymbolDisplayFormat s_full = SymbolDisplayFormat.FullyQualifiedFormat.WithMiscellaneousOptions(
        SymbolDisplayMiscellaneousOptions.UseSpecialTypes
            | SymbolDisplayMiscellaneousOptions.EscapeKeywordIdentifiers
            | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier
    );

    /// <summary>The name of a type anywhere, without its own question mark.</summary>
    public static string Full(ITypeSymbol type) => type.WithNullableAnnotation(NullableAnnotation.NotAnnotated).ToDisplayString(s_full);

    /// <summary>The name as C# source, with @ where it is a keyword.</summary>
    public static string Escape(string name) => SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None ? name : "@" + name;

    /// <summary><c>UserId</c> → <c>user_id</c>, <c>HTTPPort</c> → <c>http_port</c>, <c>X2</c> → <c>x2</c>.</summary>
    public static string ToSnakeCase(string name)
    {
        var snake = new StringBuilder();
        for (int i = 0; i < name.Length; i++)
        {
            char c = name[i];
            bool startsWord =
                char.IsUpper(c)
                && i > 0
                && name[i - 1] != '_'
                && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])));
            if (startsWord)
                snake.Append('_');
            snake.Append(char.ToLowerInvariant(c));
        }

        return snake.ToString();
    }

    /// <summary>What is wrong with a text as the name of an atom or key; null if nothing is.</summary>
    public static string? Fault(string name)
    {
        if (name.Length == 0)
            return "it is empty";
        int characters = 0;
        for (int i = 0; i < name.Length; i++, characters++)
        {
            if (!char.IsSurrogate(name[i]))
                continue;
            if (i + 1 == name.Length || !char.IsSurrogatePair(name[i], name[i + 1]))
                return "it is no valid Unicode";
            i++;
        }

        return characters > MaxAtomCharacters ? "an atom has at most 255 characters" : null;
    }
}
