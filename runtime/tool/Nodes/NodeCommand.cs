using System.CommandLine;
using CloudScale.Interop.Epmd;
using CloudScale.Tool.Terms;

namespace CloudScale.Tool.Nodes;

/// <summary>How the commands run that talk to a node: connected first, and every failure that is not ours a line on the error output and exit code 1.</summary>
internal static class NodeCommand
{
    public const int Ok = 0;
    public const int Failed = 1;

    /// <summary>Sets what a command does with a connected peer.</summary>
    public static void SetPeerAction(
        this Command command,
        ToolConsole console,
        PeerOptions options,
        Func<ParseResult, Peer, CancellationToken, Task<int>> action
    ) =>
        command.SetGuardedAction(
            console,
            async (result, cancellationToken) =>
            {
                await using Peer peer = await options.ConnectAsync(result, cancellationToken);
                return await action(result, peer, cancellationToken);
            }
        );

    /// <summary>Sets what a command does.</summary>
    public static void SetGuardedAction(
        this Command command,
        ToolConsole console,
        Func<ParseResult, CancellationToken, Task<int>> action
    ) =>
        command.SetAction(
            async (result, cancellationToken) =>
            {
                try
                {
                    return await action(result, cancellationToken);
                }
                catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
                {
                    return Ok; // Ctrl-C is how one leaves
                }
                catch (Exception exception) when (Describe(exception) is { } text)
                {
                    await console.Error.WriteLineAsync(text);
                    return Failed;
                }
            }
        );

    /// <summary>What went wrong, for a person; null for what is a fault of ours.</summary>
    public static string? Describe(Exception exception) =>
        exception switch
        {
            ToolException or EpmdException => exception.Message,
            TermSyntaxException syntax => $"{syntax.Message}",
            ErpcException { Cause: Atom { Name: "timeout" } } or TimeoutException => "No answer in time; --timeout gives more of it.",
            ErpcException { Cause: Atom { Name: "noconnection" } } => "The connection is lost.",
            ErlangException { Reason: Tuple and [Atom { Name: "exception" }, var reason, List stack] } => Failure("error", reason, stack),
            ErlangException { Reason: Tuple and [Atom { Name: "exception" or "signal" }, var reason] } => Failure(
                "exit",
                reason,
                List.Empty
            ),
            ErlangException failed => Failure(failed.Class.ToAtom().Name, failed.Reason, failed.Stack),
            RpcException failed => Failure("badrpc", failed.Reason, List.Empty),
            ProcessExitException exit => Failure("exit", exit.Reason, List.Empty),
            _ => null,
        };

    private static string Failure(string kind, object reason, List stack) =>
        IoLib.Format("** ~s: ~tp", List.FromString(kind), reason)
        + string.Concat(stack.Take(8).Select(frame => "\n   " + IoLib.Format("~tP", frame, 12L)));
}
