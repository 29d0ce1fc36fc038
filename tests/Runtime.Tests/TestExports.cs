using System.Diagnostics.CodeAnalysis;

namespace CloudScale.Runtime.Tests;

/// <summary>What the nodes of these tests let others start.</summary>
internal sealed class TestExports : IRemoteSpawn
{
    public bool TryFind(Atom module, Atom function, int arity, [NotNullWhen(true)] out Func<Self, List, ProcessTask>? body)
    {
        body = (module.Name, function.Name, arity) switch
        {
            ("ours", "echo", 1) => EchoAsync, // echo(Tag): every message back to its sender, as {Tag, Message, group_leader}
            ("ours", "exit", 1) => ExitAsync, // exit(Reason)
            ("ours", "say", 2) => SayAsync, // say(Pid, What)
            ("ours", "wait", 0) => WaitAsync,
            _ => null,
        };
        return body is not null;
    }

    private static async ProcessTask EchoAsync(Self self, List arguments)
    {
        while (await self.Receive() is Tuple and [Pid from, var any])
            self.Send(from, Tuple.Of(arguments[0], any, self.GroupLeader));
    }

    private static async ProcessTask ExitAsync(Self self, List arguments)
    {
        await self.Yield();
        self.Exit(arguments[0]);
    }

    private static async ProcessTask SayAsync(Self self, List arguments)
    {
        self.Send((Pid)arguments[0], arguments[1]);
        await self.Receive();
    }

    private static async ProcessTask WaitAsync(Self self, List arguments) => await self.Receive();
}
