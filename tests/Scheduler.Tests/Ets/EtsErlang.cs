using System.Diagnostics;
using CloudScale.Serialization.Etf;
using CloudScale.Testing;

namespace CloudScale.Scheduler.Tests.Ets;

/// <summary>Asks the installed Erlang what its ets makes of a batch of cases.</summary>
internal static class EtsErlang
{
    // A case is {Type, KeyPos, Rows, Calls}; the answer of each is the list of its calls' results, {error, Reason} where one raised.
    private const string Script = """
        #!/usr/bin/env escript
        -mode(compile).
        main([In, Out]) ->
            {ok, Bin} = file:read_file(In),
            ok = file:write_file(Out, term_to_binary([run(C) || C <- binary_to_term(Bin)])).

        run({Type, KeyPos, Rows, Calls}) ->
            T = ets:new(t, [Type, {keypos, KeyPos}]),
            [ets:insert(T, R) || R <- Rows],
            Answers = [answer(T, C) || C <- Calls],
            ets:delete(T),
            Answers.

        answer(T, {F, Args}) ->
            try call(F, T, Args) catch error:Reason -> {error, Reason} end.

        %% A search with a limit is run to its end: all pages, and how many results each has must not exceed the limit.
        call(paged, T, [Spec, Limit]) -> pages(ets:select(T, Spec, Limit), Limit, fun ets:select/1);
        call(paged_reverse, T, [Spec, Limit]) -> pages(ets:select_reverse(T, Spec, Limit), Limit, fun ets:select_reverse/1);
        call(F, T, Args) -> apply(ets, F, [T | Args]).

        pages('$end_of_table', _, _) -> [];
        pages({Page, Continuation}, Limit, More) when length(Page) =< Limit -> Page ++ pages(More(Continuation), Limit, More).
        """;

    internal static List Ask(IReadOnlyList<object> cases)
    {
        OtpInstallation.Require();
        string folder = Directory.CreateTempSubdirectory("cloudscale-ets-").FullName;
        try
        {
            string script = Path.Combine(folder, "ets.escript");
            string input = Path.Combine(folder, "in");
            string output = Path.Combine(folder, "out");
            File.WriteAllText(script, Script);
            File.WriteAllBytes(input, ExternalTerm.Encode(List.Of([.. cases])));
            using Process erlang = OtpInstallation.Start("escript", OtpInstallation.FreePort(), script, input, output);
            Task<string> said = erlang.StandardOutput.ReadToEndAsync();
            Task<string> complained = erlang.StandardError.ReadToEndAsync();
            if (!erlang.WaitForExit(TimeSpan.FromSeconds(60)))
            {
                erlang.Kill(entireProcessTree: true);
                Assert.Fail("escript did not end in 60 s");
            }

            Assert.That(erlang.ExitCode, Is.Zero, said.Result + complained.Result);
            EtfDecodeContext context = new(EtfLimits.Trusted);
            DecodeStatus status = ExternalTerm.TryDecode(File.ReadAllBytes(output), context, out object? answer, out _);
            Assert.That(status, Is.EqualTo(DecodeStatus.Ok));
            return (List)answer!;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
