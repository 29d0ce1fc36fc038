namespace CloudScale.Fuzz;

/// <summary>Makes inputs wrong where their structure is: lengths that lie, tags that are others, terms in the wrong place.</summary>
/// <remarks>Threads: one. It keeps terms of earlier inputs, so an input depends on those before it; a finding is kept as bytes, not as a seed alone.</remarks>
internal sealed class Mutator(Rng rng, byte[] tags)
{
    private const int DonorCount = 256;
    private const int LongestDonor = 512;

    private readonly byte[][] _donors = new byte[DonorCount][];
    private readonly int[] _donorLengths = new int[DonorCount];

    /// <summary>Changes an input in some places; one of eight stays as it is.</summary>
    public void Mutate(Draft draft)
    {
        Keep(draft);
        int changes = rng.Next(8) switch
        {
            0 => 0,
            1 or 2 or 3 or 4 => 1,
            5 or 6 => 2,
            _ => rng.Next(3, 8),
        };
        for (; changes > 0 && draft.Length > 0; changes--)
            Change(draft);
    }

    private void Change(Draft draft)
    {
        switch (rng.Next(14))
        {
            case 0 or 1 or 2 when draft.TryPick(SpotKind.Length, rng, out Spot length):
                draft.PutNumber(length, Lie(draft, length));
                break;
            case 3 when draft.TryPick(SpotKind.Term, rng, out Spot term):
                draft.Bytes[term.Start] = rng.OneIn(4) ? rng.NextByte() : rng.Pick<byte>(tags);
                break;
            case 4 or 5 or 6 when draft.TryPick(SpotKind.Term, rng, out Spot old):
                draft.Replace(old.Start, old.End, Donor());
                break;
            case 7 when draft.TryPick(SpotKind.Term, rng, out Spot twice):
                draft.Replace(twice.End, twice.End, Copy(draft.Bytes[twice.Start..twice.End]));
                break;
            case 8 when draft.TryPick(SpotKind.Term, rng, out Spot gone):
                draft.Replace(gone.Start, gone.End, []);
                break;
            case 9 when draft.TryPick(SpotKind.Text, rng, out Spot text):
                draft.Bytes[rng.Next(text.Start, text.End)] = rng.Pick<byte>([
                    0x80,
                    0xBF,
                    0xC0,
                    0xC1,
                    0xE0,
                    0xED,
                    0xF4,
                    0xF5,
                    0xFF,
                    0,
                    (byte)'e',
                ]);
                break;
            case 10:
                draft.Truncate(rng.Next(draft.Length));
                break;
            case 11:
                draft.Replace(draft.Length, draft.Length, rng.OneIn(2) ? Donor() : [rng.NextByte()]);
                break;
            default:
                ChangeByte(draft);
                break;
        }
    }

    private void ChangeByte(Draft draft)
    {
        int at = rng.Next(draft.Length);
        switch (rng.Next(5))
        {
            case 0:
                draft.Bytes[at] = rng.NextByte();
                break;
            case 1:
                draft.Bytes[at] ^= (byte)(1 << rng.Next(8));
                break;
            case 2:
                draft.Replace(at, Math.Min(draft.Length, at + rng.Next(1, 5)), []);
                break;
            case 3:
                draft.Replace(at, at, [rng.OneIn(2) ? rng.Pick<byte>(tags) : rng.NextByte()]);
                break;
            default:
                draft.Bytes[at] = rng.OneIn(2) ? (byte)0xFF : (byte)0;
                break;
        }
    }

    private ulong Lie(Draft draft, in Spot length)
    {
        ulong honest = draft.NumberAt(length);
        return rng.Next(9) switch
        {
            0 => honest + 1,
            1 => honest - 1,
            2 => 0,
            3 => ulong.MaxValue,
            4 => (ulong)(draft.Length - length.End),
            5 => (ulong)(draft.Length - length.End + rng.Next(-2, 3)),
            6 => 1UL << rng.Next(33),
            7 => (1UL << rng.Next(33)) - 1,
            _ => rng.NextSized(32),
        };
    }

    private ReadOnlySpan<byte> Donor()
    {
        int which = rng.Next(DonorCount);
        return _donors[which] is { } donor ? donor.AsSpan(0, _donorLengths[which]) : tags.AsSpan(0, 1);
    }

    private void Keep(Draft draft)
    {
        if (!rng.OneIn(4) || !draft.TryPick(SpotKind.Term, rng, out Spot spot) || spot.End - spot.Start > LongestDonor)
            return;
        int which = rng.Next(DonorCount);
        byte[] donor = _donors[which] ??= new byte[LongestDonor];
        draft.Bytes[spot.Start..spot.End].CopyTo(donor);
        _donorLengths[which] = spot.End - spot.Start;
    }

    // The bytes move while they are read, so from elsewhere.
    private readonly byte[] _copy = new byte[1 << 12];

    private ReadOnlySpan<byte> Copy(ReadOnlySpan<byte> bytes)
    {
        int length = Math.Min(bytes.Length, _copy.Length);
        bytes[..length].CopyTo(_copy);
        return _copy.AsSpan(0, length);
    }
}
