namespace CloudScale.Samples.InteropNode.Services;

/// <summary><c>echo</c>: <c>{From, Msg}</c> is answered with <c>{self(), Msg}</c>.</summary>
internal static class Echo
{
    internal static async ProcessTask Run(Self self)
    {
        while (true)
        {
            if (await self.Receive() is Tuple and [var from, var message])
                Destination.TrySend(self, from, Tuple.Of(self.Pid, message));
        }
    }
}
