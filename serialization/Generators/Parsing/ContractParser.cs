using System.Collections.Immutable;
using CloudScale.Serialization.Generators.Models;
using Microsoft.CodeAnalysis;

namespace CloudScale.Serialization.Generators.Parsing;

/// <summary>Reads a type marked with <c>[Term]</c>: symbols go in, a model without symbols comes out.</summary>
internal sealed class ContractParser
{
    private static readonly string[] s_texts = ["Binary", "Atom", "Charlist"];
    private static readonly string[] s_times = ["Default", "Seconds", "Milliseconds", "Microseconds", "Nanoseconds", "Calendar", "Elixir"];
    private static readonly string[] s_guids = ["Binary", "Text"];
    private static readonly string[] s_decimals = ["Binary", "Elixir"];
    private static readonly string[] s_nulls = ["", "undefined", "nil", "null"];

    private const string StructKey = "__struct__";

    private readonly INamedTypeSymbol _type;
    private readonly AttributeData _attribute;
    private readonly Compilation _compilation;
    private readonly ContractShape _shape;
    private readonly string? _tagKey;
    private readonly ImmutableArray<DiagnosticInfo>.Builder _faults = ImmutableArray.CreateBuilder<DiagnosticInfo>();

    private ContractParser(GeneratorAttributeSyntaxContext source)
    {
        _type = (INamedTypeSymbol)source.TargetSymbol;
        _attribute = source.Attributes[0];
        _compilation = source.SemanticModel.Compilation;
        _shape = ShapeOf(_attribute);
        _tagKey = _shape switch
        {
            ContractShape.Struct => StructKey,
            ContractShape.Map when Attributes.Text(_attribute) is not null => UnionParser.KeyFor(_type),
            _ => null,
        };
    }

    private bool HasNames => _shape is ContractShape.Map or ContractShape.Struct or ContractShape.Keywords;

    private KeyForm Keys => _shape == ContractShape.Map ? (KeyForm)Attributes.Number(_attribute, "Keys") : KeyForm.Atom;

    public static Parsed<ContractModel> Parse(GeneratorAttributeSyntaxContext source)
    {
        var parser = new ContractParser(source);
        ContractModel? model = parser.Parse();
        return parser._faults.Count > 0
            ? new Parsed<ContractModel>(null, new(parser._faults.ToImmutable()))
            : new Parsed<ContractModel>(model, default);
    }

    public static ContractShape ShapeOf(AttributeData attribute) =>
        Attributes.Number(attribute, "Shape") switch
        {
            ShapeNumbers.Map => ContractShape.Map,
            ShapeNumbers.Record => ContractShape.TaggedTuple,
            ShapeNumbers.Struct => ContractShape.Struct,
            ShapeNumbers.Keywords => ContractShape.Keywords,
            ShapeNumbers.Atom => ContractShape.Atom,
            _ => Attributes.Text(attribute) is null ? ContractShape.PlainTuple : ContractShape.TaggedTuple,
        };

    /// <summary>The tag as the term has it: the module of a struct is an Elixir one.</summary>
    public static string? TagOf(AttributeData attribute, ContractShape shape)
    {
        string? tag = Attributes.Text(attribute);
        return shape == ContractShape.Struct && tag is not null && !tag.StartsWith("Elixir.", StringComparison.Ordinal)
            ? "Elixir." + tag
            : tag;
    }

    public static string WireName(FoundMember member) => Attributes.Text(member.Attribute) ?? Names.ToSnakeCase(member.Holder.Name);

    private ContractModel? Parse()
    {
        if (TypeIdentities.NotPartial(_type) is { } closed)
            _faults.Add(DiagnosticInfo.Of(Diagnostics.NotPartial, closed, closed.Name));
        string? tag = TagOf(_attribute, _shape);
        CheckShape(tag);
        List<FoundMember>? found = _type.IsStatic || _type.IsRefLikeType || _type.IsAbstract ? null : MemberFinder.Find(_type);
        if (found is null)
        {
            _faults.Add(DiagnosticInfo.Of(Diagnostics.NoConstructor, _type, _type.Name));
            return null;
        }

        if (_shape == ContractShape.Atom && found.Count > 0)
            Refuse(Diagnostics.BadShape, _type, _type.Name, "an atom has no members");

        var members = new List<(MemberModel Model, FoundMember Found)>();
        int arguments = 0;
        foreach (FoundMember member in found)
        {
            if (ParseMember(member, member.Parameter is null ? -1 : arguments) is { } model)
                members.Add((model, member));
            if (member.Parameter is not null)
                arguments++;
        }

        CheckNames(members);
        if (_faults.Count > 0)
            return null;
        string label = tag is null ? Names.ToSnakeCase(_type.Name) : Sketches.Module(tag);
        return new ContractModel(
            TypeIdentities.Of(_type),
            _shape,
            tag,
            label,
            Keys,
            new([.. Place(members)]),
            arguments,
            Recursion.IsRecursive(_type),
            _tagKey
        );
    }

    private void CheckShape(string? tag)
    {
        int shape = Attributes.Number(_attribute, "Shape");
        if (tag is null && shape is ShapeNumbers.Record or ShapeNumbers.Struct or ShapeNumbers.Atom)
            Refuse(Diagnostics.BadShape, _type, _type.Name, "it needs a tag");
        if (tag is not null && _tagKey is null && _shape is ContractShape.Map or ContractShape.Keywords)
            Refuse(Diagnostics.BadShape, _type, _type.Name, "maps and keyword lists have no tag");
        if (_shape != ContractShape.Map && Attributes.Number(_attribute, "Keys") != 0)
            Refuse(Diagnostics.BadShape, _type, _type.Name, "only maps have keys of another kind");
        if (tag is not null && Names.Fault(tag) is { } fault)
            Refuse(Diagnostics.BadName, _type, tag, _type.Name, fault);
        if (_type.TypeKind == TypeKind.Interface)
            Refuse(Diagnostics.BadShape, _type, _type.Name, "an interface is no contract");
    }

    private MemberModel? ParseMember(FoundMember member, int argument)
    {
        AttributeData? attribute = member.Attribute;
        string name = member.Holder.Name;
        string wireName = WireName(member);
        string? fault = Names.Fault(wireName);
        if (fault is null && Keys == KeyForm.Charlist && wireName.Any(character => character > '\u00FF'))
            fault = "a key that is a list of characters has none beyond U+00FF";
        if (fault is not null)
            Refuse(Diagnostics.BadName, member.Holder, wireName, name, fault);

        int ownNull = Attributes.Number(attribute, "Null");
        int anyNull = ownNull != 0 ? ownNull : Attributes.Number(_attribute, "Null");
        string nullAtom = anyNull == 0 ? (_shape == ContractShape.Struct ? "nil" : "undefined") : s_nulls[anyNull];
        int text = Attributes.Number(attribute, "Text");
        int time = Attributes.Number(attribute, "Time");
        int guid = Attributes.Number(attribute, "Guid");
        int number = Attributes.Number(attribute, "Decimal");
        var parser = new TypeParser(s_texts[text], nullAtom, s_times[time], s_guids[guid], s_decimals[number]);
        if (parser.Parse(member.Type) is not { } type)
        {
            Refuse(Diagnostics.UnsupportedType, member.Holder, name, member.Type.ToDisplayString(), parser.Reason);
            return null;
        }

        CheckOption(member, text != 0 && !parser.SawText, "Text", "it holds no string");
        CheckOption(member, time != 0 && !parser.SawTime, "Time", "it holds no time");
        CheckOption(member, guid != 0 && !parser.SawGuid, "Guid", "it holds no Guid");
        CheckOption(member, number != 0 && !parser.SawDecimal, "Decimal", "it holds no decimal");
        CheckOption(member, ownNull != 0 && !parser.SawNullable, "Null", "it cannot be null");
        bool isOptional = Attributes.Flag(attribute, "Optional");
        CheckOption(member, isOptional && !HasNames, "Optional", "an element of a tuple cannot be absent");
        CheckOption(member, HasNames && Attributes.Number(attribute, "Position") != 0, "Position", "it is found by its name");

        string? value = HasNames ? MemberFinder.Default(member, _compilation) : null;
        if (value is null && HasNames && (isOptional || (_shape == ContractShape.Keywords && type.IsNullable)))
            value = "default";
        bool isOmitted = type.IsNullable && (isOptional || _shape == ContractShape.Keywords);
        return new MemberModel(Names.Escape(name), wireName, type, argument, value, isOmitted);
    }

    private void CheckNames(List<(MemberModel Model, FoundMember Found)> members)
    {
        if (!HasNames)
            return;
        for (int i = 0; i < members.Count; i++)
        {
            MemberModel member = members[i].Model;
            if (member.WireName == _tagKey)
                Refuse(
                    Diagnostics.BadName,
                    members[i].Found.Holder,
                    member.WireName,
                    member.Name,
                    _shape == ContractShape.Struct ? "it is the key of the module" : "it is the key of the tag"
                );
            if (members.Take(i).Select(other => other.Model).FirstOrDefault(other => other.WireName == member.WireName) is { } same)
                Refuse(Diagnostics.SameName, members[i].Found.Holder, same.Name, member.Name, member.WireName);
        }
    }

    /// <summary>The members in the order of the term: those with a position there, the others in between as they come.</summary>
    private IEnumerable<MemberModel> Place(List<(MemberModel Model, FoundMember Found)> members)
    {
        var places = new MemberModel?[members.Count];
        foreach ((MemberModel model, FoundMember found) in members)
        {
            int position = Attributes.Number(found.Attribute, "Position");
            if (position == 0)
                continue;
            if (position < 0 || position > places.Length)
                Refuse(Diagnostics.Position, found.Holder, model.Name, $"{position}", $"there are {places.Length} members");
            else if (places[position - 1] is { } other)
                Refuse(Diagnostics.Position, found.Holder, model.Name, $"{position}", $"'{other.Name}' is there");
            else
                places[position - 1] = model;
        }

        int next = 0;
        foreach ((MemberModel model, FoundMember found) in members)
        {
            if (Attributes.Number(found.Attribute, "Position") != 0)
                continue;
            while (next < places.Length && places[next] is not null)
                next++;
            if (next < places.Length)
                places[next] = model;
        }

        return places.OfType<MemberModel>();
    }

    private void CheckOption(FoundMember member, bool isWrong, string option, string reason)
    {
        if (isWrong)
            Refuse(Diagnostics.BadOption, member.Holder, member.Holder.Name, option, reason);
    }

    private void Refuse(DiagnosticDescriptor descriptor, ISymbol symbol, params string[] arguments) =>
        _faults.Add(DiagnosticInfo.Of(descriptor, symbol, arguments));
}
