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
        main([In, Out, At]) ->
            {ok, Bin} = file:read_file(In),
            Cases = binary_to_term(Bin),
            {ok, File} = file:open(At, [write, raw]),
            put(at, File),
            ok = file:write_file(Out, term_to_binary([run(N, C) || {N, C} <- numbered(Cases)])).

        run(N, {Type, KeyPos, Rows, Calls}) ->
            T = ets:new(t, [Type, {keypos, KeyPos}]),
            [ets:insert(T, R) || R <- Rows],
            Answers = [begin at(N, M), answer(T, C) end || {M, C} <- numbered(Calls)],
            ets:delete(T),
            Answers.

        numbered(List) -> lists:zip(lists:seq(0, length(List) - 1), List).

        %% Where we are, for whoever finds this system dead.
        at(N, M) -> ok = file:pwrite(get(at), 0, io_lib:format("~6..0w ~6..0w", [N, M])).

        answer(T, {F, Args}) ->
            try call(F, T, Args) catch error:Reason -> {error, Reason} end.

        %% A search with a limit is run to its end: all pages, and how many results each has must not exceed the limit.
        call(paged, T, [Spec, Limit]) -> pages(ets:select(T, Spec, Limit), Limit, fun ets:select/1);
        call(paged_reverse, T, [Spec, Limit]) -> pages(ets:select_reverse(T, Spec, Limit), Limit, fun ets:select_reverse/1);
        call(F, T, Args) -> apply(ets, F, [T | Args]).

        pages('$end_of_table', _, _) -> [];
        pages({Page, Continuation}, Limit, More) when length(Page) =< Limit -> Page ++ pages(More(Continuation), Limit, More).
        """;

    private const int Aborted = 134; // by SIGABRT
    private const int Faulted = 139; // by SIGSEGV
    private const int MostDeaths = 6;

    /// <summary>
    /// The answers to some cases. Random searches can kill Erlang's own emulator (25.2.3 at times dies with "tag_val_def error"): the case then ends before that call, also in
    /// the list given; and if it dies again and again, there is nobody to compare with.
    /// </summary>
    internal static List Ask(List<object> cases)
    {
        OtpInstallation.Require();
        for (int deaths = 0; ; deaths++)
        {
            if (TryAsk(cases, out int number, out int call) is { } answers)
                return answers;
            if (deaths == MostDeaths)
                Assert.Ignore("This Erlang's emulator died again and again of these searches.");
            Tuple fatal = (Tuple)cases[number];
            List calls = (List)fatal[3];
            TestContext.Out.WriteLine($"Erlang died in case {number}: {fatal[0]} {calls[call]}");
            cases[number] = Tuple.Of(fatal[0], fatal[1], fatal[2], calls.Slice(0, call));
        }
    }

    private static List? TryAsk(List<object> cases, out int number, out int call)
    {
        number = 0;
        call = 0;
        string folder = Directory.CreateTempSubdirectory("cloudscale-ets-").FullName;
        try
        {
            string script = Path.Combine(folder, "ets.escript");
            string input = Path.Combine(folder, "in");
            string output = Path.Combine(folder, "out");
            string at = Path.Combine(folder, "at");
            File.WriteAllText(script, Script);
            File.WriteAllBytes(input, ExternalTerm.Encode(List.Of([.. cases])));
            using Process erlang = OtpInstallation.Start("escript", OtpInstallation.FreePort(), script, input, output, at);
            Task<string> said = erlang.StandardOutput.ReadToEndAsync();
            Task<string> complained = erlang.StandardError.ReadToEndAsync();
            if (!erlang.WaitForExit(TimeSpan.FromSeconds(60)))
            {
                erlang.Kill(entireProcessTree: true);
                Assert.Fail("escript did not end in 60 s");
            }

            if (erlang.ExitCode is Aborted or Faulted)
            {
                string[] place = File.ReadAllText(at).Split(' ');
                number = int.Parse(place[0], System.Globalization.CultureInfo.InvariantCulture);
                call = int.Parse(place[1], System.Globalization.CultureInfo.InvariantCulture);
                return null;
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
