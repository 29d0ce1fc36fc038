using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace CloudScale.Serialization.CodeFixes;

/// <summary>Gives a wait for another node an end: OTP's five seconds.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(TimeoutFix)), Shared]
public sealed class TimeoutFix : ProcessFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = Ids("CSP013", "CSP014");

    private protected override void Register(FixPlace place)
    {
        if (place.Diagnostic.Id == "CSP014")
        {
            if (place.Node.FirstAncestorOrSelf<ArgumentSyntax>() is { Parent: ArgumentListSyntax list } argument)
                place.Offer("Wait five seconds, as by default", list, list.WithArguments(list.Arguments.Remove(argument)));
            return;
        }

        if (place.Node is not InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax access } call)
            return;
        string type = place.Model.LookupNamespacesAndTypes(call.SpanStart, name: "TimeSpan").IsEmpty ? "System.TimeSpan" : "TimeSpan";
        ExpressionSyntax seconds = BodySyntax.Parse($"{type}.FromSeconds(5)");
        SeparatedSyntaxList<ArgumentSyntax> arguments = call.ArgumentList.Arguments;
        ArgumentSyntax? given = arguments.FirstOrDefault(one => IsTimeout(one, place));
        if (given is not null)
            arguments = arguments.Replace(given, given.WithExpression(seconds));
        else
        {
            ArgumentSyntax added = SyntaxFactory.Argument(seconds);
            // Behind named arguments only named ones may stand.
            if (arguments.Any(static one => one.NameColon is not null))
                added = added.WithNameColon(SyntaxFactory.NameColon("timeout").WithTrailingTrivia(SyntaxFactory.Space));
            arguments = arguments.Count == 0 ? arguments.Add(added) : arguments.Add(added.WithLeadingTrivia(SyntaxFactory.Space));
        }

        // Only the receive of a type has a time-out.
        if (access.Name is IdentifierNameSyntax && call.ArgumentList.Arguments.Count == 0)
            access = access.WithName((SimpleNameSyntax)SyntaxFactory.ParseName("Receive<object>"));
        place.Offer("Wait five seconds", call, call.WithExpression(access).WithArgumentList(call.ArgumentList.WithArguments(arguments)));
    }

    private static bool IsTimeout(ArgumentSyntax argument, FixPlace place) =>
        argument.NameColon?.Name.Identifier.ValueText == "timeout"
        || (
            argument.NameColon is null
            && place.Model.GetTypeInfo(argument.Expression, place.Cancellation).ConvertedType is { } type
            && IsTimeSpan(type)
        );

    private static bool IsTimeSpan(ITypeSymbol type) =>
        type.Name == "TimeSpan"
        || (
            type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } optional
            && IsTimeSpan(optional.TypeArguments[0])
        );
}
