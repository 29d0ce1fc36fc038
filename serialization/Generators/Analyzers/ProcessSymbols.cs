using Microsoft.CodeAnalysis;

namespace CloudScale.Serialization.Generators.Analyzers;

/// <summary>The types of terms and processes that the rules speak of, found by name: the analyzers reference neither assembly.</summary>
internal sealed class ProcessSymbols
{
    private readonly INamedTypeSymbol _self;
    private readonly INamedTypeSymbol? _task;
    private readonly INamedTypeSymbol? _taskOf;
    private readonly INamedTypeSymbol? _convertible;
    private readonly INamedTypeSymbol? _term;
    private readonly INamedTypeSymbol? _union;

    private ProcessSymbols(Compilation compilation, INamedTypeSymbol self)
    {
        _self = self;
        _task = compilation.GetTypeByMetadataName("CloudScale.ProcessTask");
        _taskOf = compilation.GetTypeByMetadataName("CloudScale.ProcessTask`1");
        _convertible = compilation.GetTypeByMetadataName("CloudScale.ITermConvertible");
        _term = compilation.GetTypeByMetadataName("CloudScale.TermAttribute");
        _union = compilation.GetTypeByMetadataName("CloudScale.TermUnionAttribute");
        Handler = compilation.GetTypeByMetadataName("CloudScale.ProcessHandler");
        System = compilation.GetTypeByMetadataName("CloudScale.Scheduling.ProcessSystem");
        Atom = compilation.GetTypeByMetadataName("CloudScale.Atom");
    }

    public INamedTypeSymbol? Handler { get; }

    public INamedTypeSymbol? System { get; }

    public INamedTypeSymbol? Atom { get; }

    /// <summary>Null where a program has no processes: then no rule about them applies.</summary>
    public static ProcessSymbols? Of(Compilation compilation) =>
        compilation.GetTypeByMetadataName("CloudScale.Self") is { } self ? new ProcessSymbols(compilation, self) : null;

    public bool IsSelf(ITypeSymbol? type) => Same(type, _self);

    public bool IsSystem(ITypeSymbol? type) => Same(type, System);

    public bool IsAtom(ITypeSymbol? type) => Same(type, Atom);

    public bool IsProcessTask(ITypeSymbol? type) =>
        Same(type, _task) || (type is INamedTypeSymbol named && Same(named.OriginalDefinition, _taskOf));

    /// <summary>What does its work only when awaited: a ProcessTask, or what receive, sleep and yield return.</summary>
    public bool IsProcessAwaitable(ITypeSymbol? type) =>
        IsProcessTask(type)
        || (
            type is INamedTypeSymbol { IsValueType: true } named
            && Same(named.ContainingAssembly, _self.ContainingAssembly)
            && HasAwaiter(named)
        );

    /// <summary>A member of the assemblies of terms or processes: what they give out is made to be shared.</summary>
    public bool IsOurs(ITypeSymbol type) =>
        Same(type.ContainingAssembly, _self.ContainingAssembly) || Same(type.ContainingAssembly, Atom?.ContainingAssembly);

    public bool IsTermConvertible(ITypeSymbol type) => Same(type, _convertible) || type.AllInterfaces.Any(face => Same(face, _convertible));

    public bool IsContract(ITypeSymbol type) => Has(type, _term) || Has(type, _union);

    public bool IsTermType(ITypeSymbol type) => Has(type, _term);

    public bool DerivesFromHandler(ITypeSymbol? type)
    {
        for (ITypeSymbol? at = type; at is not null; at = at.BaseType)
            if (Same(at, Handler))
                return true;
        return false;
    }

    /// <summary>Code that runs on a scheduler: it returns a ProcessTask, or was handed a Self.</summary>
    public bool IsBody(IMethodSymbol function) => IsProcessTask(function.ReturnType) || SelfOf(function) is not null;

    public IParameterSymbol? SelfOf(IMethodSymbol function)
    {
        foreach (IParameterSymbol parameter in function.Parameters)
            if (IsSelf(parameter.Type))
                return parameter;
        return null;
    }

    private static bool HasAwaiter(INamedTypeSymbol type) => !type.GetMembers("GetAwaiter").IsEmpty;

    private static bool Has(ITypeSymbol type, INamedTypeSymbol? attribute) =>
        attribute is not null && type.GetAttributes().Any(data => Same(data.AttributeClass, attribute));

    private static bool Same(ISymbol? one, ISymbol? other) => one is not null && SymbolEqualityComparer.Default.Equals(one, other);
}
