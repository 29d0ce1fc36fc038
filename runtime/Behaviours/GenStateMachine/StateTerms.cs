using System.Collections.Concurrent;
using System.Text;

namespace CloudScale.Runtime.Behaviours;

/// <summary>States as terms, and back: an enum is the atom of its name in snake_case.</summary>
internal static class StateTerms
{
    private static readonly ConcurrentDictionary<Enum, Atom> s_names = new();

    internal static object Of(object state) =>
        state is not Enum value ? StatusTerms.Shown(state)
        : value.GetType().IsCollectible ? NameOf(value) // what can be unloaded must not be kept by its name
        : s_names.GetOrAdd(value, static value => NameOf(value));

    internal static TState Parse<TState>(object term)
    {
        if (term is TState state)
            return state;
        if (term is Atom name && typeof(TState).IsEnum)
        {
            foreach (object value in typeof(TState).GetEnumValuesAsUnderlyingType())
            {
                Enum candidate = (Enum)Enum.ToObject(typeof(TState), value);
                if (ReferenceEquals(Of(candidate), name))
                    return (TState)(object)candidate;
            }
        }

        throw new ArgumentException($"{Term.Format(term)} is no {typeof(TState).Name}.", nameof(term));
    }

    private static Atom NameOf(Enum value)
    {
        StringBuilder name = new();
        foreach (char letter in value.ToString())
        {
            if (char.IsUpper(letter) && name.Length > 0)
                name.Append('_');
            name.Append(char.ToLowerInvariant(letter));
        }

        return Atom.Of(name.ToString());
    }
}
