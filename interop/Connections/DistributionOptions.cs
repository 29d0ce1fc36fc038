using System.Net;
using CloudScale.Interop.Epmd;
using CloudScale.Interop.Handshake;
using CloudScale.Interop.Rdma;
using CloudScale.Interop.Transport;
using CloudScale.Serialization.Etf;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CloudScale.Interop.Connections;

/// <summary>Who a node is, and how it meets others.</summary>
public sealed record DistributionOptions
{
    /// <summary>
    /// The node name, <c>name@host</c>. Without a host the short name of this machine is added. A host with a dot makes it a long name; nodes with long and with
    /// short names cannot be connected.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>
    /// The node that gives this one its name, by full name; null for a node that has its own. <see cref="Name"/> is then <c>undefined@host</c>, or <c>undefined</c>. Such a node is hidden and takes no connections; it lives as
    /// long as it has one. What Erlang does with <c>-name undefined</c>.
    /// </summary>
    public string? NamedBy { get; init; }

    /// <summary>What every node of the cluster must know. Treat it as a password.</summary>
    public required string Cookie { get; init; }

    /// <summary>Cookies for single nodes, by full node name, in place of <see cref="Cookie"/>.</summary>
    public IReadOnlyDictionary<string, string> Cookies { get; init; } = new Dictionary<string, string>();

    /// <summary>A hidden node connects to others but is not counted among them.</summary>
    public bool IsHidden { get; init; }

    /// <summary>
    /// With which nodes connections are made, from either side, by full node name; null means all that know the cookie. <see cref="Distribution.Allow"/> adds to it. Called on any thread.
    /// </summary>
    public Func<string, bool>? IsAllowed { get; init; }

    /// <summary>When a signal to a node that is not connected makes the connection; Erlang's <c>dist_auto_connect</c>.</summary>
    public AutoConnect AutoConnect { get; init; }

    /// <summary>How long a connected node may be silent; Erlang's <c>net_ticktime</c>. Give all nodes the same.</summary>
    public TimeSpan TickTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Into how many intervals the tick time is divided, 4 to 1000; Erlang's <c>net_tickintensity</c>.</summary>
    public int TickIntensity { get; init; } = 4;

    /// <summary>How long making a connection may take; Erlang's <c>net_setuptime</c>.</summary>
    public TimeSpan SetupTimeout { get; init; } = TimeSpan.FromSeconds(7);

    /// <summary>The address to listen at.</summary>
    public IPAddress ListenAddress { get; init; } = IPAddress.Any;

    /// <summary>The first port to try; 0 lets the system choose. Erlang's <c>inet_dist_listen_min</c>.</summary>
    public int ListenPortMin { get; init; }

    /// <summary>The last port to try. Erlang's <c>inet_dist_listen_max</c>.</summary>
    public int ListenPortMax { get; init; }

    /// <summary>How bytes travel; null means TCP.</summary>
    public ITransport? Transport { get; init; }

    /// <summary>How nodes are found; null means epmd with <see cref="Epmd"/>.</summary>
    public INodeDirectory? Directory { get; init; }

    /// <summary>Where epmd is.</summary>
    public EpmdOptions Epmd { get; init; } = new();

    /// <summary>Limits for decoding what connected nodes send.</summary>
    public EtfLimits Limits { get; init; } = EtfLimits.Trusted;

    /// <summary>Largest packet a node may send us; a larger one closes the connection.</summary>
    public int MaxPacketBytes { get; init; } = 128 * 1024 * 1024;

    /// <summary>Into parts of how many bytes a long message is cut, so that others pass between them; where the other side can put them together.</summary>
    /// <remarks>A little more than 64 KB, so that blocks of that size, of which there are many, stay whole.</remarks>
    public int FragmentBytes { get; init; } = 66 * 1024;

    /// <summary>Most messages in fragments that a node may have under way to us at a time; one more closes the connection.</summary>
    public int MaxFragmentedMessages { get; init; } = 4096;

    /// <summary>Most bytes of such messages at a time; more closes the connection.</summary>
    public long MaxFragmentedBytes { get; init; } = 256 * 1024 * 1024;

    /// <summary>
    /// Whether atoms are sent in full only once, and by number from then on, to every node: two fifths fewer bytes for what servers say to each other, and more work for both sides. Off by default, and then done with
    /// nodes that send theirs so, as Erlang's do; worth it where bytes are dear. What others send is understood either way.
    /// </summary>
    public bool UsesAtomCache { get; init; }

    /// <summary>
    /// Whether long packets are sent and taken as LZ4 blocks, between nodes of this library that both want it and have liblz4; nothing changes for others. Off by default: on one machine or in a fast network the
    /// bytes are cheaper than the compressing. Worth it where bytes are dear: between sites, or by the gigabyte.
    /// </summary>
    public bool UsesCompression { get; init; }

    /// <summary>From how many bytes on a packet is compressed, if that makes it shorter.</summary>
    public int CompressionThresholdBytes { get; init; } = 1024;

    /// <summary>
    /// Is given what comes over the connections, once and before the first, and says whether threads will look at it from then on: the threads that run what it is for, when they have nothing else to do. Then no thread
    /// is woken that only reads. Without it, and where it says no, each connection is read as <see cref="ReaderThreads"/> says.
    /// </summary>
    public Func<IPolledInput, bool>? PollInput { get; init; }

    /// <summary>How many connections of this .NET process are read by a thread of their own, which saves a wake-up for what comes; the others share the thread pool.</summary>
    public int ReaderThreads { get; init; } = 32;

    /// <summary>
    /// Puts off the sending of what has gathered to the end of what the calling thread is doing, and says whether it can. Without it the thread pool sends. What is put off must be done soon, by any
    /// thread, once.
    /// </summary>
    public Func<IThreadPoolWorkItem, bool>? Defer { get; init; }

    /// <summary>From how many bytes waiting to be sent a node counts as busy; Erlang's <c>+zdbbl</c>.</summary>
    public int BusyLimitBytes { get; init; } = 1024 * 1024;

    /// <summary>From how many bytes waiting to be sent the connection is given up: for senders that do not heed <see cref="SendResult.Busy"/>.</summary>
    public int SendLimitBytes { get; init; } = 1024 * 1024 * 1024;

    /// <summary>Most signals that wait for one connection to be made.</summary>
    public int MaxWaitingSignals { get; init; } = 100_000;

    /// <summary>Most connections that are in the middle of an incoming handshake; for one more the oldest is closed.</summary>
    public int MaxIncomingHandshakes { get; init; } = 256;

    /// <summary>Most calls a second from one address, this machine's own excepted; more are closed at once.</summary>
    public int MaxCallsPerAddress { get; init; } = 50;

    /// <summary>Flags that the layers above honour and this assembly does not know of, such as <see cref="DistributionFlags.UnicodeIo"/>.</summary>
    public DistributionFlags AdditionalFlags { get; init; }

    /// <summary>Where log lines go.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    // Of examples, manuals and defaults.
    private static readonly HashSet<string> s_knownCookies = new(StringComparer.OrdinalIgnoreCase)
    {
        "nocookie",
        "cookie",
        "secret",
        "monster",
        "erlang",
        "changeme",
        "cloudscale",
        "cloudscale-sample",
    };

    internal string FullName()
    {
        string name = Name.Contains('@', StringComparison.Ordinal) ? Name : $"{Name}@{Dns.GetHostName().Split('.')[0]}";
        return NodeName.TryParse(name, out _)
            ? name
            : throw new ArgumentException($"'{Name}' is no node name: it takes the form name@host, without blanks, up to 255 characters.");
    }

    internal void Validate()
    {
        bool isNameless = FullName().StartsWith("undefined@", StringComparison.Ordinal);
        if (isNameless != NamedBy is not null)
            throw new ArgumentException(
                isNameless
                    ? $"A node '{Name}' has no name: say which node gives it one (option NamedBy)."
                    : $"'{NamedBy}' cannot name a node that is '{Name}' already: its Name is to be 'undefined@host', or none."
            );
        if (NamedBy is not null && !NodeName.TryParse(NamedBy, out _))
            throw new ArgumentException($"'{NamedBy}' is no node name: it takes the form name@host (option NamedBy).");
        ArgumentException.ThrowIfNullOrEmpty(Cookie);
        if (
            NamedBy is null // such a node listens nowhere
            && Transport is null or TcpTransport or RdmaTransport or AutoTransport or TlsTransport { RequiresCertificates: false }
            && !IPAddress.IsLoopback(ListenAddress)
            && s_knownCookies.Contains(Cookie)
        )
            throw new ArgumentException(
                $"The cookie '{Cookie}' is one that everybody tries first. Choose another, or listen at a loopback address (option ListenAddress)."
            );
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxCallsPerAddress, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(TickIntensity, 4);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(TickIntensity, 1000);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(TickTime, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(SetupTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPacketBytes, 1024);
        ArgumentOutOfRangeException.ThrowIfLessThan(FragmentBytes, 16);
        ArgumentOutOfRangeException.ThrowIfLessThan(CompressionThresholdBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxFragmentedMessages, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxFragmentedBytes, 1024);
        ArgumentOutOfRangeException.ThrowIfLessThan(BusyLimitBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(SendLimitBytes, BusyLimitBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxWaitingSignals, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxIncomingHandshakes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ListenPortMin, ushort.MaxValue);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ListenPortMax, ushort.MaxValue);
    }
}
