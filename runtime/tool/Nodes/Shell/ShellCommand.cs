using System.CommandLine;
using CloudScale.Tool.Terms;

namespace CloudScale.Tool.Nodes.Shell;

/// <summary><c>cloudscale shell</c>: calls of a node's functions, one after the other.</summary>
/// <remarks>It evaluates nothing: a line is a call whose arguments are terms and variables. So it asks of a node no more than other nodes may call anyway.</remarks>
internal static class ShellCommand
{
    private const string Help = """
        Module:Function(Term, …)      calls it at the node; Function(…) alone is one of module erlang
        Name = Module:Function(…)     and keeps the result: Name may stand for it in terms
        Tab                           completes modules and functions
        bindings()  forget()          shows and forgets the names
        help()      exit()            this text; leaves
        """;

    public static Command Create(ToolConsole console)
    {
        Command command = new("shell", "Calls functions of a node, line by line, with completion over what it exports.");
        PeerOptions options = new(command);
        command.SetPeerAction(
            console,
            options,
            async (_, peer, cancellationToken) =>
            {
                Session session = new(console, peer, await peer.IdentityAsync());
                LineEditor? editor = console.IsInteractive ? new LineEditor(Completion.Of(peer)) : null;
                if (editor is not null)
                    console.WriteLine($"At {peer.Name.Name}. help() tells what can be typed; Ctrl-D leaves.");
                while (true)
                {
                    string? line = editor is not null
                        ? await editor.ReadAsync($"({peer.Name.Name}) ")
                        : await console.Input.ReadLineAsync(cancellationToken);
                    if (line is null || !await session.TakeAsync(line, cancellationToken))
                        return NodeCommand.Ok;
                }
            }
        );
        return command;
    }

    /// <summary>What has been typed so far.</summary>
    private sealed class Session(ToolConsole console, Peer peer, NodeIdentity identity)
    {
        private readonly Dictionary<string, object> _bindings = [];

        /// <summary>Does what a line says; false to leave.</summary>
        public async Task<bool> TakeAsync(string line, CancellationToken cancellationToken)
        {
            switch (line.Trim().TrimEnd('.'))
            {
                case "":
                    return true;
                case "exit()" or "q()" or "halt()":
                    return false;
                case "help()" or "help":
                    console.WriteLine(Help);
                    return true;
                case "bindings()" or "b()":
                    foreach ((string name, object value) in _bindings)
                        console.WriteLine(IoLib.Format("~ts = ~tp", name, value));
                    return true;
                case "forget()" or "f()":
                    _bindings.Clear();
                    return true;
            }

            try
            {
                TermCall call = TermParser.ParseCall(line, _bindings, identity);
                if (call.Variable is { } taken && _bindings.ContainsKey(taken))
                    throw new ToolException($"'{taken}' is bound; forget() forgets all names.");
                object answer = await peer.CallAsync(call.Module, call.Function, [.. call.Arguments]).WaitAsync(cancellationToken);
                if (call.Variable is { } variable and not "_")
                    _bindings[variable] = answer;
                console.WriteLine(IoLib.Format("~tp", answer));
            }
            catch (Exception exception) when (NodeCommand.Describe(exception) is { } text)
            {
                console.WriteLine(text);
            }

            return true;
        }
    }
}
