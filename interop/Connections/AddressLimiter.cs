using System.Net;

namespace CloudScale.Interop.Connections;

/// <summary>Bounds how many calls a second one address may make, so that nobody guesses cookies at leisure.</summary>
/// <remarks>
/// A bucket an address, filled by the clock that is passed in, with room for a second's calls. Calls from this machine are not counted: who is on it has better ways. Limit:
/// <see cref="MaxAddresses"/> are remembered, and those that have been quiet are forgotten first. Threads: any.
/// </remarks>
internal sealed class AddressLimiter(int callsPerSecond, long ticksPerSecond)
{
    private const int MaxAddresses = 4096;

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, (double Calls, long At)> _buckets = [];

    /// <summary>Counts a call; false if it is one too many.</summary>
    /// <param name="remote">Address and port, as a transport describes the other side; what is no address is not counted.</param>
    /// <param name="now">The clock.</param>
    public bool TryTake(string remote, long now)
    {
        if (!IPEndPoint.TryParse(remote, out IPEndPoint? endPoint) || IPAddress.IsLoopback(endPoint.Address))
            return true;
        lock (_gate)
        {
            (double calls, long at) = _buckets.TryGetValue(endPoint.Address, out (double, long) known) ? known : (callsPerSecond, now);
            calls = Math.Min(callsPerSecond, calls + ((double)(now - at) / ticksPerSecond * callsPerSecond));
            bool isTaken = calls >= 1;
            if (_buckets.Count >= MaxAddresses)
                ForgetQuiet(now);
            if (_buckets.Count < MaxAddresses || _buckets.ContainsKey(endPoint.Address))
                _buckets[endPoint.Address] = (isTaken ? calls - 1 : calls, now);
            return isTaken;
        }
    }

    // A full bucket says nothing that a missing one does not.
    private void ForgetQuiet(long now)
    {
        foreach (KeyValuePair<IPAddress, (double Calls, long At)> bucket in _buckets)
        {
            if (now - bucket.Value.At >= ticksPerSecond)
                _buckets.Remove(bucket.Key);
        }
    }
}
