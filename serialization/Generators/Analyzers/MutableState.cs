using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace CloudScale.Serialization.Generators.Analyzers;

/// <summary>How an object of a type can change: the way to the place, and the member to mend if it stands in source.</summary>
internal sealed class Mutability(string text, ISymbol? member)
{
    /// <summary>The member at the end of the way; null if the type itself is at fault.</summary>
    public ISymbol? Member { get; } = member;

    public override string ToString() => text;
}

/// <summary>Finds what can change in an object that is sent, through its own members and those of the objects it holds.</summary>
/// <remarks>
/// A value type is copied, so only what it refers to counts. What only a constructor writes, or what is filled when first asked for, does not change. Objects behind
/// <c>object</c>, interfaces and type parameters are not known, and so not spoken of.
/// </remarks>
internal sealed class MutableState(ProcessSymbols symbols)
{
    private const int MaxDepth = 8; // of members of members; a message of more is none

    // One for each type asked about; shared by the threads of an analysis.
    private readonly ConcurrentDictionary<ITypeSymbol, Answer> _answers = new(SymbolEqualityComparer.Default);

    private readonly struct Answer(Mutability? found)
    {
        public Mutability? Found { get; } = found;
    }

    /// <summary>The first way in which an object of a type can change; null if none is known.</summary>
    public Mutability? Find(ITypeSymbol type)
    {
        if (_answers.TryGetValue(type, out Answer known))
            return known.Found;
        Mutability? found = Search(
            type,
            Operations.Display(type),
            new HashSet<ITypeSymbol>(SymbolEqualityComparer.Default),
            0,
            itself: true
        );
        _answers.TryAdd(type, new Answer(found));
        return found;
    }

    /// <summary>The first way through each member that a type declares itself.</summary>
    public IEnumerable<(ISymbol Member, Mutability Found)> FindInMembers(INamedTypeSymbol type)
    {
        foreach (ISymbol member in MembersOf(type))
        {
            var seen = new HashSet<ITypeSymbol>(SymbolEqualityComparer.Default) { type };
            if (SearchMember(type, member, Operations.Display(type), seen, 0) is { } found)
                yield return (member, found);
        }
    }

    private Mutability? Search(ITypeSymbol type, string path, HashSet<ITypeSymbol> seen, int depth, bool itself = false)
    {
        if (type is IArrayTypeSymbol)
            return Is(type, path, itself);
        if (
            type is not INamedTypeSymbol named
            || depth > MaxDepth
            || type.TypeKind is TypeKind.Enum or TypeKind.Error
            || symbols.IsOurs(type)
        )
            return null;
        if (named.SpecialType is not SpecialType.None and not SpecialType.System_Nullable_T && !named.IsGenericType)
            return null;
        if (named.TypeKind == TypeKind.Delegate)
            return IsBodyOfProcess(named) ? null : Is(type, path, itself);
        if (MutableTypes.Contains(named))
            return Is(type, path, itself);
        if (!seen.Add(named))
            return null;
        if (MutableTypes.IsReadOnlyContainer(named))
            return SearchArguments(named, path, seen, depth);
        if (MutableTypes.IsOfBaseLibrary(named) || named.TypeKind == TypeKind.Interface)
            return null;
        for (INamedTypeSymbol? at = named; at is { SpecialType: SpecialType.None } && !MutableTypes.IsOfBaseLibrary(at); at = at.BaseType)
            foreach (ISymbol member in MembersOf(at))
                if (SearchMember(at, member, path, seen, depth) is { } found)
                    return found;
        return null;
    }

    private Mutability? SearchArguments(INamedTypeSymbol container, string path, HashSet<ITypeSymbol> seen, int depth)
    {
        if (container.IsTupleType)
        {
            foreach (IFieldSymbol element in container.TupleElements)
                if (Search(element.Type, path + "." + element.Name, seen, depth + 1) is { } inside)
                    return inside;
            return null;
        }

        bool isNullable = container.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T;
        foreach (ITypeSymbol argument in container.TypeArguments)
            if (Search(argument, isNullable ? path : path + "[]", seen, depth + 1) is { } found)
                return found;
        return null;
    }

    private Mutability? SearchMember(INamedTypeSymbol owner, ISymbol member, string path, HashSet<ITypeSymbol> seen, int depth)
    {
        string place = path + "." + member.Name;
        ITypeSymbol type;
        switch (member)
        {
            case IEventSymbol:
                return new Mutability(place + " is an event", member);
            case IPropertySymbol property:
                if (property.SetMethod is { IsInitOnly: false } setter && !owner.IsValueType)
                    if (setter.DeclaredAccessibility != Accessibility.Private || Writes.Outlive(owner, member))
                        return new Mutability(place + " can be set", member);
                type = property.Type;
                break;
            default:
                var field = (IFieldSymbol)member;
                if (!field.IsReadOnly && !owner.IsValueType)
                    if (field.DeclaredAccessibility != Accessibility.Private || Writes.Outlive(owner, member))
                        return new Mutability(place + " is not readonly", member);
                type = field.Type;
                break;
        }

        // The member itself is not at fault, but what it holds.
        Mutability? found = Search(type, place, seen, depth + 1);
        return found is { Member: null } ? new Mutability(found.ToString(), member) : found;
    }

    /// <summary>What makes up the state of an object: its fields and automatic properties. Of compiled types those are guessed: what can be set, and what a constructor takes.</summary>
    private static IEnumerable<ISymbol> MembersOf(INamedTypeSymbol type)
    {
        bool inSource = !type.DeclaringSyntaxReferences.IsEmpty;
        foreach (ISymbol member in type.GetMembers())
        {
            if (member.IsStatic)
                continue;
            switch (member)
            {
                case IFieldSymbol { IsConst: false, AssociatedSymbol: null, IsImplicitlyDeclared: false } field:
                    yield return field;
                    break;
                case IFieldSymbol { AssociatedSymbol: { } behind }:
                    yield return behind;
                    break;
                case IEventSymbol happening
                    when happening.DeclaringSyntaxReferences.Any(static place => place.GetSyntax() is VariableDeclaratorSyntax):
                    yield return happening;
                    break;
                case IPropertySymbol { IsIndexer: false } property when !inSource && IsState(type, property):
                    yield return property;
                    break;
            }
        }
    }

    private static bool IsState(INamedTypeSymbol type, IPropertySymbol property) =>
        property.SetMethod is not null
        || type.InstanceConstructors.Any(constructor =>
            constructor.Parameters.Any(parameter =>
                string.Equals(parameter.Name, property.Name, StringComparison.OrdinalIgnoreCase)
                && SymbolEqualityComparer.Default.Equals(parameter.Type, property.Type)
            )
        );

    private static Mutability Is(ITypeSymbol type, string path, bool itself)
    {
        string what = type.TypeKind switch
        {
            TypeKind.Array => "an array",
            TypeKind.Delegate => "a delegate, which holds its variables",
            _ => Operations.Display(type),
        };
        return itself
            ? new Mutability(
                type.TypeKind is TypeKind.Array or TypeKind.Delegate ? $"it is {what}" : "its type is made to be changed",
                null
            )
            : new Mutability($"{path} is {Article(what)}{what}", null);
    }

    private static string Article(string what) =>
        what.StartsWith("a ", StringComparison.Ordinal) || what.StartsWith("an ", StringComparison.Ordinal) ? ""
        : "AEIOUaeiou".IndexOf(what[0]) >= 0 ? "an "
        : "a ";

    /// <summary>What a supervisor is told to start: it is code, and gets a Self of its own.</summary>
    private bool IsBodyOfProcess(INamedTypeSymbol type) => type.DelegateInvokeMethod is { } invoke && symbols.IsBody(invoke);
}
