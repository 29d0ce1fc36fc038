using CloudScale.Fuzz.Running;

namespace CloudScale.Fuzz.Tests;

/// <summary>A minute of what <c>./build.sh fuzz</c> does for half an hour, and whether it would notice anything.</summary>
[NonParallelizable]
[Category("Fuzz")]
public sealed class FuzzTests
{
    [Test]
    [CancelAfter(300_000)]
    public void AllReaders_ForAMinute_KeepEveryPromise()
    {
        ulong seed = TestContext.CurrentContext.Random.NextULong();
        FuzzRun run = new(seed, threads: 2, () => Targets.Make([]), TestContext.Out.WriteLine);
        IReadOnlyList<Finding> findings = run.Run(TimeSpan.FromSeconds(60));
        Assert.That(findings, Is.Empty, $"seed {seed}");
        // Alone on two cores it is millions; this many even on a machine that others keep busy.
        Assert.That(run.Inputs, Is.GreaterThan(100_000));
    }

    [Test]
    public void Run_AReaderThatThrowsOnOneInputInThousands_IsFoundWithItsBytes()
    {
        FuzzRun run = new(seed: 1, threads: 2, () => [new Careless()], TestContext.Out.WriteLine);
        IReadOnlyList<Finding> findings = run.Run(TimeSpan.FromSeconds(60));
        Assert.That(findings, Is.Not.Empty);
        Assert.That(findings[0].What, Does.Contain(nameof(IndexOutOfRangeException)));
        string path = findings[0].Save(Directory.CreateTempSubdirectory("cloudscale-fuzz-").FullName);
        SeedFile kept = SeedFile.Read(path);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        Assert.That(kept.Input, Is.EqualTo(findings[0].Input));
        Assert.That(
            () => new Careless().Check(kept.Input, new Rng(0)),
            Throws.TypeOf<IndexOutOfRangeException>(),
            "it is found again from its file"
        );
    }

    [Test]
    public void Run_AReaderThatHangs_IsGivenUpAndReported([Values] bool waits)
    {
        using ManualResetEventSlim end = new();
        FuzzRun run = new(seed: 1, threads: 2, () => [new Endless(end, waits)], TestContext.Out.WriteLine)
        {
            TimePerInput = TimeSpan.FromMilliseconds(200),
        };
        IReadOnlyList<Finding> findings = run.Run(TimeSpan.FromSeconds(60));
        end.Set();
        Assert.That(findings, Is.Not.Empty);
        Assert.That(findings[0].What, Does.Contain("longer"));
    }

    // Believes the arity of a tuple in a list of three, which few inputs are.
    private sealed class Careless : Target
    {
        private readonly Etf.EtfTarget _etf = new();

        public override string Name => "careless";

        public override void Generate(Draft draft, Rng rng) => _etf.Generate(draft, rng);

        public override void Check(ReadOnlySpan<byte> input, Rng rng)
        {
            for (int at = 0; at + 6 < input.Length; at++)
                if (input[at] == 108 && input[at + 4] == 3 && input[at + 5] == 104)
                    _ = input[at + 6 + input[at + 6]];
        }
    }

    private sealed class Endless(ManualResetEventSlim end, bool waits) : Target
    {
        public override string Name => "endless";

        public override void Generate(Draft draft, Rng rng)
        {
            draft.Clear();
            draft.Byte(1);
        }

        public override void Check(ReadOnlySpan<byte> input, Rng rng)
        {
            if (waits)
                end.Wait();
            while (!end.IsSet)
                Thread.SpinWait(100);
        }
    }
}
