using CloudScale.Serialization.Etf;

namespace CloudScale.Runtime.Tests;

/// <content>The native records of OTP 29, both ways.</content>
public sealed partial class ErlangPeerTests
{
    private async Task RequireRecordsAsync()
    {
        OtpInstallation.RequireRelease(29, "native records");
        string source = Path.Combine(TestContext.CurrentContext.TestDirectory, "Peers", "records_peer.erl");
        string answer = await EvalAloneAsync(
            $$"""
            (fun() -> case compile:file("{{source}}", [binary, return]) of
              {ok, M, C} -> {module, M} = code:load_binary(M, "{{source}}", C), loaded;
              {ok, M, C, _} -> {module, M} = code:load_binary(M, "{{source}}", C), loaded;
              Other -> Other
            end end)()
            """
        );
        Assert.That(answer, Is.EqualTo("loaded"));
    }

    [Test]
    public async Task NativeRecords_OfErlang_ComeBackAsTheyWere_ByteByByte()
    {
        await RequireRecordsAsync();
        List<object> seen = [];
        Pid echo = _node.Spawn(async self =>
        {
            while (await self.Receive() is Tuple and [Pid from, var any])
            {
                seen.Add(any);
                self.Send(from, Tuple.Of((Atom)"echo", any, ExternalTerm.Encode(any)));
            }
        });
        _node.Register("record_echo", echo);
        string different = await EvalAloneAsync(
            $$"""
            (fun() -> [T || T <- records_peer:terms(),
                  begin {record_echo, {{_here}}} ! {self(), T},
                        receive {echo, R, B} -> R =/= T orelse B =/= term_to_binary(T) after 10000 -> true end end] end)()
            """
        );
        Assert.That(different, Is.EqualTo("[]"), "the terms that did not come back equal");
        _node.Exit(echo, Atoms.Kill);
        Assert.That(seen[0], Is.EqualTo(new NativeRecord("records_peer", "point", isExported: true, ("x", 1L), ("y", 2L))));
        Assert.That(((NativeRecord)seen[2]).IsExported, Is.False);
        Assert.That(((NativeRecord)seen[7])["f70"], Is.EqualTo(70L));
    }

    [Test]
    public async Task NativeRecord_MadeHere_IsOneOfItsModuleThere()
    {
        await RequireRecordsAsync();
        NativeRecord point = new("records_peer", "point", isExported: true, ("x", 40), ("y", 2));
        object answer = await AskErlangAsync("add", point);
        Assert.That(answer, Is.EqualTo(Tuple.Of(42L, Atoms.True, List.Of((Atom)"x", (Atom)"y"))));
    }

    [Test]
    public async Task NativeRecords_OrderAndText_AreErlangs()
    {
        await RequireRecordsAsync();
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        object[] terms = [.. Enumerable.Range(0, 400).Select(_ => Next(random, depth: 3))];
        object[] pairs = [.. terms.Zip(terms.Skip(1), (left, right) => Tuple.Of(left, right))];
        List signs = (List)await AskErlangAsync("compare", List.Of(pairs));
        List texts = (List)await AskErlangAsync("text", List.Of(terms));
        Assert.Multiple(() =>
        {
            for (int i = 0; i < pairs.Length; i++)
                Assert.That((long)Math.Sign(Term.Compare(terms[i], terms[i + 1])), Is.EqualTo(signs[i]), $"{terms[i]} and {terms[i + 1]}");
            for (int i = 0; i < terms.Length; i++)
                Assert.That(Term.Format(terms[i]), Is.EqualTo(((Binary)texts[i]).ToString().Trim('<', '>', '"')));
        });
    }

    // Few names and values, so that many pairs differ late or not at all.
    private static object Next(Random random, int depth)
    {
        switch (random.Next(depth == 0 ? 3 : 6))
        {
            case 0:
                return (long)random.Next(2);
            case 1:
                return random.Next(2) == 0 ? 1.0 : 0.5;
            case 2:
                return (Atom)(random.Next(2) == 0 ? "a" : "Upper");
            case 3:
                return Tuple.Of(Next(random, depth - 1), Next(random, depth - 1));
            default:
                Atom[] names = ["a", "b", "with space"];
                random.Shuffle(names);
                return new NativeRecord(
                    random.Next(3) == 0 ? "m" : "n",
                    random.Next(3) == 0 ? "p" : "Q",
                    random.Next(3) != 0,
                    [.. names[..random.Next(1, 4)].Select(name => (name, Next(random, depth - 1)))]
                );
        }
    }

    /// <summary>Applies a function of records_peer to a term that goes there as a message, and returns what comes back as one.</summary>
    private async Task<object> AskErlangAsync(string function, object argument)
    {
        TaskCompletionSource<object> got = Completion<object>();
        Task<string> served = EvalAloneAsync(
            $"(fun() -> receive {{apply, From, Argument}} -> From ! records_peer:{function}(Argument), served after 10000 -> none end end)()"
        );
        _node.Spawn(async self =>
        {
            self.Send("test", "peer@127.0.0.1", Tuple.Of((Atom)"apply", self.Pid, argument));
            got.SetResult(await self.Receive());
        });
        Assert.That(await served, Is.EqualTo("served"), _erlang.Output);
        return await Within(got.Task);
    }
}
