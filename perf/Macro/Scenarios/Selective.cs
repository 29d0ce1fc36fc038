namespace CloudScale.Perf.Macro.Scenarios;

/// <summary>Calls made by a process whose mailbox holds a backlog that no call matches. Twin: <c>selective.erl</c>.</summary>
internal sealed class Selective : Scenario
{
    private static readonly Atom s_stop = Atom.Of("stop");

    // An operation is one call: a fresh reference sent to a server, the answer taken past width messages.
    public override async ProcessTask<long> Round(Self self, int width, int count)
    {
        Pid driver = self.Pid;
        self.Spawn(client => Client(client, driver, width, count));
        await self.Receive<Atom>();
        return count;
    }

    private static async ProcessTask Client(Self self, Pid driver, int backlog, int count)
    {
        Pid server = self.Spawn(Server);
        for (int number = 1; number <= backlog; number++)
            self.Send(self.Pid, new Backlog(number));
        for (int left = count; left > 0; left--)
            await Call(self, server);
        self.Send(server, s_stop);
        self.Send(driver, Done);
    }

    private static async ProcessTask Call(Self self, Pid server)
    {
        // The mark is taken before the reference can travel: no answer to it lies before the mark.
        ReceiveMark mark = self.Mark();
        Reference reference = self.MakeReference();
        self.Send(server, new Request(self.Pid, reference));
        await self.Receive<Reference>(answer => answer == reference, mark: mark);
    }

    private static async ProcessTask Server(Self self)
    {
        while (await self.Receive() is Request request)
            self.Send(request.From, request.Reference);
    }

    private sealed record Backlog(int Number);

    private sealed record Request(Pid From, Reference Reference);
}
