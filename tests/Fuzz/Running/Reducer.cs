using System.Diagnostics;

namespace CloudScale.Fuzz.Running;

/// <summary>Cuts bytes out of an input, as long as the same still does not hold of what is left.</summary>
/// <remarks>Halves first, then smaller pieces, then single bytes; for a minute at most. Lengths inside become wrong on the way, so structure may stay that is not needed.</remarks>
internal static class Reducer
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>The smallest input that was found; the finding itself if nothing smaller does it.</summary>
    public static Finding Reduce(Target target, Finding finding)
    {
        if (Breaks(target, finding.Input) is not { } wanted)
            return finding; // it needs what earlier inputs left behind
        byte[] input = finding.Input;
        long start = Stopwatch.GetTimestamp();
        for (int piece = Math.Max(1, input.Length / 2); piece > 0; piece /= 2)
        {
            for (int at = 0; at + piece <= input.Length && Stopwatch.GetElapsedTime(start) < s_patience; )
            {
                byte[] shorter = [.. input.AsSpan(0, at), .. input.AsSpan(at + piece)];
                if (Breaks(target, shorter) == wanted)
                    input = shorter;
                else
                    at += piece;
            }
        }

        return finding with
        {
            Input = input,
        };
    }

    // What breaks: the kind of exception and where it came from, or the first words of a promise, which go before its figures.
    private static string? Breaks(Target target, byte[] input)
    {
        try
        {
            target.Check(input, new Rng(0));
            return null;
        }
        catch (BrokenPromiseException e)
        {
            int figures = e.Message.AsSpan().IndexOfAnyInRange('0', '9');
            return figures < 0 ? e.Message : e.Message[..figures];
        }
        catch (Exception e)
        {
            return e.GetType() + e.StackTrace?.Split('\n')[0];
        }
    }
}
