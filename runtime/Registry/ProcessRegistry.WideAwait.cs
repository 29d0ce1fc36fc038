using CloudScale.Runtime.Behaviours;

namespace CloudScale;

/// <content>Waiting for a key on several nodes.</content>
public sealed partial class ProcessRegistry
{
    /// <summary>
    /// How long another node is asked to wait at a time. Nobody there hears that we have stopped waiting, so its process ends by itself after this.
    /// </summary>
    private static readonly TimeSpan s_turn = TimeSpan.FromSeconds(10);

    /// <summary>Waits until somebody bears a unique key on any of several nodes: gproc's <c>wide_await</c>.</summary>
    /// <remarks>Other nodes are asked by <c>erpc</c> for <c>gproc:await/2</c>, which ours answer, and Erlang's where gproc runs. A node that cannot be asked is left out; if none is left, so is the wait.</remarks>
    /// <param name="self">Who waits.</param>
    /// <param name="nodes">The nodes; this one may be among them.</param>
    /// <param name="key">The key.</param>
    /// <param name="timeout">How long; for ever by default.</param>
    /// <exception cref="ProcessExitException">
    /// Nobody has come in time, <c>{timeout, {gproc, wide_await, [Nodes, Key, Timeout]}}</c>; or no node could be asked, with <c>noconnection</c> or another reason of the last in the place of <c>timeout</c>.
    /// </exception>
    public async ProcessTask<RegistryEntry> WideAwait(Self self, IReadOnlyList<Atom> nodes, RegistryKey key, TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        TimeSpan patience = timeout ?? Timeout.InfiniteTimeSpan;
        Pid asker = self.Pid;
        List<Pid> helpers = [];
        ReceiveMark mark = self.Mark();
        foreach (Atom node in nodes.Distinct())
            helpers.Add(self.Spawn(child => AwaitAtAsync(child, asker, node, key, patience)));
        List<Reference> monitors = [];
        foreach (Pid helper in helpers)
            monitors.Add(self.Monitor(helper));
        object reason = Atoms.Timeout;
        Received<object> news = default;
        Deadline deadline = new(self, patience);
        for (int left = helpers.Count; left > 0; left--)
        {
            news = await self.TryReceive<object>(
                message =>
                    message is WideAwaited found
                        ? helpers.Contains(found.Helper)
                        : message is Down down && monitors.Contains(down.Reference),
                deadline.Left,
                mark
            );
            if (news.HasValue && news.Value is Down failed)
                reason = failed.Reason;
            else
                break;
        }

        foreach (Pid helper in helpers)
            self.Exit(helper, Atoms.Kill);
        foreach (Reference monitor in monitors)
            self.Demonitor(monitor, flush: true);
        while ((await self.TryReceive<WideAwaited>(found => helpers.Contains(found.Helper), TimeSpan.Zero, mark)).HasValue) { }
        if (news is { HasValue: true, Value: WideAwaited awaited })
            return awaited.Entry;
        List arguments = List.Of(
            List.Of([.. nodes]),
            key.ToTerm(),
            timeout is null ? Atom.Of("infinity") : (object)(long)patience.TotalMilliseconds
        );
        throw new ProcessExitException(
            Tuple.Of(news.HasValue ? reason : Atoms.Timeout, Tuple.Of(RegistryChange.Tag, Atom.Of("wide_await"), arguments))
        );
    }

    private async ProcessTask AwaitAtAsync(Self self, Pid asker, Atom node, RegistryKey key, TimeSpan patience)
    {
        self.Monitor(asker); // who waits may be killed, and with him goes the waiting
        if (ReferenceEquals(node, self.Pid.Node.Name))
        {
            Reference reference = BeginAwait(self, key);
            object first = await self.Receive<object>(message =>
                message is Down || message is RegistryAwaited it && it.Reference == reference
            );
            if (first is RegistryAwaited { Entry: var entry })
                self.Send(asker, new WideAwaited(self.Pid, entry));
            return;
        }

        Deadline deadline = new(self, patience);
        while (true)
        {
            TimeSpan turn = deadline.Left == Timeout.InfiniteTimeSpan || deadline.Left > s_turn ? s_turn : deadline.Left;
            ErpcRequest request = Erpc.SendRequest(self, node, "gproc", "await", List.Of(key.ToTerm(), (long)turn.TotalMilliseconds));
            try
            {
                if (await Erpc.Receive(self, request) is Tuple and [Pid pid, var value])
                    self.Send(asker, new WideAwaited(self.Pid, new RegistryEntry(key, pid, value)));
                return;
            }
            catch (ErpcException exception)
            {
                self.Exit(exception.Cause);
            }
            catch (ErlangException exception) when (IsTimeout(exception.Reason))
            {
                if ((await self.TryReceive<Down>(TimeSpan.Zero)).HasValue || deadline.Left == TimeSpan.Zero)
                    return;
            }
            catch (ErlangException exception)
            {
                self.Exit(exception.Reason);
            }
        }
    }

    // {exception, {timeout, {gproc, await, [Key, Timeout]}}}
    private static bool IsTimeout(object reason) =>
        reason is Tuple and [Atom { Name: "exception" }, Tuple and [Atom why, ..]] && ReferenceEquals(why, Atoms.Timeout);

    private sealed record WideAwaited(Pid Helper, RegistryEntry Entry);
}
