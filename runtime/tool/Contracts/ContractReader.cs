using System.Reflection;
using System.Runtime.Loader;

namespace CloudScale.Tool.Contracts;

/// <summary>A contract as it stands in an assembly.</summary>
/// <param name="Type">The type.</param>
/// <param name="Term">Its attribute; null for a union.</param>
/// <param name="Members">What its term is made of, in their order; of an enum nothing.</param>
internal sealed record FoundContract(Type Type, TermAttribute? Term, IReadOnlyList<FoundMember> Members)
{
    /// <summary>The name of its type in Erlang and Elixir.</summary>
    public string Name => Names.Snake((Type.IsNested ? Type.DeclaringType!.Name + Type.Name : Type.Name).Split('`')[0]);

    /// <summary>The cases of a union.</summary>
    public IEnumerable<Type> Cases =>
        Type.GetNestedTypes()
            .Where(Type.IsAssignableFrom)
            .Concat(Type.GetCustomAttribute<TermUnionAttribute>()?.Cases ?? [])
            .Where(type => type != Type)
            .Distinct();
}

/// <summary>A member of a contract.</summary>
/// <param name="Name">Its name in the term.</param>
/// <param name="Type">Its type.</param>
/// <param name="IsNullable">Whether it may be null.</param>
/// <param name="Options">What its attribute says; all defaults where it has none.</param>
internal sealed record FoundMember(string Name, Type Type, bool IsNullable, TermMemberAttribute Options);

/// <summary>Finds the contracts in a compiled assembly.</summary>
/// <remarks>Members are those that the generator takes: the parameters of the constructor, then what else can be set. Code of the assembly does not run.</remarks>
internal static class ContractReader
{
    private static readonly NullabilityInfoContext s_nullability = new();

    /// <summary>All contracts, in the order of their names.</summary>
    /// <exception cref="InvalidDataException">It is no assembly, or something it needs is missing.</exception>
    public static IReadOnlyList<FoundContract> Read(string file)
    {
        try
        {
            AssemblyDependencyResolver resolver = new(Path.GetFullPath(file));
            AssemblyLoadContext context = new("contracts", isCollectible: true);
            // The attributes must be ours, whichever copy lies beside the assembly.
            context.Resolving += (_, name) =>
                name.Name?.StartsWith("CloudScale.Serialization", StringComparison.Ordinal) == true ? typeof(TermAttribute).Assembly
                : resolver.ResolveAssemblyToPath(name) is { } path ? context.LoadFromAssemblyPath(path)
                : null;
            Type[] types = context.LoadFromAssemblyPath(Path.GetFullPath(file)).GetTypes();
            return
            [
                .. types
                    .Where(type => type.IsDefined(typeof(TermAttribute)) || type.IsDefined(typeof(TermUnionAttribute)))
                    .OrderBy(type => type.FullName, StringComparer.Ordinal)
                    .Select(type => new FoundContract(type, type.GetCustomAttribute<TermAttribute>(), type.IsEnum ? [] : Members(type))),
            ];
        }
        catch (Exception e) when (e is BadImageFormatException or ReflectionTypeLoadException or FileLoadException)
        {
            throw new InvalidDataException($"{file} cannot be read: {e.Message}", e);
        }
    }

    private static IReadOnlyList<FoundMember> Members(Type type)
    {
        List<MemberInfo> holders =
        [
            .. type.GetProperties().Where(IsHolder),
            .. type.GetFields(BindingFlags.Public | BindingFlags.Instance).Where(field => !field.IsDefined(typeof(TermIgnoreAttribute))),
        ];
        List<FoundMember> members = [];
        ConstructorInfo? constructor = type.GetConstructors()
            .Where(candidate => candidate.GetParameters().All(parameter => Match(holders, parameter) is not null))
            .MaxBy(candidate => candidate.GetParameters().Length);
        foreach (ParameterInfo parameter in constructor?.GetParameters() ?? [])
        {
            MemberInfo holder = Match(holders, parameter)!;
            holders.Remove(holder);
            members.Add(Member(holder, parameter));
        }

        members.AddRange(holders.Where(CanBeSet).Select(holder => Member(holder, null)));
        return
        [
            .. members
                .Select((member, index) => (member, Place: member.Options.Position == 0 ? index + 1 : member.Options.Position))
                .OrderBy(entry => entry.Place)
                .Select(entry => entry.member),
        ];
    }

    private static bool IsHolder(PropertyInfo property) =>
        property.GetMethod is { IsPublic: true, IsStatic: false }
        && property.GetIndexParameters().Length == 0
        && !property.IsDefined(typeof(TermIgnoreAttribute));

    private static bool CanBeSet(MemberInfo holder) =>
        holder is FieldInfo { IsInitOnly: false } or PropertyInfo { SetMethod.IsPublic: true };

    private static MemberInfo? Match(List<MemberInfo> holders, ParameterInfo parameter) =>
        holders.Find(holder =>
            string.Equals(holder.Name, parameter.Name, StringComparison.OrdinalIgnoreCase) && TypeOf(holder) == parameter.ParameterType
        );

    private static Type TypeOf(MemberInfo holder) =>
        holder is PropertyInfo property ? property.PropertyType : ((FieldInfo)holder).FieldType;

    private static FoundMember Member(MemberInfo holder, ParameterInfo? parameter)
    {
        TermMemberAttribute options =
            holder.GetCustomAttribute<TermMemberAttribute>()
            ?? parameter?.GetCustomAttribute<TermMemberAttribute>()
            ?? new TermMemberAttribute();
        Type type = TypeOf(holder);
        NullabilityInfo nullability = holder is PropertyInfo property
            ? s_nullability.Create(property)
            : s_nullability.Create((FieldInfo)holder);
        bool isNullable = Nullable.GetUnderlyingType(type) is not null || nullability.ReadState == NullabilityState.Nullable;
        return new FoundMember(options.Name ?? Names.Snake(holder.Name), type, isNullable, options);
    }
}
