namespace CloudScale;

/// <summary>
/// Makes a partial class a module of functions that other nodes may call by name. The generator adds <c>ExportTo(FunctionTable)</c>; the class is a module of those nodes that it is exported to, and of
/// no other.
/// </summary>
/// <remarks>
/// <code>
/// [ErlangModule("billing")]
/// public sealed partial class Billing(Ledger ledger)
/// {
///     [ErlangFunction] public Receipt Charge(Order order) => ledger.Charge(order);   // billing:charge/1
/// }
/// node.Functions.Export(new Billing(ledger));
/// </code>
/// A static class has a static <c>ExportTo</c>; any other implements <see cref="IErlangModule"/>.
/// </remarks>
/// <param name="name">The module, for example <c>billing</c>, or <c>Elixir.Billing</c>; null for the class's name in snake_case.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ErlangModuleAttribute(string? name = null) : Attribute
{
    /// <summary>The module; null for the class's name in snake_case.</summary>
    public string? Name { get; } = name;
}

/// <summary>Exports a method of a class marked with <see cref="ErlangModuleAttribute"/>.</summary>
/// <remarks>
/// Parameters are contracts, dynamic terms (<see cref="object"/>), or what terms are made of: numbers, <see cref="bool"/>, <see cref="string"/>, <see cref="Atom"/>,
/// <see cref="Pid"/> and the other types of terms. A first parameter of type <see cref="Self"/> is the process that the function runs in. An argument that does not fit
/// is <c>badarg</c>. The result is what such a parameter may be, void (<c>ok</c>), or a task of either (<see cref="ProcessTask"/>, <see cref="ValueTask"/>,
/// <see cref="Task"/>).
/// </remarks>
/// <param name="name">The function; null for the method's name in snake_case, without <c>Async</c>.</param>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class ErlangFunctionAttribute(string? name = null) : Attribute
{
    /// <summary>The function; null for the method's name in snake_case.</summary>
    public string? Name { get; } = name;
}

/// <summary>A module of functions. Implemented by the generator for classes marked with <see cref="ErlangModuleAttribute"/>.</summary>
public interface IErlangModule
{
    /// <summary>Exports the functions.</summary>
    void ExportTo(FunctionTable functions);
}
