using System.CommandLine;
using Spectre.Console;

namespace CloudScale.Tool.Nodes;

/// <summary><c>cloudscale tree</c>: who supervises whom.</summary>
/// <remarks>
/// Only supervisors are asked for children: a server would take the question for a call that it does not know, and stop. They are told by <c>$initial_call</c>, which OTP's and ours leave in the
/// dictionary of their process.
/// </remarks>
internal static class TreeCommand
{
    private const int MaxDepth = 64;

    public static Command Create(ToolConsole console)
    {
        Command command = new("tree", "Shows the supervision trees of a node, or the one below a supervisor.");
        PeerOptions options = new(command);
        Argument<string?> root = new("supervisor")
        {
            Description = "A pid or a registered name; all supervisors with a name, and those above them, by default.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<int> max = new("--max") { Description = "Most children to show of one supervisor.", DefaultValueFactory = _ => 50 };
        command.Arguments.Add(root);
        command.Options.Add(max);
        command.SetPeerAction(
            console,
            options,
            async (result, peer, cancellationToken) =>
            {
                TreeReader reader = new(peer, result.GetValue(max));
                List<(Pid Pid, string Label)> roots = result.GetValue(root) is { } text
                    ? [(await peer.FindAsync(text), text)]
                    : await reader.RootsAsync();
                Tree tree = new(Markup.Escape(peer.Name.Name));
                foreach ((Pid pid, string label) in roots)
                    await reader.AddAsync(tree.AddNode(Markup.Escape($"{label} {TreeReader.Short(pid)}")), pid, 0, cancellationToken);
                if (roots.Count == 0)
                    tree.AddNode("no supervisors");
                console.Output.Write(tree);
                return NodeCommand.Ok;
            }
        );
        return command;
    }

    /// <summary>Asks a node for its trees.</summary>
    private sealed class TreeReader(Peer peer, int max)
    {
        private static readonly Atom s_initialCall = "$initial_call";
        private static readonly Atom s_ancestors = "$ancestors";
        private readonly HashSet<Pid> _seen = [];

        /// <summary>A pid as the peer's shell shows it.</summary>
        public static string Short(Pid pid) => $"<0.{pid.Id}.{pid.Serial}>";

        /// <summary>The supervisors that have a name, or one below that has, and none above.</summary>
        public async Task<List<(Pid Pid, string Label)>> RootsAsync()
        {
            Dictionary<Pid, (string Label, List Ancestors)> supervisors = [];
            Queue<object> open = new(await peer.CallAsync("erlang", "registered") as List ?? List.Empty);
            HashSet<object> asked = [];
            while (open.TryDequeue(out object? named))
            {
                if (!asked.Add(named))
                    continue;
                object bearer = named is Atom name ? await peer.CallAsync("erlang", "whereis", name) : named;
                if (bearer is not Pid pid || pid.Node.Name != peer.Name || supervisors.ContainsKey(pid))
                    continue;
                (bool isSupervisor, List ancestors) = await DescribeAsync(pid);
                if (isSupervisor)
                    supervisors[pid] = (named is Atom known ? known.Name : "supervisor", ancestors);
                foreach (object ancestor in ancestors)
                    open.Enqueue(ancestor);
            }

            HashSet<object> labels =
            [
                .. supervisors.Select(entry => (object)Atom.Of(entry.Value.Label)),
                .. supervisors.Keys.Select(pid => (object)pid),
            ];
            return
            [
                .. supervisors
                    .Where(entry => !entry.Value.Ancestors.Any(labels.Contains))
                    .OrderBy(entry => entry.Value.Label, StringComparer.Ordinal)
                    .Select(entry => (entry.Key, entry.Value.Label)),
            ];
        }

        private static string Label(object id) =>
            id switch
            {
                Atom { Name: "undefined" } => "", // a child of a kind
                Binary binary when binary.TryGetString(out string? text) => text + " ",
                _ => IoLib.Format("~0tP ", id, 6L),
            };

        private async Task<(bool IsSupervisor, List Ancestors)> DescribeAsync(Pid pid)
        {
            object info = await peer.CallAsync("erlang", "process_info", pid, (Atom)"dictionary");
            if (info is not (Tuple and [_, List dictionary]))
                return (false, List.Empty);
            bool isSupervisor = false;
            List ancestors = List.Empty;
            foreach (object entry in dictionary)
            {
                if (entry is not (Tuple and [Atom key, var value]))
                    continue;
                if (ReferenceEquals(key, s_initialCall))
                    isSupervisor = value is Tuple and [Atom { Name: "supervisor" }, _, _];
                else if (ReferenceEquals(key, s_ancestors))
                    ancestors = value as List ?? List.Empty;
            }

            return (isSupervisor, ancestors);
        }

        public async Task AddAsync(IHasTreeNodes parent, Pid supervisor, int depth, CancellationToken cancellationToken)
        {
            if (!_seen.Add(supervisor) || depth > MaxDepth)
                return;
            object answer;
            try
            {
                answer = await peer.Own.CallAsync(supervisor, (Atom)"which_children", peer.Timeout).WaitAsync(cancellationToken);
            }
            catch (Exception exception) when (NodeCommand.Describe(exception) is { } text)
            {
                parent.AddNode("[red]" + Markup.Escape(text.Split('\n')[0]) + "[/]");
                return;
            }

            List children = answer as List ?? List.Empty;
            foreach (object child in children.Reverse().Take(max)) // a supervisor tells its last child first
            {
                if (child is not (Tuple and [var id, var state, Atom type, _]))
                    continue;
                string label = Label(id);
                if (state is not Pid pid)
                {
                    parent.AddNode($"{Markup.Escape(label)}[yellow]{Markup.Escape(Term.Format(state))}[/]");
                    continue;
                }

                TreeNode node = parent.AddNode($"{Markup.Escape(label)}[grey]{Short(pid)}[/]");
                if (type.Name == "supervisor" && (await DescribeAsync(pid)).IsSupervisor)
                    await AddAsync(node, pid, depth + 1, cancellationToken);
            }

            if (children.Count > max)
                parent.AddNode($"[grey]and {children.Count - max} more[/]");
        }
    }
}
