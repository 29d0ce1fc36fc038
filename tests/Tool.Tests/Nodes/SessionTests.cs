using System.Text.RegularExpressions;

namespace CloudScale.Tool.Tests.Nodes;

/// <summary>
/// The page of what the commands show is a record: made by running them in a terminal, and held against a new one. With <c>CLOUDSCALE_ACCEPT_SESSION=1</c> it is written anew.
/// </summary>
[Category("OtpNode")]
public sealed partial class SessionTests : NodesFixture
{
    private const string AcceptVariable = "CLOUDSCALE_ACCEPT_SESSION";

    [Test]
    public async Task Page_OfWhatTheCommandsShow_IsWhatTheyShow()
    {
        (string Title, string Shown, string Screen)[] session =
        [
            (
                "The busiest processes, then by memory",
                $"cloudscale top {Here} --interval 1 --lines 6",
                await RecordAsync(["top", Here, "--interval", "1", "--lines", "6"], ("reds", "m"), ("reds", "q"))
            ),
            ("The supervision tree", $"cloudscale tree {Here}", await RecordAsync(["tree", Here])),
            (
                "The messages of a process",
                $"cloudscale trace {Here} till --count 4",
                await RecordAsync(["trace", Here, "till", "--count", "4"], ("tracing", (Func<Task>)AddTwice))
            ),
        ];
        string page = PageOf(session);
        string path = Path.Combine(Root(), "runtime", "tool", "SESSION.md");
        if (Environment.GetEnvironmentVariable(AcceptVariable) == "1")
            await File.WriteAllTextAsync(path, page);
        string accepted = await File.ReadAllTextAsync(path);
        Assert.That(StructureOf(page), Is.EqualTo(StructureOf(accepted)), $"{AcceptVariable}=1 takes it");
    }

    [Test]
    public void Structure_OfAScreen_DoesNotDependOnNumbers_AndDoesOnWords()
    {
        const string Screen = "  <0.7.0>   till    1,250 B    3 %\n──────\n";
        Assert.That(StructureOf(Screen.Replace("1,250 B", "12.5 kB").Replace("7.0", "17.1")), Is.EqualTo(StructureOf(Screen)));
        Assert.That(StructureOf(Screen.Replace("till", "shelf")), Is.Not.EqualTo(StructureOf(Screen)));
    }

    private async Task<string> RecordAsync(string[] arguments, params (string Until, object Then)[] steps) =>
        TerminalScreen.Of(await TerminalRecord.MakeAsync(Epmd.Port, [.. arguments, .. Common], steps));

    private async Task AddTwice()
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Ours.Spawn(async self =>
        {
            await self.Call("till", Tuple.Of((Atom)"add", 5L));
            await self.Call("till", Tuple.Of((Atom)"add", 37L));
            done.SetResult();
        });
        await done.Task.WaitAsync(Eventually.Patience);
    }

    private static string PageOf((string Title, string Shown, string Screen)[] session) =>
        $"""
            # What the commands show

            Recorded in a terminal of {TerminalRecord.Columns} columns by `SessionTests`, which also hold the page against what the commands show now, but for numbers: `{AcceptVariable}=1` before the tests
            records it anew. The node is one of ours with a supervisor of a shop; every command has `--cookie` besides. `top` was left by `q` after `m` had it sort by memory.


            """ + string.Join('\n', session.Select(part => $"## {part.Title}\n\n```\n$ {part.Shown}\n{part.Screen}\n```\n"));

    // Which processes are busiest is chance, and how many schedulers there are: of the rows of such a table their form counts, and each form once.
    private static string StructureOf(string page)
    {
        List<string> lines = [];
        foreach (string line in page.ReplaceLineEndings("\n").Split('\n'))
        {
            if (Continued().IsMatch(line))
                continue; // a row that was broken, as names are long on some machines
            string form = Spaces()
                .Replace(Rule().Replace(Load().Replace(Number().Replace(Row().Replace(line, "  <0.1.0> … "), "9"), " 9"), "─"), " ")
                .TrimEnd();
            if (lines.Count == 0 || lines[^1] != form)
                lines.Add(form);
        }

        return string.Join('\n', lines);
    }

    private static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "CloudScale.Runtime.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException($"No CloudScale.Runtime.sln above {AppContext.BaseDirectory}.");
    }

    [GeneratedRegex(@"^\s*<0\.\d+\.\d+>\s.*\s{2,}[\d,]+\s+[\d.]+ [kMG]?B\s+[\d,]+\s.*$")]
    private static partial Regex Row();

    [GeneratedRegex(@"\d[\d.,:]*( ?[kMG]?B\b| %)?")]
    private static partial Regex Number();

    [GeneratedRegex(@"^ {10,}")]
    private static partial Regex Continued();

    [GeneratedRegex("( +9){2,}")]
    private static partial Regex Load();

    [GeneratedRegex("─+")]
    private static partial Regex Rule();

    [GeneratedRegex(@" {2,}")]
    private static partial Regex Spaces();
}
