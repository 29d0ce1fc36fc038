using Microsoft.CodeAnalysis;

namespace CloudScale.Serialization.Generators.Parsing;

/// <summary>Whether a contract has a loop of its own for lists of it.</summary>
internal static class Rows
{
    /// <summary>By the types of its members. Where their options say otherwise it is read one by one, which is right as well, and slower.</summary>
    public static bool MayHave(INamedTypeSymbol type) =>
        Attributes.Find(type, Attributes.Term) is { } attribute
        && Attributes.Number(attribute, "Shape") is not (ShapeNumbers.Keywords or ShapeNumbers.Atom)
        && MemberFinder.Find(type) is { Count: > 0 } members
        && members.All(member => IsPlain(member.Type));

    /// <summary>A whole number, a double, a truth value or a text.</summary>
    public static bool IsPlain(ITypeSymbol type) =>
        type.SpecialType
            is SpecialType.System_SByte
                or SpecialType.System_Byte
                or SpecialType.System_Int16
                or SpecialType.System_UInt16
                or SpecialType.System_Int32
                or SpecialType.System_UInt32
                or SpecialType.System_Int64
                or SpecialType.System_UInt64
                or SpecialType.System_Double
                or SpecialType.System_Boolean
                or SpecialType.System_String;
}
