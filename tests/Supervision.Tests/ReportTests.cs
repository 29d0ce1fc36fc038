using Microsoft.Extensions.Logging;

namespace CloudScale.Supervision.Tests;

/// <summary>What a supervisor tells the node's logger, with OTP's fields.</summary>
public sealed class ReportTests : SupervisorFixture
{
    private string Only(string context) =>
        Log.Lines.Single(line => line.Level == LogLevel.Error && line.Text.Contains($"Context: {context}.", StringComparison.Ordinal)).Text;

    [Test]
    public void Start_OfAChild_IsProgress()
    {
        Pid supervisor = Start(Of(RestartStrategy.OneForOne, Child("a", ChildRestart.Transient)));
        Pid child = PidOf(supervisor, "a");
        string text = Log.Lines.Single(line => line.Level == LogLevel.Debug).Text;
        Assert.Multiple(() =>
        {
            Assert.That(
                text,
                Does.StartWith(
                    $"Supervisor: {{{supervisor},'CloudScale.Supervision.Tests.Given'}}. Started: [{{pid,{child}}},{{id,a}},{{mfargs,{{"
                )
            );
            Assert.That(text, Does.EndWith("{restart_type,transient},{significant,false},{shutdown,5000},{child_type,worker}]."));
        });
    }

    [Test]
    public void End_OfAChild_IsReportedWithItsPid()
    {
        Pid supervisor = Run(async self =>
            (await self.Start(new Given(Of(RestartStrategy.OneForOne, Child("a"))), new StartOptions { Name = "tree" })).Pid
        );
        Pid child = PidOf(supervisor, "a");
        End(child, Crash);
        Assert.That(
            Only("child_terminated"),
            Does.StartWith($"Supervisor: {{local,tree}}. Context: child_terminated. Reason: crash. Offender: [{{pid,{child}}},{{id,a}},")
        );
    }

    [Test]
    public void Stop_OfManyDynamicChildrenThatFail_IsOneReport()
    {
        ChildSpec stubborn = new((Atom)"stubborn", _ => new Worker("s", Journal) { Slow = Seconds(60) }) { Shutdown = Seconds(1) };
        Pid supervisor = Start(new SupervisorInit(new SupervisorFlags { Strategy = RestartStrategy.SimpleOneForOne }, [stubborn]));
        Run(async self =>
        {
            for (int i = 0; i < 3; i++)
                await self.StartChild(supervisor);
            await self.Stop(supervisor);
            return true;
        });
        Assert.That(Only("shutdown_error"), Does.Contain("Reason: killed. Offender: [{nb_children,3},{id,stubborn},"));
    }
}
