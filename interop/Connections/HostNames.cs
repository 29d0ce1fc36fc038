using System.Net;
using System.Net.Sockets;

namespace CloudScale.Interop.Connections;

/// <summary>The addresses of hosts, by DNS and the hosts file.</summary>
internal static class HostNames
{
    /// <summary>The address of a host: IPv4 before IPv6, as Erlang nodes listen there.</summary>
    /// <exception cref="IOException">The host is unknown; the message names it.</exception>
    public static async Task<IPAddress> AddressOfAsync(string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out IPAddress? literal))
            return literal;
        try
        {
            IPAddress[] addresses = await Dns.GetHostAddressesAsync(host, cancellationToken);
            return Array.Find(addresses, address => address.AddressFamily == AddressFamily.InterNetwork)
                ?? addresses.FirstOrDefault()
                ?? throw new IOException($"The host '{host}' has no address.");
        }
        catch (SocketException e)
        {
            throw new IOException($"The host '{host}' is unknown to DNS and the hosts file ({e.Message}).", e);
        }
    }
}
