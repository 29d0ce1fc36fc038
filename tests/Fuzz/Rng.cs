namespace CloudScale.Fuzz;

/// <summary>Random numbers that a seed repeats, on every runtime.</summary>
/// <remarks>xorshift128+, seeded by splitmix64. Threads: one.</remarks>
internal sealed class Rng
{
    private ulong _a;
    private ulong _b;

    public Rng(ulong seed)
    {
        _a = Mix(ref seed);
        _b = Mix(ref seed) | 1;
    }

    public ulong Next64()
    {
        ulong x = _a;
        ulong y = _b;
        _a = y;
        x ^= x << 23;
        _b = x ^ y ^ (x >> 17) ^ (y >> 26);
        return _b + y;
    }

    /// <summary>From 0 to below <paramref name="limit"/>.</summary>
    public int Next(int limit) => (int)(((Next64() >> 32) * (uint)limit) >> 32);

    /// <summary>From <paramref name="least"/> to below <paramref name="limit"/>.</summary>
    public int Next(int least, int limit) => least + Next(limit - least);

    public byte NextByte() => (byte)(Next64() >> 56);

    public bool OneIn(int times) => Next(times) == 0;

    public T Pick<T>(ReadOnlySpan<T> choices) => choices[Next(choices.Length)];

    /// <summary>A number whose size is as random as its digits.</summary>
    public ulong NextSized(int bits) => Next64() >> Math.Min(63, 64 - 1 - Next(bits));

    public void Fill(Span<byte> bytes)
    {
        foreach (ref byte b in bytes)
            b = NextByte();
    }

    private static ulong Mix(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15;
        ulong z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
