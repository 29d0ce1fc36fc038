using System.Diagnostics;

namespace CloudScale.Perf.Macro.Runner;

/// <summary>This program again, as a child.</summary>
internal sealed class OurSide : Side
{
    // Set for the child only, and named in the report. Without the first the collector's youngest generation has the size of a
    // cache; the second keeps its background thread from competing with the schedulers for two cores.
    private static readonly (string Name, string Value)[] s_environment =
    [
        ("DOTNET_GCgen0size", "0x4000000"),
        ("DOTNET_gcConcurrent", "0"),
        ("DOTNET_TieredCompilation", "1"),
        ("DOTNET_TieredPGO", "1"),
    ];

    public override string Name => "ours";

    public override string Settings =>
        $".NET {Environment.Version}, workstation collector; "
        + string.Join(' ', s_environment.Select(item => $"{item.Name}={item.Value}"));

    protected override ProcessStartInfo Start(Case item, int schedulers, BenchOptions options)
    {
        // Under `dotnet x.dll` our own file is the argument; as a program of its own there is none.
        string self = Environment.ProcessPath ?? throw new InvalidOperationException("the path of this program is not known");
        var start = new ProcessStartInfo(self);
        if (Path.GetFileNameWithoutExtension(self) == "dotnet")
            start.ArgumentList.Add(typeof(OurSide).Assembly.Location);
        foreach ((string name, string value) in s_environment)
            start.Environment[name] = value;
        foreach (
            string argument in new Child.ChildArguments(
                item.Scenario,
                item.Width,
                item.Count,
                schedulers,
                options.WarmUpMs,
                options.TimedMs
            ).Format()
        )
            start.ArgumentList.Add(argument);
        return start;
    }
}
