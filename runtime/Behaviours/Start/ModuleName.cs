using System.Collections.Concurrent;
using System.Reflection;

namespace CloudScale.Runtime.Behaviours;

/// <summary>What a class is called where Erlang expects a module: its full name as an atom.</summary>
internal static class ModuleName
{
    private static readonly ConcurrentDictionary<Type, Atom> s_names = new();

    // What can be unloaded must not be kept by its name.
    internal static Atom Of(Type type) => type.IsCollectible ? Made(type) : s_names.GetOrAdd(type, static type => Made(type));

    private static Atom Made(Type type) => Shortened(type.FullName ?? type.Name);

    /// <summary>What a method is called where Erlang expects <c>module.function</c>.</summary>
    internal static Atom Of(MethodInfo method) => Shortened($"{method.DeclaringType?.FullName}.{method.Name}");

    private static Atom Shortened(string name) => Atom.Of(name.Length <= Atom.MaxCharacters ? name : name[..Atom.MaxCharacters]);
}
