using System.Net;
using CloudScale;
using CloudScale.Interop.Connections;

// A node that does what it is told, a line at a time, and ends with its input: NAME COOKIE ADDRESS PORT TICKTIME.
// A line is "id command arguments"; the answer "@@id ok value" or "@@id failed reason".
IPAddress address = IPAddress.Parse(args[2]);
int port = int.Parse(args[3], System.Globalization.CultureInfo.InvariantCulture);
await using Node node = await Node.StartAsync(
    new NodeOptions
    {
        Name = args[0],
        Cookie = args[1],
        ListenAddress = address,
        ListenPort = port,
        Directory = new FixedPortNodeDirectory(port),
        TickTime = TimeSpan.FromSeconds(int.Parse(args[4], System.Globalization.CultureInfo.InvariantCulture)),
    }
);
Console.WriteLine("@@0 ok ready");
while (await Console.In.ReadLineAsync() is { } line)
    _ = AnswerAsync(line.Split(' '));

async Task AnswerAsync(string[] words)
{
    string answer;
    try
    {
        answer = $"ok {await DoAsync(words[1], words[2..])}";
    }
    catch (Exception e)
    {
        answer = $"failed {e.Message.ReplaceLineEndings(" ")}";
    }

    Console.WriteLine($"@@{words[0]} {answer}");
}

async Task<string> DoAsync(string command, string[] arguments)
{
    switch (command)
    {
        case "connect":
            return (await node.ConnectAsync(Atom.Of(arguments[0]))) ? "true" : "false";
        case "nodes":
            return string.Join(
                ',',
                node.Nodes.Where(other => !other.IsHidden).Select(other => other.Name.Name).Order(StringComparer.Ordinal)
            );
        case "join":
            await node.Groups.JoinAsync(Atom.Of(arguments[0]), Waiting());
            return "ok";
        case "members":
            return string.Join(
                ',',
                node.Groups.Members(Atom.Of(arguments[0])).Select(pid => pid.Node!.Name.Name).Order(StringComparer.Ordinal)
            );
        case "register":
            TaskCompletionSource<bool> registered = new(TaskCreationOptions.RunContinuationsAsynchronously);
            Pid named = Waiting();
            node.Spawn(async self => registered.SetResult(await node.Global.Register(self, Atom.Of(arguments[0]), named)));
            return await registered.Task ? "yes" : "no";
        case "whereis":
            return node.Global.WhereIs(Atom.Of(arguments[0])) is { IsNone: false } pid ? pid.Node!.Name.Name : "undefined";
        case "names":
            return string.Join(',', node.Global.Names.Select(name => name.ToString()).Order(StringComparer.Ordinal));
        default:
            throw new ArgumentException($"no command '{command}'");
    }
}

Pid Waiting() =>
    node.Spawn(async self =>
    {
        while (true)
            await self.Receive<Atom>();
    });
