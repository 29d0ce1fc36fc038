using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace CloudScale.Testing;

/// <summary>A real epmd of its own, on a private port, as a child process.</summary>
public sealed class RealEpmd : IAsyncDisposable
{
    private Process _process;

    private RealEpmd(int port, Process process)
    {
        Port = port;
        _process = process;
    }

    public int Port { get; }

    public static async Task<RealEpmd> StartAsync(int? port = null)
    {
        OtpInstallation.Require();
        int chosen = port ?? OtpInstallation.FreePort();
        return new RealEpmd(chosen, await StartProcessAsync(chosen));
    }

    /// <summary>kill -9, without a successor.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>A fresh daemon, which knows nobody, on the same port.</summary>
    public async Task StartAgainAsync() => _process = await StartProcessAsync(Port);

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private static async Task<Process> StartProcessAsync(int port)
    {
        Process process = OtpInstallation.Start("epmd", port, "-port", port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        _ = process.StandardError.BaseStream.CopyToAsync(Stream.Null);
        _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        using CancellationTokenSource deadline = new(TimeSpan.FromSeconds(10));
        while (true)
        {
            using Socket probe = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await probe.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), deadline.Token);
                return process;
            }
            catch (SocketException) when (!process.HasExited)
            {
                await Task.Delay(20, deadline.Token); // no event tells when a foreign process listens
            }
        }
    }
}
