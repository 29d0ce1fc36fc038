using Microsoft.CodeAnalysis;

namespace CloudScale.Serialization.Generators.Parsing;

/// <summary>The attributes of contracts, by name: the generator does not reference the library.</summary>
internal static class Attributes
{
    public const string Term = "CloudScale.TermAttribute";
    public const string TermUnion = "CloudScale.TermUnionAttribute";
    public const string TermMember = "CloudScale.TermMemberAttribute";
    public const string TermName = "CloudScale.TermNameAttribute";
    public const string TermIgnore = "CloudScale.TermIgnoreAttribute";
    public const string ErlangModule = "CloudScale.ErlangModuleAttribute";
    public const string ErlangFunction = "CloudScale.ErlangFunctionAttribute";

    public static AttributeData? Find(ISymbol symbol, string name) =>
        symbol.GetAttributes().FirstOrDefault(attribute => attribute.AttributeClass?.ToDisplayString() == name);

    /// <summary>The attribute's first argument, where it is a text.</summary>
    public static string? Text(AttributeData? attribute) =>
        attribute is { ConstructorArguments.Length: > 0 } ? attribute.ConstructorArguments[0].Value as string : null;

    /// <summary>A named argument that is a text; null where it is not given.</summary>
    public static string? Named(AttributeData? attribute, string name) =>
        attribute?.NamedArguments.FirstOrDefault(argument => argument.Key == name).Value.Value as string;

    /// <summary>A named argument as a number; enums are numbers too. 0 where it is not given.</summary>
    public static int Number(AttributeData? attribute, string name) =>
        attribute?.NamedArguments.FirstOrDefault(argument => argument.Key == name).Value.Value as int? ?? 0;

    /// <summary>A named argument that is true or false; false where it is not given.</summary>
    public static bool Flag(AttributeData? attribute, string name) =>
        attribute?.NamedArguments.FirstOrDefault(argument => argument.Key == name).Value.Value is true;
}
