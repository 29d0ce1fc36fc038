namespace CloudScale.Scheduler.Tests;

/// <summary>Sends to a process of which is known what it takes.</summary>
public sealed class TypedSendTests
{
    [Test]
    public void Send_ToATypedPid_ArrivesAsAnyOther()
    {
        SteppedSystem system = new();
        List<Command> got = [];
        Pid<Command> server =
            (Pid<Command>)
                system.Run(async self =>
                {
                    while (true)
                        got.Add(await self.Receive<Command>());
                });
        system.Run(self =>
        {
            self.Send(server, new Start(1));
            self.Send(server, new Stop());
            self.Send(server.Untyped, new Start(2));
            return default;
        });
        Assert.That(got, Is.EqualTo(new Command[] { new Start(1), new Stop(), new Start(2) }));
    }

    private abstract record Command;

    private sealed record Start(int Number) : Command;

    private sealed record Stop : Command;
}
