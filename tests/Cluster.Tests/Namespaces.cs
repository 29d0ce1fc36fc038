using System.Diagnostics;

namespace CloudScale.Cluster.Tests;

/// <summary>Three hosts in one: network namespaces with a bridge between them, whose cables can be pulled.</summary>
internal sealed class Namespaces : IAsyncDisposable
{
    private static int s_made;

    private readonly string _id = $"cs{Environment.ProcessId % 100_000}x{Interlocked.Increment(ref s_made) % 10}"; // names of links have 15 characters
    private int _count;

    public static string AddressOf(int host) => $"10.213.77.{host + 1}";

    public string[] PrefixOf(int host) => ["ip", "netns", "exec", $"{_id}n{host}"];

    /// <summary>Makes them, or skips the test with the reason why not.</summary>
    public static async Task<Namespaces> MakeAsync(int hosts)
    {
        if (OtpInstallation.Find("ip") is null)
            Assert.Ignore("No ip on the path (Debian: iproute2): it makes the network namespaces.");
        Namespaces made = new();
        try
        {
            await IpAsync("link", "add", made._id, "type", "bridge");
            await IpAsync("link", "set", made._id, "up");
            for (int host = 0; host < hosts; host++)
            {
                string space = $"{made._id}n{host}";
                string outer = $"{made._id}v{host}";
                await IpAsync("netns", "add", space);
                made._count++;
                await IpAsync("link", "add", outer, "type", "veth", "peer", "name", "eth0", "netns", space);
                await IpAsync("link", "set", outer, "master", made._id, "up");
                await IpAsync("-n", space, "addr", "add", $"{AddressOf(host)}/24", "dev", "eth0");
                await IpAsync("-n", space, "link", "set", "eth0", "up");
                await IpAsync("-n", space, "link", "set", "lo", "up");
            }

            return made;
        }
        catch (InvalidOperationException e)
        {
            await made.DisposeAsync();
            if (
                e.Message.Contains("not permitted", StringComparison.Ordinal)
                || e.Message.Contains("not supported", StringComparison.Ordinal)
            )
                Assert.Ignore($"Network namespaces cannot be had here: {e.Message}");
            throw;
        }
    }

    /// <summary>Pulls the cable of a host: nothing is told to anybody, bytes just do not arrive.</summary>
    public Task PullAsync(int host) => IpAsync("link", "set", $"{_id}v{host}", "down");

    public Task PlugAsync(int host) => IpAsync("link", "set", $"{_id}v{host}", "up");

    public async ValueTask DisposeAsync()
    {
        for (int host = 0; host < _count; host++)
        {
            await TryIpAsync("link", "del", $"{_id}v{host}"); // a namespace goes with the last process in it, its cable need not wait
            await TryIpAsync("netns", "del", $"{_id}n{host}");
        }

        await TryIpAsync("link", "del", _id);
    }

    private static async Task TryIpAsync(params string[] arguments)
    {
        try
        {
            await IpAsync(arguments);
        }
        catch (InvalidOperationException)
        {
            // Not there.
        }
    }

    private static async Task IpAsync(params string[] arguments)
    {
        using Process ip = OtpInstallation.Start("ip", 1, arguments);
        Task<string> output = ip.StandardOutput.ReadToEndAsync();
        string error = await ip.StandardError.ReadToEndAsync();
        await ip.WaitForExitAsync();
        if (ip.ExitCode != 0)
            throw new InvalidOperationException($"ip {string.Join(' ', arguments)}: {error.Trim()}{await output}");
    }
}
