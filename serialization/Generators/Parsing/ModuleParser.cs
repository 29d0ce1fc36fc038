using System.Collections.Immutable;
using CloudScale.Serialization.Generators.Models;
using Microsoft.CodeAnalysis;

namespace CloudScale.Serialization.Generators.Parsing;

/// <summary>Reads a class marked with <c>[ErlangModule]</c>.</summary>
internal static class ModuleParser
{
    private const int MaxArity = 255;

    private static readonly HashSet<string> s_terms =
    [
        "CloudScale.Atom",
        "CloudScale.Pid",
        "CloudScale.Reference",
        "CloudScale.Port",
        "CloudScale.Tuple",
        "CloudScale.List",
        "CloudScale.Map",
        "CloudScale.Binary",
        "CloudScale.BitString",
        "CloudScale.ExternalFun",
        "CloudScale.Fun",
        "CloudScale.NativeRecord",
        "System.Numerics.BigInteger",
        "byte[]",
        "System.ReadOnlyMemory<byte>",
    ];

    private static readonly HashSet<string> s_tasks =
    [
        "CloudScale.ProcessTask",
        "System.Threading.Tasks.Task",
        "System.Threading.Tasks.ValueTask",
    ];

    public static Parsed<ModuleModel> Parse(GeneratorAttributeSyntaxContext source)
    {
        var type = (INamedTypeSymbol)source.TargetSymbol;
        ImmutableArray<DiagnosticInfo>.Builder faults = ImmutableArray.CreateBuilder<DiagnosticInfo>();
        string module = Attributes.Text(source.Attributes[0]) ?? Names.ToSnakeCase(type.Name);
        if (TypeIdentities.NotPartial(type) is { } closed)
            faults.Add(DiagnosticInfo.Of(Diagnostics.NotPartial, closed, closed.Name));
        if (Names.Fault(module) is { } fault)
            faults.Add(DiagnosticInfo.Of(Diagnostics.BadName, type, module, type.Name, fault));

        var functions = ImmutableArray.CreateBuilder<FunctionModel>();
        var taken = new Dictionary<string, string>();
        foreach (IMethodSymbol method in type.GetMembers().OfType<IMethodSymbol>())
        {
            if (Attributes.Find(method, Attributes.ErlangFunction) is not { } attribute)
                continue;
            if (Function(method, attribute, faults) is not { } function)
                continue;
            string key = function.Function + "/" + function.Arguments.Count;
            if (taken.TryGetValue(key, out string? other))
                faults.Add(DiagnosticInfo.Of(Diagnostics.SameName, method, other, method.Name, key));
            else
                taken.Add(key, method.Name);
            functions.Add(function);
        }

        return faults.Count > 0
            ? new Parsed<ModuleModel>(null, new(faults.ToImmutable()))
            : new Parsed<ModuleModel>(
                new ModuleModel(TypeIdentities.Of(type), type.IsStatic, module, new(functions.ToImmutable())),
                default
            );
    }

    private static FunctionModel? Function(IMethodSymbol method, AttributeData attribute, ImmutableArray<DiagnosticInfo>.Builder faults)
    {
        string name = Attributes.Text(attribute) ?? Names.ToSnakeCase(Trim(method.Name));
        if (Names.Fault(name) is { } fault)
            faults.Add(DiagnosticInfo.Of(Diagnostics.BadName, method, name, method.Name, fault));
        if (method.IsGenericMethod)
        {
            faults.Add(DiagnosticInfo.Of(Diagnostics.BadFunction, method, method.Name, "it has type parameters"));
            return null;
        }

        bool takesSelf = method.Parameters.Length > 0 && method.Parameters[0].Type.ToDisplayString() == "CloudScale.Self";
        var arguments = ImmutableArray.CreateBuilder<ArgumentModel>();
        foreach (IParameterSymbol parameter in method.Parameters.Skip(takesSelf ? 1 : 0))
        {
            bool isContract = IsContract(parameter.Type);
            if (parameter.RefKind != RefKind.None || !(isContract || IsTerm(parameter.Type)))
                faults.Add(DiagnosticInfo.Of(Diagnostics.UnsupportedType, parameter, parameter.Name, Names.Full(parameter.Type), ""));
            arguments.Add(new ArgumentModel(Names.Full(parameter.Type), isContract));
        }

        if (arguments.Count > MaxArity)
            faults.Add(DiagnosticInfo.Of(Diagnostics.BadFunction, method, method.Name, "a function has at most 255 arguments"));
        if (ResultOf(method.ReturnType) is { } result)
            return new FunctionModel(name, Names.Escape(method.Name), takesSelf, new(arguments.ToImmutable()), result);
        faults.Add(DiagnosticInfo.Of(Diagnostics.UnsupportedType, method, method.Name, Names.Full(method.ReturnType), ""));
        return null;
    }

    private static string Trim(string name)
    {
        const string Suffix = "Async";
        return name.Length > Suffix.Length && name.EndsWith(Suffix, StringComparison.Ordinal)
            ? name.Substring(0, name.Length - Suffix.Length)
            : name;
    }

    private static ResultForm? ResultOf(ITypeSymbol type)
    {
        if (type.SpecialType == SpecialType.System_Void)
            return ResultForm.Nothing;
        string name = type.OriginalDefinition.ToDisplayString();
        if (s_tasks.Contains(name))
            return ResultForm.Task;
        if (type is INamedTypeSymbol { Arity: 1 } generic && s_tasks.Contains(name.Substring(0, name.IndexOf('<'))))
            return IsResult(generic.TypeArguments[0]) ? ResultForm.TaskOfValue : null;
        return IsResult(type) ? ResultForm.Value : null;
    }

    private static bool IsResult(ITypeSymbol type)
    {
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable)
            return IsResult(nullable.TypeArguments[0]);
        return IsContract(type)
            || IsTerm(type)
            || type.AllInterfaces.Any(implemented => implemented.ToDisplayString() == "CloudScale.ITermConvertible");
    }

    private static bool IsTerm(ITypeSymbol type) =>
        type.SpecialType == SpecialType.System_Object
        || Rows.IsPlain(type)
        || s_terms.Contains(type.WithNullableAnnotation(NullableAnnotation.NotAnnotated).ToDisplayString());

    /// <summary>A type with a codec of its own: a class, a struct or a union, but no enum.</summary>
    private static bool IsContract(ITypeSymbol type) =>
        type.TypeKind != TypeKind.Enum
        && (Attributes.Find(type, Attributes.Term) is not null || Attributes.Find(type, Attributes.TermUnion) is not null);
}
