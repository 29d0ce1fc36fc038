using System.Diagnostics;
using System.Globalization;

namespace CloudScale.Perf.Codecs;

/// <summary>The Erlang twin, <c>perf/erlang/codecs.erl</c>, in a fresh <c>erl</c> for every turn: it gets our bytes, so both have the same terms.</summary>
internal static class Beam
{
    public static string Version { get; private set; } = "none";

    public static async Task Measure(IReadOnlyList<Payload> payloads, int ms, Times times)
    {
        string folder = Directory.CreateTempSubdirectory("cloudscale-codecs-").FullName;
        try
        {
            for (int i = 0; i < payloads.Count; i++)
                await File.WriteAllBytesAsync(Path.Combine(folder, i.ToString(CultureInfo.InvariantCulture)), payloads[i].Bytes);
            string source = Path.Combine(AppContext.BaseDirectory, "erlang", "codecs.erl");
            await Run("erlc", "-o", folder, source);
            string output = await Run(
                "erl",
                "-noshell",
                "-boot",
                "no_dot_erlang",
                "+S",
                "1:1",
                "-pa",
                folder,
                "-s",
                "codecs",
                "main",
                folder,
                payloads.Count.ToString(CultureInfo.InvariantCulture),
                ms.ToString(CultureInfo.InvariantCulture)
            );
            foreach (string line in output.Split('\n'))
            {
                if (line.StartsWith("@version ", StringComparison.Ordinal))
                    Version = line["@version ".Length..];
                if (line.Split(' ') is ["@time", var index, var encode, var decode, var pieces])
                {
                    string name = payloads[int.Parse(index, CultureInfo.InvariantCulture)].Name;
                    times.Add(name, "encode/beam", double.Parse(encode, CultureInfo.InvariantCulture));
                    times.Add(name, "decode/beam", double.Parse(decode, CultureInfo.InvariantCulture));
                    times.Add(name, "encode/beam pieces", double.Parse(pieces, CultureInfo.InvariantCulture));
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true }
        )!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program}: {output}{await error}");
    }
}
