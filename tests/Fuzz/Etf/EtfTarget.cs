using System.Buffers;
using CloudScale.Fuzz.Running;
using CloudScale.Serialization.Etf;

namespace CloudScale.Fuzz.Etf;

/// <summary>The reader of the External Term Format: whole terms, passing over, single values; and the writer with what came out.</summary>
internal sealed class EtfTarget : Target
{
    private const int Slack = 96 << 10; // once a thread, or after the pools were emptied: the stack of open containers, the pools of hashing
    private const int InflaterTables = 160 << 10;

    private static readonly EtfLimits s_everything = new() { MaxUncompressedBytes = 4 << 20, MaxNewAtomsPerContext = 50_000 };
    private static readonly EtfLimits s_untrusted = EtfLimits.Untrusted;
    private static readonly byte[] s_tags = [.. Enum.GetValues<EtfTag>().Where(tag => tag != EtfTag.None).Select(tag => (byte)tag)];

    private static readonly EtfEncodeOptions[] s_options =
    [
        EtfEncodeOptions.Default,
        new() { MinorVersion = 1 },
        new() { MinorVersion = 0 },
        new() { Deterministic = true },
    ];

    private readonly EtfDecodeContext _trusted = new(s_everything, new NodeIdentity("node@host", 1)) { AtomCache = CachedAtom };
    private readonly EtfDecodeContext _untrusted = new(s_untrusted) { AtomCache = CachedAtom };
    private readonly ArrayBufferWriter<byte> _first = new(1 << 16);
    private readonly ArrayBufferWriter<byte> _second = new(1 << 16);
    private Mutator? _mutator;

    public override string Name => "etf";

    public override void Generate(Draft draft, Rng rng)
    {
        _mutator ??= new Mutator(rng, s_tags);
        new EtfGenerator(rng, draft) { CachedAtoms = rng.OneIn(4) }.Generate();
        _mutator.Mutate(draft);
        if (rng.OneIn(500))
        {
            new EtfBombs(rng, draft).Compress();
            if (rng.OneIn(3))
                _mutator.Mutate(draft);
        }

        if (rng.OneIn(400))
            new EtfBombs(rng, draft).Nest(rng.OneIn(500) ? 1_000_000 : rng.Next(1, rng.Pick<int>([100, 520, 2000])));
    }

    public override void Check(ReadOnlySpan<byte> input, Rng rng)
    {
        DecodeStatus untrusted = Decode(input, _untrusted, out object? modest, out int modestUsed);
        DecodeStatus trusted = Decode(input, _trusted, out object? term, out int used);
        Count(trusted.ToString());
        Count(untrusted == DecodeStatus.LimitExceeded ? "beyond Untrusted" : "within Untrusted");
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

        EtfReader skipper = new(input, _trusted);
        DecodeStatus skipped = skipper.TryReadVersion();
        if (skipped == DecodeStatus.Ok)
            skipped = skipper.TrySkipTerm();
        if (trusted == DecodeStatus.Ok)
        {
            Require(skipped == DecodeStatus.Ok && skipper.Position == used, $"read {used}, passed over {skipper.Position} ({skipped})");
            if (rng.OneIn(32))
                CheckTerm(term!, modest);
            CheckWriting(term!, s_options[rng.OneIn(8) ? rng.Next(s_options.Length) : 0]);
        }

        ReadTyped(input, rng);
    }

    // What anybody does with a term of a stranger: order it, use it as a key, print it.
    private static void CheckTerm(object term, object? equal)
    {
        Require(Term.Compare(term, term) == 0, "a term equals itself in the order of terms");
        if (equal is not null)
        {
            Require(Term.Compare(term, equal) == 0 && Term.Compare(equal, term) == 0, "equal terms are equal in the order of terms");
            Require(Term.Hash(term) == Term.Hash(equal), "equal terms have one hash");
            Require(Term.Format(term) == Term.Format(equal), "equal terms are printed alike");
        }
        else
        {
            Term.Format(term);
        }
    }

    private DecodeStatus Decode(ReadOnlySpan<byte> input, EtfDecodeContext context, out object? term, out int used)
    {
        int atoms = Atom.Count;
        long before = GC.GetAllocatedBytesForCurrentThread();
        DecodeStatus status = ExternalTerm.TryDecode(input, context, out term, out used);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Require(status == DecodeStatus.Ok == term is not null, "a term if and only if Ok");
        Require(used <= input.Length && (status == DecodeStatus.Ok) == used > 0, "a length if and only if Ok");

        bool isCompressed = input.Length > 5 && input[1] == (byte)EtfTag.Compressed;
        long perByte = context == _untrusted ? 8 : 64;
        long bound = (perByte * input.Length) + s_untrusted.AllocationAllowance + Slack + (isCompressed ? InflaterTables : 0);
        if (isCompressed && context == _trusted)
            bound += (perByte + 3) * Math.Min(s_everything.MaxUncompressedBytes, 1100L * input.Length);
        if (Atom.Count != atoms)
            bound += 256L * (1024 + Atom.Count); // the tables of all atoms have grown, which belongs to none
        Require(allocated <= bound, $"{allocated} bytes allocated for {input.Length}, {(context == _untrusted ? "un" : "")}trusted");
        if (context == _untrusted && Atom.Count == atoms)
            WorstRatio = Math.Max(
                WorstRatio,
                (double)(allocated - s_untrusted.AllocationAllowance - Slack - InflaterTables) / input.Length
            );
        return status;
    }

    // What was accepted can be written, is read again as the same, and is then written as the same bytes.
    private void CheckWriting(object term, EtfEncodeOptions options)
    {
        Encode(term, options, _first);
        DecodeStatus status = ExternalTerm.TryDecode(_first.WrittenSpan, _trusted, out object? back, out int used);
        Require(status == DecodeStatus.Ok && used == _first.WrittenCount, $"what was written is read whole, not {status}");
        Require(Term.AreEqual(term, back), "what was written is what was read");
        Encode(back!, options, _second);
        Require(_first.WrittenSpan.SequenceEqual(_second.WrittenSpan), "equal terms of the same order give the same bytes");
    }

    private static void Encode(object term, EtfEncodeOptions options, ArrayBufferWriter<byte> output)
    {
        output.ResetWrittenCount();
        EtfWriter writer = new(output, options);
        writer.WriteVersion();
        writer.WriteTerm(term);
        writer.Flush();
    }

    private void ReadTyped(ReadOnlySpan<byte> input, Rng rng)
    {
        EtfReader reader = new(input, _untrusted);
        int atoms = Atom.Count;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int step = 0; step < 24; step++)
        {
            int at = reader.Position;
            DecodeStatus status = Read(ref reader, step == 0 && rng.Next(4) > 0 ? 0 : rng.Next(1, 30));
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
            allocated <= (8L * input.Length) + s_untrusted.AllocationAllowance + Slack + InflaterTables || Atom.Count != atoms,
            $"{allocated} bytes allocated by single reads of {input.Length}"
        );
    }

    private static DecodeStatus Read(ref EtfReader reader, int kind) =>
        kind switch
        {
            0 => reader.TryReadVersion(),
            1 => reader.TryReadTupleHeader(out _),
            2 => reader.TryReadListHeader(out _),
            3 => reader.TryReadMapHeader(out _),
            4 => reader.TryReadLong(out _),
            5 => reader.TryReadDouble(out _),
            6 => reader.TryReadAtom(out _),
            7 => reader.TryReadPid(out _),
            8 => reader.TryReadPort(out _),
            9 => reader.TryReadReference(out _),
            10 => reader.TryReadBinary(out _),
            11 => reader.TryReadInteger<int>(out _),
            12 => reader.TryReadInteger<ulong>(out _),
            13 => reader.TryReadInteger<sbyte>(out _),
            14 => reader.TryReadBigInteger(out _),
            15 => reader.TryReadNumber(out double _),
            16 => reader.TryReadNumber(out float _),
            17 => reader.TryReadBoolean(out _),
            18 => reader.TryReadText(out _),
            19 => reader.TryReadAtomText(out string _),
            20 => reader.TryReadCharlist(out _),
            21 => reader.TryReadBytes(out _),
            22 => reader.TryReadDecimal(out _),
            23 => reader.TryReadTerm<Map>(out _),
            24 => reader.TryReadIntegers(out int[] _),
            25 => reader.TryReadIntegers(out List<byte> _),
            26 => reader.TryReadDoubles(out double[] _),
            27 => reader.TryReadDoubles(out List<double> _),
            28 => reader.TryReadTerms(out _),
            _ => reader.TrySkipTerm(),
        };

    private static Atom? CachedAtom(int index) => index < s_cached.Length ? s_cached[index] : null;

    private static readonly Atom[] s_cached = ["ok", "error", "true", "false", "undefined", "nil", "a", "b"];
}
