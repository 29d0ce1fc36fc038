using System.CommandLine;

namespace CloudScale.Tool.Nodes;

/// <summary><c>cloudscale cookie</c>: the secret that nodes of this user share.</summary>
internal static class CookieCommand
{
    public static Command Create(ToolConsole console)
    {
        Option<bool> create = new("--create") { Description = "Makes a random one, if there is none." };
        Option<string> file = new("--file") { Description = "Where it is kept.", DefaultValueFactory = _ => Cookies.DefaultPath };
        Command command = new("cookie", "Prints the cookie that Erlang nodes of this user take by default.") { create, file };
        command.SetGuardedAction(
            console,
            (result, _) =>
            {
                string path = result.GetRequiredValue(file);
                console.WriteLine(result.GetValue(create) ? Cookies.Create(path) : Cookies.Read(path));
                return Task.FromResult(NodeCommand.Ok);
            }
        );
        return command;
    }
}
