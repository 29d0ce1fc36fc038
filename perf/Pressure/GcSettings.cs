namespace CloudScale.Perf.Pressure;

/// <summary>Settings of the collector that only the environment of a program can set.</summary>
/// <param name="Name">What the table calls them.</param>
/// <param name="Variables">Set for the child; every other <c>DOTNET_GC…</c> variable is taken away.</param>
internal sealed record GcSettings(string Name, params (string Name, string Value)[] Variables)
{
    /// <summary>Set for a child whose pauses are printed for comparison and need not keep the limits.</summary>
    public const string MayPause = "CLOUDSCALE_PRESSURE_MAY_PAUSE";

    /// <summary>What we tell hosts to set.</summary>
    public static GcSettings Recommended { get; } = new("recommended", ("DOTNET_GCgen0size", "0x4000000"));

    /// <summary>As .NET ships.</summary>
    public static GcSettings Default { get; } = new("default");

    /// <summary>What was tried, for <c>--sweep</c>.</summary>
    public static IReadOnlyList<GcSettings> Tried { get; } =
    [
        Recommended,
        Default,
        new("default, no concurrent", ("DOTNET_gcConcurrent", "0")),
        new("gen0 16 MB", ("DOTNET_GCgen0size", "0x1000000")),
        new("gen0 32 MB", ("DOTNET_GCgen0size", "0x2000000")),
        new("gen0 64 MB, no concurrent", ("DOTNET_GCgen0size", "0x4000000"), ("DOTNET_gcConcurrent", "0")),
        new("gen0 64 MB, conserve 5", ("DOTNET_GCgen0size", "0x4000000"), ("DOTNET_GCConserveMemory", "5")),
        new("gen0 64 MB, gen1 64 MB", ("DOTNET_GCgen0size", "0x4000000"), ("DOTNET_GCgen1size", "0x4000000")),
        new("gen0 64 MB, server", ("DOTNET_GCgen0size", "0x4000000"), ("DOTNET_gcServer", "1")),
        new("gen0 64 MB, no PGO", ("DOTNET_GCgen0size", "0x4000000"), ("DOTNET_TieredPGO", "0")),
        new("gen0 128 MB", ("DOTNET_GCgen0size", "0x8000000")),
        new("gen0 256 MB", ("DOTNET_GCgen0size", "0x10000000")),
        new("server", ("DOTNET_gcServer", "1")),
    ];

    /// <summary>Gives a child these settings and no others.</summary>
    public void Apply(IDictionary<string, string?> environment)
    {
        foreach (string name in environment.Keys.Where(IsCollectors).ToList())
            environment.Remove(name);
        foreach ((string name, string value) in Variables)
            environment[name] = value;
        environment.Remove(MayPause);
        if (this != Recommended)
            environment[MayPause] = "1";
    }

    private static bool IsCollectors(string name) =>
        name.StartsWith("DOTNET_GC", StringComparison.OrdinalIgnoreCase) || name.StartsWith("DOTNET_TieredPGO", StringComparison.Ordinal);
}
