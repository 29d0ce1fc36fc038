using CloudScale.Contracts.Samples;
using CloudScale.Fuzz.Etf;
using CloudScale.Fuzz.Running;
using CloudScale.Serialization.Etf;

namespace CloudScale.Fuzz.Contracts;

/// <summary>The generated readers and writers of contracts, with the samples that their tests have, made wrong.</summary>
internal sealed class ContractTarget : Target
{
    private const int Slack = 128 << 10; // once a thread: buffers and stacks that are kept; and the text of an error

    private static readonly byte[] s_tags = [.. Enum.GetValues<EtfTag>().Where(tag => tag != EtfTag.None).Select(tag => (byte)tag)];
    private static readonly Sample[] s_samples = [.. SampleValues.All];

    // One of each contract; several samples may be of the same.
    private static readonly Sample[] s_contracts = [.. s_samples.DistinctBy(sample => sample.GetType())];
    private static readonly byte[][] s_terms = [.. s_samples.Select(sample => sample.Encode())];

    private readonly EtfDecodeContext _trusted = new(new EtfLimits { MaxNewAtomsPerContext = 50_000 });
    private Mutator? _mutator;

    public override string Name => "contracts";

    public override void Generate(Draft draft, Rng rng)
    {
        _mutator ??= new Mutator(rng, s_tags);
        if (rng.OneIn(6))
            new EtfGenerator(rng, draft).Generate(); // nearly never one of them, but parts for others
        else
            new EtfScanner(draft).Load(rng.Pick<byte[]>(s_terms));
        _mutator.Mutate(draft);
    }

    public override void Check(ReadOnlySpan<byte> input, Rng rng)
    {
        int accepted = 0;
        foreach (Sample contract in s_contracts)
            accepted += CheckContract(input, contract) ? 1 : 0;
        Count(
            accepted == 0 ? "no contract"
            : accepted == 1 ? "one contract"
            : "several"
        );
    }

    private bool CheckContract(ReadOnlySpan<byte> input, Sample contract)
    {
        int atoms = Atom.Count;
        long before = GC.GetAllocatedBytesForCurrentThread();
        DecodeStatus status = contract.Read(input, out object? value, out string? error);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        long bound = (8L * input.Length) + EtfLimits.Untrusted.AllocationAllowance + Slack;
        Require(allocated <= bound || Atom.Count != atoms, $"{contract.Name}: {allocated} bytes allocated for {input.Length}");
        if (Atom.Count == atoms && !input.IsEmpty)
            WorstRatio = Math.Max(WorstRatio, (double)(allocated - EtfLimits.Untrusted.AllocationAllowance - Slack) / input.Length);
        if (status != DecodeStatus.Ok)
        {
            Require(!string.IsNullOrEmpty(error), $"{contract.Name}: {status} without a reason");
            return false;
        }

        Require(value is not null && error is null, $"{contract.Name}: Ok without a value");
        // As a dynamic term it may be refused: what a contract does not know it passes over, and checks no further than where it ends.
        EtfReader reader = new(input, _trusted);
        reader.TryReadVersion();
        DecodeStatus skipped = reader.TrySkipTerm();
        Require(skipped == DecodeStatus.Ok, $"{contract.Name}: what a contract accepts ends somewhere, not {skipped}");

        byte[] written = ExternalTerm.Encode(value!);
        status = contract.Read(written, out object? back, out error);
        Require(status == DecodeStatus.Ok, $"{contract.Name}: what was written is read, not {status}: {error}");
        Require(
            ExternalTerm.Encode(back!).AsSpan().SequenceEqual(written),
            $"{contract.Name}: written, read and written again it is the same"
        );
        return true;
    }
}
