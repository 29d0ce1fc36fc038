using System.Globalization;

namespace CloudScale.Testing;

/// <summary>Names a schedule: <c>STRATEGY/SEED</c>, the seed in hexadecimal.</summary>
internal static class ScheduleName
{
    internal static string Format(ExplorationStrategy strategy, ulong seed) =>
        string.Create(CultureInfo.InvariantCulture, $"{strategy}/{seed:x}");

    internal static (ExplorationStrategy Strategy, ulong Seed) Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !ulong.TryParse(name.AsSpan(slash + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong seed))
            throw new FormatException($"'{name}' names no schedule: STRATEGY/SEED, for example pct:3:120/1f4.");
        return (ExplorationStrategy.Parse(name[..slash]), seed);
    }
}
