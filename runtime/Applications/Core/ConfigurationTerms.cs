using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace CloudScale.Runtime.Applications;

/// <summary>A configuration as terms.</summary>
/// <remarks>
/// Text stays text unless the definition has another kind of value under the key: then it is read as that. A section with the keys 0, 1, 2 … is a list, any other section a map.
/// </remarks>
internal static class ConfigurationTerms
{
    /// <summary>The environment that a section has for an application.</summary>
    /// <exception cref="FormatException">A text cannot be read as what the definition has.</exception>
    internal static Dictionary<Atom, object> Read(IConfiguration section, IReadOnlyDictionary<Atom, object> defaults)
    {
        Dictionary<Atom, object> environment = [];
        foreach (IConfigurationSection entry in section.GetChildren())
        {
            // Keys of a configuration do not tell small letters from capitals; atoms do.
            Atom key =
                defaults.Keys.FirstOrDefault(known => known.Name.Equals(entry.Key, StringComparison.OrdinalIgnoreCase))
                ?? Atom.Of(entry.Key);
            if (ValueOf(entry, defaults.GetValueOrDefault(key)) is { } value)
                environment[key] = value;
        }

        return environment;
    }

    private static object? ValueOf(IConfigurationSection section, object? like)
    {
        IConfigurationSection[] children = [.. section.GetChildren()];
        if (children.Length == 0)
            return section.Value is { } text ? Parse(text, like, section.Path) : null;
        if (children.Select((child, index) => child.Key == index.ToString(CultureInfo.InvariantCulture)).All(isNext => isNext))
            return List.Create([.. children.Select(child => ValueOf(child, null)).OfType<object>()]);
        List<KeyValuePair<object, object>> entries = [];
        foreach (IConfigurationSection child in children)
        {
            if (ValueOf(child, null) is { } value)
                entries.Add(KeyValuePair.Create((object)Atom.Of(child.Key), value));
        }

        return Map.Create([.. entries]);
    }

    private static object Parse(string text, object? like, string path)
    {
        object? read = like switch
        {
            Atom { Name: "true" or "false" } or bool => bool.TryParse(text, out bool value) ? (value ? Atoms.True : Atoms.False) : null,
            long or int => long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out long value) ? value : null,
            double or float => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null,
            Atom => Atom.Of(text),
            _ => text,
        };
        return read ?? throw new FormatException($"The configuration {path} is '{text}', where the application has {Term.Format(like)}.");
    }
}
