using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using CloudScale.Fuzz.Etf;
using CloudScale.Fuzz.Running;
using CloudScale.Serialization.Etf;

namespace CloudScale.Fuzz.Otp;

/// <summary>The same inputs to our reader and to a real Erlang: both accept or both refuse, with the same extent and the same value.</summary>
/// <remarks>What differs on purpose is in <see cref="Disagreements"/>; anything else is a finding. Threads: one.</remarks>
internal sealed class Differential(ulong seed, Action<string> say)
{
    private const int BatchSize = 500;
    private const int MostFindings = 20;

    private static readonly EtfEncodeOptions s_canonical = new() { Deterministic = true };

    private readonly EtfDecodeContext _context = new(new EtfLimits { MaxUncompressedBytes = 64 << 20 });
    private readonly ArrayBufferWriter<byte> _ours = new(1 << 16);
    private readonly List<Finding> _findings = [];
    private readonly SortedDictionary<string, long> _excused = new(StringComparer.Ordinal);
    private long _accepted;
    private int _release;

    /// <summary>How many inputs were judged by both.</summary>
    public long Cases { get; private set; }

    /// <summary>How often each known disagreement occurred.</summary>
    public IReadOnlyDictionary<string, long> Excused => _excused;

    /// <summary>Judges so many inputs, or as many as fit in a time, which counts from Erlang's first answers: until then it starts.</summary>
    public IReadOnlyList<Finding> Run(long cases, TimeSpan atMost)
    {
        say(string.Create(CultureInfo.InvariantCulture, $"seed {seed}, {cases:#,0} cases"));
        long start = 0;
        Rng rng = new(seed);
        Source source = new(rng);
        using ErlangPeer peer = new();
        Draft? asked = null;
        Draft next = new();
        double nextWord = 10;
        while (Cases < cases && _findings.Count < MostFindings && Elapsed() < atMost)
        {
            // One batch is with Erlang while the next is made.
            source.Fill(next, BatchSize);
            if (asked is not null)
            {
                Hear(peer, asked.Bytes);
                start = start == 0 ? System.Diagnostics.Stopwatch.GetTimestamp() : start;
            }

            if (peer.HasManyAtoms)
                peer.End();
            peer.Ask(next.Bytes);
            (asked, next) = (next, asked ?? new Draft());
            if (Elapsed().TotalSeconds is var elapsed && elapsed >= nextWord)
            {
                nextWord += 10;
                say(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{elapsed, 6:0} s  {Cases, 11:#,0} cases, {Cases / elapsed, 7:#,0} a second"
                    )
                );
            }
        }

        if (asked is not null)
            Hear(peer, asked.Bytes);
        long judged = Cases;
        Finding[] whole = [.. _findings]; // reducing one finds others
        Finding[] found = [.. whole.Select(finding => Reduce(peer, finding))];
        Cases = judged;
        say(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Cases:#,0} cases, {_accepted:#,0} accepted by both, {peer.Starts} times erl of OTP {peer.Release}"
            )
        );
        foreach ((string name, long count) in _excused)
            say(string.Create(CultureInfo.InvariantCulture, $"  {name}: {count:#,0}"));
        return found;

        TimeSpan Elapsed() => start == 0 ? TimeSpan.Zero : System.Diagnostics.Stopwatch.GetElapsedTime(start);
    }

    /// <summary>The name of the disagreement over one input; null where the two agree, and the words of the finding where it is not listed.</summary>
    public string? Judge(ErlangPeer peer, ReadOnlySpan<byte> input)
    {
        _findings.Clear();
        _excused.Clear();
        byte[] one = [0, 0, 0, 0, .. input];
        BinaryPrimitives.WriteInt32BigEndian(one, input.Length);
        HearOne(peer, one);
        return _findings.Count > 0 ? _findings[0].What : _excused.Keys.FirstOrDefault();
    }

    /// <summary>The smallest part of an input that is a term, and about which the two disagree as well.</summary>
    private Finding Reduce(ErlangPeer peer, Finding whole)
    {
        Finding smallest = whole;
        for (int at = 1; at < whole.Input.Length; at++)
        {
            EtfReader reader = new(whole.Input.AsSpan(at), _context);
            if (reader.TrySkipTerm() != DecodeStatus.Ok || reader.Position >= smallest.Input.Length - 1)
                continue;
            byte[] one = [0, 0, 0, 0, EtfReader.Version, .. whole.Input.AsSpan(at, reader.Position)];
            BinaryPrimitives.WriteInt32BigEndian(one, one.Length - 4);
            _findings.Clear();
            HearOne(peer, one);
            if (_findings is [Finding smaller])
                smallest = smaller with { Index = whole.Index };
        }

        return smallest;
    }

    private void Hear(ErlangPeer peer, ReadOnlySpan<byte> batch)
    {
        ReadOnlySpan<byte> answers;
        try
        {
            answers = peer.Answer();
        }
        catch (IOException)
        {
            // It has crashed over one of these; each alone tells which. That is Erlang's bug, and a reason to look at what we make of such bytes.
            peer.End();
            for (; !batch.IsEmpty; batch = batch[(4 + BinaryPrimitives.ReadInt32BigEndian(batch))..])
                HearOne(peer, batch[..(4 + BinaryPrimitives.ReadInt32BigEndian(batch))]);
            return;
        }

        _release = peer.Release;
        Compare(batch, answers);
    }

    private void HearOne(ErlangPeer peer, ReadOnlySpan<byte> one)
    {
        try
        {
            peer.Ask(one);
            _release = peer.Release;
            Compare(one, peer.Answer());
        }
        catch (IOException)
        {
            peer.End();
            if (Disagreements.Crashes(peer.Release, one[4..], _context) is { } known)
                _excused[known] = _excused.GetValueOrDefault(known) + 1;
            else
                _findings.Add(new Finding("otp", "erl crashes", seed, 0, Cases, one[4..].ToArray()));
            Cases++;
        }
    }

    private void Compare(ReadOnlySpan<byte> batch, ReadOnlySpan<byte> answers)
    {
        while (!batch.IsEmpty)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(batch);
            Verdict theirs = default;
            if (answers[0] == 0)
            {
                answers = answers[1..];
            }
            else
            {
                int valueLength = BinaryPrimitives.ReadInt32BigEndian(answers[5..]);
                theirs = new Verdict(BinaryPrimitives.ReadInt32BigEndian(answers[1..]), answers.Slice(9, valueLength));
                answers = answers[(9 + valueLength)..];
            }

            Judge(batch.Slice(4, length), theirs);
            batch = batch[(4 + length)..];
            Cases++;
        }
    }

    private void Judge(ReadOnlySpan<byte> input, Verdict theirs)
    {
        EtfReader reader = new(input, _context);
        object? term = null;
        DecodeStatus status = reader.TryReadVersion();
        if (status == DecodeStatus.Ok)
            status = reader.TryReadTerm(out term);
        Verdict ours = default;
        if (status == DecodeStatus.Ok)
        {
            _ours.ResetWrittenCount();
            EtfWriter writer = new(_ours, s_canonical);
            writer.WriteVersion();
            writer.WriteTerm(term!);
            writer.Flush();
            ours = new Verdict(reader.Position, _ours.WrittenSpan);
        }

        if (ours.Used == theirs.Used && ours.Value.SequenceEqual(theirs.Value))
        {
            _accepted += ours.IsAccepted ? 1 : 0;
            return;
        }

        if (!ours.IsAccepted)
            ours = new Verdict(0, default) { Error = reader.Error, ErrorOffset = reader.ErrorOffset };
        if (Disagreements.Find(_release, input, term, ours, theirs, _context) is { } known)
        {
            _excused[known] = _excused.GetValueOrDefault(known) + 1;
            return;
        }

        int same = ours.Value.CommonPrefixLength(theirs.Value);
        string what =
            $"ours {(ours.IsAccepted ? $"{ours.Used} bytes, {Convert.ToHexString(ours.Value)}, {Term.Format(term)}" : $"{status}: {reader.Error} at {reader.ErrorOffset}")}\n"
            + $"erl {(theirs.IsAccepted ? $"{theirs.Used} bytes, {Convert.ToHexString(theirs.Value)}" : "refuses")}\n"
            + (
                ours.IsAccepted && theirs.IsAccepted
                    ? $"they differ from byte {same} on: {Around(ours.Value, same)}, {Around(theirs.Value, same)}"
                    : ""
            );
        _findings.Add(new Finding("otp", what, seed, 0, Cases, input.ToArray()));
    }

    private static string Around(ReadOnlySpan<byte> value, int at) =>
        $"{Convert.ToHexString(value[Math.Max(0, at - 24)..at])} {Convert.ToHexString(value[at..Math.Min(value.Length, at + 24)])}";

    /// <summary>What one side makes of an input: nothing, or how long it is and its value in one form.</summary>
    internal readonly ref struct Verdict(int used, ReadOnlySpan<byte> value)
    {
        public int Used { get; } = used;

        public ReadOnlySpan<byte> Value { get; } = value;

        public bool IsAccepted => Used > 0;

        /// <summary>Why it is refused, where that is known.</summary>
        public string? Error { get; init; }

        public int ErrorOffset { get; init; }
    }

    // The inputs of the target, with less of what only takes time.
    private sealed class Source(Rng rng)
    {
        private readonly EtfTarget _target = new();
        private readonly Draft _draft = new();

        public void Fill(Draft batch, int count)
        {
            batch.Clear();
            for (; count > 0; count--)
            {
                do _target.Generate(_draft, rng);
                while (_draft.Length > 100_000);
                batch.Number((ulong)_draft.Length, 4);
                batch.Write(_draft.Bytes);
            }
        }
    }
}
