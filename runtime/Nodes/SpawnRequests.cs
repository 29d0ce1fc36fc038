using CloudScale.Interop.Connections;
using CloudScale.Serialization.Etf;
using Microsoft.Extensions.Logging;

namespace CloudScale.Runtime;

/// <summary>Starts processes that other nodes ask for.</summary>
/// <remarks>
/// As in OTP the process is started whatever the function is: it decodes its own arguments, looks for the function, and exits with <c>undef</c> where there is none, so that
/// whoever linked or monitors it hears of it as of any exit. Threads: the connection's read loop; the new process.
/// </remarks>
internal sealed partial class SpawnRequests(Node node, ILogger logger)
{
    private static readonly Atom s_undef = Atom.Of("undef");
    private static readonly Atom s_badArgument = Atom.Of("badarg");
    private static readonly Atom s_badOption = Atom.Of("badopt");
    private static readonly Atom s_systemLimit = Atom.Of("system_limit");
    private long _refused;

    /// <summary>How many processes found nothing to run.</summary>
    internal long Refused => Interlocked.Read(ref _refused);

    /// <summary>A request of another node; its arguments stay in their bytes until the new process looks at them.</summary>
    internal void Take(SpawnRequest request, EncodedTerm arguments)
    {
        byte[] bytes = arguments.Bytes.ToArray();
        EtfDecodeContext context = arguments.Context;
        Atom[]? atoms = arguments.HeaderAtoms;
        bool hasVersion = arguments.HasVersion;
        Start(request, () => (hasVersion ? new EncodedTerm(bytes, context) : new EncodedTerm(bytes, context, atoms ?? [])).Decode());
    }

    /// <summary>A request of this node's own.</summary>
    internal void Take(SpawnRequest request) => Start(request, () => request.Arguments);

    private void Start(SpawnRequest request, Func<object?> arguments)
    {
        if (!SpawnOptionList.TryParse(request.Options, out SpawnOptionList options))
        {
            Reply(request, SpawnReplyFlags.None, s_badOption);
            return;
        }

        SpawnReplyFlags flags =
            (options.Link ? SpawnReplyFlags.Linked : SpawnReplyFlags.None)
            | (options.Monitor ? SpawnReplyFlags.Monitored : SpawnReplyFlags.None);
        try
        {
            node.Processes.DeliverSpawn(
                request.From,
                options.Monitor ? request.Reference : default,
                self => Run(self, request, arguments()),
                new SpawnOptions
                {
                    Link = options.Link,
                    Priority = options.Priority,
                    GroupLeader = request.GroupLeader,
                },
                pid => Reply(request, flags, pid)
            );
        }
        catch (SystemLimitException)
        {
            Reply(request, SpawnReplyFlags.None, s_systemLimit);
        }
        catch (InvalidOperationException)
        {
            Reply(request, SpawnReplyFlags.None, Atoms.NoConnection); // the node is stopping; soon there will be none
        }
    }

    private void Reply(SpawnRequest request, SpawnReplyFlags flags, object result)
    {
        if (ReferenceEquals(request.From.Node.Name, node.Name))
            node.Processes.DeliverSpawnReply(
                request.Reference,
                request.From,
                result,
                (flags & SpawnReplyFlags.Linked) != 0,
                (flags & SpawnReplyFlags.Monitored) != 0
            );
        else
            node.Distribution!.SpawnReply(request.Reference, request.From, flags, result);
    }

    private ProcessTask Run(Self self, SpawnRequest request, object? arguments)
    {
        if (arguments is not List { IsProper: true } list)
        {
            self.Exit(s_badArgument); // bytes that are no term have ended the connection, too
            return default;
        }

        if (node.RemoteSpawn.TryFind(request.Module, request.Function, list.Count, out Func<Self, List, ProcessTask>? body))
            return body(self, list);

        Interlocked.Increment(ref _refused);
        LogRefused(logger, request.From, request.Module, request.Function, list.Count);
        self.Exit(Tuple.Of(s_undef, List.Of(Tuple.Of(request.Module, request.Function, list, List.Empty))));
        return default;
    }

    [LoggerMessage(
        LogLevel.Warning,
        "{From} asked for a process that begins with {Module}:{Function}/{Arity}, which this node does not export."
    )]
    private static partial void LogRefused(ILogger logger, Pid from, Atom module, Atom function, int arity);
}
