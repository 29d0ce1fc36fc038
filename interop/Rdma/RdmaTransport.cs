using System.Net;
using CloudScale.Interop.Connections;
using CloudScale.Interop.Transport;

namespace CloudScale.Interop.Rdma;

/// <summary>RDMA: bytes go from registered memory of one node into that of the other, and the processors hear of it afterwards.</summary>
/// <remarks>
/// Both sides must use it; addresses and ports are those of IP, ports of a space of their own beside TCP's. Where there is no RDMA, listening and connecting fail and say why (<see cref="RdmaSupport"/>). Nothing is held while there is
/// neither listener nor connection. Threads: any.
/// </remarks>
public sealed class RdmaTransport : ITransport
{
    private readonly Lock _gate = new();
    private readonly List<RdmaDevice> _devices = []; // under _gate
    private RdmaEvents? _events; // under _gate
    private RdmaStatistics _statistics; // under _gate

    /// <summary>Makes the transport; nothing is opened yet.</summary>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public RdmaTransport(RdmaTransportOptions? options = null)
    {
        Options = options ?? new RdmaTransportOptions();
        Options.Validate();
    }

    internal RdmaTransportOptions Options { get; }

    /// <summary>What it has cost; a connection counts when it has ended.</summary>
    internal RdmaStatistics Statistics
    {
        get
        {
            lock (_gate)
                return _statistics;
        }
    }

    internal void Count(RdmaStatistics more)
    {
        lock (_gate)
            _statistics += more;
    }

    /// <inheritdoc/>
    public ValueTask<ITransportListener> ListenAsync(EndPoint endPoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<ITransportListener>(Listen(endPoint, expects: null));

    /// <summary>Listens also for connections that move here, by the tokens that are expected.</summary>
    internal RdmaListener Listen(EndPoint endPoint, Func<UInt128, bool>? expects)
    {
        if (endPoint is not IPEndPoint address)
            throw new TransportException($"RDMA listens at IP addresses, not at {endPoint}.");
        ThrowIfOff();
        RdmaEvents? events = null;
        try
        {
            events = HoldEvents();
            return new RdmaListener(this, events, address, expects);
        }
        catch (IOException e)
        {
            if (events is not null)
                Release(null, events);
            throw new TransportException($"Cannot listen at {endPoint}: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<ITransportConnection> ConnectAsync(EndPoint endPoint, CancellationToken cancellationToken = default) =>
        await ConnectAsync(endPoint, token: 0, cancellationToken);

    /// <summary>Connects in place of the connection that a token names, or, with 0, of none.</summary>
    internal async Task<RdmaConnection> ConnectAsync(EndPoint endPoint, UInt128 token, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        ThrowIfOff();
        try
        {
            IPEndPoint address = await ResolveAsync(endPoint, cancellationToken);
            return await RdmaConnection.ConnectAsync(this, HoldEvents(), address, token, cancellationToken);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new TransportException($"Cannot connect to {endPoint}: {e.Message}", e);
        }
    }

    /// <summary>The events of all connections, held for one more.</summary>
    internal RdmaEvents HoldEvents()
    {
        lock (_gate)
        {
            _events ??= new RdmaEvents();
            _events.Hold();
            return _events;
        }
    }

    /// <summary>The device an id is bound to, held for one more connection.</summary>
    internal RdmaDevice HoldDevice(ConnectionIdHandle id)
    {
        Verbs.Check(Verbs.csn_id_device(id, out nint value), "open an RDMA device");
        DeviceHandle opened = new(value);
        try
        {
            Verbs.Check(Verbs.csn_device_query(opened, out DeviceInfo info), "ask an RDMA device for its limits");
            lock (_gate)
            {
                _devices.RemoveAll(known => known.Guid == info.Guid && !known.IsThere); // it has gone and come back; whoever still holds the old one lets go of it
                RdmaDevice? device = _devices.Find(known => known.Guid == info.Guid);
                if (device is not null)
                    opened.Dispose();
                else
                    _devices.Add(device = new RdmaDevice(opened, info, this));
                device.Hold();
                return device;
            }
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>What <see cref="HoldEvents"/> and <see cref="HoldDevice"/> have given is needed no more.</summary>
    internal void Release(RdmaDevice? device, RdmaEvents events)
    {
        lock (_gate)
        {
            if (device is not null && device.Release())
                _devices.Remove(device);
            if (events.Release() && _events == events)
                _events = null;
        }
    }

    /// <summary>By which threads completions are looked for, from the next device on; null for some of its own.</summary>
    internal Func<IPolledInput, bool>? PollBy { get; set; }

    /// <summary>A device is held once more, by whoever looks at its completions.</summary>
    internal void Hold(RdmaDevice device)
    {
        lock (_gate)
            device.Hold();
    }

    /// <summary>What <see cref="Hold"/> has held is needed no more.</summary>
    internal void Release(RdmaDevice device)
    {
        lock (_gate)
        {
            if (device.Release())
                _devices.Remove(device);
        }
    }

    internal static void ThrowIfOff()
    {
        if (!RdmaSupport.IsAvailable)
            throw new TransportException(RdmaSupport.Description + ".");
    }

    private static async ValueTask<IPEndPoint> ResolveAsync(EndPoint endPoint, CancellationToken cancellationToken)
    {
        if (endPoint is IPEndPoint address)
            return address;
        if (endPoint is not DnsEndPoint name)
            throw new IOException("RDMA connects to IP addresses and host names.");
        IPAddress[] found = await Dns.GetHostAddressesAsync(name.Host, name.AddressFamily, cancellationToken);
        return found.Length > 0 ? new IPEndPoint(found[0], name.Port) : throw new IOException($"'{name.Host}' has no address.");
    }
}
