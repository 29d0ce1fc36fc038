using System.Buffers;
using CloudScale.Fuzz.Running;
using CloudScale.Serialization.Etf;
using CloudScale.Serialization.MessagePack;

namespace CloudScale.Fuzz.MessagePack;

/// <summary>The reader of MessagePack: whole terms, passing over, single values; and the writer with what came out.</summary>
internal sealed class MessagePackTarget : Target
{
    private const int Slack = 96 << 10; // once a thread, or after the pools were emptied

    private static readonly byte[] s_codes = [.. Enumerable.Range(0x80, 0x60).Select(code => (byte)code)];

    private readonly EtfDecodeContext _trusted = new(new EtfLimits { MaxNewAtomsPerContext = 50_000 }, new NodeIdentity("node@host", 1));
    private readonly EtfDecodeContext _untrusted = new(EtfLimits.Untrusted);
    private readonly ArrayBufferWriter<byte> _first = new(1 << 16);
    private readonly ArrayBufferWriter<byte> _second = new(1 << 16);
    private Mutator? _mutator;

    public override string Name => "msgpack";

    public override void Generate(Draft draft, Rng rng)
    {
        _mutator ??= new Mutator(rng, s_codes);
        new MessagePackGenerator(rng, draft).Generate();
        _mutator.Mutate(draft);
        if (rng.OneIn(400))
            Nest(draft, rng, rng.OneIn(500) ? 1_000_000 : rng.Next(1, rng.Pick<int>([100, 520, 2000])));
    }

    public override void Check(ReadOnlySpan<byte> input, Rng rng)
    {
        DecodeStatus untrusted = Decode(input, _untrusted, out object? modest, out int modestUsed);
        DecodeStatus trusted = Decode(input, _trusted, out object? term, out int used);
        Count(trusted.ToString());
        if (untrusted is DecodeStatus.Ok)
        {
            Require(trusted == DecodeStatus.Ok, $"what Untrusted accepts Trusted does, not {trusted}");
            Require(used == modestUsed && Term.AreEqual(term, modest), "both limits read the same");
        }
        else if (untrusted == DecodeStatus.Malformed)
        {
            Require(
                trusted is DecodeStatus.Malformed or DecodeStatus.LimitExceeded,
                $"what is malformed for one is for the other, not {trusted}"
            );
        }

        MessagePackReader skipper = new(input, _trusted);
        DecodeStatus skipped = skipper.TrySkip();
        if (trusted == DecodeStatus.Ok)
        {
            Require(skipped == DecodeStatus.Ok && skipper.Position == used, $"read {used}, passed over {skipper.Position} ({skipped})");
            CheckWriting(term!);
        }

        ReadSingly(input, rng);
    }

    private DecodeStatus Decode(ReadOnlySpan<byte> input, EtfDecodeContext context, out object? term, out int used)
    {
        int atoms = Atom.Count;
        long before = GC.GetAllocatedBytesForCurrentThread();
        DecodeStatus status = MessagePackTerm.TryDecode(input, context, out term, out used);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Require(status == DecodeStatus.Ok == term is not null, "a term if and only if Ok");
        Require(used <= input.Length && (status == DecodeStatus.Ok) == used > 0, "a length if and only if Ok");
        // Arrays of one element in each other, a byte each: a list of 48 and its array of 32; and 24 on the stack, whose arrays double: all of them together are twice the last.
        long trusted = ((48 + 32L) * input.Length) + (2 * 24L * (long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)input.Length));
        long bound = (context == _untrusted ? 8L * input.Length : trusted) + EtfLimits.Untrusted.AllocationAllowance + Slack;
        if (Atom.Count != atoms)
            bound += 256L * (1024 + Atom.Count); // the tables of all atoms have grown, which belongs to none
        else if (context == _untrusted && !input.IsEmpty)
            WorstRatio = Math.Max(WorstRatio, (double)(allocated - EtfLimits.Untrusted.AllocationAllowance - Slack) / input.Length);
        Require(allocated <= bound, $"{allocated} bytes allocated for {input.Length}, {(context == _untrusted ? "un" : "")}trusted");
        return status;
    }

    // What was accepted can be written, is read again as the same, and is then written as the same bytes. The External Term Format says the same of it.
    private void CheckWriting(object term)
    {
        Encode(term, _first);
        DecodeStatus status = MessagePackTerm.TryDecode(_first.WrittenSpan, _trusted, out object? back, out int used);
        Require(status == DecodeStatus.Ok && used == _first.WrittenCount, $"what was written is read whole, not {status}");
        Require(Term.AreEqual(term, back), "what was written is what was read");
        Encode(back!, _second);
        Require(_first.WrittenSpan.SequenceEqual(_second.WrittenSpan), "equal terms of the same order give the same bytes");

        _second.ResetWrittenCount();
        EtfWriter writer = new(_second);
        writer.WriteVersion();
        writer.WriteTerm(term);
        writer.Flush();
        status = ExternalTerm.TryDecode(_second.WrittenSpan, _trusted, out back, out _);
        Require(status == DecodeStatus.Ok && Term.AreEqual(term, back), $"it goes through the External Term Format as well, not {status}");
    }

    private static void Encode(object term, ArrayBufferWriter<byte> output)
    {
        output.ResetWrittenCount();
        MessagePackWriter writer = new(output);
        writer.WriteTerm(term);
        writer.Flush();
    }

    private void ReadSingly(ReadOnlySpan<byte> input, Rng rng)
    {
        MessagePackReader reader = new(input, _untrusted);
        int atoms = Atom.Count;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int step = 0; step < 24; step++)
        {
            int at = reader.Position;
            DecodeStatus status = Read(ref reader, rng.Next(20));
            Require(reader.Position <= input.Length, "no reader goes beyond its input");
            if (status == DecodeStatus.Ok)
            {
                Require(reader.Position > at, "what is Ok has read something");
                continue;
            }

            Require(reader.Position == at, "what is not Ok stays where it was");
            // In words only now and then: they cost more than the read.
            Require(!rng.OneIn(16) || !string.IsNullOrEmpty(reader.Error), "what is not Ok says why");
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Require(
            allocated <= (8L * input.Length) + EtfLimits.Untrusted.AllocationAllowance + Slack || Atom.Count != atoms,
            $"{allocated} bytes allocated by single reads of {input.Length}"
        );
    }

    private static DecodeStatus Read(ref MessagePackReader reader, int kind) =>
        kind switch
        {
            0 => reader.TryReadNil(),
            1 => reader.TryReadBoolean(out _),
            2 => reader.TryReadLong(out _),
            3 => reader.TryReadULong(out _),
            4 => reader.TryReadInteger<short>(out _),
            5 => reader.TryReadDouble(out _),
            6 => reader.TryReadUtf8(out _),
            7 => reader.TryReadString(out _),
            8 => reader.TryReadBinary(out _),
            9 => reader.TryReadExtension(out _, out _),
            10 => reader.TryReadArrayHeader(out _),
            11 => reader.TryReadMapHeader(out _),
            12 => reader.TryReadTupleHeader(out _),
            13 => reader.TryReadTimestamp(out DateTimeOffset _),
            14 => reader.TryReadAtom(out _),
            15 => reader.TryReadPid(out _),
            16 => reader.TryReadPort(out _),
            17 => reader.TryReadReference(out _),
            18 => reader.TryReadBigInteger(out _),
            _ => reader.TrySkip(),
        };

    private static void Nest(Draft draft, Rng rng, int levels)
    {
        ReadOnlySpan<byte> head = rng.Next(5) switch
        {
            0 => [0x91],
            1 => [0x92, 0xD4, 16, 1],
            2 => [0x93, 0xD4, 16, 2, 0],
            3 => [0x81],
            _ => [0x81, 0xC0],
        };
        draft.Clear();
        for (int level = 0; level < levels; level++)
            draft.Write(head);
        draft.Byte(0xC0);
        if (rng.OneIn(2))
            draft.Take(levels).Fill(0xC0);
    }
}
