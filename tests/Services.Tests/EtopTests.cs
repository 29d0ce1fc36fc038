using System.Diagnostics;

namespace CloudScale.Services.Tests;

/// <summary>Erlang's own tools, pointed at our node.</summary>
[Category("OtpNode")]
public sealed class EtopTests : PeerFixture
{
    private async Task RequireAsync(string module)
    {
        if (await EvalAsync($"code:which({module})") == "non_existing")
            Assert.Ignore($"No module {module} in this Erlang/OTP: the package erlang-observer is needed, or ERL_LIBS that leads to it.");
    }

    [TestCase("")]
    [TestCase(", {tracing, off}")]
    public async Task Etop_Text_ShowsLiveProcesses(string option)
    {
        await RequireAsync("etop");
        Pid busy = Ours.Spawn(
            async self =>
            {
                for (int i = 0; i < 1_000_000; i++)
                    await self.Yield();
                await self.Receive<string>();
            },
            new SpawnOptions { Name = "busy_one" }
        );
        Pid idle = Ours.Spawn(async self => await self.Receive<string>(), new SpawnOptions { Name = "full_one" });
        for (long i = 0; i < 12_345; i++)
            Ours.Send(idle, i);
        using Process etop = OtpInstallation.Start(
            "erl",
            Epmd.Port,
            "-noshell",
            "-hidden",
            "-name",
            $"etop{option.Length}@127.0.0.1",
            "-setcookie",
            Cookie,
            "-start_epmd",
            "false",
            "-eval",
            $"etop:start([{{node,{Here}}},{{output,text}},{{lines,20}},{{interval,1}}{option}])."
        );
        string? failure = null;
        try
        {
            List<string> lines = [];
            Task<string?> next = etop.StandardOutput.ReadLineAsync();
            long start = Environment.TickCount64;
            while (
                !(lines.Any(line => line.Contains("busy_one")) && lines.Any(line => line.Contains("full_one") && line.Contains("12345")))
            )
            {
                if (await Within(next) is not { } line || Environment.TickCount64 - start > 15_000)
                    break;
                lines.Add(line);
                next = etop.StandardOutput.ReadLineAsync();
            }

            string output = string.Join('\n', lines);
            TestContext.Out.WriteLine(output);
            failure = output.Contains("busy_one") && output.Contains("12345") ? null : output;
        }
        finally
        {
            etop.Kill();
            await etop.WaitForExitAsync();
            Ours.Exit(busy, Atoms.Kill);
            Ours.Exit(idle, Atoms.Kill);
        }

        await Eventually.TrueAsync(() => Ours.WhereIs("busy_one").IsNone && Ours.WhereIs("full_one").IsNone, "both are gone");
        Assert.That(failure, Is.Null, "what etop has shown instead of our processes");
    }

    /// <summary>What etop asks of a node before and since OTP 27, whichever it is here.</summary>
    [Test]
    public async Task Relay_InASessionOrNot_HoldsItsPortUntilItIsToldToEnd([Values] bool inASession)
    {
        int port = OtpInstallation.FreePort();
        string session = inASession ? "etop_tr, " : "";
        string started = inASession ? "{started, Relay, Session}" : "{started, Relay}";
        string named = inASession ? "Session, " : "";
        string conversation = $$"""
            Relay = spawn_link({{Here}}, dbg, do_relay, [{{session}}self(), {port, dbg:trace_port(ip, {{{port}}, 5000})}]),
            receive {{started}} ->
                Count = rpc:call({{Here}}, dbg, erlang_trace, [{{named}}all, true, [running, timestamp]]),
                {ok, Socket} = gen_tcp:connect("127.0.0.1", {{port}}, []),
                Flushed = rpc:call({{Here}}, dbg, deliver_and_flush, [{{named}}Relay]),
                unlink(Relay), exit(Relay, shutdown),
                receive {tcp_closed, Socket} -> {is_integer(Count), Flushed} after 5000 -> still_open end
            after 5000 -> not_started end
            """;
        Assert.That(await EvalAsync(conversation), Is.EqualTo("{true,ok}"));
    }
}
