namespace CloudScale.Samples.InteropNode.Services;

/// <summary>A worker of the supervisors: <c>{From, Ref, id}</c> is answered with <c>{Ref, Id}</c>, and <c>{exit, R}</c> ends it.</summary>
internal static class Worker
{
    internal static ProcessTask<StartResult> Start(Self self, object id) =>
        self.StartProcess(
            (worker, start) =>
            {
                start.Ok(worker);
                return Run(worker, id);
            }
        );

    private static async ProcessTask Run(Self self, object id)
    {
        while (true)
        {
            switch (await self.Receive())
            {
                case Tuple and [var from, var reference, Atom { Name: "id" }]:
                    Destination.TrySend(self, from, Tuple.Of(reference, id));
                    break;
                case Tuple and [Atom { Name: "exit" }, var reason]:
                    throw new ProcessExitException(reason);
            }
        }
    }
}
