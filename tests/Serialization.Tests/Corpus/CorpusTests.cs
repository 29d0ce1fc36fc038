using System.Buffers.Binary;
using System.Text;
using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.Tests;

/// <summary>Every entry of the corpus, checked in and from the installed Erlang.</summary>
public abstract class CorpusContract
{
    private static readonly EtfDecodeContext s_context = new(EtfLimits.Trusted);

    private protected abstract List<CorpusEntry> Entries { get; }

    [Test]
    public void Decode_EveryEntry_PrintsAsErlangPrints()
    {
        Assert.That(Entries, Has.Count.GreaterThan(400));
        Assert.Multiple(() =>
        {
            foreach (CorpusEntry entry in Entries)
            {
                object term = Decode(entry);
                if (entry.HasText)
                    Assert.That(Term.Format(term), Is.EqualTo(entry.Text), entry.ToString());
            }
        });
    }

    [Test]
    public void Encode_WhatWasDecoded_GivesTheSameBytesWhereCanonical()
    {
        Assert.Multiple(() =>
        {
            foreach (CorpusEntry entry in Entries)
            {
                EtfEncodeOptions? options = entry.Options switch
                {
                    "canonical" => EtfEncodeOptions.Default,
                    "minor1" => new EtfEncodeOptions { MinorVersion = 1 },
                    "minor0" => new EtfEncodeOptions { MinorVersion = 0 },
                    _ => null,
                };
                if (options is null)
                    continue;
                object term = Decode(entry);
                byte[] expected = term is Port ? Shortened(entry.Bytes) : entry.Bytes;
                Assert.That(
                    Convert.ToHexString(ExternalTerm.Encode(term, options)),
                    Is.EqualTo(Convert.ToHexString(expected)),
                    entry.ToString()
                );
                Assert.That(ExternalTerm.ExternalSize(term, options), Is.EqualTo(expected.Length), entry.ToString());
            }
        });
    }

    [Test]
    public void Encode_AnyWay_DecodesToAnEqualTerm(
        [Values(0, 1, 2)] int minorVersion,
        [Values] bool deterministic,
        [Values(0, 1, 9)] int compression
    )
    {
        EtfEncodeOptions options = new()
        {
            MinorVersion = minorVersion,
            Deterministic = deterministic,
            CompressionLevel = compression,
        };
        Assert.Multiple(() =>
        {
            foreach (CorpusEntry entry in Entries)
            {
                object term = Decode(entry);
                byte[] bytes = ExternalTerm.Encode(term, options);
                DecodeStatus status = ExternalTerm.TryDecode(bytes, s_context, out object? back, out int used);
                Assert.That(status, Is.EqualTo(DecodeStatus.Ok), entry.ToString());
                Assert.That(used, Is.EqualTo(bytes.Length), entry.ToString());
                Assert.That(Term.AreEqual(term, back), Is.True, entry.ToString());
                Assert.That(Term.Compare(term, back), Is.Zero, entry.ToString());
                Assert.That(Term.Hash(term), Is.EqualTo(Term.Hash(back)), entry.ToString());
            }
        });
    }

    [Test]
    public void Skip_EveryEntry_EndsWhereDecodingEnds()
    {
        foreach (CorpusEntry entry in Entries)
        {
            byte[] twice = [.. entry.Bytes, (byte)EtfTag.SmallInteger, 42];
            EtfReader reader = new(twice, s_context);
            reader.TryReadVersion();
            Assert.That(reader.TrySkipTerm(), Is.EqualTo(DecodeStatus.Ok), $"{entry}: {reader.Error}");
            Assert.That(reader.Position, Is.EqualTo(entry.Bytes.Length), entry.ToString());
            Assert.That(reader.TryReadLong(out long next), Is.EqualTo(DecodeStatus.Ok));
            Assert.That(next, Is.EqualTo(42));
        }
    }

    [Test]
    public void Decode_EveryTruncation_IsRefusedInBoundedMemory()
    {
        foreach (CorpusEntry entry in Entries)
        {
            for (int length = 0; length < entry.Bytes.Length; length++)
            {
                ReadOnlySpan<byte> cut = entry.Bytes.AsSpan(0, length);
                long bound = Hostile.AllocationBound(cut);
                long before = GC.GetAllocatedBytesForCurrentThread();
                DecodeStatus status = ExternalTerm.TryDecode(cut, s_context, out object? term, out int used);
                long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

                if (status != DecodeStatus.NeedMoreData || term is not null || used != 0)
                    Assert.Fail($"{entry} cut to {length}: {status}, used {used}");
                if (allocated > bound)
                    Assert.Fail($"{entry} cut to {length}: allocated {allocated}, allowed {bound}");
                EtfReader reader = new(cut, s_context);
                if (reader.TryReadVersion() == DecodeStatus.Ok && reader.TrySkipTerm() != DecodeStatus.NeedMoreData)
                    Assert.Fail($"{entry} cut to {length} was skipped");
            }
        }
    }

    [Test, Category("OtpNode")]
    public void Encode_EveryEntry_IsTheSameTermToErlang()
    {
        Erlang.RequireInstalled();
        List<byte[]> pairs = [];
        foreach (CorpusEntry entry in Entries)
        {
            pairs.Add(entry.Bytes);
            pairs.Add(
                ExternalTerm.Encode(
                    Decode(entry),
                    new EtfEncodeOptions { CompressionLevel = entry.Line % 10, Deterministic = entry.Line % 2 == 0 }
                )
            );
        }

        Assert.That(Encoding.ASCII.GetString(Erlang.Ask("check", pairs)), Is.EqualTo("ok"), "numbers of the pairs that differ");
    }

    // Since OTP 26 every port is V4_PORT_EXT (tag node id:64 creation:32); before, and by us, one whose id has 28 bits or less is NEW_PORT_EXT (id:32).
    private static byte[] Shortened(byte[] port) =>
        port[1] == (byte)EtfTag.V4Port && BinaryPrimitives.ReadUInt64BigEndian(port.AsSpan(port.Length - 12)) < 1 << 28
            ? [port[0], (byte)EtfTag.NewPort, .. port.AsSpan(2, port.Length - 14), .. port.AsSpan(port.Length - 8)]
            : port;

    private static object Decode(CorpusEntry entry)
    {
        EtfReader reader = new(entry.Bytes, s_context);
        Assert.That(reader.TryReadVersion(), Is.EqualTo(DecodeStatus.Ok), entry.ToString());
        Assert.That(reader.TryReadTerm(out object? term), Is.EqualTo(DecodeStatus.Ok), $"{entry}: {reader.Error} at {reader.ErrorOffset}");
        Assert.That(reader.Remaining, Is.Zero, entry.ToString());
        return term!;
    }
}

[TestFixture]
public sealed class CheckedInCorpusTests : CorpusContract
{
    private protected override List<CorpusEntry> Entries { get; } = CorpusEntry.Read(Path.Combine(Erlang.CorpusDirectory, "corpus.txt"));
}

[TestFixture, Category("OtpNode")]
public sealed class InstalledErlangCorpusTests : CorpusContract
{
    private List<CorpusEntry>? _entries;

    private protected override List<CorpusEntry> Entries => _entries!;

    [OneTimeSetUp]
    public void MakeCorpus()
    {
        Erlang.RequireInstalled();
        string directory = Directory.CreateTempSubdirectory("cloudscale-corpus-").FullName;
        try
        {
            string file = Path.Combine(directory, "corpus.txt");
            Erlang.Run("make", file);
            _entries = CorpusEntry.Read(file);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}

internal static class Hostile
{
    private const int InflaterTables = 160 << 10; // once a thread, or after the pools were emptied

    /// <summary>How much an attempt to decode these bytes may allocate: a compressed term counts with the size it may inflate to.</summary>
    public static long AllocationBound(ReadOnlySpan<byte> bytes)
    {
        long length = bytes.Length;
        long once = 64 << 10;
        if (length >= 6 && bytes[1] == (byte)EtfTag.Compressed)
        {
            length += Math.Min(BinaryPrimitives.ReadUInt32BigEndian(bytes[2..]), 1100 * length); // deflate cannot do better than 1:1032
            once += InflaterTables;
        }

        return once + (64 * length);
    }
}
