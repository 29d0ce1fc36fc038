using System.Reflection;
using System.Runtime.CompilerServices;

namespace CloudScale.Architecture.Tests;

/// <summary>Prints what users of an assembly can see: one type or member a line, sorted, so that a change of the surface is a diff of few lines.</summary>
/// <remarks>
/// A line starts with the full name, so a type and its members stand together. What the compiler makes for records is left out, and so are overrides of
/// <see cref="object"/>: they change nothing that a caller could write.
/// </remarks>
internal static class ApiPrinter
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly HashSet<string> s_objectMethods = ["Equals", "GetHashCode", "ToString", "Finalize"];

    public static string[] Print(Assembly assembly)
    {
        var lines = new List<string>();
        foreach (Type type in assembly.GetTypes().Where(IsVisible))
        {
            lines.Add(TypeNames.Of(type) + " : " + Describe(type));
            // A delegate is its Invoke, an enum its values.
            if (type.IsEnum)
                lines.AddRange(type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(EnumValue));
            else if (!typeof(Delegate).IsAssignableFrom(type))
                lines.AddRange(Members(type).Select(member => TypeNames.Of(type) + "." + member));
        }

        lines.Sort(StringComparer.Ordinal);
        return [.. lines];
    }

    private static bool IsVisible(Type type) =>
        type.IsPublic || (type.IsNested && (type.IsNestedPublic || IsInheritable(type)) && IsVisible(type.DeclaringType!));

    private static bool IsInheritable(Type type) => (type.IsNestedFamily || type.IsNestedFamORAssem) && !type.DeclaringType!.IsSealed;

    private static bool IsVisible(MethodBase method) =>
        method.IsPublic || ((method.IsFamily || method.IsFamilyOrAssembly) && !method.DeclaringType!.IsSealed);

    private static bool IsGenerated(MemberInfo member) => member.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);

    private static IEnumerable<string> Members(Type type)
    {
        foreach (ConstructorInfo constructor in type.GetConstructors(Declared).Where(IsVisible))
            if (!constructor.IsStatic && !IsGenerated(constructor))
                yield return "ctor(" + Parameters(constructor) + ")";

        foreach (FieldInfo field in type.GetFields(Declared))
            if (field.IsPublic || ((field.IsFamily || field.IsFamilyOrAssembly) && !type.IsSealed))
                yield return field.Name + ": " + FieldWords(field) + TypeNames.Of(field);

        foreach (PropertyInfo property in type.GetProperties(Declared))
            if (Property(property) is { } line)
                yield return line;

        foreach (EventInfo item in type.GetEvents(Declared))
            if (item.AddMethod is { } add && IsVisible(add))
                yield return item.Name + ": event " + Words(add) + TypeNames.Of(item.EventHandlerType!);

        foreach (MethodInfo method in type.GetMethods(Declared).Where(IsVisible))
            if (IsListed(method))
                yield return Name(method)
                    + "("
                    + Parameters(method)
                    + "): "
                    + Words(method)
                    + TypeNames.Of(method.ReturnParameter)
                    + Where(method);
    }

    // Accessors are part of their property or event; operators are special too, and listed.
    private static bool IsListed(MethodInfo method)
    {
        if (IsGenerated(method) || (method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal)))
            return false;
        return !(s_objectMethods.Contains(method.Name) && method.GetBaseDefinition().DeclaringType == typeof(object));
    }

    private static string? Property(PropertyInfo property)
    {
        bool get = property.GetMethod is { } getter && IsVisible(getter);
        bool set = property.SetMethod is { } setter && IsVisible(setter);
        if (!get && !set)
            return null;

        MethodInfo accessor = (get ? property.GetMethod : property.SetMethod)!;
        ParameterInfo[] index = property.GetIndexParameters();
        string name = index.Length == 0 ? property.Name : "this[" + string.Join(", ", index.Select(Parameter)) + "]";
        string required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        bool init = set && property.SetMethod!.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));
        string accessors = (get ? "get; " : "") + (set ? (init ? "init; " : "set; ") : "");
        return $"{name}: {required}{Words(accessor)}{TypeNames.Of(property)} {{ {accessors}}}";
    }

    private static string Name(MethodInfo method) =>
        method.IsGenericMethodDefinition
            ? method.Name + "<" + string.Join(", ", method.GetGenericArguments().Select(argument => argument.Name)) + ">"
            : method.Name;

    private static string Words(MethodBase method)
    {
        string words = method.IsFamily || method.IsFamilyOrAssembly ? "protected " : "";
        if (method.IsStatic)
            words += method.IsAbstract ? "static abstract " : "static ";
        else if (method.DeclaringType!.IsInterface)
            words += method.IsAbstract ? "" : "default ";
        else if (method.IsAbstract)
            words += "abstract ";
        else if (method.IsVirtual && !method.IsFinal)
            words += method is MethodInfo info && info.GetBaseDefinition() != info ? "override " : "virtual ";
        return words;
    }

    private static string FieldWords(FieldInfo field)
    {
        string words = field.IsPublic ? "" : "protected ";
        if (field.IsLiteral)
            return words + $"const({Value(field.GetRawConstantValue())}) ";
        return words + (field.IsStatic ? "static " : "") + (field.IsInitOnly ? "readonly " : "");
    }

    private static string EnumValue(FieldInfo field) =>
        $"{TypeNames.Of(field.DeclaringType!)}.{field.Name} = {field.GetRawConstantValue()}";

    private static string Parameters(MethodBase method)
    {
        string text = string.Join(", ", method.GetParameters().Select(Parameter));
        return method.IsDefined(typeof(ExtensionAttribute)) ? "this " + text : text;
    }

    private static string Parameter(ParameterInfo parameter)
    {
        string word = parameter switch
        {
            { IsOut: true } => "out ",
            { ParameterType.IsByRef: true } when parameter.IsDefined(typeof(IsReadOnlyAttribute)) => "in ",
            { ParameterType.IsByRef: true } => "ref ",
            _ when parameter.IsDefined(typeof(ParamArrayAttribute)) => "params ",
            _ => "",
        };
        string value = parameter.HasDefaultValue ? " = " + Value(parameter.RawDefaultValue) : "";
        return $"{word}{TypeNames.Of(parameter)} {parameter.Name}{value}";
    }

    private static string Value(object? value) =>
        value switch
        {
            null => "null",
            string text => $"\"{text}\"",
            bool truth => truth ? "true" : "false",
            _ => value.ToString()!,
        };

    private static string Describe(Type type)
    {
        if (typeof(Delegate).IsAssignableFrom(type))
        {
            MethodInfo invoke = type.GetMethod("Invoke")!;
            return $"delegate {TypeNames.Of(invoke.ReturnParameter)} ({Parameters(invoke)}){Constraints(type.GetGenericArguments())}";
        }

        if (type.IsEnum)
            return (type.IsDefined(typeof(FlagsAttribute)) ? "flags enum " : "enum ") + TypeNames.Of(type.GetEnumUnderlyingType());

        string kind = type switch
        {
            { IsInterface: true } => "interface",
            { IsValueType: true } => (type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly " : "")
                + (type.IsByRefLike ? "ref struct" : "struct"),
            { IsAbstract: true, IsSealed: true } => "static class",
            _ => (
                type.IsAbstract ? "abstract "
                : type.IsSealed ? "sealed "
                : ""
            ) + (type.GetMethod("<Clone>$") is null ? "class" : "record"),
        };
        var bases = new List<string>();
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType))
            bases.Add(TypeNames.Of(parent));
        bases.AddRange(type.GetInterfaces().Where(item => IsVisible(item)).Select(TypeNames.Of).Order(StringComparer.Ordinal));
        return kind + (bases.Count == 0 ? "" : ": " + string.Join(", ", bases)) + Constraints(type.GetGenericArguments());
    }

    private static string Where(MethodInfo method) => method.IsGenericMethodDefinition ? Constraints(method.GetGenericArguments()) : "";

    private static string Constraints(Type[] arguments)
    {
        string text = "";
        foreach (Type argument in arguments.Where(argument => argument.IsGenericParameter))
        {
            GenericParameterAttributes flags = argument.GenericParameterAttributes;
            bool value = flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
            var words = new List<string>();
            if (value)
                words.Add("struct");
            if (flags.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint))
                words.Add("class");
            words.AddRange(argument.GetGenericParameterConstraints().Where(item => item != typeof(ValueType)).Select(TypeNames.Of));
            if (flags.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint) && !value)
                words.Add("new()");
            if (flags.HasFlag(GenericParameterAttributes.AllowByRefLike))
                words.Add("allows ref struct");
            if (words.Count > 0)
                text += $" where {argument.Name} : {string.Join(", ", words)}";
        }

        return text;
    }
}
