namespace CloudScale.Samples.InteropNode.Services;

/// <summary><c>spawner</c>: <c>{new_agent, From, Ref}</c> is answered with <c>{Ref, Pid}</c> of a new agent, which is linked to nobody.</summary>
internal static class Spawner
{
    internal static Func<Self, ProcessTask> Of(FunctionTable functions) =>
        async self =>
        {
            while (true)
            {
                if (await self.Receive() is Tuple and [Atom { Name: "new_agent" }, var from, var reference])
                    Destination.TrySend(self, from, Tuple.Of(reference, self.Spawn(agent => Agent.Run(agent, functions))));
            }
        };
}
