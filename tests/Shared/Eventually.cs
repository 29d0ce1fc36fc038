namespace CloudScale.Testing;

/// <summary>Waits for what another process or an operating system brings about, where no event tells of it.</summary>
public static class Eventually
{
    /// <summary>How long anything may take before a test calls it broken; far above what it takes on a loaded machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static Task TrueAsync(Func<bool> condition, string what) => TrueAsync(() => Task.FromResult(condition()), what);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what)
    {
        long start = Environment.TickCount64;
        while (!await condition())
        {
            if (Environment.TickCount64 - start > Patience.TotalMilliseconds)
                Assert.Fail($"Not within {Patience.TotalSeconds} s: {what}");
            await Task.Delay(5);
        }
    }
}
