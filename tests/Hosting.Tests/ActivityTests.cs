using System.Diagnostics;
using CloudScale.Scheduling;
using Microsoft.Extensions.Hosting;

namespace CloudScale.Hosting.Tests;

/// <summary>Distributed traces through calls.</summary>
[NonParallelizable]
public sealed class ActivityTests : HostFixture
{
    private sealed class Front : GenServer
    {
        protected override async ProcessTask<Next> HandleCall(object request, From from)
        {
            object answer = await Self.Call("back", request);
            return Reply(Tuple.Of(Atoms.Ok, answer));
        }
    }

    private sealed class Back : GenServer
    {
        protected override ProcessTask<Next> HandleCall(object request, From from) =>
            Reply(Activity.Current?.OperationName is { } name ? name : Atoms.Undefined);
    }

    private static async Task<Node> WithServersAsync(Task<Node> starting)
    {
        Node node = await starting;
        await node.StartAsync(new Back(), new StartOptions { Name = "back" });
        await node.StartAsync(new Front(), new StartOptions { Name = "front" });
        return node;
    }

    [Test]
    public async Task Call_ThroughTwoServers_IsOneTrace()
    {
        HostApplicationBuilder builder = NewBuilder();
        builder.AddCloudScale();
        Node node = await WithServersAsync(StartAsync(builder));
        List<Activity> ended = [];
        using ActivityListener listener = new()
        {
            ShouldListenTo = source => source.Name is CallActivities.SourceName or "tests",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                lock (ended)
                    ended.Add(activity);
            },
        };
        ActivitySource.AddActivityListener(listener);
        using ActivitySource tests = new("tests");
        Activity request = tests.StartActivity("request")!;
        object answer = await Within(node.CallAsync("front", (Atom)"question"));
        Assert.That(Activity.Current, Is.SameAs(request), "the caller's own stays");
        request.Stop();
        Assert.That(Term.Format(answer), Is.EqualTo("{ok,'process back'}"), "it is current in the callback");
        await Eventually.TrueAsync(
            () =>
            {
                lock (ended)
                    return ended.Count == 3;
            },
            "three activities"
        );
        Activity front = ended.Single(activity => activity.OperationName == "process front");
        Activity back = ended.Single(activity => activity.OperationName == "process back");
        Assert.That(front.ParentSpanId, Is.EqualTo(request.SpanId));
        Assert.That(back.ParentSpanId, Is.EqualTo(front.SpanId));
        Assert.That(back.TraceId, Is.EqualTo(request.TraceId));
        Assert.That(front.Kind, Is.EqualTo(ActivityKind.Consumer));
        Assert.That(front.GetTagItem("messaging.system"), Is.EqualTo("cloudscale"));
        Assert.That(front.GetTagItem("messaging.destination.name"), Is.EqualTo("front"));
    }

    [Test]
    public async Task Call_NobodyListens_HasNoActivity()
    {
        HostApplicationBuilder builder = NewBuilder();
        builder.AddCloudScale();
        Node node = await WithServersAsync(StartAsync(builder));
        Assert.That(CallActivities.IsOn, Is.False);
        Assert.That(await Within(node.CallAsync("back", (Atom)"question")), Is.EqualTo(Atoms.Undefined));
    }
}
