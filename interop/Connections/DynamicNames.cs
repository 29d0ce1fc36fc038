using System.Security.Cryptography;

namespace CloudScale.Interop.Connections;

/// <summary>Names for nodes that ask for one: Erlang nodes started as <c>undefined@host</c>.</summary>
/// <remarks>
/// As OTP does it: a name drawn by lot, which is unlike any other, and the names of those who are gone are given again, with the next creation, so that they do not pile up. Limit:
/// <see cref="MaxFree"/> names are kept for that. Threads: any. Source: OTP kernel, <c>net_kernel</c>.
/// </remarks>
internal sealed class DynamicNames
{
    private const int MaxFree = 1024;
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private const int NameLength = 13; // 64 bits, as OTP's

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Stack<(string Name, uint Creation)>> _free = new(StringComparer.Ordinal); // by host
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private int _freeCount;

    /// <summary>A name for a node of this host.</summary>
    public (string Name, uint Creation) Take(string host)
    {
        lock (_gate)
        {
            if (!_free.TryGetValue(host, out var names) || !names.TryPop(out (string Name, uint Creation) name))
                name = ($"{RandomNumberGenerator.GetString(Digits, NameLength)}@{host}", NewCreation());
            else
                _freeCount--;
            if (names is { Count: 0 })
                _free.Remove(host);
            _taken.Add(name.Name);
            return name;
        }
    }

    /// <summary>The node is gone, or never came; nothing happens for a name that was not taken from here.</summary>
    public void Return(string name, uint creation)
    {
        lock (_gate)
        {
            if (!_taken.Remove(name) || _freeCount >= MaxFree)
                return;
            string host = name[(name.IndexOf('@', StringComparison.Ordinal) + 1)..];
            if (!_free.TryGetValue(host, out var names))
                _free[host] = names = [];
            names.Push((name, creation == uint.MaxValue ? 4 : creation + 1));
            _freeCount++;
        }
    }

    private static uint NewCreation() => 4 + (BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4)) % (uint.MaxValue - 4));
}
