using System.Numerics;
using System.Text;
using CloudScale.Runtime.Services.Io;
using CloudScale.Serialization.Etf;

namespace CloudScale.Services.Tests;

/// <summary>Formatted output beside that of a real <c>io_lib</c>.</summary>
[Category("OtpNode")]
public sealed class IoFormatTests
{
    private const int Rounds = 400;

    private RealEpmd _epmd = null!;
    private ErlangNode _erlang = null!;
    private int _mapEntries;

    [OneTimeSetUp]
    public async Task StartErlang()
    {
        _epmd = await RealEpmd.StartAsync();
        _erlang = await ErlangNode.StartAsync("format@127.0.0.1", "secret", _epmd.Port);
        _mapEntries = await _erlang.EvalAsync("erlang:system_info(otp_release) >= \"26\"") == "true" ? 1 : int.MaxValue;
    }

    [OneTimeTearDown]
    public async Task StopErlang()
    {
        if (_erlang is not null)
            await _erlang.DisposeAsync();
        if (_epmd is not null)
            await _epmd.DisposeAsync();
    }

    private static string Ours(string format, List arguments)
    {
        try
        {
            return IoFormat.Format(format, arguments);
        }
        catch (ErlangException exception)
        {
            return $"!{Term.Format(exception.Reason)}";
        }
    }

    /// <summary>The same by Erlang: the case goes as the bytes of a term, and the text comes back as those of its UTF-8.</summary>
    private async Task<string[]> TheirsAsync(IReadOnlyList<(string Format, List Arguments)> cases)
    {
        List term = List.Of([.. cases.Select(item => (object)Tuple.Of(List.FromString(item.Format), item.Arguments))]);
        string hex = Convert.ToHexString(ExternalTerm.Encode(term));
        string answer = await _erlang.EvalAsync(
            $$"""
            base64:encode(term_to_binary([try unicode:characters_to_binary(io_lib:format(F, A)) catch _:R -> <<"!", (atom_to_binary(R))/binary>> end
              || {F, A} <- binary_to_term(binary:decode_hex(<<"{{hex}}">>))]))
            """
        );
        byte[] bytes = Convert.FromBase64String(answer[3..^3]); // without << " " >>
        Assert.That(
            ExternalTerm.TryDecode(bytes, new EtfDecodeContext(EtfLimits.Trusted), out object? decoded, out _),
            Is.EqualTo(DecodeStatus.Ok)
        );
        List texts = (List)decoded!;
        return [.. texts.Select(text => Encoding.UTF8.GetString(((Binary)text).Span))];
    }

    private async Task CompareAsync(IReadOnlyList<(string Format, List Arguments)> cases)
    {
        string[] theirs = await TheirsAsync(cases);
        Assert.Multiple(() =>
        {
            for (int i = 0; i < cases.Count; i++)
                Assert.That(Ours(cases[i].Format, cases[i].Arguments), Is.EqualTo(theirs[i]), $"{cases[i].Format} {cases[i].Arguments}");
        });
    }

    [Test]
    public Task Sequences_Known_AreFormattedAsErlangDoes()
    {
        List text = List.FromString("abc");
        return CompareAsync([
            ("plain ~~ text~n~2n", []),
            ("~s ~s ~s", [text, (Atom)"atom", Binary.FromUtf8("bin")]),
            ("~10s|~-10s|~10.2s|~.2s|~2s|~5.5.*s", [text, text, text, text, text, (long)'*', text]),
            ("~ts ~ts", [List.FromString("åλ\U0001F600"), Binary.FromUtf8("åλ")]),
            ("~s", [List.FromString("λ")]),
            ("~s", [Binary.FromUtf8("å")]),
            ("~s", [17L]),
            ("~ts", [List.Of(List.FromString("a"), Binary.FromUtf8("b"), List.Of(99L))]),
            ("~w ~w ~w", [text, Binary.FromUtf8("b"), (Atom)"hello world"]),
            ("~p ~p ~p", [text, Binary.FromUtf8("b"), (Atom)"hello world"]),
            ("~p ~tp ~w ~tw", [(Atom)"λ", (Atom)"λ", (Atom)"å", (Atom)"λ"]),
            ("~p ~tp", [Binary.FromUtf8("åäö"), Binary.FromUtf8("åäö")]),
            ("~p ~tp", [List.FromString("åλ"), List.FromString("åλ")]),
            ("~5w|~-5w|~2w|~5.1w|~5..0w", [17L, 17L, 1234L, 12345L, 42L]),
            ("~b ~B ~.16b ~.16B ~8.2.0b ~-8.10b|", [255L, -255L, 255L, 255L, 5L, 7L]),
            ("~.16+ ~.16# ~x ~X", [255L, 255L, 31L, List.FromString("0x"), 31L, (Atom)"p"]),
            ("~c ~3c ~-5.3c|~5.3c ~tc", [97L, 98L, 99L, 100L, 955L]),
            ("~e ~f ~g ~.3f ~10.2f ~.3e ~.10g", [1.5, 2.25, 3.125, 0.0005, 99.999, 12345.678, 1e-5]),
            ("~f ~f ~.1f ~.2f ~g ~g", [-0.0, 1e15, 9.99, 0.995, 0.05, 12345.0]),
            ("~i~p", [1L, 2L]),
            ("~p", []),
            ("x", [1L]),
            ("~q", [1L]),
            ("~", []),
            ("~p ~w", [1.0, 1e22]),
            ("~p", [BigInteger.Pow(7, 60)]),
            ("~lp ~lw", [text, text]),
            (
                "~W ~P ~P ~W",
                [
                    List.Of(1L, 2L, 3L, 4L),
                    3L,
                    List.Of(1L, 2L, 3L, 4L),
                    3L,
                    Tuple.Of(1L, 2L, 3L, 4L),
                    3L,
                    Tuple.Of((Atom)"a", List.Of(1L)),
                    2L,
                ]
            ),
            ("~p~p", [(Atom)"", List.Empty]),
            ("~p ~w", [new BitString(new byte[] { 1, 0x80 }, 1), Binary.Empty]),
            ("~p", [List.WithTail([1L, 2L], (Atom)"t")]),
        ]);
    }

    [Test]
    public async Task Terms_Random_AreLaidOutAsErlangDoes()
    {
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        string[] formats = ["~p", "~tp", "prefix ~p", "~40p", "~w", "~tw", "~120p", "{~p, ~n  ~20p}", "~20.5p", "~0p"];
        for (int batch = 0; batch < Rounds / 40; batch++)
        {
            List<(string, List)> cases = [];
            for (int i = 0; i < 40; i++)
            {
                string format = formats[random.Next(formats.Length)];
                int arguments = format.Count(c => c == '~') - (format.Contains("~n") ? 1 : 0);
                cases.Add((format, List.Of([.. Enumerable.Range(0, arguments).Select(_ => RandomTerm(random, random.Next(2, 6)))])));
            }

            await CompareAsync(cases);
        }
    }

    private object RandomTerm(Random random, int depth)
    {
        int kind = depth <= 0 ? random.Next(9) : random.Next(17);
        switch (kind)
        {
            case 0:
                return (long)random.Next(-1000, 1000);
            case 1:
                return random.NextInt64();
            case 2:
                return Math.Round(random.NextDouble() * 1000, random.Next(6)) + 0.0;
            case 3:
                return (Atom)s_atoms[random.Next(s_atoms.Length)];
            case 4:
                return List.FromString(RandomText(random));
            case 5:
                return Binary.FromUtf8(RandomText(random));
            case 6:
                byte[] bytes = new byte[random.Next(60)];
                random.NextBytes(bytes);
                return new Binary(bytes);
            case 7:
                return List.Empty;
            case 8:
                return new BitString(new byte[] { (byte)random.Next(256), (byte)(random.Next(2) << 7) }, 1);
            case 9 or 10 or 11:
                return List.Of(RandomTerms(random, depth));
            case 12 or 13:
                return Tuple.Create([(Atom)s_atoms[random.Next(s_atoms.Length)], .. RandomTerms(random, depth)]);
            case 14:
                return Tuple.Create(RandomTerms(random, depth));
            case 15:
                Map map = Map.Empty;
                // From OTP 26 on a map shows its atoms in an order that changes from one node's life to the next.
                foreach (object value in RandomTerms(random, depth).Take(_mapEntries))
                    map = map.With(random.Next(3) == 0 ? RandomTerm(random, 1) : (Atom)s_atoms[random.Next(s_atoms.Length)], value);
                return map;
            default:
                object[] head = RandomTerms(random, depth);
                return head.Length == 0 ? List.Empty : List.WithTail(head, (long)random.Next(100));
        }
    }

    private object[] RandomTerms(Random random, int depth) =>
        [.. Enumerable.Range(0, random.Next(7)).Select(_ => RandomTerm(random, depth - 1))];

    private static readonly string[] s_atoms =
    [
        "a",
        "ok",
        "error",
        "longer_atom",
        "Quoted",
        "with space",
        "åtom",
        "undefined",
        "a_rather_long_atom_that_takes_half_of_a_line",
        "λ",
    ];

    private static string RandomText(Random random)
    {
        StringBuilder text = new();
        for (int i = random.Next(40); i > 0; i--)
            text.Append(random.Next(12) == 0 ? "\n\"\\\tåλ\0"[random.Next(7)] : (char)random.Next(' ', '~' + 1));
        return text.ToString();
    }
}
