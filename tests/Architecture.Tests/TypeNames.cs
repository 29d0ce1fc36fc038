using System.Reflection;

namespace CloudScale.Architecture.Tests;

/// <summary>Writes types as C# does: keywords, full names, type arguments, and a question mark where null is allowed.</summary>
internal static class TypeNames
{
    private static readonly NullabilityInfoContext s_nullability = new();

    private static readonly Dictionary<Type, string> s_keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(char)] = "char",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(nint)] = "nint",
        [typeof(nuint)] = "nuint",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
    };

    public static string Of(ParameterInfo parameter) => Of(parameter.ParameterType, s_nullability.Create(parameter));

    public static string Of(PropertyInfo property) => Of(property.PropertyType, s_nullability.Create(property));

    public static string Of(FieldInfo field) => Of(field.FieldType, s_nullability.Create(field));

    public static string Of(Type type) => Of(type, nullability: null);

    private static string Of(Type type, NullabilityInfo? nullability)
    {
        if (type.IsByRef)
            return Of(type.GetElementType()!, nullability);
        if (type.IsPointer)
            return Of(type.GetElementType()!, nullability: null) + "*";
        if (Nullable.GetUnderlyingType(type) is { } value)
            return Of(value, nullability: null) + "?";

        string mark = !type.IsValueType && nullability?.ReadState == NullabilityState.Nullable ? "?" : "";
        if (type.IsArray)
            return Of(type.GetElementType()!, nullability?.ElementType) + "[" + new string(',', type.GetArrayRank() - 1) + "]" + mark;
        if (s_keywords.TryGetValue(type, out string? keyword))
            return keyword + mark;
        if (type.IsGenericParameter)
            return type.Name + mark;
        if (type.IsFunctionPointer)
            return "delegate*<...>";
        return Named(type, nullability) + mark;
    }

    // A nested generic type carries the arguments of those around it; each name takes its own share.
    private static string Named(Type type, NullabilityInfo? nullability)
    {
        Type[] arguments = type.GetGenericArguments();
        int outer = type.IsNested ? type.DeclaringType!.GetGenericArguments().Length : 0;
        string prefix =
            type.IsNested ? Of(type.DeclaringType!) + "."
            : type.Namespace is { Length: > 0 } space ? space + "."
            : "";
        string name = type.Name.Split('`')[0];
        if (arguments.Length <= outer)
            return prefix + name;

        NullabilityInfo[] states = nullability?.GenericTypeArguments ?? [];
        IEnumerable<string> own = arguments
            .Select((argument, index) => Of(argument, index < states.Length ? states[index] : null))
            .Skip(outer);
        return $"{prefix}{name}<{string.Join(", ", own)}>";
    }
}
