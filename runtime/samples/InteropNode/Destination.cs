namespace CloudScale.Samples.InteropNode;

/// <summary>What stands on the left of Erlang's <c>!</c>: a pid, an alias, a registered name, or <c>{Name, Node}</c>.</summary>
internal static class Destination
{
    /// <summary>Sends. Whoever is not there misses it.</summary>
    /// <returns>Whether <paramref name="to"/> is a destination, and, if it is a name of this node, whether anybody bears it.</returns>
    internal static bool TrySend(Self self, object to, object message)
    {
        switch (to)
        {
            case Pid pid:
                self.Send(pid, message);
                return true;
            case Reference alias:
                self.Send(alias, message);
                return true;
            case Atom name:
                return self.System.Send(name, message);
            case Tuple and [Atom name, Atom node]:
                self.Send(name, node, message);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Sends, and waits while the connection to the receiver is busy: who sends many messages must not outrun the network.</summary>
    /// <returns>As <see cref="TrySend"/>.</returns>
    internal static async ProcessTask<bool> TrySendAsync(Self self, object to, object message)
    {
        if (to is Pid pid)
        {
            await self.SendAsync(pid, message);
            return true;
        }

        if (!TrySend(self, to, message))
            return false;
        await self.Yield(); // a process that a busy connection holds is held here
        return true;
    }
}
