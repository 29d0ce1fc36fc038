using System.Diagnostics;
using System.Globalization;
using CloudScale.Contracts.Samples;
using CloudScale.Serialization.Contracts;
using CloudScale.Serialization.Etf;
using CloudScale.Serialization.MessagePack;

namespace CloudScale.Contracts.Tests;

/// <summary>Dates, times and decimal numbers between us and a real Elixir.</summary>
[TestFixture]
internal sealed class ElixirTests
{
    private static readonly EtfDecodeContext s_context = new(EtfLimits.Untrusted);

    // What we write, and how Elixir prints it.
    private static readonly (byte[] Term, string Elixir)[] s_ours =
    [
        (Of(new Moment(new DateTimeOffset(2024, 2, 29, 13, 30, 45, 678, TimeSpan.FromHours(1)))), "DateTime 2024-02-29 12:30:45.678000Z"),
        (Of(new Moment(DateTimeOffset.MaxValue)), "DateTime 9999-12-31 23:59:59.999999Z"),
        (Of(new Naive(new DateTime(1969, 12, 31, 23, 59, 59, DateTimeKind.Local))), "NaiveDateTime 1969-12-31 23:59:59.000000"),
        (Of(new Day(new DateOnly(1, 1, 1))), "Date 0001-01-01"),
        (Of(new Clock(new TimeOnly(23, 59, 58, 1))), "Time 23:59:58.001000"),
        (Of(new Price(12.50m)), "Decimal 1 1250 -2"),
        (Of(new Price(decimal.MinValue)), "Decimal -1 79228162514264337593543950335 0"),
    ];

    // What Elixir writes, in the order of dates.exs, and what it is here; a text is what is wrong with it.
    private static readonly (string Kind, object Value)[] s_theirs =
    [
        ("moment", new DateTimeOffset(2024, 2, 29, 12, 30, 45, TimeSpan.Zero)),
        ("moment", new DateTimeOffset(2024, 2, 29, 12, 30, 45, 678, 901, TimeSpan.Zero)),
        ("moment", new DateTimeOffset(2024, 7, 1, 12, 30, 5, 120, TimeSpan.Zero)),
        ("naive", new DateTime(1969, 12, 31, 23, 59, 59, 500)),
        ("date", new DateOnly(9999, 12, 31)),
        ("time", new TimeOnly(0, 0, 0)),
        ("time", new TimeOnly(23, 59, 59, 999, 999)),
        ("decimal", -12.50m),
        ("decimal", 1000m),
        ("decimal", 1.0000000000000000000000000000m),
        ("moment", "moment.value: expected a point in time from year 1 to 9999, got a map of 13"),
        ("date", "day.value: expected a date from year 1 to 9999, got a map of 5"),
        ("decimal", "price.value.coef: expected an integer, got the atom 'NaN'"),
        ("decimal", "price.value: expected a decimal number of up to 96 bits and 28 places, got a map of 4"),
        ("date", "day.value.__struct__: expected 'Elixir.Date', got the atom 'Elixir.DateTime'"),
        ("date", "day.value.calendar: expected Elixir.Calendar.ISO, got the atom 'Elixir.Calendar.Holocene'"),
    ];

    [Test, Category("OtpNode"), CancelAfter(120_000)]
    public async Task Values_BothWays_AreWhatElixirMeans()
    {
        string[] said = await AskElixir(s_ours.Select(one => Convert.ToBase64String(Bare(one.Term))));
        Assert.That(said.Take(s_ours.Length), Is.EqualTo(s_ours.Select(one => one.Elixir)));
        string[] theirs = said[s_ours.Length..];
        Assert.That(theirs, Has.Length.EqualTo(s_theirs.Length));
        Assert.Multiple(() =>
        {
            for (int i = 0; i < theirs.Length; i++)
            {
                string[] parts = theirs[i].Split('\t');
                Assert.That(parts[0], Is.EqualTo(s_theirs[i].Kind));
                // In a tuple of one, which is what the contracts are.
                byte[] term = Convert.FromBase64String(parts[1]);
                Assert.That(Read(parts[0], [131, 104, 1, .. term.AsSpan(1)]), Is.EqualTo(s_theirs[i].Value), $"line {i}");
            }
        });
    }

    [TestCase("1", 1, 0)]
    [TestCase("79228162514264337593543950335", 96, 0)]
    [TestCase("79228162514264337593543950336", null, 0, Description = "a bit more than fits")]
    [TestCase("792281625142643375935439503350", 96, -1)]
    [TestCase("792281625142643375935439503351", null, -1, Description = "would have to be rounded")]
    [TestCase("0", 0, -1_000_000_000)]
    [TestCase("0", 0, 1_000_000_000)]
    [TestCase("1", null, 1_000_000_000)]
    [TestCase("1", null, -1_000_000_000)]
    public void Decimal_OfAnySize_IsReadOrRefused(string coefficient, int? bits, int exponent)
    {
        Map term = Decimal(1, System.Numerics.BigInteger.Parse(coefficient, CultureInfo.InvariantCulture), exponent);
        DecodeStatus status = ExternalTerm.TryDecode<Price>(ExternalTerm.Encode(Tuple.Of(term)), s_context, out Price price);
        Assert.That(status, Is.EqualTo(bits is null ? DecodeStatus.Malformed : DecodeStatus.Ok));
        if (bits is not null)
            Assert.That(new System.Numerics.BigInteger(Math.Abs(price.Value)).GetBitLength(), Is.LessThanOrEqualTo(bits));
    }

    [Test]
    public void Decimal_WithASignOrDigitsThatAreNone_IsRefused()
    {
        foreach (
            Map term in new[]
            {
                Decimal(0, 1, 0),
                Decimal(2, 1, 0),
                Decimal(1, -1, 0),
                Decimal(1, System.Numerics.BigInteger.One << 20_000, 0),
            }
        )
            Assert.That(
                ExternalTerm.TryDecode<Price>(ExternalTerm.Encode(Tuple.Of(term)), s_context, out _),
                Is.Not.EqualTo(DecodeStatus.Ok)
            );
    }

    [Test]
    public void Random_DecimalsAndMoments_ComeBack()
    {
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        for (int i = 0; i < 5_000; i++)
        {
            decimal number = new(random.Next(), random.Next(), random.Next(2) * random.Next(), random.Next(2) == 0, (byte)random.Next(29));
            Price price = new(number);
            Assert.That(
                ExternalTerm.TryDecode(Of(price), s_context, out Price back),
                Is.EqualTo(DecodeStatus.Ok),
                $"seed {seed}: {number}"
            );
            Assert.That(decimal.GetBits(back.Value), Is.EqualTo(decimal.GetBits(number)), $"seed {seed}: {number}");
            long microseconds = random.NextInt64(DateTime.MaxValue.Ticks / TimeSpan.TicksPerMicrosecond);
            Moment moment = new(new DateTimeOffset(microseconds * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero));
            Assert.That(ExternalTerm.TryDecode(Of(moment), s_context, out Moment then), Is.EqualTo(DecodeStatus.Ok), $"seed {seed}");
            Assert.That(then, Is.EqualTo(moment), $"seed {seed}");
            byte[] packed = MessagePackContract.Encode(moment);
            Assert.That(MessagePackContract.TryDecode(packed, s_context, out then), Is.EqualTo(DecodeStatus.Ok), $"seed {seed}");
            Assert.That(then, Is.EqualTo(moment), $"seed {seed}");
        }
    }

    [Test]
    public void Structs_OfElixir_AreNoneOfTheRegistry()
    {
        EtfReader reader = new(ExternalTerm.Encode(new Day(new DateOnly(2024, 2, 29))).AsSpan(3), s_context);
        Assert.That(ContractRegistry.TryReadTerm(ref reader, out object? value), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(value, Is.InstanceOf<Map>(), "whoever does not ask for a date gets the map");
    }

    [Test]
    public void TypedPid_IsThePid_InTermsAndToEquals()
    {
        Pid pid = new(new NodeIdentity("a@b", 1), 5);
        Pid<Command> typed = new(pid);
        Assert.That(Term.AreEqual(Tuple.Of(typed), Tuple.Of(pid)));
        Assert.That(ExternalTerm.Encode(Tuple.Of(typed)), Is.EqualTo(ExternalTerm.Encode(Tuple.Of(pid))));
        Assert.That(typed, Is.EqualTo((Pid<Command>)pid));
        Assert.That(typed.ToString(), Is.EqualTo(pid.ToString()));
        Assert.That(default(Pid<Command>).IsNone);
    }

    private static Map Decimal(int sign, System.Numerics.BigInteger coefficient, int exponent) =>
        Map.Of(
            ((Atom)"__struct__", (Atom)"Elixir.Decimal"),
            ((Atom)"coef", coefficient),
            ((Atom)"exp", (long)exponent),
            ((Atom)"sign", (long)sign)
        );

    private static byte[] Of<T>(T value)
        where T : ITermContract<T> => ExternalTerm.Encode(value);

    // Without the tuple of one around it: version, 104, 1.
    private static byte[] Bare(byte[] term) => [131, .. term.AsSpan(3)];

    private static object Read(string kind, byte[] term) =>
        kind switch
        {
            "moment" => Read<Moment>(term, moment => moment.Value),
            "naive" => Read<Naive>(term, naive => naive.Value),
            "date" => Read<Day>(term, day => day.Value),
            "time" => Read<Clock>(term, clock => clock.Value),
            _ => Read<Price>(term, price => price.Value),
        };

    private static object Read<T>(byte[] term, Func<T, object> value)
        where T : struct, ITermContract<T> =>
        ExternalTerm.TryDecode(term, s_context, out T read, out _, out string? error) == DecodeStatus.Ok ? value(read) : error!;

    private static async Task<string[]> AskElixir(IEnumerable<string> lines)
    {
        string script = Path.Combine(TestContext.CurrentContext.TestDirectory, "Elixir", "dates.exs");
        try
        {
            using Process process = Process.Start(
                new ProcessStartInfo("elixir", [script])
                {
                    RedirectStandardInput = true,
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                }
            )!;
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            Task<string> error = process.StandardError.ReadToEndAsync();
            foreach (string line in lines)
                await process.StandardInput.WriteLineAsync(line);
            process.StandardInput.Close();
            await process.WaitForExitAsync(TestContext.CurrentContext.CancellationToken);
            Assert.That(process.ExitCode, Is.Zero, await error);
            return (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Ignore("No Elixir on the path.");
            return [];
        }
    }
}

[Term]
internal readonly partial record struct Moment([property: TermMember(Time = TermTime.Elixir)] DateTimeOffset Value);

[Term]
internal readonly partial record struct Naive([property: TermMember(Time = TermTime.Elixir)] DateTime Value);

[Term]
internal readonly partial record struct Day([property: TermMember(Time = TermTime.Elixir)] DateOnly Value);

[Term]
internal readonly partial record struct Clock([property: TermMember(Time = TermTime.Elixir)] TimeOnly Value);

[Term]
internal readonly partial record struct Price([property: TermMember(Decimal = TermDecimal.Elixir)] decimal Value);
