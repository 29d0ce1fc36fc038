namespace CloudScale.Samples.InteropNode;

/// <summary>Times as Erlang gives them.</summary>
internal static class Milliseconds
{
    /// <summary>A number of milliseconds from 0 up, as far as a timer goes.</summary>
    internal static bool TryFrom(object term, out TimeSpan time)
    {
        bool fits = term is long and >= 0 and <= uint.MaxValue - 1;
        time = fits ? TimeSpan.FromMilliseconds((long)term) : default;
        return fits;
    }
}
