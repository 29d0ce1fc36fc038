using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace CloudScale.Serialization.Generators.Analyzers;

/// <summary>Looks at what is sent: can it change while sender and receiver hold it, and has it a form as a term where it goes to another node?</summary>
/// <remarks>
/// The static type of the argument is judged. A collection or array made for the message, by a creation or a call, belongs to the receiver alone; one that has a name is held by
/// the sender as well, unless it is a local that is not used again.
/// </remarks>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class MessageAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
    [ProcessRules.MutableMessage, ProcessRules.MutableContract, ProcessRules.MissingContract, ProcessRules.LocalMessage];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            if (ProcessSymbols.Of(start.Compilation) is not { } symbols)
                return;
            var state = new MutableState(symbols);
            start.RegisterOperationAction(operation => OnCall(operation, symbols, state), OperationKind.Invocation);
            start.RegisterSymbolAction(symbol => OnType(symbol, symbols, state), SymbolKind.NamedType);
        });
    }

    private static void OnCall(OperationAnalysisContext context, ProcessSymbols symbols, MutableState state)
    {
        var call = (IInvocationOperation)context.Operation;
        foreach (IOperation part in SentMessages.PartsOf(call, symbols))
        {
            if (part.Type is not { } type || symbols.IsSelf(type))
                continue;
            Location place = part.Syntax.GetLocation();
            if (state.Find(type) is { } found && (found.Member is not null || IsHeldElsewhere(part)))
                context.ReportDiagnostic(
                    Diagnostic.Create(ProcessRules.MutableMessage, place, PlacesOf(found.Member), Operations.Display(type), found)
                );
            if (!HasTerm(type, symbols))
                context.ReportDiagnostic(
                    Diagnostic.Create(
                        SentMessages.NamesNode(call) ? ProcessRules.MissingContract : ProcessRules.LocalMessage,
                        place,
                        PlacesOf(type),
                        Operations.Display(type)
                    )
                );
        }
    }

    private static void OnType(SymbolAnalysisContext context, ProcessSymbols symbols, MutableState state)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        if (type.TypeKind is not (TypeKind.Class or TypeKind.Struct) || !symbols.IsTermType(type))
            return;
        foreach ((ISymbol member, Mutability found) in state.FindInMembers(type))
            context.ReportDiagnostic(
                Diagnostic.Create(
                    ProcessRules.MutableContract,
                    member.Locations[0],
                    PlacesOf(found.Member),
                    Operations.Display(type),
                    found
                )
            );
    }

    /// <summary>Where the fixes have to work.</summary>
    private static IEnumerable<Location> PlacesOf(ISymbol? symbol) =>
        symbol is null ? [] : symbol.Locations.Where(static place => place.IsInSource);

    /// <summary>Whether an object has a name under which somebody else than the receiver can still reach it.</summary>
    private static bool IsHeldElsewhere(IOperation value)
    {
        switch (value)
        {
            case IParameterReferenceOperation or IFieldReferenceOperation or IPropertyReferenceOperation:
            case IAnonymousFunctionOperation or IDelegateCreationOperation or IMethodReferenceOperation:
                return true;
            case ILocalReferenceOperation local:
                return IsUsedAfter(local);
            default:
                // A task goes on whoever holds it.
                return value.Type is { } type
                    && Operations.MetadataName(type).StartsWith("System.Threading.Tasks.", StringComparison.Ordinal);
        }
    }

    private static bool IsUsedAfter(ILocalReferenceOperation sent)
    {
        int position = sent.Syntax.Span.End;
        IOperation root = sent;
        IOperation? outermostLoop = null;
        while (root.Parent is { } parent)
        {
            root = parent;
            if (root is ILoopOperation loop && !Declares(loop, sent.Local))
                outermostLoop = loop;
        }

        // In a loop around the send, but inside the variable's life, whatever touches it comes again.
        return root.Descendants()
            .Any(part =>
                part is ILocalReferenceOperation reference
                && reference != sent
                && SymbolEqualityComparer.Default.Equals(reference.Local, sent.Local)
                && (reference.Syntax.SpanStart >= position || (outermostLoop?.Syntax.Span.Contains(reference.Syntax.Span) ?? false))
            );
    }

    private static bool Declares(ILoopOperation loop, ILocalSymbol local) =>
        local.DeclaringSyntaxReferences.Any(reference => loop.Syntax.Span.Contains(reference.Span));

    /// <summary>Whether objects of a type can be written as terms; also true where the type does not tell.</summary>
    private static bool HasTerm(ITypeSymbol type, ProcessSymbols symbols)
    {
        if (type is IArrayTypeSymbol array)
            return array is { Rank: 1, ElementType.SpecialType: SpecialType.System_Byte };
        if (
            type is not INamedTypeSymbol named
            || type.TypeKind is TypeKind.Error or TypeKind.Dynamic or TypeKind.Interface
            || symbols.IsOurs(type)
        )
            return true;
        if (named.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T)
            return HasTerm(named.TypeArguments[0], symbols);
        switch (named.SpecialType)
        {
            case SpecialType.System_Object or SpecialType.System_String or SpecialType.System_Boolean:
            case >= SpecialType.System_SByte and <= SpecialType.System_UInt64:
            case SpecialType.System_Single or SpecialType.System_Double:
            case SpecialType.System_ValueType or SpecialType.System_Enum:
                return true;
        }

        if (symbols.IsTermConvertible(named))
            return true;
        for (ITypeSymbol? at = named; at is not null; at = at.BaseType)
            if (symbols.IsContract(at))
                return true;
        // An abstract class is not what is sent.
        return named is { TypeKind: TypeKind.Class, IsAbstract: true }
            || Operations.MetadataName(named) is "System.Numerics.BigInteger"
            || IsBytes(named);
    }

    private static bool IsBytes(INamedTypeSymbol type) =>
        Operations.MetadataName(type) is "System.ReadOnlyMemory`1" && type.TypeArguments[0].SpecialType == SpecialType.System_Byte;
}
