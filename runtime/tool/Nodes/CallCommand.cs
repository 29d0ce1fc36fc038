using System.CommandLine;
using CloudScale.Tool.Terms;

namespace CloudScale.Tool.Nodes;

/// <summary><c>cloudscale call</c>: one function of a node.</summary>
internal static class CallCommand
{
    public static Command Create(ToolConsole console)
    {
        Command command = new("call", "Calls a function of a node and prints what it returns: cloudscale call n@h lists seq 1 3");
        PeerOptions options = new(command);
        Argument<string> module = new("module") { Description = "The module." };
        Argument<string> function = new("function") { Description = "The function." };
        Argument<string[]> arguments = new("argument")
        {
            Description = "Each an Erlang term: 42, ok, \"text\", '<<\"binary\">>', '{a, [1, 2]}', '#{k => v}', '<0.90.0>'.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        command.Arguments.Add(module);
        command.Arguments.Add(function);
        command.Arguments.Add(arguments);
        command.SetPeerAction(
            console,
            options,
            async (result, peer, cancellationToken) =>
            {
                string[] texts = result.GetValue(arguments) ?? [];
                NodeIdentity? identity = texts.Any(text => text.Contains('<', StringComparison.Ordinal))
                    ? await peer.IdentityAsync()
                    : null;
                object[] terms = [.. texts.Select(text => TermParser.Parse(text, null, identity))];
                object answer = await peer.CallAsync(Name(result.GetRequiredValue(module)), Name(result.GetRequiredValue(function)), terms)
                    .WaitAsync(cancellationToken);
                console.WriteLine(IoLib.Format("~tp", answer));
                return NodeCommand.Ok;
            }
        );
        return command;
    }

    /// <summary>A name as it is: Elixir's modules and quoted atoms need no second quotes here.</summary>
    private static Atom Name(string text) => text is ['\'', .. var inner, '\''] ? Atom.Of(inner) : Atom.Of(text);
}
