namespace CloudScale.Interop.Transport;

/// <summary>Bytes that lie in up to three places and are sent one behind the other.</summary>
/// <param name="First">The first of them.</param>
/// <param name="Second">What follows; may be empty.</param>
/// <param name="Third">What follows that.</param>
/// <param name="More">More follows at once: what does not fill a segment may wait for it.</param>
internal readonly record struct Parts(
    ReadOnlyMemory<byte> First,
    ReadOnlyMemory<byte> Second = default,
    ReadOnlyMemory<byte> Third = default,
    bool More = false
)
{
    public int Length => First.Length + Second.Length + Third.Length;

    /// <summary>Those that are left when so many have been sent.</summary>
    public Parts Skip(int bytes)
    {
        int first = Math.Min(bytes, First.Length);
        int second = Math.Min(bytes - first, Second.Length);
        return new Parts(First[first..], Second[second..], Third[(bytes - first - second)..], More);
    }
}
