using System.ComponentModel.DataAnnotations;
using System.Net;
using CloudScale.Interop.Connections;
using CloudScale.Interop.Transport;

namespace CloudScale;

/// <summary>How a <see cref="Node"/> is set up. All have defaults but <see cref="Cookie"/>, which a node with a <see cref="Name"/> needs.</summary>
public sealed class NodeOptions
{
    /// <summary>
    /// The node's name, <c>name@host</c>. A host without a dot makes a short name, one with a dot a long name; the two kinds do not connect. Without a name the node is
    /// not distributed: it has processes and no connections.
    /// </summary>
    public string? Name { get; set; }

    /// <summary>
    /// The node that gives this one its name and creation, by full name, as Erlang does it for nodes started with <c>-name undefined</c>: for tools and other guests. <see cref="Name"/> is then <c>undefined@host</c>, or null for the
    /// short name of this machine. The node connects to the giver before it starts; it is hidden, takes no connections and is not in epmd. Its name lapses with its last connection, and from then on it connects to nobody.
    /// </summary>
    public string? NamedBy { get; set; }

    /// <summary>The shared secret of the cluster. It keeps strangers out by accident, not by design: use it on networks you trust.</summary>
    public string? Cookie { get; set; }

    /// <summary>A hidden node is not told to others and takes no part in what the visible ones agree on.</summary>
    public bool Hidden { get; set; }

    /// <summary>Scheduler threads that run at a time; one a core by default.</summary>
    [Range(1, 1024)]
    public int Schedulers { get; set; } = Environment.ProcessorCount;

    /// <summary>Most processes alive at a time.</summary>
    [Range(1, 1 << 27)]
    public int MaxProcesses { get; set; } = 1 << 27;

    /// <summary>How long a node may be silent before it is taken for lost; Erlang's <c>net_ticktime</c>. Use the same on all nodes.</summary>
    public TimeSpan TickTime { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// When a signal to a node that is not connected makes the connection; Erlang's <c>dist_auto_connect</c>. Where it does not, <see cref="Node.ConnectAsync"/> still does.
    /// </summary>
    public AutoConnect AutoConnect { get; set; }

    /// <summary>Cookies for single nodes, by full name, in place of <see cref="Cookie"/>.</summary>
    public IReadOnlyDictionary<string, string> Cookies { get; set; } = new Dictionary<string, string>();

    /// <summary>
    /// The nodes that connections are made with, from either side, by full name; null for all that know the cookie. <see cref="Node.Allow"/> adds to them. Erlang's <c>net_kernel:allow</c>.
    /// </summary>
    public IReadOnlyCollection<string>? AllowedNodes { get; set; }

    /// <summary>
    /// Whether long packets are sent as LZ4 blocks to nodes of this library that want it, too; worth it where bytes are dear, as between sites. See <see cref="DistributionOptions.UsesCompression"/>.
    /// </summary>
    public bool UsesCompression { get; set; }

    /// <summary>
    /// The address to take connections at. By default that of this machine alone, if the host of <see cref="Name"/> is it (<c>localhost</c>, <c>127.0.0.1</c>); else every address.
    /// Beyond this machine a cookie of examples and manuals is refused.
    /// </summary>
    public IPAddress? ListenAddress { get; set; }

    /// <summary>The port to take connections at; 0 lets the system choose, and epmd tells.</summary>
    [Range(0, 65535)]
    public int ListenPort { get; set; }

    /// <summary>The port of epmd; by default that of the environment variable ERL_EPMD_PORT, else 4369.</summary>
    [Range(1, 65535)]
    public int? EpmdPort { get; set; }

    /// <summary>Starts an epmd of our own when none can be reached; it serves every node of the machine while this one lives.</summary>
    public bool StartEpmd { get; set; } = true;

    /// <summary>How long processes have to end by themselves when the node stops.</summary>
    public TimeSpan ShutdownGrace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The clock of timers, time-outs and ticks.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Connections by TLS, with these certificates, as Erlang nodes make them with <c>-proto_dist inet_tls</c>; null for none. Use it on all nodes of a cluster.</summary>
    public TlsTransportOptions? Tls { get; set; }

    /// <summary>What carries connections; TCP by default, TLS with <see cref="Tls"/>.</summary>
    public ITransport? Transport { get; set; }

    /// <summary>Finds nodes by name; epmd by default.</summary>
    public INodeDirectory? Directory { get; set; }

    /// <summary>Which of Erlang's own functions other nodes may call. What you export yourself in <see cref="Node.Functions"/> is not touched by this.</summary>
    public StandardFunctions AllowedFunctions { get; set; } = StandardFunctions.Default;

    /// <summary>
    /// What happens when <c>init:stop</c> or <c>erlang:halt</c> is called, where <see cref="StandardFunctions.Halt"/> allows it. By default the first stops the node and the second ends the program.
    /// Called on a scheduler: it must not wait for the node to stop.
    /// </summary>
    public Action<HaltRequest>? OnHalt { get; set; }

    /// <summary>Where the output goes of processes, here and elsewhere, whose group leader is this node's <c>user</c>; the console by default. It is never closed.</summary>
    public TextWriter? Output { get; set; }

    /// <summary>
    /// Whether the visible nodes of a cluster all connect to each other and share their global names, as Erlang nodes do by default. Use the same on all nodes; without it there are no global names but those of
    /// the node.
    /// </summary>
    public bool ConnectAll { get; set; } = true;

    /// <summary>
    /// Whether a node that hears of a lost connection parts with the node that was lost, so that a cluster falls into parts that do not overlap. Erlang's default since OTP 25; use the same on all nodes.
    /// </summary>
    public bool PreventOverlappingPartitions { get; set; } = true;
}
