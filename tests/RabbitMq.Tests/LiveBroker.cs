using System.Diagnostics;
using System.Globalization;

namespace CloudScale.RabbitMq.Tests;

/// <summary>A RabbitMQ broker of its own: private epmd, free ports, a folder that is removed.</summary>
internal sealed class LiveBroker : IAsyncDisposable
{
    private const string Server = "/usr/lib/rabbitmq/bin/rabbitmq-server";

    private readonly Process _process;
    private readonly RealEpmd _epmd;
    private readonly DirectoryInfo _folder;
    private readonly List<string> _output = [];

    private LiveBroker(Process process, RealEpmd epmd, DirectoryInfo folder, int port)
    {
        _process = process;
        _epmd = epmd;
        _folder = folder;
        Port = port;
    }

    internal const string Cookie = "rabbit-test-cookie";

    internal static Atom Name { get; } = "rabbit@127.0.0.1";

    /// <summary>Where clients connect.</summary>
    internal int Port { get; }

    internal int EpmdPort => _epmd.Port;

    internal string Output
    {
        get
        {
            lock (_output)
                return string.Join('\n', _output);
        }
    }

    /// <summary>Starts a broker and waits until it takes clients. Where none is installed the test is skipped.</summary>
    internal static async Task<LiveBroker> StartAsync()
    {
        OtpInstallation.Require();
        if (!File.Exists(Server))
            Assert.Ignore($"No RabbitMQ is installed: {Server} is not there (Debian: rabbitmq-server).");
        RealEpmd epmd = await RealEpmd.StartAsync();
        DirectoryInfo folder = Directory.CreateTempSubdirectory("rabbit");
        int port = OtpInstallation.FreePort();
        ProcessStartInfo start = new(Server) { RedirectStandardOutput = true, RedirectStandardError = true };
        string In(string name) => Path.Combine(folder.FullName, name);
        foreach (
            (string key, string value) in new[]
            {
                ("HOME", folder.FullName),
                ("ERL_EPMD_PORT", epmd.Port.ToString(CultureInfo.InvariantCulture)),
                ("RABBITMQ_NODENAME", Name.Name),
                ("RABBITMQ_USE_LONGNAME", "true"),
                ("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1"),
                ("RABBITMQ_NODE_PORT", port.ToString(CultureInfo.InvariantCulture)),
                ("RABBITMQ_DIST_PORT", OtpInstallation.FreePort().ToString(CultureInfo.InvariantCulture)),
                ("RABBITMQ_MNESIA_BASE", In("database")),
                ("RABBITMQ_LOG_BASE", In("log")),
                ("RABBITMQ_PID_FILE", In("pid")),
                ("RABBITMQ_ENABLED_PLUGINS_FILE", In("plugins")),
                ("RABBITMQ_CONFIG_FILE", In("none")),
                ("RABBITMQ_CONF_ENV_FILE", In("none")),
                ("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", $"-setcookie {Cookie} -kernel inet_dist_use_interface {{127,0,0,1}}"),
            }
        )
            start.Environment[key] = value;
        LiveBroker broker = new(Process.Start(start)!, epmd, folder, port);
        TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        void Read(string? line)
        {
            if (line is null)
                return;
            lock (broker._output)
                broker._output.Add(line);
            if (line.Contains("Starting broker... completed", StringComparison.Ordinal))
                started.TrySetResult();
        }

        broker._process.OutputDataReceived += (_, data) => Read(data.Data);
        broker._process.ErrorDataReceived += (_, data) => Read(data.Data);
        broker._process.BeginOutputReadLine();
        broker._process.BeginErrorReadLine();
        Task first = await Task.WhenAny(started.Task, broker._process.WaitForExitAsync(), Task.Delay(TimeSpan.FromSeconds(90)));
        if (first == started.Task)
            return broker;
        string output = broker.Output;
        await broker.DisposeAsync();
        throw new InvalidOperationException($"The broker did not start:\n{output}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        await _epmd.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
