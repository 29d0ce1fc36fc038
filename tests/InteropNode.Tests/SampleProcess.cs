using System.Diagnostics;

namespace CloudScale.InteropNode.Tests;

/// <summary>The sample as its own process.</summary>
internal sealed class SampleProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly List<string> _output = [];
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task<string> _errors;

    private SampleProcess(Process process)
    {
        _process = process;
        _ = ReadAsync();
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>All lines of standard output so far.</summary>
    internal IReadOnlyList<string> Output
    {
        get
        {
            lock (_output)
                return [.. _output];
        }
    }

    internal bool HasExited => _process.HasExited;

    /// <summary>Standard error, once the process has ended.</summary>
    internal Task<string> Errors => _errors;

    /// <summary>Starts the program and does not wait for it.</summary>
    internal static SampleProcess Start(int epmdPort, params string[] arguments)
    {
        string program = Path.Combine(
            AppContext.BaseDirectory,
            "../../../../../runtime/samples/InteropNode/bin",
            Configuration,
            "net10.0/interop-node.dll"
        );
        Process process = OtpInstallation.Start("dotnet", epmdPort, [Path.GetFullPath(program), .. arguments]);
        process.StandardInput.Close(); // it may be
        return new SampleProcess(process);
    }

    /// <summary>Starts the program and waits until it says that it is ready.</summary>
    internal static async Task<SampleProcess> StartReadyAsync(int epmdPort, string name, string cookie, params string[] arguments)
    {
        SampleProcess sample = Start(epmdPort, ["--name", name, "--cookie", cookie, .. arguments]);
        if (
            await Task.WhenAny(sample._ready.Task, sample._process.WaitForExitAsync(), Task.Delay(Eventually.Patience))
            != sample._ready.Task
        )
        {
            await sample.DisposeAsync();
            Assert.Fail($"The sample did not start: {await sample.Errors}");
        }

        return sample;
    }

    internal void Terminate()
    {
        using Process kill = Process.Start("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    internal async Task<int> ExitStatusAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Eventually.Patience);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            lock (_output)
                _output.Add(line);
            if (line.StartsWith("READY ", StringComparison.Ordinal))
                _ready.TrySetResult();
        }
    }
}
