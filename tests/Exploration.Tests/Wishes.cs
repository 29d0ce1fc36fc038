using System.Globalization;

namespace CloudScale.Exploration.Tests;

/// <summary>What <c>./build.sh explore</c> asks for, through the environment: <c>--scenario</c>, <c>--schedules</c>, <c>--seed</c>.</summary>
internal static class Wishes
{
    private const string Prefix = "CLOUDSCALE_EXPLORE_";
    private const int OfATestRun = 2_500;

    /// <summary>The one scenario to explore; null for all.</summary>
    internal static string? Scenario => Read("SCENARIO");

    /// <summary>Schedules for each scenario; with a seed alone, the one of that seed.</summary>
    internal static int Schedules =>
        Read("SCHEDULES") is { } count ? int.Parse(count, CultureInfo.InvariantCulture)
        : Read("SEED") is null ? OfATestRun
        : 1;

    /// <summary>The first seed.</summary>
    internal static ulong Seed =>
        Read("SEED") is { } seed ? ulong.Parse(seed, CultureInfo.InvariantCulture) : (ulong)TestContext.CurrentContext.Random.NextInt64();

    private static string? Read(string name) => Environment.GetEnvironmentVariable(Prefix + name) is { Length: > 0 } value ? value : null;
}
