namespace CloudScale.Perf.Macro.Scenarios;

/// <summary>Calls as OTP's <c>gen:call</c> makes them: the same messages, a monitor, an alias, a time-out of five seconds. Twin: <c>gen_call.erl</c>, a plain gen_server.</summary>
internal sealed class GenCall : Scenario
{
    private static readonly Atom s_next = Atom.Of("next");
    private static readonly Atom s_stop = Atom.Of("stop");

    // An operation is one call; count of them by each of width callers, all to one server.
    public override async ProcessTask<long> Round(Self self, int width, int count)
    {
        Pid driver = self.Pid;
        Pid server = self.Spawn(Server);
        for (int caller = 0; caller < width; caller++)
            self.Spawn(member => Caller(member, driver, server, count));
        for (int left = width; left > 0; left--)
            await self.Receive<Atom>();
        await self.Call(server, s_stop);
        return (long)width * count;
    }

    private static async ProcessTask Caller(Self self, Pid driver, Pid server, int count)
    {
        for (int left = count; left > 0; left--)
            if (await self.Call(server, s_next) is not long)
                throw new InvalidOperationException("a reply is a number");
        self.Send(driver, Done);
    }

    private static async ProcessTask Server(Self self)
    {
        long state = 0;
        while (true)
        {
            CloudScale.GenCall call = await self.Receive<CloudScale.GenCall>();
            self.Reply(call.From, ++state);
            if (ReferenceEquals(call.Request, s_stop))
                return;
        }
    }
}
