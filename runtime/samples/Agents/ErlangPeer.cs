using System.Diagnostics;

namespace CloudScale.Samples.Agents;

/// <summary>A real <c>erl</c> that runs <c>agents_peer</c>.</summary>
internal sealed class ErlangPeer : IPeer
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    private ErlangPeer(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
        _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
    }

    public string Description => "Erlang node peer@127.0.0.1";

    public string? Fault =>
        _process.HasExited && _process.ExitCode != 0 ? $"erl ended with code {_process.ExitCode}: {_errors.Result.Trim()}" : null;

    internal static bool IsInstalled =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, "erl")));

    internal static ErlangPeer Start(Atom node, string cookie, int agents)
    {
        string source = Path.Combine(AppContext.BaseDirectory, "erlang", "agents_peer.erl").Replace("\\", "/", StringComparison.Ordinal);
        string program =
            $"{{ok, M, B}} = compile:file(\"{source}\", [binary]), {{module, M}} = code:load_binary(M, \"{source}\", B), M:start('{node.Name}', {agents}).";
        ProcessStartInfo start = new(
            "erl",
            ["-noshell", "-name", "peer@127.0.0.1", "-setcookie", cookie, "-start_epmd", "false", "-hidden", "-eval", program]
        )
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        return new ErlangPeer(Process.Start(start)!);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
