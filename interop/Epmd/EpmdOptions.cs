using System.Globalization;
using System.Net;

namespace CloudScale.Interop.Epmd;

/// <summary>Where epmd is, and how patient we are with it.</summary>
public sealed record EpmdOptions
{
    /// <summary>The port of epmd when neither option nor environment says otherwise.</summary>
    public const int DefaultPort = 4369;

    /// <summary>The daemon's port; null means <c>ERL_EPMD_PORT</c>, else <see cref="DefaultPort"/>.</summary>
    public int? Port { get; init; }

    /// <summary>
    /// The local address of the daemon; null means the first of <c>ERL_EPMD_ADDRESS</c>, else loopback. Our own server listens here as well; loopback keeps the names of our nodes from the network,
    /// set another address where nodes of other hosts must find this one.
    /// </summary>
    public IPAddress? Address { get; init; }

    /// <summary>Whether to start our own server in this process when no daemon is reachable.</summary>
    public bool StartServer { get; init; } = true;

    /// <summary>How long one request may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Pause before the first attempt to register again after the daemon was lost; doubles up to <see cref="MaxRetryDelay"/>.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest pause between two attempts to register again.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The address requests about nodes of this host go to.</summary>
    internal IPEndPoint LocalEndPoint => new(EffectiveAddress.Equals(IPAddress.Any) ? IPAddress.Loopback : EffectiveAddress, EffectivePort);

    internal IPAddress EffectiveAddress => Address ?? AddressFromEnvironment();

    internal int EffectivePort => Port ?? PortFromEnvironment();

    // As OTP's daemon reads it: several addresses, divided by commas or blanks. Loopback is served besides, whatever it says.
    private static IPAddress AddressFromEnvironment() =>
        (Environment.GetEnvironmentVariable("ERL_EPMD_ADDRESS") ?? "")
            .Split([',', ' '], StringSplitOptions.RemoveEmptyEntries)
            .Select(text => IPAddress.TryParse(text, out IPAddress? address) ? address : null)
            .FirstOrDefault(address => address is not null)
        ?? IPAddress.Loopback;

    private static int PortFromEnvironment() =>
        int.TryParse(Environment.GetEnvironmentVariable("ERL_EPMD_PORT"), NumberStyles.None, CultureInfo.InvariantCulture, out int port)
        && port is > 0 and <= ushort.MaxValue
            ? port
            : DefaultPort;
}
