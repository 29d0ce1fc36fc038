namespace CloudScale.Samples.InteropNode.Services;

/// <summary>An agent: a process that does as it is told, <c>{cmd, From, Ref, Command}</c>, and keeps everything else it receives.</summary>
internal static class Agent
{
    private static readonly Tuple s_badArgument = Tuple.Of((Atom)"raise", (Atom)"error", (Atom)"badarg");

    internal static async ProcessTask Run(Self self, FunctionTable functions)
    {
        List<object> inbox = [];
        while (true)
        {
            object message = await self.Receive();
            if (message is not (Tuple and [Atom { Name: "cmd" }, var from, var reference, var command]))
            {
                inbox.Add(message); // signals and late answers too
                continue;
            }

            if (command is Tuple and [Atom { Name: "exit" }, var reason])
                throw new ProcessExitException(reason);
            Destination.TrySend(self, from, Tuple.Of(reference, await Obey(self, functions, command, inbox)));
            if (command is Tuple and [Atom { Name: "pause" }, var ms] && Milliseconds.TryFrom(ms, out TimeSpan pause))
                await self.Sleep(pause);
        }
    }

    private static async ProcessTask<object> Obey(Self self, FunctionTable functions, object command, List<object> inbox)
    {
        switch (command)
        {
            case Tuple and [Atom { Name: "apply" }, Atom module, Atom function, List { IsProper: true } arguments]:
                CallOutcome outcome = await functions.TryApply(self, module, function, arguments);
                return outcome.Failure is { } failure
                    ? Tuple.Of((Atom)"raise", failure.ToAtom(), outcome.Value)
                    : Tuple.Of(Atoms.Ok, outcome.Value);
            case Atom { Name: "inbox" }:
                List messages = List.Create([.. inbox]);
                inbox.Clear();
                return Tuple.Of(Atoms.Ok, messages);
            case Tuple and [Atom { Name: "send_many" }, var to, var tag, long count and >= 0]:
                return await SendMany(self, to, count, number => Tuple.Of(tag, number));
            case Tuple and [Atom { Name: "flood" }, var to, var tag, long count and >= 0, long size and >= 0 and <= int.MaxValue]:
                Binary zeros = new(new byte[size]);
                return await SendMany(self, to, count, number => Tuple.Of(tag, number, zeros));
            case Tuple and [Atom { Name: "pause" }, var ms] when Milliseconds.TryFrom(ms, out _):
                return Tuple.Of(Atoms.Ok, (Atom)"paused");
            default:
                return s_badArgument;
        }
    }

    private static async ProcessTask<object> SendMany(Self self, object to, long count, Func<long, object> message)
    {
        for (long number = 1; number <= count; number++)
        {
            if (!await Destination.TrySendAsync(self, to, message(number)))
                return s_badArgument;
        }

        return Tuple.Of(Atoms.Ok, count);
    }
}
