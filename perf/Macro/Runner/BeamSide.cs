using System.Diagnostics;

namespace CloudScale.Perf.Macro.Runner;

/// <summary>The Erlang twins in a fresh <c>erl</c>.</summary>
internal sealed class BeamSide : Side
{
    private readonly string _version;
    private readonly string _beams;

    private BeamSide(string version, string beams)
    {
        _version = version;
        _beams = beams;
    }

    public override string Name => "BEAM";

    public override string Settings => $"Erlang/OTP {_version}; erl -noshell +S N:N +P 2000000, busy waiting and allocators as it ships";

    /// <summary>Compiles the twins; null and a reason if there is no Erlang here.</summary>
    public static async Task<(BeamSide? Side, string Problem)> Prepare(string root)
    {
        string beams = Path.Combine(root, "artifacts", "perf", "ebin");
        Directory.CreateDirectory(beams);
        string[] sources = Directory.GetFiles(Path.Combine(root, "perf", "erlang"), "*.erl");
        try
        {
            await Tool("erlc", ["-o", beams, .. sources]);
            // Emulator flavor "jit" is what ships for x86-64 and arm64 since OTP 24 and 25; a reader must see if it is not.
            string version = await Tool(
                "erl",
                [
                    "-noshell",
                    "-boot",
                    "no_dot_erlang",
                    "-eval",
                    "io:format(\"~s, erts ~s, ~s\", [erlang:system_info(otp_release), erlang:system_info(version), erlang:system_info(emu_flavor)]), halt().",
                ]
            );
            return (new BeamSide(version.Trim(), beams), "");
        }
        catch (Exception problem) when (problem is System.ComponentModel.Win32Exception or BenchException)
        {
            return (null, problem.Message);
        }
    }

    protected override ProcessStartInfo Start(Case item, int schedulers, BenchOptions options)
    {
        string[] arguments =
        [
            "-noshell",
            "-boot",
            "no_dot_erlang",
            "+S",
            $"{schedulers}:{schedulers}",
            "+P",
            "2000000",
            "-pa",
            _beams,
            "-s",
            "bench",
            "main",
            item.Twin,
            Text(item.Width),
            Text(item.Count),
            Text(options.WarmUpMs),
            Text(options.TimedMs),
        ];
        var start = new ProcessStartInfo("erl", arguments);
        // Flags of the user's shell must not leak into the comparison.
        foreach (string name in new[] { "ERL_FLAGS", "ERL_AFLAGS", "ERL_ZFLAGS" })
            start.Environment.Remove(name);
        return start;
    }

    private static async Task<string> Tool(string name, string[] arguments)
    {
        var start = new ProcessStartInfo(name, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start) ?? throw new BenchException($"cannot start {name}");
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new BenchException($"{name}: {output}{await error}");
    }
}
